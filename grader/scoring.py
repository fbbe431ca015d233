"""Predictions and the solution, row by row: the public and the private score."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.metric import Metric, Task, UndefinedScore
from grader.solution import Solution
from submissions.reading.cells import Values


@dataclass(frozen=True, slots=True)
class Scores:
    """The score on each share of the test rows, at full precision."""

    public: float
    private: float


def score(
    predicted: Values, solution: Solution, metric: Metric, task: Task, *, where_undefined: float | None = None
) -> Scores:
    """The scores of predictions (rows, columns), in the order of the competition's row ids, as the solution is.

    `where_undefined` is the score on a share for which the metric is not defined, if there is to be one.

    Raises:
        UndefinedScore: the metric is not defined for them on a share.
        ValueError: its value is out of its range.
    """

    def on(share: NDArray[np.int64]) -> float:
        try:
            return metric.score(solution.values.take(share, axis=0), predicted.take(share, axis=0), task)
        except UndefinedScore:
            if where_undefined is None:
                raise
            return where_undefined

    return Scores(on(solution.public), on(solution.private))
