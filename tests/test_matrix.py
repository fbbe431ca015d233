"""Rules of grader/matrix.py and grader/rows.py: parsed once, and never another value than the file's."""

import fcntl
import hashlib
import multiprocessing
import os
import resource
import shutil
import stat
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import CASES
from grader import matrix as matrices
from grader import spread
from grader.matrix import Layout, Matrix
from grader.rows import Rows, UnusableRows
from submissions import competition as competitions
from submissions import predictions
from submissions import row_ids as rows
from submissions.competition import Competition
from submissions.record.entries import LedgerError
from submissions.record.ledger import Ledger
from submissions.row_ids import RowIds

RULES = competitions.load(CASES / "competition.toml")
ROW_IDS = rows.from_sample(CASES / "sample_submission.csv", RULES)
ABC = ("a", "b", "c")
MANY = tuple(str(label) for label in range(300))
NUMBERS = replace(RULES, kind="number", labels=())
CASES_OF_KINDS = {
    "label": (RULES, ["7", "0", "9", "1", "7", "3"]),
    "many labels": (replace(RULES, labels=MANY), ["299", "0", "255", "256", "128", "127"]),
    "labels": (replace(RULES, labels=ABC, columns=("x", "y")), ["a,b", "c,c", "a,a", "b,a", "c,a", "a,c"]),
    "number": (NUMBERS, ["0.1", "-1e100", "5e-324", "-0.0", "123456789.123456789", "3"]),
    "numbers": (replace(NUMBERS, columns=("x", "y")), ["0.1,1", "2,0.3", "4,5", "6,7", "8,1e-9", "0.7,0.1"]),
    "probability": (
        replace(RULES, kind="probability", labels=ABC, columns=ABC),
        ["0.1,0.2,0.7", "1,0,0", "0.3333,0.3333,0.3334", "0,0,1", "0.5,0.25,0.25", "0.2,0.3,0.5"],
    ),
    "one probability": (
        replace(RULES, kind="probability", labels=("no", "yes"), columns=("p",)),
        ["0.1", "1", "0.30000000000000004", "0", "0.7", "1e-17"],
    ),
    "ranking": (replace(RULES, kind="ranking", labels=ABC, k=3), ["a", "b c", "c b a", "a", "c", "b a"]),
}


def file(rules: Competition, cells: Sequence[str], ids: RowIds = ROW_IDS) -> bytes:
    """A file with these cells, its rows in the reverse order of the sample's."""
    lines = [f"{row_id},{cell}\n" for row_id, cell in zip(ids.texts, cells, strict=True)]
    return ",".join((rules.id_column, *rules.columns)).encode() + b"\n" + "".join(reversed(lines)).encode()


def labelled(number: int) -> bytes:
    """The file of labels with this number."""
    return file(RULES, list(f"{number:06d}"))


class Ground:
    """A grader's room, and a ledger with files."""

    def __init__(self, root: Path) -> None:
        self.grader, self.ledger = root / "grader", root / "ledger.db"
        self.room = self.grader / "predictions"
        self.grader.mkdir()
        Ledger.create(self.ledger).close()

    def keep(self, *files: bytes) -> list[str]:
        """Put files into the ledger; their digests."""
        digests = [hashlib.sha256(data).hexdigest() for data in files]
        with Ledger(self.ledger) as ledger, ledger.writing() as transaction:
            for data, digest in zip(files, digests, strict=True):
                transaction.keep(data, digest)
        return digests

    def open(self, rules: Competition = RULES, ids: RowIds = ROW_IDS) -> Matrix:
        return Matrix.open(self.grader, rules, ids)

    def extend(self, digests: Sequence[str], rules: Competition = RULES, ids: RowIds = ROW_IDS) -> list[str]:
        with self.open(rules, ids) as matrix:
            return list(matrix.extend(self.ledger, digests))

    def held(self, digests: Sequence[str], rules: Competition = RULES, ids: RowIds = ROW_IDS) -> list[Any]:
        """The values of these files as lists; None where they are not held."""
        with self.open(rules, ids) as matrix:
            found = [matrix.values(digest) for digest in digests]
        return [None if values is None else values.tolist() for values in found]

    @property
    def size(self) -> int:
        return (self.room / "values").stat().st_size


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def expected(*numbers: int) -> list[list[list[int]]]:
    return [[[int(digit)] for digit in f"{number:06d}"] for number in numbers]


