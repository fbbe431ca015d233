"""Rules of grader/uncertainty/certainty.py."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk
from test_measuring import LABELS, TASK, Values, guess, truth

from grader import metrics
from grader.measuring import measure, score_or_nan
from grader.metric import Metric, Task
from grader.uncertainty import certainty as module
from grader.uncertainty.certainty import Certainty, certainty
from grader.uncertainty.intervals import wilson
from grader.uncertainty.ranks import rank_sets
from grader.uncertainty.resamples import Resamples

ALL = pytest.mark.parametrize("metric", metrics.METRICS.values(), ids=metrics.METRICS)
FEW = pytest.mark.usefixtures("few")
LOOPED = ("average_precision", "median_absolute_error", "spearman")


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Fewer resamples, where their number is not what is tested."""
    monkeypatch.setattr(module, "RESAMPLES", 100)
    return 100


def board(metric: Metric, true: Values, told: Sequence[Values], task: Task = TASK, **named: Any) -> Certainty:
    """The certainty of submissions, in the order of their scores."""
    scores = np.array([metric.score(true, one, task) for one in told])
    order = np.argsort(-scores if metric.higher_is_better else scores, kind="stable")
    return certainty(metric, task, true, [told[place] for place in order], scores[order], seed=b"s", **named)


def sets(sure: Certainty) -> list[tuple[int, int]]:
    return list(zip(sure.best.tolist(), sure.worst.tolist(), strict=True))


def submissions(metric: Metric, true: Values, teams: int = 6) -> list[Values]:
    return [guess(metric, true, skill, seed) for seed, skill in enumerate(np.linspace(0.9, 0.1, teams))]


@ALL
@FEW
def test_every_metric_has_intervals_and_ranks(metric: Metric) -> None:
    """Each metric's intervals hold the scores and have a width, and its rank sets hold the ranks on the board."""
    true = truth(metric, 90)
    told = submissions(metric, true)
    scores = np.sort([metric.score(true, one, TASK) for one in told])[:: -1 if metric.higher_is_better else 1]

    sure = board(metric, true, told)

    assert (sure.low <= scores).all()
    assert (scores <= sure.high).all()
    assert (sure.low < sure.high).all()
    assert (sure.low >= metric.range[0]).all()
    assert (sure.high <= metric.range[1]).all()
    assert all(best <= place <= worst for place, (best, worst) in enumerate(sets(sure), 1))
    assert sure.best[0] == 1
    assert sure.worst[-1] == 6


def drawn(rows: int, count: int) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.float32]]]:
    """Each resample of the seed of `board`: its number, the rows as often as they were drawn, and the weights."""
    for number, weights in enumerate(Resamples(b"s", rows, count).weights(0, count)):
        yield number, np.repeat(np.arange(rows), weights.astype(int)), weights


PEERS = {
    "accuracy": lambda true, told, rows, _: sk.accuracy_score(true[rows, 0], told[rows, 0]),
    "f1_macro": lambda true, told, rows, _: sk.f1_score(true[rows, 0], told[rows, 0], average="macro"),
    "quadratic_kappa": lambda true, told, rows, _: sk.cohen_kappa_score(
        true[rows, 0], told[rows, 0], weights="quadratic", labels=range(LABELS)
    ),
    "rmse": lambda true, told, rows, _: sk.root_mean_squared_error(true[rows, 0], told[rows, 0]),
    "log_loss": lambda true, told, _, weights: sk.log_loss(
        true[:, 0], told, sample_weight=weights, labels=range(LABELS)
    ),
    "spearman": lambda true, told, rows, _: score_or_nan(metrics.find("spearman"), true[rows], told[rows], TASK),
}


