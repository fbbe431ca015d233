"""How sure the final board is: an interval for each score, and the ranks that each team may truly have."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from grader.measuring import areas, score_or_nan
from grader.metric import Metric, Task, Values, pairs
from grader.uncertainty import area, bootstrap, intervals
from grader.uncertainty.ranks import rank_sets
from grader.uncertainty.resamples import Resamples

Floats = NDArray[np.float64]
Ranks = NDArray[np.int64]
Progress = Callable[[int, int], None]

RESAMPLES = 1_000
LOOPED = 20  # submissions that are scored resample by resample, where a metric leaves no other way
DIFFERENCES = 12_000_000_000  # between teams, in resamples: about 15 seconds of one core


@dataclass(frozen=True, slots=True, eq=False)
class Certainty:
    """What is known beside the scores, in the order of the board; all of shape (teams,).

    Attributes:
        low, high: the ends of the 95 % interval of each score, which hold it; nan: there is none.
        best, worst: the first and the last rank that the team may truly have; 0: not known.
    """

    low: Floats
    high: Floats
    best: Ranks
    worst: Ranks


def certainty(
    metric: Metric,
    task: Task,
    true: Values,
    submissions: Sequence[Values],
    scores: Sequence[float] | Floats,
    *,
    seed: bytes,
    progress: Progress | None = None,
) -> Certainty:
    """The intervals and rank sets of a final board, from 1,000 resamples of its rows that all submissions share.

    The interval is Wilson's for a share of the rows, such as the accuracy; of several columns each row counts once,
    which is wide enough. For all others it is the middle 95 % of the resampled scores, within the metric's range. Equal
    submissions have the same interval. What is not computed:

    - for the organiser's own metric, nothing;
    - of a single row, no interval but Wilson's, and no ranks;
    - for a metric that is neither a function of means over rows, nor of labels, nor an area (average precision, median
      absolute error, Spearman's correlation): the intervals after the first 20 teams, and all ranks where there are
      more, for a rank is among all teams;
    - an interval where more than one resample in twenty leaves the score undefined. A team with fewer than half of the
      resamples may have any rank;
    - the ranks of those teams after the first for which teams² × resamples are too many: with 1,000 resamples of up to
      3,464 teams each has ranks, of 10,000 the first 1,200, which are held against all.

    Time, on one core and 7,000 rows: about 15 seconds at most for all ranks; for each submission less than half a
    millisecond of a mean, 2 milliseconds of labels, and 3 for each label of an area; for each of the 20 up to 2
    seconds, of average precision for each label. Memory: below 1 GB with 10,000 teams, if submissions are read as they
    are asked for.

    Args:
        metric: of the board.
        task: what it must know of the competition.
        true: the true values of the private rows, (rows, columns).
        submissions: of each ranked team what counts, on these rows, the best first, (rows, columns).
        scores: of these on these rows (teams,), finite.
        seed: the same seed gives the same resamples, on any machine.
        progress: is told now and then how many pieces of work are done, and of how many.

    Raises:
        ValueError: a team has no score, or a submission other rows.
    """
    teams = len(submissions)
    board = _Board(metric, task, true, submissions, Resamples(seed, len(true), RESAMPLES))
    ranked = 0 if board.resampled < teams else min(teams, DIFFERENCES // max(RESAMPLES * teams, 1))
    count = _Count(board.resampled * board.columns + ranked, progress)
    resampled = board.scores(count)
    exact = np.asarray(scores, np.float64)
    low, high = _ends(metric, len(true), exact, resampled)
    if not ranked:
        return Certainty(low, high, *np.zeros((2, teams), np.int64))
    sets = rank_sets(
        exact, resampled, higher_is_better=metric.higher_is_better, first=ranked, progress=lambda *_: count.add()
    )
    count.finish()
    return Certainty(low, high, sets.best, sets.worst)


def _ends(metric: Metric, rows: int, scores: Floats, resampled: Floats) -> tuple[Floats, Floats]:
    low, high = np.full((2, len(scores)), np.nan)
    if metric.spread == "share":
        low[:], high[:] = np.array([intervals.wilson(score, rows) for score in scores.tolist()]).reshape(-1, 2).T
    else:
        known = resampled.shape[1]
        low[:known], high[:known] = intervals.percentile(resampled)
    return (
        np.minimum(np.clip(low, *metric.range), scores),
        np.maximum(np.clip(high, *metric.range), scores),
    )


class _Count:
    """How many pieces of work are done."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def add(self) -> None:
        """One more is."""
        self._done += 1
        if self._progress:
            self._progress(self._done, self._total)

    def finish(self) -> None:
        """All are: what could not be ranked took no work."""
        if self._progress and self._done < self._total:
            self._progress(self._total, self._total)


@dataclass(frozen=True, slots=True)
class _Board:
    """The submissions of a board, and the way to score them in each resample."""

    metric: Metric
    task: Task
    true: Values
    submissions: Sequence[Values]
    resamples: Resamples

    @property
    def is_looped(self) -> bool:
        return self.metric.whole is not None and not self.metric.is_area

    @property
    def columns(self) -> int:
        """How many are scored by themselves."""
        by_column = self.metric.kind in {"label", "number"} and not self.is_looped
        return self.true.shape[1] if by_column else 1

    @property
    def resampled(self) -> int:
        """How many submissions are scored in the resamples: the first."""
        metric = self.metric
        if len(self.true) < 2 or not (metric.whole or metric.terms or metric.confusion):  # noqa: PLR2004
            return 0
        return min(len(self.submissions), LOOPED) if self.is_looped else len(self.submissions)

    def scores(self, count: _Count) -> Floats:
        """The scores (resamples, submissions); nan where one is undefined."""
        if not self.resampled:
            return np.empty((self.resamples.count, 0))
        total = np.zeros((self.resamples.count, self.resampled))
        for column in range(self.columns):
            total += self._looped(count) if self.is_looped else self._of_column(column, count)
        total /= self.columns
        return total

    def _looped(self, count: _Count) -> Floats:
        def score(true: Values, predicted: Values) -> float:
            return score_or_nan(self.metric, true, predicted, self.task)

        scores = []
        for place in range(self.resampled):
            scores.append(bootstrap.by_loop(self.resamples, self.true, [self.submissions[place]], score))
            count.add()
        return np.concatenate(scores, axis=1)

    def _of_column(self, column: int, count: _Count) -> Floats:
        metric, told = self.metric, self._told(column, count)
        if metric.is_area:
            rows = (np.hstack([area.rows(*one) for one in areas(*both)]) for both in told)
            return bootstrap.by_rows(self.resamples, rows, area.area)
        if metric.terms:
            terms = metric.terms
            rows = (terms.rows(*both, self.task) for both in told)
            return bootstrap.by_rows(self.resamples, rows, terms.score)
        assert metric.confusion is not None
        codes = (predicted for _, predicted in told)
        return bootstrap.by_confusion(self.resamples, self.true[:, column], codes, self.task.labels, metric.confusion)

    def _told(self, column: int, count: _Count) -> Iterator[tuple[Values, Values]]:
        """What the metric is given of each submission, of a column."""
        for place in range(self.resampled):
            yield next(islice(pairs(self.metric.kind, self.true, self.submissions[place]), column, None))
            count.add()
