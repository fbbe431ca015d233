"""The predictions of a competition's files as one memory-mapped matrix, so that each file is parsed once.

It holds nothing that the ledger's files do not: to delete its folder costs the time to read them again. Codes take the
smallest integers that hold them. Numbers and probabilities stay float64: with float32 a regrade would differ from the
grade that was given on arrival, though nothing was corrected.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from grader.rows import Rows
from grader.spread import spread
from submissions import predictions
from submissions.competition import Competition
from submissions.faults import InvalidSubmission
from submissions.reading.cells import Values
from submissions.reading.kinds import kind_of
from submissions.reading.rankings import NOTHING
from submissions.record.database import Place
from submissions.record.ledger import Ledger
from submissions.row_ids import RowIds

ROOM = "predictions"
_READING = 1  # one more whenever a file is read to other values than before
_CODES = (np.uint8, np.int8, np.uint16, np.int16, np.int32)
_CHUNK_FILES, _CHUNK_BYTES = 128, 1 << 24  # that are read at once, and that an interruption may lose


@dataclass(frozen=True, slots=True)
class Layout:
    """How the predictions of one file lie in a row of the matrix.

    Attributes:
        shape: rows and columns of `Predictions.values`.
        held: the type in the matrix, little-endian.
        given: the type of `Predictions.values`.
    """

    shape: tuple[int, int]
    held: np.dtype[Any]
    given: np.dtype[Any]

    @classmethod
    def of(cls, competition: Competition, row_ids: RowIds) -> Self:
        """The layout for a competition."""
        kind = kind_of(competition)
        given: np.dtype[Any] = np.dtype(kind.dtype)
        lowest = NOTHING if competition.kind == "ranking" else 0
        held = _smallest(lowest, len(competition.labels) - 1) if given.kind == "i" else given
        return cls((len(row_ids), len(competition.columns) * kind.width), held.newbyteorder("<"), given)

    @property
    def size(self) -> int:
        """Bytes of a row of the matrix."""
        return self.shape[0] * self.shape[1] * self.held.itemsize

    def pack(self, values: Values) -> bytes:
        """The row for these predictions."""
        return values.astype(self.held).tobytes()

    def unpack(self, row: bytes) -> Values:
        """The predictions that `pack` was given."""
        return np.frombuffer(row, self.held).reshape(self.shape).astype(self.given)


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads files from the ledger, in whatever process.

    Attributes:
        ledger: where the ledger lies.
    """

    ledger: Place
    competition: Competition
    row_ids: RowIds
    layout: Layout

    def __call__(self, digests: Sequence[str]) -> list[bytes | None]:
        """The row of each of these files; None for one that the rules refuse."""
        with Ledger(self.ledger) as ledger, ledger.reading() as view:
            return [self._row(view.file(digest)) for digest in digests]

    def _row(self, data: bytes) -> bytes | None:
        try:
            return self.layout.pack(predictions.read(data, self.competition, self.row_ids).values)
        except InvalidSubmission:
            return None


class Matrix:
    """The predictions of many files, as the rules of one competition read them."""

    def __init__(self, folder: Path, competition: Competition, row_ids: RowIds) -> None:
        self._competition, self._row_ids = competition, row_ids
        self._layout = Layout.of(competition, row_ids)
        self._rows = Rows(folder / ROOM, key_of(competition, row_ids, self._layout), self._layout.size)

    @classmethod
    def open(cls, folder: Path, competition: Competition, row_ids: RowIds) -> Self:
        """The matrix in a grader's room, as it is now; writes nothing, and need not be there.

        Where it was made by rules that read files otherwise, it is empty.

        Raises:
            UnusableRows: it cannot be read.
        """
        return cls(folder, competition, row_ids)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()

    def values(self, digest: str) -> Values | None:
        """The predictions in the file with this SHA-256, just as `predictions.read` gives them; None: not held."""
        row = self._rows.get(bytes.fromhex(digest))
        return None if row is None else self._layout.unpack(row)

    def extend(self, ledger: Place, digests: Iterable[str], *, cluster: str | None = None) -> Iterator[str]:
        """Read what is not held of these files, and yield each of them once when that is done.

        Files that the rules refuse are left out. Two processes may do it at once. What is interrupted goes on where it
        was, the next time.

        Args:
            ledger: where the ledger lies; with a cluster, for its workers too.
            digests: SHA-256 of each file, in hex.
            cluster: as of `spread`; without one all cores are used.

        Raises:
            LedgerError: a file is missing or damaged.
            UnusableRows: the matrix cannot be written.
            WorkersLost: see `spread`.
        """
        missing = []
        for digest in dict.fromkeys(digests):
            if self._rows.get(bytes.fromhex(digest)) is None:
                missing.append(digest)
            else:
                yield digest
        reading = Reading(ledger, self._competition, self._row_ids, self._layout)
        chunks = _chunks(missing, self._layout.size)
        for chunk, rows in zip(chunks, spread(reading, chunks, cluster=cluster), strict=True):
            read = zip(map(bytes.fromhex, chunk), rows, strict=True)
            self._rows.add({digest: row for digest, row in read if row is not None})
            yield from chunk


def _chunks(digests: Sequence[str], size: int) -> list[Sequence[str]]:
    files = min(max(_CHUNK_BYTES // size, 1), _CHUNK_FILES)
    return [digests[at : at + files] for at in range(0, len(digests), files)]


def _smallest(lowest: int, highest: int) -> np.dtype[Any]:
    limits = ((one, np.iinfo(one)) for one in _CODES)
    return np.dtype(next(one for one, limit in limits if limit.min <= lowest and highest <= limit.max))


def key_of(competition: Competition, row_ids: RowIds, layout: Layout) -> bytes:
    """The digest of all that the values of a file depend on, and whether it has any."""
    facts = {
        "reading": _READING,
        "row ids": row_ids.texts,
        "id column": competition.id_column,
        "columns": competition.columns,
        "kind": competition.kind,
        "labels": competition.labels,
        "max bytes": competition.max_bytes,
        "width": layout.shape[1],  # of a ranking, k
        "held": layout.held.str,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).digest()
