"""The row ids that a submission must give, each once, in the order of the sample submission."""

import csv
import io
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from submissions.competition import Competition
from submissions.reading.template import Template
from submissions.rules import InvalidCompetition

if TYPE_CHECKING:
    import pyarrow as pa

_PLAIN = 10**9
_DENSE = 4  # a lookup table may have this many places for each row id


class RowIds:
    """The expected row ids, where each stands among them, and the template that gave them, if there is one."""

    def __init__(self, texts: Iterable[str], template: Template | None = None) -> None:
        self.texts = tuple(texts)
        self.template = template

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def array(self) -> "pa.StringArray":
        """The row ids, shape (rows,)."""
        import pyarrow as pa

        return pa.array(self.texts, type=pa.string())

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each row id, from 0."""
        return {text: place for place, text in enumerate(self.texts)}

    def locate(self, ids: "pa.StringArray") -> NDArray[np.int64] | slice | None:
        """An index with the place of each of `ids`; None unless they are these row ids, each once, in any order."""
        if len(ids) != len(self):
            return None
        if ids.equals(self.array):
            return slice(None)
        places = self._look_up(ids)
        if places is None:
            return None
        is_given = np.zeros(len(self), dtype=bool)
        is_given[places] = True
        return places if is_given.all() else None

    def _look_up(self, ids: "pa.StringArray") -> NDArray[np.int64] | None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if self._table is None:
            places = pc.index_in(ids, value_set=self.array)
            return None if places.null_count else places.to_numpy()
        try:
            numbers = ids.cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            return None
        lowest, table = self._table
        offsets = numbers - lowest
        if offsets.min() < 0 or offsets.max() >= len(table):
            return None
        places = table[offsets]
        # '07', '+7' and '0x7' are the number 7 but not the row id '7'. Below a thousand million every other spelling
        # of a number is longer than its plain one: if the texts are as long together, each is plain.
        is_plain = pc.sum(pc.binary_length(ids)) == pc.sum(pc.binary_length(self.array))
        return places if is_plain and places.min() >= 0 else None

    @cached_property
    def _table(self) -> tuple[int, NDArray[np.int64]] | None:
        """Places by number, where the row ids are plain whole numbers close together: five times as fast as hashing."""
        import pyarrow as pa

        try:
            numbers = self.array.cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            return None
        lowest, highest = int(numbers.min(initial=0)), int(numbers.max(initial=0))
        span = highest - lowest + 1
        is_plain = tuple(map(str, numbers.tolist())) == self.texts
        if not is_plain or max(-lowest, highest) >= _PLAIN or span > _DENSE * len(self):
            return None
        table = np.full(span, -1, dtype=np.int64)
        table[numbers - lowest] = np.arange(len(self))
        return lowest, table


def from_sample(path: Path, competition: Competition) -> RowIds:
    """The row ids of a sample submission.

    Raises:
        InvalidCompetition: there is none, or it is not a CSV with a row id in each row, each once.
    """
    try:
        sample = path.read_bytes()
        reader = csv.reader(io.StringIO(sample.decode("utf-8-sig"), newline=""), strict=True)
        header, *rows = [row for row in reader if any(map(str.strip, row))]
        at = header.index(competition.id_column)
        texts = [row[at] for row in rows]
    except OSError:
        raise _broken(path, "is missing: write the kit again, or run this inside the unpacked kit") from None
    except (UnicodeDecodeError, csv.Error, ValueError, IndexError):
        raise _broken(path, f"is not a CSV with a column {competition.id_column!r} in every row") from None
    if not texts or not all(map(str.strip, texts)):
        raise _broken(path, "has no rows" if not texts else "has a row without a row id")
    if len(set(texts)) < len(texts):
        raise _broken(path, "gives a row id twice")
    return RowIds(texts, Template.of(sample, competition))


def _broken(path: Path, why: str) -> InvalidCompetition:
    return InvalidCompetition([f"needs a sample submission: {path} {why}"])
