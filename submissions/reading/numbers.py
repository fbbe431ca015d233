"""Kind "number": each cell holds a finite number, as regression asks for."""

import re
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from submissions.reading.cells import BadCell, Kind, number
from submissions.shown import shown

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST = 1e100  # the sum of many squares is finite still
# What pyarrow reads as a number. Python reads more: spaces around it, underscores, the digits of all scripts.
_PLAIN = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Numbers(Kind):
    """Numbers as predictions: the value of a cell is the float64 nearest to what is written.

    Attributes:
        lowest, highest: what a number may be.
        limits: the same in words.
    """

    is_number = True
    lowest, highest = -LARGEST, LARGEST
    limits = "between -1e100 and 1e100"

    def convert(self, column: "pa.Array") -> NDArray[np.float64] | None:
        """The numbers of a column of texts or floats; None if any cell is not a plain one within the limits."""
        import pyarrow as pa

        try:
            values: NDArray[np.float64] = column.cast(pa.float64()).to_numpy()
        except pa.ArrowInvalid:
            return None
        # Of NaN neither is true.
        is_within = values.min(initial=self.highest) >= self.lowest and values.max(initial=self.lowest) <= self.highest
        return values if is_within else None

    def parse(self, cell: str) -> float:
        """The number in one cell."""
        if not _PLAIN.fullmatch(cell):
            raise _no_number(cell)
        value = float(cell)
        if not self.lowest <= value <= self.highest:
            raise BadCell("out-of-range", lambda: f"{shown(cell)} is not {self.limits}")
        return value


def _no_number(cell: str) -> BadCell:
    value = number(cell)
    if value is not None and not np.isfinite(value):
        return BadCell("not-finite", lambda: f"{shown(cell)} is not a finite number")
    return BadCell("not-a-number", lambda: f"{shown(cell)} is not a number{_hint(cell)}")


def _hint(cell: str) -> str:
    bare = cell.strip()
    if _PLAIN.fullmatch(bare):
        return "; there are spaces around it"
    if _PLAIN.fullmatch(bare.replace(",", ".", 1)):
        return "; decimals are written with a point"
    if number(bare) is not None or _PLAIN.fullmatch(bare.strip("%€$£ ")) or _PLAIN.fullmatch(bare.replace(",", "")):
        return "; write the digits 0 to 9, a point and perhaps an exponent, and nothing else"
    return ""
