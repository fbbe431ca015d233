"""Kind "probability": each cell holds a probability, and those of a row sum to 1."""

from collections.abc import Sequence

import numpy as np

from submissions.reading.cells import BadCell, Values
from submissions.reading.numbers import Numbers

TOLERANCE = 1e-3
_ROUNDING = 1e-9  # a sum depends on the order of its terms: what is accepted on the fast path is on the careful one


class Probabilities(Numbers):
    """Probabilities as predictions: float64 from 0 to 1, as written."""

    lowest, highest = 0.0, 1.0
    limits = "a probability from 0 to 1"

    def __init__(self, columns: int) -> None:
        """`columns`: how many there are in a row; one alone need not be 1."""
        self._must_sum = columns > 1

    def accepts(self, rows: Values) -> bool:
        """Whether every row (rows, columns) sums to 1, to within a thousandth."""
        return not self._must_sum or bool((np.abs(rows.sum(axis=1) - 1) <= TOLERANCE).all())

    def check_row(self, row: Sequence[float]) -> None:
        """BadCell if the probabilities of one row do not sum to 1, to within a thousandth."""
        total = sum(row)
        if self._must_sum and abs(total - 1) > TOLERANCE + _ROUNDING:
            raise BadCell("does-not-sum-to-one", lambda: f"the probabilities of the row sum to {total:.6g}, not to 1")
