"""What is promised of a desk that is killed, and of two desks at once."""

import random
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from crash_child import TEAMS, file

from conftest import CASES, GOOD_FILE, NOW
from grader.judging import open_judge
from grader.marking import Marker
from grader.queue import grade_waiting
from submissions.folder import Folder
from submissions.intake import Desk
from submissions.receipts import Receipt
from submissions.record import chain
from submissions.record.ledger import Ledger

CHILD = Path(__file__).with_name("crash_child.py")
MODES = ("submit", "inbox")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """The competition of tests/cases on disk, without a daily limit."""
    made = Folder(tmp_path)
    for room in (made.starter, made.inbox, made.grader):
        room.mkdir(parents=True)
    rules = (CASES / "competition.toml").read_text().replace("daily_limit = 5", "daily_limit = 0")
    made.rules.write_text(rules)
    shutil.copy(CASES / "sample_submission.csv", made.starter)
    usage = ["Public"] * 3 + ["Private"] * 3
    rows = (f"{row},{row},{share}\n" for row, share in enumerate(usage, start=1))
    (made.grader / "solution.csv").write_text("id,label,Usage\n" + "".join(rows))
    Ledger.create(made.ledger).close()
    return made


def start(mode: str, folder: Folder, files: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, str(CHILD), mode, str(folder.root), str(files)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def run_and_kill(mode: str, folder: Folder, files: int, after_seconds: float) -> tuple[list[str], bool]:
    """The proofs a child printed, and whether it was done before it was killed, this long after its first one."""
    with start(mode, folder, files) as child:
        assert child.stdout is not None
        first = child.stdout.readline()
        timer = threading.Timer(after_seconds, child.kill)
        timer.start()
        # A line that was cut off was never acknowledged.
        proofs = [line.strip() for line in (first, *child.stdout) if line.endswith("\n")]
        timer.cancel()
        assert child.wait() in {0, -signal.SIGKILL}, "the child failed by itself"
        return proofs, child.returncode == 0


def check(folder: Folder, printed: set[str], files: int) -> None:
    """Every receipt printed is in the ledger, each file once, each graded once, and the chain holds."""
    with folder.open_ledger() as ledger:
        competition = folder.competition()
        row_ids = folder.row_ids(competition)
        list(grade_waiting(ledger, Marker(open_judge(folder.grader, competition, row_ids)), lambda: NOW))
        with ledger.reading() as view:
            chain.verify(view)
            received = list(view.entries("received"))
            graded = Counter(entry.submission for entry in view.entries("graded"))
            assert not list(view.ungraded())
    assert printed <= {entry.digest for entry in received}
    assert len({entry.file for entry in received}) == len(received) == files
    assert graded == {entry.submission: 1 for entry in received}


@pytest.mark.parametrize(
    ("mode", "files"),
    [("submit", 200), ("inbox", 500), *(pytest.param(m, 1_000, marks=pytest.mark.slow) for m in MODES)],
)
def test_a_killed_desk_loses_no_receipt(folder: Folder, mode: str, files: int) -> None:
    """Submissions to a desk that is killed (kill -9) again and again: each receipt is kept, and graded once.

    A grader runs beside it, and is killed as well.
    """
    if mode == "inbox":
        for number in range(files):
            path = folder.inbox / f"team {number % 7}" / f"{number}.csv"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(file(number))
    printed: set[str] = set()
    is_done = False
    kills = 0
    while not is_done:
        # Later lives are longer, so that the test ends on a slow machine too.
        seconds = random.uniform(0, 0.1 + 0.1 * kills)
        with start("grade", folder) as grader:
            proofs, is_done = run_and_kill(mode, folder, files, seconds)
            grader.kill()
        assert grader.returncode == -signal.SIGKILL, "the grader failed by itself"
        kills += not is_done
        printed |= set(proofs)

    assert kills >= 2
    assert len(printed) >= files - kills
    check(folder, printed, files)


def test_two_processes_and_one_attempt_left(folder: Folder) -> None:
    """Two processes that submit at once, for teams with one attempt left: of each team, one gets it."""
    rules = folder.rules.read_text().replace("daily_limit = 0", "daily_limit = 1")
    folder.rules.write_text(rules)
    desks = [start(f"last-attempt-{label}", folder) for label in range(2)]
    for desk in desks:
        assert desk.stdout is not None
        assert desk.stdout.readline() == "ready\n"
    (folder.root / "go").touch()
    answers = [desk.communicate()[0].split() for desk in desks]

    assert [desk.returncode for desk in desks] == [0, 0]
    assert [sorted(pair) for pair in zip(*answers, strict=True)] == [["QuotaExceeded", "Receipt"]] * TEAMS
    with folder.open_ledger() as ledger, ledger.reading() as view:
        assert chain.verify(view) == len(list(view.entries("received"))) == TEAMS


def test_two_senders_of_the_same_file_get_one_receipt(folder: Folder) -> None:
    """The same bytes for one team from two desks at once are one submission."""
    competition = folder.competition()
    row_ids = folder.row_ids(competition)
    receipts: list[Receipt] = []

    def submit() -> None:
        with folder.open_ledger() as ledger:
            receipts.append(Desk(competition, row_ids, ledger).receive(GOOD_FILE, team="ada", now=NOW))

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(receipts) == 8
    assert len(set(receipts)) == 1
