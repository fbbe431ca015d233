"""The cells of prediction columns: what a kind of prediction makes of them, one by one and all at once."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

Values: TypeAlias = NDArray[Any]  # int32 or float64, as the kind has it
_EXACT = 2**53  # up to here a float is the whole number that was written


class BadCell(Exception):
    """A cell, or a row of them, that is no value of its kind: the fault's code, and its message, made when wanted."""

    def __init__(self, code: str, message: Callable[[], str]) -> None:
        self.code, self.message = code, message
        super().__init__(code)


class Kind(ABC):
    """One kind of prediction. `convert` may give up; `parse` may not, and the two agree where `convert` does not.

    Attributes:
        dtype: the type of the values.
        width: how many values a cell holds.
        is_number: whether a cell is a number, which pyarrow may read at once where no blanks stand around any.
        table: shape (256,), the value of each byte, or -1, where every value is one byte wide; None elsewhere.
    """

    dtype: type[np.generic] = np.float64
    width: int = 1
    is_number: bool = False
    table: NDArray[np.int32] | None = None

    @abstractmethod
    def convert(self, column: "pa.Array") -> Values | None:
        """The values of a column, shape (rows,) or (rows, width); None if any cell is in doubt."""

    @abstractmethod
    def parse(self, cell: str) -> Any:
        """The value of one cell that is not blank, or its `width` values; BadCell if it is none."""

    def accepts(self, rows: Values) -> bool:  # noqa: ARG002 - most kinds ask nothing of a row
        """Whether the values of each row, shape (rows, columns × width), go together."""
        return True

    def check_row(self, row: Sequence[Any]) -> None:  # noqa: B027
        """BadCell if the values of one row, one for each column, do not go together."""


def number(cell: str) -> float | None:
    """The number that a cell means to Python; None if it is none."""
    try:
        return float(cell)
    except ValueError:
        return None


def without_zero_decimals(cell: str) -> str | None:
    """'3' for '3.0', '3.' or '3.000e+00'; None if the cell is not a whole number written as a float."""
    value = number(cell)
    if value is None or not any(mark in cell for mark in ".eE"):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else None