def change(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("name", CASES_OF_KINDS)
def test_values_are_those_of_the_reader(ground: Ground, name: str) -> None:
    """For every kind the matrix gives what `predictions.read` gives: values, type, shape, and free to be changed."""
    rules, cells = CASES_OF_KINDS[name]
    data = file(rules, cells)
    other = file(rules, cells[1:] + cells[:1])
    digests = ground.keep(data, other)
    assert ground.extend(digests, rules) == digests
    with ground.open(rules) as matrix:
        found = [matrix.values(digest) for digest in digests]

    for values, sent in zip(found, (data, other), strict=True):
        read = predictions.read(sent, rules, ROW_IDS).values
        assert values is not None
        assert (values.dtype, values.shape) == (read.dtype, read.shape)
        assert values.tobytes() == read.tobytes()
        assert values.flags.writeable


@pytest.mark.parametrize(
    ("kind", "labels", "size"),
    [
        ("label", 2, 1),
        ("label", 256, 1),
        ("label", 257, 2),
        ("label", 65_537, 4),
        ("ranking", 128, 1),
        ("ranking", 129, 2),
        ("ranking", 32_769, 4),
        ("number", 0, 8),
        ("probability", 2, 8),
    ],
)
def test_codes_take_the_fewest_bytes(kind: str, labels: int, size: int) -> None:
    """Codes are as small as they can be, with -1 in rankings; numbers keep every digit. None is lost on the way."""
    rules = replace(RULES, kind=kind, labels=tuple(map(str, range(labels))), k=1)
    layout = Layout.of(rules, ROW_IDS)
    lowest = -1 if kind == "ranking" else 0
    values = np.array([[lowest], [0], [1], [0], [labels // 2], [max(labels - 1, 1)]], dtype=layout.given)

    assert layout.size == size * len(ROW_IDS) == len(layout.pack(values))
    np.testing.assert_array_equal(layout.unpack(layout.pack(values)), values)


@given(st.lists(st.floats(-1e100, 1e100), min_size=6, max_size=6))
def test_no_digit_of_a_number_is_lost(numbers: list[float]) -> None:
    """A number comes back to the bit: a regrade differs from a grade only where something was corrected."""
    layout = Layout.of(NUMBERS, ROW_IDS)
    values = np.array(numbers).reshape(-1, 1)

    assert layout.unpack(layout.pack(values)).tobytes() == values.tobytes()


def test_a_file_is_read_once(ground: Ground) -> None:
    """What is held is not read again: it needs no ledger. Each file is told once, however often it is asked for."""
    one, two, three = ground.keep(labelled(1), labelled(2), labelled(3))
    assert ground.extend([one, two, one]) == [one, two]
    assert ground.size == 2 * len(ROW_IDS)
    assert ground.extend([two, three, one]) == [two, one, three]
    ground.ledger.unlink()

    assert ground.extend([three, two, one]) == [three, two, one]
    assert ground.held([one, two, three]) == expected(1, 2, 3)
    assert ground.size == 3 * len(ROW_IDS)


def test_a_matrix_that_is_not_there_is_empty(ground: Ground) -> None:
    """To look makes nothing: before anything was read, nothing is held and no folder is there."""
    assert ground.held(["00" * 32]) == [None]
    assert not ground.room.exists()


def test_a_matrix_that_was_closed_holds_nothing(ground: Ground) -> None:
    """After the block, the values that were given are still good, and no more are given."""
    digests = ground.keep(labelled(1))
    ground.extend(digests)
    with ground.open() as matrix:
        values = matrix.values(digests[0])

    assert values is not None
    assert values.tolist() == expected(1)[0]
    assert matrix.values(digests[0]) is None


def test_only_the_owner_may_read_it(ground: Ground) -> None:
    """Predictions are their team's: the folder is 0700, and its files are 0600."""
    old = os.umask(0)
    try:
        ground.extend(ground.keep(labelled(1)))
    finally:
        os.umask(old)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (ground.room, *ground.room.iterdir())}

    assert modes == {"predictions": 0o700, "index": 0o600, "values": 0o600}


def test_files_that_the_rules_refuse_are_left_out(ground: Ground) -> None:
    """A file that cannot be read any more is told as done, and not held; the others are."""
    good, bad, other = ground.keep(labelled(1), b"id,label\n1,7\n", labelled(2))

    assert ground.extend([good, bad, other]) == [good, bad, other]
    assert ground.held([good, bad, other]) == [*expected(1), None, *expected(2)]
    assert ground.size == 2 * len(ROW_IDS)


@pytest.mark.parametrize(
    "changed",
    [
        {"labels": tuple("9876543210")},
        {"labels": (*"0123456789", "a")},
        {"kind": "number", "labels": ()},
        {"columns": ("other",)},
        {"id_column": "key"},
        {"max_bytes": 10},
        {"kind": "ranking"},
    ],
)
def test_rules_that_read_files_otherwise_begin_anew(ground: Ground, changed: dict[str, Any]) -> None:
    """Where labels, columns, kind or size change, nothing is held until it is read again, by the rules of now."""
    digests = ground.keep(labelled(1), labelled(2))
    ground.extend(digests)
    rules = replace(RULES, **changed)
    assert ground.held(digests, rules) == [None, None]
    new = ground.keep(file(rules, list("123456")))
    ground.extend([*digests, *new], rules)
    known = ground.held(new, rules)

    assert (known[0] is not None) == ("max_bytes" not in changed)
    if known[0] is not None:  # of files that are too large, none replaced what was there
        assert known[0] == predictions.read(file(rules, list("123456")), rules, ROW_IDS).values.tolist()
        assert ground.held(digests) == [None, None]
        assert ground.extend(digests) == digests
        assert ground.held(new, rules) == [None]
    assert ground.held(digests) == expected(1, 2)


def test_more_labels_of_a_ranking_begin_anew(ground: Ground) -> None:
    """How many labels a ranking may hold decides its width."""
    rules = replace(RULES, kind="ranking", labels=ABC, k=1)
    digests = ground.keep(file(rules, list("abcabc")))
    ground.extend(digests, rules)

    assert ground.held(digests, rules) == [[[0], [1], [2], [0], [1], [2]]]
    assert ground.held(digests, replace(rules, k=2)) == [None]


def test_other_row_ids_begin_anew(ground: Ground) -> None:
    """Values lie in the order of the row ids: in another order they are read again."""
    digests = ground.keep(labelled(123456))
    ground.extend(digests)
    ids = RowIds(reversed(ROW_IDS.texts))
    assert ground.held(digests, ids=ids) == [None]
    ground.extend(digests, ids=ids)

    assert ground.held(digests, ids=ids) == expected(654321)


def test_other_rules_change_nothing(ground: Ground) -> None:
    """The metric, the deadline and the like do not decide what a file says."""
    digests = ground.keep(labelled(1))
    ground.extend(digests)
    rules = replace(RULES, metric="f1_macro", public_share=0.5, daily_limit=1, k=7, title="Other", late="refused")

    assert ground.held(digests, rules) == expected(1)


def test_a_deleted_matrix_is_made_again(ground: Ground) -> None:
    """The folder is a copy: without it the files give the same values. Who had it open still reads what was there."""
    digests = ground.keep(labelled(1), labelled(2))
    ground.extend(digests)
    with ground.open() as matrix:
        shutil.rmtree(ground.room)
        assert ground.held(digests) == [None, None]
        first = matrix.values(digests[0])
        assert first is not None
        assert first.tolist() == expected(1)[0]
        more = ground.keep(labelled(3))
        assert list(matrix.extend(ground.ledger, [*digests, *more])) == [*digests, *more]
        third = matrix.values(more[0])
        assert third is not None
        assert third.tolist() == expected(3)[0]
    ground.extend([*digests, *more])

    assert ground.held([*digests, *more]) == expected(1, 2, 3)


@pytest.mark.parametrize("name", ["index", "values"])
def test_half_a_matrix_is_made_again(ground: Ground, name: str) -> None:
    """Where one of the two files is gone, nothing is held, and all can be read again."""
    digests = ground.keep(labelled(1), labelled(2))
    ground.extend(digests)
    (ground.room / name).unlink()
    assert ground.held(digests) == [None, None]
    ground.extend(digests)

    assert ground.held(digests) == expected(1, 2)
    assert ground.size == 2 * len(ROW_IDS)


def test_a_damaged_row_is_read_again(ground: Ground) -> None:
    """A byte that has changed on the disk is noticed: the row is not held, the others are, and it can be read again."""
    digests = ground.keep(labelled(1), labelled(2), labelled(3))
    ground.extend(digests)
    change(ground.room / "values", len(ROW_IDS))
    assert ground.held(digests) == [*expected(1), None, *expected(3)]
    ground.extend(digests)

    assert ground.held(digests) == expected(1, 2, 3)


@settings(max_examples=500, deadline=None)
@given(data=st.data())
def test_no_damage_gives_another_row(data: st.DataObject) -> None:
    """Whatever becomes of the two files, a row is as it was or is not held; and all can be added again.

    That holds for who had them open before, too.
    """
    rows_in = {bytes([number]) * 32: b"row %d" % number for number in range(4)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "rows"
        before = Rows(folder, b"k" * 32, 5)
        before.add(dict(list(rows_in.items())[:3]))
        path = folder / data.draw(st.sampled_from(["index", "values"]))
        held = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(0, 3))):
            held[data.draw(st.integers(0, len(held) - 1))] = data.draw(st.integers(0, 255))
        path.unlink()  # to cut off a file that is mapped would end the test
        path.write_bytes(held[: data.draw(st.integers(0, len(held)))] + data.draw(st.binary(max_size=150)))
        after = Rows(folder, b"k" * 32, 5)
        for one in (before, after):
            assert all(one.get(digest) in (row, None) for digest, row in rows_in.items())
        for one in data.draw(st.permutations([after, before])):
            one.add(rows_in)
            assert all(one.get(digest) in (row, None) for digest, row in rows_in.items())
        for _ in range(2):
            after = Rows(folder, b"k" * 32, 5)
            after.add({digest: row for digest, row in rows_in.items() if after.get(digest) is None})

        assert {digest: after.get(digest) for digest in rows_in} == rows_in


def test_an_interrupted_extension_goes_on(ground: Ground) -> None:
    """Rows that were written without their record, and half a record, are nothing; they are written over."""
    digests = ground.keep(labelled(1), labelled(2), labelled(3))
    ground.extend(digests[:1])
    whole = (ground.room / "index").stat().st_size
    ground.extend(digests)
    with (ground.room / "index").open("r+b") as index:
        index.truncate(whole + 30)
    assert ground.held(digests) == [*expected(1), None, None]
    ground.extend([digests[2], digests[1]])

    assert ground.held(digests) == expected(1, 2, 3)
    assert ground.size == 3 * len(ROW_IDS)


def test_what_was_read_before_an_interruption_stays(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunk after chunk is written: who stops asking has lost no more than one."""
    monkeypatch.setattr(matrices, "_CHUNK_FILES", 2)
    digests = ground.keep(*map(labelled, range(7)))
    with ground.open() as matrix:
        reading = matrix.extend(ground.ledger, digests)
        assert [next(reading) for _ in range(3)] == digests[:3]
        reading.close()  # type: ignore[attr-defined]

    assert ground.held(digests) == [*expected(0, 1, 2, 3), None, None, None]


def test_two_that_read_the_same_files_hold_them_once(ground: Ground) -> None:
    """Who comes second, and began before the first was done, adds only what is not there."""
    digests = ground.keep(labelled(1), labelled(2), labelled(3))
    with ground.open() as first, ground.open() as second:
        list(first.extend(ground.ledger, digests[:2]))
        assert list(second.extend(ground.ledger, digests)) == digests
        found = [second.values(digest) for digest in digests]

    assert [values.tolist() for values in found if values is not None] == expected(1, 2, 3)
    assert ground.size == 3 * len(ROW_IDS)


def extend_at_once(root: Path, digests: list[str], barrier: Barrier) -> None:
    matrices._CHUNK_FILES, spread.cores = 3, lambda: 1
    with Matrix.open(root / "grader", RULES, ROW_IDS) as matrix:
        barrier.wait(60)
        assert list(matrix.extend(root / "ledger.db", digests)) == digests


def test_two_processes_extend_at_once(ground: Ground) -> None:
    """Two processes that read overlapping files at the same time: every file is held, once."""
    numbers = list(range(300))
    digests = ground.keep(*map(labelled, numbers))
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    shares = (digests[:200], digests[:99:-1])
    arguments = [(ground.grader.parent, share, barrier) for share in shares]
    processes = [context.Process(target=extend_at_once, args=one) for one in arguments]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    assert [process.exitcode for process in processes] == [0, 0]
    assert ground.held(digests) == expected(*numbers)
    assert ground.size == 300 * len(ROW_IDS)


def test_many_files_are_read_on_all_cores(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pool of processes the files give the same values, and a damaged one the same message."""
    monkeypatch.setattr(spread, "PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr(spread, "cores", lambda: 2)
    monkeypatch.setattr(matrices, "_CHUNK_FILES", 3)
    digests = ground.keep(*map(labelled, range(20)))
    assert ground.extend(digests) == digests
    assert ground.held(digests) == expected(*range(20))
    with pytest.raises(LedgerError) as missing:
        ground.extend(["ab" * 32, *ground.keep(*map(labelled, range(20, 30)))])

    assert str(missing.value) == f"the file {'ab' * 32} is missing: run podium verify"


@pytest.mark.parametrize("what", [Path.touch, lambda path: path.symlink_to(path)])
def test_a_room_that_cannot_be_used_is_told(ground: Ground, what: Callable[[Path], object]) -> None:
    """Where there is no folder and none can be made, the message says where and what to do."""
    what(ground.room)
    with pytest.raises(UnusableRows) as told:
        ground.extend(ground.keep(labelled(1)))

    assert str(told.value).startswith(f"{ground.room} cannot be used (")
    assert str(told.value).endswith("): see to its permissions and to the disk, or delete it; it is made again")


def test_a_folder_that_was_deleted_meanwhile_is_not_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waited for the lock of files that were deleted takes the lock of those that lie there now."""
    folder, lock = tmp_path / "rows", fcntl.flock
    first, second = Rows(folder, b"k" * 32, 4), Rows(folder, b"k" * 32, 4)

    def lock_late(file: Any, operation: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        shutil.rmtree(folder)
        second.add({b"b" * 32: b"5678"})
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    first.add({b"a" * 32: b"1234"})
    held = Rows(folder, b"k" * 32, 4)

    assert (held.get(b"a" * 32), held.get(b"b" * 32)) == (b"1234", b"5678")
    assert (folder / "values").stat().st_size == 8


def test_rows_of_a_full_disk_are_not_held(tmp_path: Path) -> None:
    """Where writing fails half-way there is a message, and what was held is held still."""
    held = Rows(tmp_path / "rows", b"k" * 32, 4)
    held.add({b"a" * 32: b"1234"})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6, before[1]))  # of the second row, two bytes can be written
    try:
        with pytest.raises(UnusableRows) as told:
            held.add({b"b" * 32: b"5678"})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    again = Rows(tmp_path / "rows", b"k" * 32, 4)

    assert str(told.value) == (
        f"{tmp_path / 'rows'} cannot be used (File too large): "
        "see to its permissions and to the disk, or delete it; it is made again"
    )
    for rows_of in (held, again):
        assert (rows_of.get(b"a" * 32), rows_of.get(b"b" * 32)) == (b"1234", None)
    again.add({b"b" * 32: b"5678"})
    assert again.get(b"b" * 32) == b"5678"
