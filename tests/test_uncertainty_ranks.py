"""Rules of grader/uncertainty/ranks.py."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from grader.uncertainty import bootstrap, rivals
from grader.uncertainty.ranks import RankSets, rank_sets
from grader.uncertainty.resamples import Resamples

Floats = NDArray[np.float64]

TEAMS = 15


def mean(means: Floats) -> Floats:
    return means[..., 0]


def board(rows: Floats, seed: bytes = b"ranks", count: int = 1_000) -> tuple[Floats, Floats]:
    """The scores and the resampled scores of teams whose score is the mean of their rows (teams, rows)."""
    resampled = bootstrap.by_rows(Resamples(seed, rows.shape[1], count), [one[:, None] for one in rows], mean)
    return rows.mean(axis=1), resampled


def pairs(sets: RankSets) -> list[tuple[int, int]]:
    return list(zip(sets.best.tolist(), sets.worst.tolist(), strict=True))


def one_by_one(scores: Floats, resampled: Floats, team: int, level: float = 0.95) -> tuple[int, int]:
    """The set of one team, hypothesis by hypothesis: 'no better than' and 'no worse than' each of the others."""
    others = [other for other in range(len(scores)) if other != team]
    noise = {other: (resampled[:, other] - scores[other]) - (resampled[:, team] - scores[team]) for other in others}
    scale = {other: np.sqrt((noise[other] ** 2).mean()) for other in others}
    left = set(product(others, (1, -1)))
    while left:
        largest = np.max([sign * noise[other] / scale[other] for other, sign in left], axis=0)
        critical = np.sort(largest)[int(np.ceil(level * (len(largest) - 1)))]
        told = {
            (other, sign) for other, sign in left if sign * (scores[other] - scores[team]) / scale[other] > critical
        }
        if not told:
            break
        left -= told
    above = sum((other, 1) not in left for other in others)
    below = sum((other, -1) not in left for other in others)
    return 1 + above, len(scores) - below


def test_all_equal_teams_may_have_any_rank() -> None:
    """Of 15 equally good teams each may truly have any rank: at least 93 of 100 sets hold all of them.

    The percentiles of bootstrapped ranks, which are not used, hold the first rank for about half of the teams.
    """
    boards, chance = 120, np.random.default_rng(10)
    rows = (chance.random((boards * TEAMS, 300)) < 0.8).astype(float)
    scores, resampled = board(rows)
    held, percentiles = [], []
    for first in range(0, boards * TEAMS, TEAMS):
        teams = slice(first, first + TEAMS)
        sets = rank_sets(scores[teams], resampled[:, teams], higher_is_better=True)
        held += [one == (1, TEAMS) for one in pairs(sets)]
        ranks = (resampled[:, None, teams] > resampled[:, teams, None]).sum(axis=2) + 1
        percentiles += (np.sort(ranks, axis=0)[25] == 1).tolist()

    assert np.mean(held) >= 0.93
    assert np.mean(percentiles) < 0.6


def test_sets_hold_the_ranks_of_two_groups() -> None:
    """Of two groups of equals, each team's set holds the ranks of its group at least 93 times in 100, and few more."""
    boards, chance = 60, np.random.default_rng(11)
    skill = np.repeat([0.85, 0.7], 3)
    scores, resampled = board((chance.random((boards * 6, 600)) < np.tile(skill, boards)[:, None]).astype(float))
    held, widths = [], []
    for start in range(0, boards * 6, 6):
        teams = slice(start, start + 6)
        sets = rank_sets(scores[teams], resampled[:, teams], higher_is_better=True)
        for team, (best, worst) in enumerate(pairs(sets)):
            first, last = (1, 3) if team < 3 else (4, 6)
            held.append(best <= first and last <= worst)
            widths.append(worst - best)

    assert np.mean(held) >= 0.93
    assert np.mean(widths) < 2.2


def test_sets_follow_the_definition() -> None:
    """The sets are those of the one-sided hypotheses tested one by one, in steps, at any level."""
    chance = np.random.default_rng(12)
    for level in (0.8, 0.95):
        rows = chance.normal(size=(8, 200)) + chance.normal(size=200) + np.linspace(0, 0.5, 8)[:, None]
        scores, resampled = board(rows, count=300)
        sets = rank_sets(scores, resampled, higher_is_better=True, level=level)
        assert pairs(sets) == [one_by_one(scores, resampled, team, level) for team in range(8)]
        assert len(set(pairs(sets))) > 3


