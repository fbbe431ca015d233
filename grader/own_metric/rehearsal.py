"""The look at an organiser's metric before the competition begins: it is run, more than once, on known files."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from grader.own_metric.metric import OwnMetric, ShownToParticipant
from grader.own_metric.runner import MetricFailed
from submissions.reading.cells import Values

SAMPLE, SOLUTION, SHUFFLED = "the sample submission", "the solution itself", "the solution in another order"
Scores = dict[tuple[str, str], list[float]]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a metric.

    Attributes:
        code: which of the three it is.
        text: the file, the share and the scores; of a metric that fails its own words, which may hold hidden labels.
    """

    code: Literal["metric-fails", "metric-not-deterministic", "metric-not-best"]
    text: str


def rehearse(metric: OwnMetric, sample: Values, solution: Values, *, higher_is_better: bool) -> list[Flaw]:
    """What is wrong with a metric's answers to the sample submission and to the solution as a submission.

    Each is scored twice by one process, and once more by a new one, on every share. The solution must score better
    than the sample submission, and no worse than its own rows dealt out in another order.

    Args:
        metric: the metric.
        sample: the values of the sample submission.
        solution: the values of a perfect submission.
        higher_is_better: the direction that the rules give.
    """
    dealt = np.random.default_rng(0).permutation(solution)
    files = {SAMPLE: sample, SOLUTION: solution, SHUFFLED: dealt}
    scores: Scores = defaultdict(list)
    try:
        for is_new in (False, False, True):
            if is_new:
                metric.restart()
            _score(metric, files, scores)
    except ShownToParticipant as refusal:
        return [Flaw("metric-fails", f"it refuses a file that is in order: {refusal.whole}")]
    except MetricFailed as failure:
        return [Flaw("metric-fails", str(failure))]
    same = {share for share, rows in metric.shares.items() if np.array_equal(sample[rows], solution[rows])}
    sign = 1 if higher_is_better else -1
    worse = [_not_best(share, scores, sign, is_sample_right=share in same) for share in metric.shares]
    return [*_unsteady(scores), *(flaw for flaw in worse if flaw)]


def _score(metric: OwnMetric, files: dict[str, Values], scores: Scores) -> None:
    for name, values in files.items():
        for share in metric.shares:
            scores[name, share].append(metric.score(values, share))


def _unsteady(scores: Scores) -> Iterator[Flaw]:
    for (name, share), given in scores.items():
        if other := next((score for score in given if score != given[0]), None):
            told = f"it gives {name} {given[0]!r} and then {other!r} on the {share} rows"
            mend = "seed what it draws, and let it keep nothing from one call to the next"
            yield Flaw("metric-not-deterministic", f"{told}: {mend}")
            return


def _not_best(share: str, scores: Scores, sign: int, *, is_sample_right: bool) -> Flaw | None:
    best, sample, dealt = (scores[name, share][0] for name in (SOLUTION, SAMPLE, SHUFFLED))
    if best * sign <= sample * sign and not is_sample_right:
        return _worse(share, best, SAMPLE, sample, sign)
    if best * sign < dealt * sign:
        return _worse(share, best, SHUFFLED, dealt, sign)
    return None


def _worse(share: str, best: float, name: str, score: float, sign: int) -> Flaw:
    direction = "higher" if sign > 0 else "lower"
    told = f"on the {share} rows it gives {SOLUTION} {best:g} and {name} {score:g}, where {direction} is better"
    return Flaw("metric-not-best", f"{told}: look at higher_is_better in the rules, and at the metric")