@pytest.mark.parametrize("name", PEERS)
def test_resampled_scores_are_scikit_learns(name: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """W @ X is scikit-learn's score of every submission in every resample, to 1e-6, whatever way the metric goes."""
    metric = metrics.find(name)
    true = truth(metric, 120)
    told = submissions(metric, true, 3)
    seen = []
    monkeypatch.setattr(module, "rank_sets", lambda *given, **named: seen.append(given) or rank_sets(*given, **named))

    board(metric, true, told)

    [(scores, resampled)] = seen
    assert resampled.shape == (few, 3)
    best_first = sorted(told, key=lambda one: metric.score(true, one, TASK), reverse=metric.higher_is_better)
    for number, rows, weights in drawn(120, few):
        expected = [PEERS[name](true, one, rows, weights) for one in best_first]
        assert resampled[number] == pytest.approx(expected, abs=1e-6)
    assert scores == pytest.approx([metric.score(true, one, TASK) for one in best_first])


def test_an_area_varies_as_much_as_it_should() -> None:
    """The spread of the resampled areas is within 1 % of that of 20,000 resamples with their own areas."""
    metric, rows = metrics.find("roc_auc"), 800
    chance = np.random.default_rng(1)
    true = (chance.random((rows, 1)) < 0.4).astype(np.int32)
    told = 1 / (1 + np.exp(-chance.normal(size=(rows, 1)) - true))
    order = np.argsort(told[:, 0])
    is_up = true[order, 0] == 1
    areas = []
    for _, weights in Resamples(b"plain", rows, 20_000).blocks():
        up, down = ((weights[:, order] * mask).astype(np.float64) for mask in (is_up, ~is_up))
        areas.append((up * down.cumsum(axis=1)).sum(axis=1) / (up.sum(axis=1) * down.sum(axis=1)))
    spread = np.concatenate(areas).std()

    measured = measure(metric, true, told, Task(2))
    sure = board(metric, true, [told], Task(2))

    assert measured.standard_error == pytest.approx(spread, rel=0.01)
    assert (sure.high - sure.low)[0] == pytest.approx(2 * 1.959964 * spread, rel=0.08)


@FEW
def test_a_share_has_wilsons_interval() -> None:
    """81 of 100 rows are 72.2 % to 87.5 %, and a perfect team is not certain to be perfect."""
    true = np.zeros((100, 1), np.int32)
    told = [true, np.where(np.arange(100)[:, None] < 81, 0, 1).astype(np.int32)]

    sure = board(metrics.find("accuracy"), true, told)

    assert (sure.low[1], sure.high[1]) == pytest.approx((0.722212, 0.874852), abs=5e-7)
    assert (sure.low[0], sure.high[0]) == wilson(1.0, 100)


@pytest.mark.parametrize("name", ["accuracy", "f1_macro", "rmse", "r2", "spearman"])
def test_several_columns(name: str, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The resampled score of several columns is the mean of theirs, in the same resample of rows."""
    metric = metrics.find(name)
    true = truth(metric, 60, columns=3)
    told = submissions(metric, true, 2)
    seen = []
    monkeypatch.setattr(module, "rank_sets", lambda *given, **named: seen.append(given) or rank_sets(*given, **named))

    board(metric, true, told)

    [(_, resampled)] = seen
    best_first = sorted(told, key=lambda one: metric.score(true, one, TASK), reverse=metric.higher_is_better)
    for number, rows, _ in drawn(60, few):
        expected = [metric.score(true[rows], one[rows], TASK) for one in best_first]
        assert resampled[number] == pytest.approx(expected, abs=1e-9)


@ALL
@FEW
def test_equal_submissions_have_equal_intervals_and_ranks(metric: Metric) -> None:
    """Two teams with the same predictions cannot be told apart by anything on the board."""
    true = truth(metric, 90)
    one, two, three = sorted(
        submissions(metric, true, 3), key=lambda told: metric.score(true, told, TASK), reverse=metric.higher_is_better
    )

    sure = board(metric, true, [two.copy(), one, two.copy(), three])

    assert (sure.low[1], sure.high[1], *sets(sure)[1]) == (sure.low[2], sure.high[2], *sets(sure)[2])


@ALL
@FEW
def test_degenerate_submissions(metric: Metric) -> None:
    """Perfect, constant and worst predictions: no exception, and an interval holds its score or is none at all."""
    true = truth(metric, 40)
    perfect = np.eye(LABELS)[true[:, 0]] if metric.kind == "probability" else true
    constant = np.repeat(perfect[:1], 40, axis=0)
    told = [perfect, perfect.copy(), perfect[::-1].copy(), constant, constant.copy()]
    # A score that is undefined on the private rows alone counts as 0: the score of the constant ones here.
    scored = [(0.0 if np.isnan(score := score_or_nan(metric, true, one, TASK)) else score) for one in told]
    order = np.argsort(np.array(scored) * (-1 if metric.higher_is_better else 1), kind="stable")
    scores = np.array(scored)[order]

    sure = certainty(metric, TASK, true, [told[place] for place in order], scores, seed=b"s")

    is_told = ~np.isnan(sure.low)
    assert (is_told == ~np.isnan(sure.high)).all()
    assert ((sure.low <= scores) & (scores <= sure.high))[is_told].all()
    assert is_told[:2].all()
    assert np.isfinite([*sure.low[is_told], *sure.high[is_told]]).all()
    assert all(1 <= best <= place <= worst <= 5 for place, (best, worst) in enumerate(sets(sure), 1))
    assert sets(sure)[0] == sets(sure)[1]


@FEW
def test_a_score_undefined_in_many_resamples_has_no_interval() -> None:
    """With one positive row a third of the resamples have no area: no interval, and a rank set that says so."""
    true = np.r_[np.zeros(30, np.int32), 1][:, None]
    told = [np.linspace(0, 1, 31)[:, None], np.linspace(0.4, 0.5, 31)[::-1, None].copy()]

    sure = board(metrics.find("roc_auc"), true, told, Task(2))

    assert np.isnan([*sure.low, *sure.high]).all()
    assert sets(sure)[0][0] == 1
    undefined = certainty(
        metrics.find("pearson"), TASK, true.astype(float), [np.zeros((31, 1))], np.zeros(1), seed=b"s"
    )
    assert np.isnan([undefined.low[0], undefined.high[0]]).all()
    assert sets(undefined) == [(1, 1)]


@ALL
@FEW
def test_one_team_and_none(metric: Metric) -> None:
    """A team alone is first, with an interval; a board without teams has nothing."""
    true = truth(metric, 50)

    alone, empty = board(metric, true, [guess(metric, true, 0.5)]), board(metric, true, [])

    assert sets(alone) == [(1, 1)]
    assert alone.low[0] < alone.high[0]
    assert [len(one) for one in (empty.low, empty.high, empty.best, empty.worst)] == [0] * 4


@FEW
def test_one_row_says_nothing_but_a_share() -> None:
    """A single private row varies in no resample: no ranks, and no interval but Wilson's."""
    labels = [np.array([[code]], np.int32) for code in (0, 1)]
    numbers = [np.array([[size]]) for size in (1.0, 2.0)]

    share = board(metrics.find("accuracy"), labels[0], labels)
    errors = board(metrics.find("rmse"), numbers[0], numbers)

    assert (share.low[0], share.high[0]) == wilson(1.0, 1)
    assert np.isnan([*errors.low, *errors.high]).all()
    assert sets(share) == sets(errors) == [(0, 0), (0, 0)]


def test_the_organisers_own_metric_says_nothing() -> None:
    """It is not asked a thousand times: no intervals, no ranks."""
    own = Metric("own", "Own", "number", higher_is_better=True, range=(-np.inf, np.inf))
    true = np.ones((9, 1))

    sure = certainty(own, TASK, true, [true, true], np.array([2.0, 1.0]), seed=b"s")

    assert np.isnan([*sure.low, *sure.high]).all()
    assert sets(sure) == [(0, 0), (0, 0)]


@pytest.mark.parametrize("name", LOOPED)
@FEW
def test_what_is_looped_stops_after_the_first(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first 20 have intervals; nobody has ranks, for those are among all. Up to 20 teams have both."""
    monkeypatch.setattr(module, "LOOPED", 3)
    metric = metrics.find(name)
    true = truth(metric, 40)
    told = sorted(
        submissions(metric, true, 5), key=lambda one: metric.score(true, one, TASK), reverse=metric.higher_is_better
    )

    many, all_of_them = board(metric, true, told), board(metric, true, told[:3])

    assert np.isnan(many.low).tolist() == np.isnan(many.high).tolist() == [False] * 3 + [True] * 2
    assert sets(many) == [(0, 0)] * 5
    assert 0 not in sets(all_of_them)[0]
    assert many.low[:3].tolist() == all_of_them.low.tolist()


def test_ranks_stop_where_they_would_take_too_long(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the bound the first teams have the ranks they have among all, the others none; all have intervals."""
    metric = metrics.find("f1_macro")
    true = truth(metric, 80)
    told = submissions(metric, true, 9)
    whole = board(metric, true, told)
    monkeypatch.setattr(module, "DIFFERENCES", 4 * 9 * few + 1)

    bounded = board(metric, true, told)

    assert sets(bounded) == [*sets(whole)[:4], *[(0, 0)] * 5]
    assert bounded.low.tolist() == whole.low.tolist()


class Lazy(Sequence[Any]):
    """Submissions that are made when they are asked for, and never held."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values, self.asked = values, 0

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, place: Any) -> Any:
        self.asked += 1
        return self.values[place].astype(np.uint8)[:, None]


@pytest.mark.parametrize("name", ["accuracy", "f1_macro", "quadratic_kappa"])
@FEW
def test_submissions_are_read_once_and_as_they_are(name: str) -> None:
    """A matrix of small codes is read row by row, once; the answer is that of the same values in another type."""
    metric = metrics.find(name)
    true = truth(metric, 50)
    told = sorted(submissions(metric, true, 4), key=lambda one: -metric.score(true, one, TASK))
    scores = np.array([metric.score(true, one, TASK) for one in told])
    lazy = Lazy(np.stack([one[:, 0] for one in told]))

    sure = certainty(metric, TASK, true, lazy, scores, seed=b"s")

    assert lazy.asked == 4
    assert sets(sure) == sets(board(metric, true, told))
    assert sure.low.tolist() == board(metric, true, told).low.tolist()


@pytest.mark.parametrize(("name", "pieces"), [("rmse", 3 * 2 + 3), ("spearman", 3 + 3)])
@FEW
def test_progress_is_told(name: str, pieces: int) -> None:
    """Each column of a submission is a piece of work, and each team's ranks; a looped submission is one."""
    metric = metrics.find(name)
    true = truth(metric, 30, columns=2)
    told: list[tuple[int, int]] = []

    board(metric, true, submissions(metric, true, 3), progress=lambda done, of: told.append((done, of)))

    assert told == [(done, pieces) for done in range(1, pieces + 1)]


@FEW
def test_progress_ends_where_a_team_cannot_be_ranked() -> None:
    """Work that was not to be done is done at the end."""
    told: list[tuple[int, int]] = []
    true = np.arange(20.0)[:, None]

    certainty(
        metrics.find("pearson"),
        TASK,
        true,
        [true, np.zeros((20, 1))],
        np.array([1.0, 0.0]),
        seed=b"s",
        progress=lambda done, of: told.append((done, of)),
    )

    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


@FEW
def test_the_seed_makes_the_board() -> None:
    """The same seed gives the same certainty, another gives another."""
    metric = metrics.find("rmse")
    true = truth(metric, 60)
    told = submissions(metric, true, 3)
    scores = np.array([metric.score(true, one, TASK) for one in told])

    first, again, other = (certainty(metric, TASK, true, told, scores, seed=seed) for seed in (b"a", b"a", b"b"))

    assert first.low.tolist() == again.low.tolist()
    assert first.low.tolist() != other.low.tolist()


@FEW
def test_a_team_without_a_score_is_not_ranked() -> None:
    """Only teams with a score have a place; the message names the other's."""
    metric = metrics.find("rmse")
    true = truth(metric, 30)
    with pytest.raises(ValueError) as caught:
        certainty(metric, TASK, true, [true, true], np.array([0.0, np.nan]), seed=b"s")

    assert str(caught.value) == "team 1 of 2 has no score: rank only those that have one"


def test_all_equal_teams_may_have_any_rank() -> None:
    """Of 15 teams that are equally good, at least 93 of 100 sets hold every rank, through this interface too."""
    metric, held = metrics.find("f1_macro"), []
    for seed in range(80):
        chance = np.random.default_rng(seed)
        true = chance.integers(0, LABELS, (300, 1)).astype(np.int32)
        told = [
            np.where(chance.random((300, 1)) < 0.7, true, chance.integers(0, LABELS, (300, 1))).astype(np.int32)
            for _ in range(15)
        ]
        held += [one == (1, 15) for one in sets(board(metric, true, told))]

    assert np.mean(held) >= 0.93