@pytest.mark.parametrize("together", [1, 3, 100])
def test_blocks_make_the_same_sets(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few differences are made at once, and for however few teams, the sets are those of the definition."""
    monkeypatch.setattr(rivals, "_BLOCK", together * 300)
    monkeypatch.setattr(rivals, "_AT_ONCE", together)
    chance = np.random.default_rng(23)
    rows = chance.normal(size=(20, 200)) + chance.normal(size=200) + np.linspace(0, 1, 20)[:, None]
    scores, resampled = board(rows, count=300)

    sets = rank_sets(scores, resampled, higher_is_better=True)

    assert pairs(sets) == [one_by_one(scores, resampled, team) for team in range(20)]


def test_sets_of_near_copies_follow_the_definition() -> None:
    """Teams that differ by a millionth, and teams whose scores vary by 10^±20, are told apart as any others."""
    chance = np.random.default_rng(24)
    rows = np.repeat(chance.normal(size=(1, 400)), 7, axis=0)
    rows[1:4] += 1e-6 * (chance.normal(size=(3, 400)) + np.array([[0.02], [0.3], [1]]))
    rows[4] = 1 + 1e-20 * rows[4]
    rows[5:] = 1e20 * chance.normal(size=(2, 400))
    rows[6] += 1e20
    scores, resampled = board(rows)
    scores[4], resampled[:, 4] = 0.5, 0.5

    sets = rank_sets(scores, resampled, higher_is_better=True)

    assert pairs(sets) == [one_by_one(scores, resampled, team) for team in range(7)]
    assert len(set(pairs(sets))) > 4


def test_the_sets_of_the_first_teams_alone() -> None:
    """The first sets are what they are among all; of the others nothing is known, nor said."""
    scores, resampled = board(np.random.default_rng(25).normal(size=(9, 100)) + np.linspace(1, 0, 9)[:, None])
    resampled[:900, 2] = np.nan
    told: list[tuple[int, int]] = []

    some = rank_sets(
        scores, resampled, higher_is_better=True, first=4, progress=lambda done, of: told.append((done, of))
    )

    assert pairs(some) == [*pairs(rank_sets(scores, resampled, higher_is_better=True))[:4], *[(0, 0)] * 5]
    assert pairs(some)[2] == (1, 9)
    assert not some.may_be_first[4:].any()
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert pairs(rank_sets(scores, resampled, higher_is_better=True, first=99)) == pairs(
        rank_sets(scores, resampled, higher_is_better=True)
    )
    assert pairs(rank_sets(scores, resampled, higher_is_better=True, first=0)) == [(0, 0)] * 9


def test_the_direction_turns_the_order() -> None:
    """Where lower is better the lowest score is first; the sets are those of the scores with the other sign."""
    rows = np.random.default_rng(13).exponential(size=(5, 300)) * np.array([[1], [1.1], [2], [3], [3.1]])
    scores, resampled = board(rows)

    lower = rank_sets(scores, resampled, higher_is_better=False)
    higher = rank_sets(-scores, -resampled, higher_is_better=True)

    assert pairs(lower) == pairs(higher) == [(1, 2), (1, 2), (3, 3), (4, 5), (4, 5)]
    assert lower.may_be_first.tolist() == [True, True, False, False, False]


def test_few_rows_separate_nobody_from_the_first() -> None:
    """81 and 80 of 100 rows are not separable: both may be first."""
    rows = np.zeros((2, 100))
    rows[0, :81] = rows[1, 10:90] = 1

    sets = rank_sets(*board(rows), higher_is_better=True)

    assert pairs(sets) == [(1, 2), (1, 2)]
    assert sets.may_be_first.all()


def test_equal_submissions_are_never_separated() -> None:
    """Two teams with the same predictions have the same set, and neither is shown to be better."""
    rows = np.random.default_rng(14).normal(size=(3, 400))
    rows[1] = rows[0]
    rows[2] += 1

    sets = rank_sets(*board(rows), higher_is_better=True)

    assert pairs(sets) == [(2, 3), (2, 3), (1, 1)]


def test_rounding_separates_nobody() -> None:
    """A difference in the last digits, the same in every resample, is not a team's merit."""
    scores, resampled = board(np.random.default_rng(15).normal(1, 0.1, size=(1, 400)))
    factors = np.array([1, 1 + 1e-15, 1 - 1e-15])

    sets = rank_sets(scores * factors, resampled * factors, higher_is_better=True)

    assert pairs(sets) == [(1, 3)] * 3


def test_constant_scores() -> None:
    """All perfect: any rank. One wrong everywhere: a difference that is the same in every resample is certain."""
    assert pairs(rank_sets(*board(np.ones((4, 50))), higher_is_better=True)) == [(1, 4)] * 4
    assert pairs(rank_sets(*board(np.zeros((4, 50))), higher_is_better=True)) == [(1, 4)] * 4

    sets = rank_sets(*board(np.repeat([[1.0], [0], [1]], 50, axis=1)), higher_is_better=True)

    assert pairs(sets) == [(1, 2), (3, 3), (1, 2)]


def test_one_team_and_none() -> None:
    """A team alone is first; without teams there are no sets."""
    assert pairs(rank_sets(*board(np.random.default_rng(16).normal(size=(1, 50))), higher_is_better=True)) == [(1, 1)]
    assert pairs(rank_sets(np.empty(0), np.empty((100, 0)), higher_is_better=True)) == []


def test_the_same_input_gives_the_same_sets() -> None:
    """Nothing is drawn here: sets depend on the scores, and follow the teams wherever they stand."""
    scores, resampled = board(np.random.default_rng(17).normal(size=(9, 100)) + np.linspace(0, 1, 9)[:, None])
    order = np.random.default_rng(18).permutation(9)

    sets = rank_sets(scores, resampled, higher_is_better=True)
    turned = rank_sets(scores[order], resampled[:, order], higher_is_better=True)

    assert pairs(turned) == [pairs(sets)[place] for place in order]
    assert pairs(sets) == pairs(rank_sets(scores, resampled, higher_is_better=True))


def test_resamples_that_are_undefined_for_all_are_left_out() -> None:
    """Where a label was not drawn nobody has a score: the sets are those of the other resamples."""
    scores, resampled = board(np.random.default_rng(19).normal(size=(5, 100)) + np.linspace(0, 1, 5)[:, None])
    with_gaps = np.insert(resampled, [0, 10, 500, 1_000], np.nan, axis=0)

    sets = rank_sets(scores, with_gaps, higher_is_better=True)

    assert pairs(sets) == pairs(rank_sets(scores, resampled, higher_is_better=True))


def test_a_team_that_is_undefined_now_and_then_is_told_apart_less() -> None:
    """Another of its resamples stands in: near ones are not told apart any more, what is far apart still is."""
    chance = np.random.default_rng(20)
    rows = chance.normal(size=400) + 0.05 * chance.normal(size=(3, 400)) + np.array([[0], [0.05], [2]])
    scores, resampled = board(rows)
    with_gaps = resampled.copy()
    with_gaps[::3, 0] = np.nan
    with_gaps[1, 0] = np.inf

    assert pairs(rank_sets(scores, resampled, higher_is_better=True)) == [(3, 3), (2, 2), (1, 1)]
    assert pairs(rank_sets(scores, with_gaps, higher_is_better=True)) == [(2, 3), (2, 3), (1, 1)]
    assert np.isnan(with_gaps[0, 0]), "what was given is left as it was"


def test_a_team_that_is_mostly_undefined_is_told_from_nobody() -> None:
    """With fewer than half of its resamples a team may have any rank, and takes the others' certainty of theirs."""
    scores, resampled = board(np.random.default_rng(21).normal(size=(3, 400)) + np.array([[0], [1], [2]]))
    resampled[:501, 1] = np.nan

    assert pairs(rank_sets(scores, resampled, higher_is_better=True)) == [(2, 3), (1, 3), (1, 2)]
    assert pairs(rank_sets(scores, np.full((10, 3), np.nan), higher_is_better=True)) == [(1, 3)] * 3


def test_hopeless_scores_are_last() -> None:
    """Errors near the largest number there is do not upset the others, and are told from them."""
    rows = np.random.default_rng(22).exponential(size=(3, 400)) * np.array([[1], [2], [1e300]])

    assert pairs(rank_sets(*board(rows), higher_is_better=False)) == [(1, 1), (2, 2), (3, 3)]


def test_a_team_without_a_score_is_not_ranked() -> None:
    """A missing score is never ranked: the message names the team's place and what to do."""
    with pytest.raises(ValueError) as caught:
        rank_sets(np.array([0.5, np.nan, 0.7]), np.zeros((10, 3)), higher_is_better=True)

    assert str(caught.value) == "team 1 of 3 has no score: rank only those that have one"
