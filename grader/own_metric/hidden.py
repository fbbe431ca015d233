"""What the two frames of a metric are made of, as arrays: the solution, and the shape of a submission."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from submissions.reading.cells import Values

ColumnKind = Literal["label", "number", "ranking", "indicator"]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a frame beside the row id, and how an array holds them.

    Attributes:
        kind: "label": codes (rows, columns), the places of the cells' labels in `labels`;
            "number": numbers (rows, columns);
            "ranking": codes (rows, k) with -1 behind the last, which become one column of labels with spaces between;
            "indicator": codes (rows, 1), which become 1 in the column of the code and 0 in the others; in a single
            column, 1 for the second label.
        names: the names of the columns.
        labels: the competition's labels; none where there are numbers.
    """

    kind: ColumnKind
    names: tuple[str, ...]
    labels: tuple[str, ...] = ()

    @property
    def dtype(self) -> type[np.generic]:
        """The type of the values: float64 for numbers, int32 for codes."""
        return np.float64 if self.kind == "number" else np.int32

    def fit(self, values: Values) -> Values:
        """The values as the worker wants them: shape (rows, width), in one piece."""
        fitted: NDArray[Any] = np.ascontiguousarray(values, dtype=self.dtype).reshape(len(values), -1)
        width = {"label": len(self.names), "number": len(self.names), "ranking": fitted.shape[1], "indicator": 1}
        assert fitted.shape[1] == width[self.kind], "one column of the array for each that is named"
        return fitted


@dataclass(frozen=True, slots=True)
class Hidden:
    """The solution, the split, and the shape of the submissions that are scored against them.

    Attributes:
        id_column: the name of the row id's column.
        row_ids: the row ids as texts, in the competition's order.
        solution: the columns of the solution.
        values: the solution as its columns hold it, in the order of the row ids.
        submission: the columns of a submission.
        shares: the places of the rows of each share, int64: "public", "private".
    """

    id_column: str
    row_ids: Sequence[str]
    solution: Columns
    values: Values
    submission: Columns
    shares: Mapping[str, NDArray[np.int64]]
