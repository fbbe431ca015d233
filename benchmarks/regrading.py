"""Grade ten thousand files again from the matrix of predictions, against reading each file as other graders do."""

import hashlib
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import grading
from benchmarks.figures import Figure
from grader import regrade, split
from grader.judging import Judge, open_judge
from grader.matrix import ROOM, Layout, key_of
from grader.rows import Rows
from submissions import competition as competitions
from submissions import row_ids as row_ids_of
from submissions.receipts import Receipt
from submissions.record.ledger import Ledger

FILES, ROWS, LABELS, TEAMS = 10_000, 10_000, 10, 1_000
PEER_FILES, SKILL = 25, 0.8
_AT_ONCE = 500
NOW = datetime(2026, 12, 1, tzinfo=UTC)


class Bench:
    """A ledger of 10,000 receipts, whose predictions the matrix holds."""

    def __init__(self, root: Path) -> None:
        self.ledger, chance = root / "ledger.db", np.random.default_rng(7)
        truth = chance.integers(0, LABELS, ROWS)
        self.judge = _judge(root, [str(label) for label in truth.tolist()])
        digests = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(FILES)]
        Ledger.create(self.ledger).close()
        with Ledger(self.ledger) as ledger, ledger.writing() as transaction:
            for number, digest in enumerate(digests, start=1):
                receipt = Receipt(number, f"team {number % TEAMS}", digest, ROWS, NOW, True, None, "bench")
                told = receipt.to_json()
                transaction.append("received", NOW, told, team=receipt.team, submission=number, file=digest)
        for first in range(0, FILES, _AT_ONCE):
            guesses = np.where(chance.random((_AT_ONCE, ROWS), np.float32) < SKILL, truth, (truth + 1) % LABELS)
            self._hold(dict(zip(digests[first : first + _AT_ONCE], guesses, strict=True)))

    def _hold(self, guesses: Mapping[str, NDArray[np.int64]]) -> None:
        """As if the files had been read."""
        rules, row_ids = self.judge.competition, self.judge.row_ids
        layout = Layout.of(rules, row_ids)
        rows = Rows(self.ledger.parent / ROOM, key_of(rules, row_ids, layout), layout.size)
        rows.add({bytes.fromhex(digest): layout.pack(values) for digest, values in guesses.items()})
        rows.close()

    def ours(self) -> regrade.Regrade:
        """All grades, and the transaction that puts them in force."""
        with Ledger(self.ledger) as ledger:
            made = regrade.plan(ledger, self.ledger, self.judge)
            return regrade.record(ledger, self.judge, made, because="bench", now=NOW)


def figures() -> Iterator[Figure]:
    """The seconds of a regrade, and how many times faster than the peer path that is."""
    peer = grading.Bench(ROWS, grading.IN_ORDER)
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name))
        start = time.perf_counter()
        assert len(bench.ours().after) == FILES
        seconds = time.perf_counter() - start
    times = []
    for _ in range(PEER_FILES):
        start = time.perf_counter()
        peer.peer()
        times.append(time.perf_counter() - start)
    what = f"{FILES:,} files x {ROWS:,} rows of {LABELS} classes graded again and recorded"
    yield Figure("regrade_10k_files", seconds, "", f"{what}: seconds")
    faster = statistics.median(times) * FILES / seconds
    yield Figure("regrade_10k_files_vs_peer", faster, "", f"{what}: times faster than pandas and scikit-learn per file")


def _judge(root: Path, labels: list[str]) -> Judge:
    competition = competitions.parse(grading.RULES)
    ids = [str(row) for row in range(ROWS)]
    sample = root / "sample_submission.csv"
    sample.write_text("id,label\n" + "".join(f"{row},0\n" for row in ids), encoding="utf-8")
    split.hide(root, competition, ids, labels, bytes(32))
    return open_judge(root, competition, row_ids_of.from_sample(sample, competition))
