"""Kind "label": each cell holds one of a closed list of texts."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from submissions.reading.cells import BadCell, Kind, number, without_zero_decimals
from submissions.shown import shown, shown_list

if TYPE_CHECKING:
    import pyarrow as pa


class Labels(Kind):
    """Labels as predictions: the value of a cell is its place in the list of labels."""

    dtype = np.int32

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
        if (value := number(cell)) is not None and 0 < value < 1:
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
