"""The kinds of predictions: how a cell becomes a value, for a whole column at once and for one cell with care."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from submissions.competition import Competition
from submissions.shown import shown, shown_list

if TYPE_CHECKING:
    import pyarrow as pa

_EXACT = 2**53  # up to here a float is the whole number that was written


class BadCell(Exception):
    """A cell that is no value of its kind: the fault's code, and its message, made when it is wanted."""

    def __init__(self, code: str, message: Callable[[], str]) -> None:
        self.code, self.message = code, message
        super().__init__(code)


class Kind(Protocol):
    """One kind of prediction. `convert` may give up; `parse` may not, and the two agree where `convert` does not.

    Attributes:
        table: shape (256,), the value of each byte, or -1, where every value is one byte wide; None elsewhere.
    """

    table: NDArray[np.int32] | None

    def convert(self, column: "pa.StringArray") -> NDArray[np.int32] | None:
        """The values of a column, shape (rows,); None if any cell is in doubt."""

    def parse(self, cell: str) -> int:
        """The value of one cell that is not blank; BadCell if it is none."""


class Labels:
    """Kind "label": a cell holds one of a closed list of texts, and its value is the place in that list."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self._labels = labels
        self._codes = {label: code for code, label in enumerate(labels)}
        self.table = _table(labels)

    def convert(self, column: "pa.StringArray") -> NDArray[np.int32] | None:
        """The codes of a column of labels; None if any cell holds another text."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.table is not None:
            return _look_up(column, self.table)
        codes = pc.index_in(column, value_set=pa.array(self._labels, type=pa.string()))
        return None if codes.null_count else codes.to_numpy()

    def parse(self, cell: str) -> int:
        """The code of one label."""
        code = self._codes.get(cell)
        if code is None:
            raise BadCell("unknown-label", lambda: f"label {shown(cell)} is not one of {self._expected(cell)}")
        return code

    def _expected(self, cell: str) -> str:
        return shown_list(self._labels) + self._hint(cell)

    def _hint(self, cell: str) -> str:
        if without_zero_decimals(cell) in self._codes:
            return "; labels were written as floats: .astype(int)"
        if cell.strip() in self._codes:
            return "; there are spaces around it"
        if cell.strip().lower() in {"true", "false"}:
            return "; True and False were written: .astype(int)"
        if (value := _number(cell)) is not None and 0 < value < 1:
            return "; a probability was written: send the most likely label"
        close = next((label for label in self._labels if label.casefold() == cell.strip().casefold()), None)
        return f"; did you mean {close!r}?" if close else ""


def _table(labels: tuple[str, ...]) -> NDArray[np.int32] | None:
    # Only letters and digits: a comma or a quotation mark could pass for something else than a label.
    if not all(len(label) == 1 and label.isascii() and label.isalnum() for label in labels):
        return None
    table = np.full(256, -1, dtype=np.int32)
    table[list(map(ord, labels))] = np.arange(len(labels))
    return table


def _look_up(column: "pa.StringArray", table: NDArray[np.int32]) -> NDArray[np.int32] | None:
    _, starts, letters = column.buffers()
    ends = np.frombuffer(starts, dtype=np.int32)[column.offset : column.offset + len(column) + 1]
    if (np.diff(ends) != 1).any():
        return None
    codes = table[np.frombuffer(letters, dtype=np.uint8)[ends[0] : ends[-1]]]
    return codes if codes.min(initial=0) >= 0 else None


def kind_of(competition: Competition) -> Kind:
    """The kind of prediction that a competition asks for."""
    return Labels(competition.labels)


def without_zero_decimals(cell: str) -> str | None:
    """'3' for '3.0', '3.' or '3.000e+00'; None if the cell is not a whole number written as a float."""
    value = _number(cell)
    if value is None or not any(mark in cell for mark in ".eE"):
        return None
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else None


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
