"""A metric: what it takes, what it says, and how to read it."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
Floats = NDArray[np.float64]
Spread = Literal["share", "bounded", "proportional", "constant", ""]
_ROUNDING = 1e-9  # so far beyond an end of its range a sum may lie that should be at it


class UndefinedScore(ValueError):
    """A score that the metric does not define for these values; the message says what is needed, and no label."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a metric must know of a competition beside the values: how many labels there are, and how many count."""

    labels: int = 0
    k: int = 5


@dataclass(frozen=True, slots=True)
class Terms:
    """A metric that is a function of means over the rows: weighted rows and resamples are scored like the whole.

    Attributes:
        rows: (true, predicted, task) → what is averaged, shape (rows, terms).
        score: averages, shape (..., terms) → scores, shape (...).
    """

    rows: Callable[[Values, Values, Task], Values]
    score: Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Metric:
    """A function of true and predicted values, and how to read it; one of the three ways to compute it is set.

    Attributes:
        kind: the kind of prediction that it takes.
        range: the lowest and highest score there can be.
        confusion: how many rows have each label and were given it, have it, and were given it, each of shape (...,
            labels): the diagonal and the margins of confusion matrices → scores (...).
        terms: means over the rows, and the function of them.
        whole: (true, predicted, task) → the score, where it is neither.
        is_area: whether it is the area under the ROC curve, whose error follows from placements.
        decimals: how many decimals a board shows.
        needs: what a share must have for the score to be defined, in words.
        spread: how the error of a score follows from the score, which names its interval on the live board (see
            `uncertainty/intervals.py`); "" where nothing is known of it.
    """

    name: str
    title: str
    kind: str
    higher_is_better: bool
    range: tuple[float, float] = (0, 1)
    confusion: Callable[[Floats, Floats, Floats], Floats] | None = None
    terms: Terms | None = None
    whole: Callable[[Values, Values, Task], float] | None = None
    is_area: bool = False
    decimals: int = 4
    needs: str = ""
    spread: Spread = ""

    @property
    def best(self) -> float:
        """The best score there can be."""
        return self.range[1 if self.higher_is_better else 0]

    def score(self, true: Values, predicted: Values, task: Task) -> float:
        """The score of predictions against the truth, both of shape (rows, columns), at full precision.

        Raises:
            UndefinedScore: the score is not defined for these values.
            ValueError: it is not within the range.
        """
        scores = [self._score(one, other, task) for one, other in pairs(self.kind, true, predicted)]
        score = float(np.mean(scores))
        lowest, highest = self.range
        if math.isnan(score):
            raise UndefinedScore(f"{self.name} is undefined{f': {self.needs}' if self.needs else ''}")
        within = min(max(score, lowest), highest)
        if math.isinf(score) or abs(score - within) > _ROUNDING:
            raise ValueError(f"{self.name} is {score}, which is not between {lowest} and {highest}")
        return within

    def _score(self, true: Values, predicted: Values, task: Task) -> float:
        if self.whole:
            return self.whole(true, predicted, task)
        if self.terms:
            return float(self.terms.score(self.terms.rows(true, predicted, task).mean(axis=0)))
        assert self.confusion is not None
        return float(self.confusion(*margins(true, predicted, task.labels)))


def pairs(kind: str, true: Values, predicted: Values) -> Iterator[tuple[Values, Values]]:
    """What a metric of this kind is given, of truth and predictions of shape (rows, columns).

    Labels and numbers: each column (rows,) by itself, of which the mean is the score, as scikit-learn's
    multioutput="uniform_average" has it. Probabilities: the true codes (rows,) and a probability for each label (rows,
    labels), the first of two from the second. Rankings: both as they are.
    """
    match kind:
        case "probability":
            yield true[:, 0], np.column_stack([1 - predicted, predicted]) if predicted.shape[1] == 1 else predicted
        case "ranking":
            yield true, predicted
        case _:
            yield from zip(true.T, predicted.T, strict=True)


def margins(true: Values, predicted: Values, labels: int) -> tuple[Floats, Floats, Floats]:
    """How many rows have each label and were given it, have it, and were given it, each of shape (labels,)."""
    hits, support, given = (
        np.bincount(codes, minlength=labels).astype(np.float64) for codes in (true[true == predicted], true, predicted)
    )
    return hits, support, given
