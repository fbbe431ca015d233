"""The fastest way to read a submission: most are the sample submission with other labels, byte for byte."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from submissions.competition import Competition
from submissions.reading.kinds import kind_of

_COMMA, _LINE_FEED = ord(","), ord("\n")
_HOLE = 0  # NUL, which no file that is read here holds


@dataclass(frozen=True)
class Template:
    """The bytes of a sample submission, with a hole for the one character of each label.

    Attributes:
        filled: the bytes, shape (size,), uint8, with `_HOLE` where a label stands.
        holes: shape (rows,), the place of each hole.
    """

    filled: NDArray[np.uint8]
    holes: NDArray[np.int64]

    @classmethod
    def of(cls, sample: bytes, competition: Competition) -> "Template | None":
        """The template of a sample submission; None where its labels are not one character wide, or it is not plain."""
        header = ",".join((competition.id_column, *competition.columns)).encode() + b"\n"
        is_plain = sample.startswith(header) and sample.endswith(b"\n") and not any(c in sample for c in b'"\r\0')
        if not is_plain or kind_of(competition).table is None:
            return None
        filled = np.frombuffer(sample, dtype=np.uint8).copy()
        holes = np.flatnonzero(filled == _LINE_FEED)[1:] - 1
        # As many commas as rows, each before a label: then every row is a row id, a comma and one character.
        if not (filled[holes - 1] == _COMMA).all() or sample.count(b",") != len(holes) + header.count(b","):
            return None
        filled[holes] = _HOLE
        return cls(filled, holes)

    def read(self, data: bytes, table: NDArray[np.int32]) -> NDArray[np.int32] | None:
        """The values of the bytes in the holes, shape (rows, 1); None if anything else differs from the sample.

        `data` holds no NUL, so each hole differs: if no more bytes than the holes do, the rest is the sample's.
        """
        given = np.frombuffer(data, dtype=np.uint8)
        if given.size != self.filled.size or np.count_nonzero(given != self.filled) != self.holes.size:
            return None
        values = table[given[self.holes]]
        return values.reshape(-1, 1) if values.min(initial=0) >= 0 else None
