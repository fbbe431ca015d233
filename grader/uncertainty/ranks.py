"""Which ranks a team may truly have, from the differences between its score and every other's.

The percentiles of bootstrapped ranks are not that: where all teams are equal, a resample repeats the order that chance
gave, and half of their intervals miss.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.uncertainty.rivals import Rivals

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVEL = 0.95
_HOPELESS = 1e150  # what is further from 0 is held for that, so that its square is a number


Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RankSets:
    """For each team the best and the worst rank it may have, (teams,); 1 is the first, 0 stands for not computed."""

    best: NDArray[np.int64]
    worst: NDArray[np.int64]

    @property
    def may_be_first(self) -> Flags:
        """Which teams are not separable from the first: none is shown to be better (teams,).

        Of a team whose set was not computed that is not known, and not said.
        """
        is_best: Flags = self.best == 1
        return is_best


def rank_sets(
    scores: Floats,
    resampled: Floats,
    *,
    higher_is_better: bool,
    level: float = LEVEL,
    first: int | None = None,
    progress: Progress | None = None,
) -> RankSets:
    """The marginal confidence sets of the teams' ranks.

    A team's true rank is any from 1 + the number of teams that are truly better, to the number of teams - those truly
    worse: with all equal, every rank. For each team, its set holds all of them with the probability `level`. The set
    leaves out a rank for each team that is shown to be better, or worse: a test of both directions of all its
    differences at once, by the largest studentised one, in steps. Once some are shown, fewer mistakes are left.

    Equal scores are never told apart. A difference that is the same in every resample, and is more than rounding, is
    certain; one that exceeds the critical value by less than a thousandth is not shown. Time grows with `first` × teams
    × resamples, and a core makes nearly 10⁹ such differences in a second; memory grows with teams × resamples.

    Source: Mogstad, Romano, Shaikh and Wilhelm 2024, Inference for ranks with applications to mobility across
    neighbourhoods and academic achievement across countries, Review of Economic Studies 91; the steps are those of
    Romano and Wolf 2005.

    Args:
        scores: of the teams, on the whole (teams,).
        resampled: their scores in each resample (resamples, teams). A resample in which nobody has one is left out.
            Where one team's is undefined, another of its own stands in, which makes its differences wider; a team with
            fewer than half is told from nobody.
        higher_is_better: the direction of the metric.
        level: the probability with which a team's set is to hold its true ranks.
        first: the sets of so many teams only, from the first in `scores` on, each against all others; None: of all.
        progress: is told after each team how many are done, and of how many that can be told from others.

    Raises:
        ValueError: a team has no score; rank those that have one.
    """
    if not np.isfinite(scores).all():
        place = int(np.argmin(np.isfinite(scores)))
        raise ValueError(f"team {place} of {len(scores)} has no score: rank only those that have one")
    direction = 1 if higher_is_better else -1
    scores = np.clip(scores, -_HOPELESS, _HOPELESS)
    deviations, is_known = _deviations(scores, resampled)
    first = len(scores) if first is None else min(first, len(scores))
    best, worst = np.zeros((2, len(scores)), np.int64)
    best[:first], worst[:first] = 1, len(scores)
    told = np.flatnonzero(is_known[:first])
    if not len(told):
        return RankSets(best, worst)
    order = np.flatnonzero(is_known)[np.argsort(scores[is_known], kind="stable")]
    place_of = np.zeros(len(scores), np.int64)
    place_of[order] = np.arange(len(order))
    rivals = Rivals(direction * scores[order], direction * deviations[order], level)
    for done, (team, (above, below)) in enumerate(zip(told, rivals.shown(place_of[told]), strict=True), 1):
        best[team] += above
        worst[team] -= below
        if progress:
            progress(done, len(told))
    return RankSets(best, worst)


def _deviations(scores: Floats, resampled: Floats) -> tuple[Floats, Flags]:
    """How far each team's resampled scores lie from its own, (teams, resamples), and for which teams that is known."""
    is_told = np.isfinite(resampled)
    is_kept = is_told.any(axis=1)
    is_known = is_told[is_kept].sum(axis=0) * 2 >= max(int(is_kept.sum()), 1)
    resampled = np.where(is_told, np.clip(resampled, -_HOPELESS, _HOPELESS), np.nan)[is_kept]
    deviations = np.ascontiguousarray((resampled - scores).T)
    for team in np.flatnonzero(is_known & ~is_told[is_kept].all(axis=0)):
        is_missing = np.isnan(deviations[team])
        deviations[team, is_missing] = np.resize(deviations[team, ~is_missing], is_missing.sum())
    return deviations, is_known
