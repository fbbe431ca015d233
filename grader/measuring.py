"""A score, and how sure it is: each metric by its own way to pseudo-values (see `influence.py`)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from grader.influence import Floats, Measured, of_area, of_counts, of_groups, of_means
from grader.metric import Metric, Task, UndefinedScore, Values, pairs
from grader.probability_metrics import placements

_BINARY = 2


def measure(metric: Metric, true: Values, predicted: Values, task: Task) -> Measured:
    """The score of predictions against the truth, both of shape (rows, columns), and what each row says of it.

    For several columns of labels or numbers the rows' pseudo-values are the means of the columns': a row is one draw.

    Raises:
        UndefinedScore: the score is not defined for these values.
        ValueError: it is not within the range, or there are fewer than two rows.
    """
    score = metric.score(true, predicted, task)
    return Measured(score, _rows(metric, true, predicted, task) if len(true) > 1 else np.zeros(len(true)))


def score_or_nan(metric: Metric, true: Values, predicted: Values, task: Task) -> float:
    """The score; nan where it is not defined."""
    try:
        return metric.score(true, predicted, task)
    except UndefinedScore:
        return float("nan")


def areas(true: Values, told: Floats) -> Iterator[tuple[NDArray[np.bool_], Floats, Floats]]:
    """For each label whose area counts, of two labels the second: which rows have it, and the two kinds of placements.

    Args:
        true: the true codes (rows,).
        told: the probability of each label (rows, labels).
    """
    for label in (1,) if told.shape[1] == _BINARY else range(told.shape[1]):
        is_positive = true == label
        yield is_positive, *placements(is_positive, told[:, label])


def _rows(metric: Metric, true: Values, predicted: Values, task: Task) -> Floats:
    if metric.whole and not metric.is_area:
        return of_groups(len(true), lambda kept: score_or_nan(metric, true[kept], predicted[kept], task)).rows
    columns = [_of_column(metric, one, told, task) for one, told in pairs(metric.kind, true, predicted)]
    rows: Floats = np.mean(columns, axis=0)
    return rows


def _of_column(metric: Metric, true: Values, predicted: Values, task: Task) -> Floats:
    if metric.is_area:
        rows: Floats = np.mean([of_area(*one).rows for one in areas(true, predicted)], axis=0)
        return rows
    if metric.terms:
        return of_means(metric.terms.rows(true, predicted, task), metric.terms.score).rows
    confusion = metric.confusion
    assert confusion is not None

    def score(counts: Floats) -> Floats:
        return confusion(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1), counts.sum(axis=-2))

    return of_counts(true, predicted, task.labels, score).rows
