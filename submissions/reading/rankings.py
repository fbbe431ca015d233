"""Kind "ranking": each cell holds labels, the likeliest first, separated by spaces."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from submissions.reading.cells import BadCell, Kind
from submissions.reading.labels import Labels

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING = -1  # stands behind the last label of a cell


class Rankings(Kind):
    """Rankings as predictions: the codes of a cell's labels, with -1 behind the last."""

    dtype = np.int32

    def __init__(self, labels: tuple[str, ...], most: int) -> None:
        """`most`: how many labels a cell may hold."""
        self._labels, self.width = Labels(labels), most

    def convert(self, column: "pa.StringArray") -> NDArray[np.int32] | None:
        """The codes of a column, shape (rows, width); None if any cell holds another text, or too many."""
        import pyarrow.compute as pc

        lists = pc.split_pattern(column, " ")
        counts = np.diff(lists.offsets.to_numpy())
        codes = self._labels.convert(lists.values)
        if codes is None or counts.max(initial=0) > self.width:
            return None
        rows = np.full((len(column), self.width), NOTHING, dtype=np.int32)
        rows[np.arange(self.width) < counts[:, None]] = codes
        return rows

    def parse(self, cell: str) -> list[int]:
        """The codes of one cell's labels."""
        texts = cell.split(" ")
        if len(texts) > self.width:
            raise BadCell("too-many-labels", lambda: f"the cell holds {len(texts):,} labels; {self.width} are allowed")
        codes = [self._labels.parse(text) for text in texts]
        return codes + [NOTHING] * (self.width - len(codes))
