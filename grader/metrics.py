"""The metrics on offer: a closed list, each with its direction and range."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from submissions.rules import InvalidCompetition

Codes = NDArray[np.int32]
Confusion = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Metric:
    """A function of the confusion matrix, and how to read it.

    Attributes:
        of: from counts, shape (labels, labels), true labels down and predicted labels across, to the score.
        range: the worst and best score there can be, lower number first.
        decimals: how many decimals a board shows.
    """

    name: str
    title: str
    of: Callable[[Confusion], float]
    higher_is_better: bool
    range: tuple[float, float]
    decimals: int = 4

    def score(self, true: Codes, predicted: Codes, labels: int) -> float:
        """The score of predicted codes, shape (rows,), against true ones of the same shape, at full precision.

        Raises:
            ValueError: the score is undefined, or not within the range.
        """
        # One label per row makes every one of these metrics a function of the confusion matrix (Stehman 1997).
        counts = np.bincount(true * labels + predicted, minlength=labels * labels).reshape(labels, labels)
        score = float(self.of(counts))
        lowest, highest = self.range
        if not lowest <= score <= highest:
            raise ValueError(f"{self.name} is {score}, which is not between {lowest} and {highest}")
        return score


def find(name: str) -> Metric:
    """The metric of this name.

    Raises:
        InvalidCompetition: there is none.
    """
    if name in METRICS:
        return METRICS[name]
    close = difflib.get_close_matches(name, METRICS, n=1)
    guess = f", did you mean {close[0]!r}?" if close else f"; offered are {', '.join(METRICS)}"
    raise InvalidCompetition([f"[scoring] metric: unknown metric {name!r}{guess}"])


def _accuracy(counts: Confusion) -> float:
    return float(counts.trace() / counts.sum())


def _balanced_accuracy(counts: Confusion) -> float:
    """The mean recall of the labels that occur, as scikit-learn's balanced_accuracy_score."""
    support = counts.sum(axis=1)
    occurs = support > 0
    return float(np.mean(counts.diagonal()[occurs] / support[occurs]))


def _f1_macro(counts: Confusion) -> float:
    """The mean F1 of the labels that occur or are predicted, as scikit-learn's f1_score(average="macro")."""
    sums = counts.sum(axis=0) + counts.sum(axis=1)
    occurs = sums > 0
    return float(np.mean(2 * counts.diagonal()[occurs] / sums[occurs]))


METRICS = {
    metric.name: metric
    for metric in (
        Metric("accuracy", "Accuracy", _accuracy, higher_is_better=True, range=(0, 1)),
        Metric("balanced_accuracy", "Balanced accuracy", _balanced_accuracy, higher_is_better=True, range=(0, 1)),
        Metric("f1_macro", "Macro-averaged F1", _f1_macro, higher_is_better=True, range=(0, 1)),
    )
}
