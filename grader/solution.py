"""The hidden labels and their split: written once, and read only here."""

import csv
import hashlib
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from submissions import files
from submissions.competition import Competition
from submissions.errors import OrganiserError
from submissions.reading.cells import BadCell, Values
from submissions.reading.kinds import truth_of
from submissions.row_ids import RowIds

FILE = "solution.csv"
KEY_FILE = "key"
USAGE = "Usage"
PUBLIC, PRIVATE, IGNORED = "Public", "Private", "Ignored"


class BrokenSolution(OrganiserError):
    """solution.csv is missing, or does not fit the competition; says where, and never what a label is."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The true labels, in the order of the competition's row ids.

    Attributes:
        values: shape (rows, columns): codes int32, or numbers float64; of a ranking the codes of the true labels, with
            -1 behind the last.
        public, private: the places of the rows of each share, int64.
        digest: SHA-256 of the file, in hex.
    """

    values: Values
    public: NDArray[np.int64]
    private: NDArray[np.int64]
    digest: str

    def perfect(self, competition: Competition) -> Values:
        """The predictions that cannot be better, shape (rows, columns) as the competition asks for them."""
        match competition.kind:
            case "probability":
                certain = np.eye(len(competition.labels))[self.values[:, 0]]
                return certain if len(competition.columns) > 1 else certain[:, 1:]
            case "ranking":
                return self.values[:, : competition.k]
        return self.values


def write(
    folder: Path, competition: Competition, row_ids: Sequence[str], labels: Sequence[str], usage: Sequence[str]
) -> None:
    """Write solution.csv into the grader's room.

    Raises:
        FileExistsError: there is one: the hidden labels are written once.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([competition.id_column, *truth_of(competition)[0], USAGE])
    rows.writerows(zip(row_ids, labels, usage, strict=True))
    write_private(folder / FILE, text.getvalue())


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner may read; FileExistsError if there is one."""
    _create(path, text.encode())


def _create(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def load(path: Path, competition: Competition, row_ids: RowIds) -> Solution:
    """The solution in this file, row by row with its row ids; BrokenSolution as `parse`, or if it is missing."""
    return parse(path, _bytes(path), competition, row_ids)


@contextmanager
def replacing(folder: Path, data: bytes) -> Iterator[Callable[[], None]]:
    """What puts another solution into the grader's room; the block may still fail, and then the old one is there.

    The old one is kept beside it, under its digest, for grades that were given by it.
    """
    path = folder / FILE
    old = path.read_bytes()
    is_put = False

    def put() -> None:
        nonlocal is_put
        kept = folder / f"solution-{hashlib.sha256(old).hexdigest()[:12]}.csv"
        with suppress(FileExistsError):
            _create(kept, old)
        is_put = files.place(path, data, mode=0o600)

    try:
        yield put
    except BaseException:
        if is_put:
            files.place(path, old, mode=0o600)
        raise


def parse(path: Path, data: bytes, competition: Competition, row_ids: RowIds) -> Solution:
    """The solution that these bytes hold, which came from `path`.

    Raises:
        BrokenSolution: it is not one row for each row id with a known label and a usage.
    """
    columns, kind = truth_of(competition)
    values: Values = np.zeros((len(row_ids), len(columns) * kind.width), dtype=kind.dtype)
    usage = np.full(len(row_ids), "", dtype="U8")
    for line, row_id, labels, share in _rows(path, data, competition):
        place = row_ids.places.get(row_id)
        where = f"{path} line {line}"
        if place is None:
            raise BrokenSolution(f"{where}: the row id is not in the sample submission")
        if usage[place]:
            raise BrokenSolution(f"{where}: the row id was given before")
        try:
            values[place] = np.ravel([kind.parse(label) for label in labels])
        except BadCell:
            what = "one of the competition's labels" if competition.labels else "a finite number"
            raise BrokenSolution(f"{where}: the label is not {what}") from None
        if share not in {PUBLIC, PRIVATE, IGNORED}:
            raise BrokenSolution(f"{where}: {USAGE} must be {PUBLIC}, {PRIVATE} or {IGNORED}")
        usage[place] = share
    if missing := int((usage == "").sum()):
        raise BrokenSolution(f"{path} lacks {missing:,} of the sample submission's row ids")
    if kind.width > 1:
        values = values[:, : int((values >= 0).sum(axis=1).max())]  # no wider than the row with the most labels
    return _solution(path, values, usage, hashlib.sha256(data).hexdigest())


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BrokenSolution(f"{path} is missing: put a copy of the solution there") from None
    except OSError as error:
        raise BrokenSolution(f"{path} cannot be read: {error.strerror}") from None


def _rows(path: Path, data: bytes, competition: Competition) -> Iterator[tuple[int, str, list[str], str]]:
    """Line, row id, labels and usage of each row."""
    names = [competition.id_column, *truth_of(competition)[0], USAGE]
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        if sorted(header) != sorted(names):
            raise BrokenSolution(f"{path} line 1: the header must be {','.join(names)}")
        at = [header.index(name) for name in names]
        for row in reader:
            if row and len(row) != len(names):
                raise BrokenSolution(f"{path} line {reader.line_num}: expected {len(names)} cells")
            if row:
                row_id, *labels, share = (row[place] for place in at)
                yield reader.line_num, row_id, labels, share
    except UnicodeDecodeError:
        raise BrokenSolution(f"{path} is not UTF-8") from None
    except csv.Error:
        raise BrokenSolution(f"{path} line {reader.line_num}: a quotation mark is not closed") from None


def _solution(path: Path, values: Values, usage: NDArray[np.str_], digest: str) -> Solution:
    shares = {share: np.flatnonzero(usage == share) for share in (PUBLIC, PRIVATE)}
    for share, places in shares.items():
        if not len(places):
            raise BrokenSolution(f"{path} has no {share} row to score on")
    return Solution(values, shares[PUBLIC], shares[PRIVATE], digest)


def secrets(folder: Path) -> tuple[bytes, ...]:
    """The bytes that may stand in no public file: the solution and the key of its split."""
    paths = [*sorted(folder.glob("solution*.csv")), folder / KEY_FILE]
    return tuple(path.read_bytes().strip() for path in paths if path.is_file())
