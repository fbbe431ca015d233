"""Rules of grader/metrics.py, grader/metric.py and the metrics of each kind."""

import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics as sk
from test_standings import Book, ranks

from grader import metrics
from grader.metric import Metric, Task, UndefinedScore
from leaderboard import words
from submissions.competition import Competition
from submissions.rules import InvalidCompetition

Values = NDArray[Any]
LABELS = range(4)
K = 2
TASK = Task(len(LABELS), K)


def codes(*values: int) -> Values:
    return np.array(values, dtype=np.int32)[:, None]


def numbers(*values: float) -> Values:
    return np.array(values, dtype=np.float64)[:, None]


def score(name: str, true: Values, predicted: Values, task: Task = TASK) -> float:
    return metrics.find(name).score(true, predicted, task)


def is_undefined(name: str, true: Values, predicted: Values, task: Task = TASK) -> bool:
    with pytest.raises(UndefinedScore) as caught:
        score(name, true, predicted, task)
    assert str(caught.value) == f"{name} is undefined: {metrics.find(name).needs}"
    return True


def by_hand_smape(true: Values, predicted: Values) -> float:
    """Makridakis 1993, pair by pair."""
    pairs = zip(true.tolist(), predicted.tolist(), strict=True)
    return math.fsum(200 * abs(t - p) / (abs(t) + abs(p)) if t or p else 0.0 for t, p in pairs) / len(true)


def by_hand_map(true: Values, predicted: Values) -> float:
    """Average precision at K, row by row, as Kaggle's ml_metrics has it."""
    total = 0.0
    for row, told in zip(true.tolist(), predicted[:, :K].tolist(), strict=True):
        actual, hits = [code for code in row if code >= 0], 0
        for place, code in enumerate(told):
            if code in actual and code not in told[:place]:
                hits += 1
                total += hits / (place + 1) / min(len(actual), K)
    return total / len(true)


# Of labels (rows,); of numbers (rows,); of true codes (rows,) and probabilities (rows, labels).
PEERS: dict[str, Callable[..., float]] = {
    "accuracy": sk.accuracy_score,
    "balanced_accuracy": sk.balanced_accuracy_score,
    "f1_macro": lambda true, told: sk.f1_score(true, told, average="macro"),
    "f1_micro": lambda true, told: sk.f1_score(true, told, average="micro"),
    "f1_weighted": lambda true, told: sk.f1_score(true, told, average="weighted"),
    "jaccard": lambda true, told: sk.jaccard_score(true, told, average="macro"),
    "matthews": sk.matthews_corrcoef,
    "cohen_kappa": sk.cohen_kappa_score,
    "quadratic_kappa": lambda true, told: sk.cohen_kappa_score(true, told, labels=LABELS, weights="quadratic"),
    "rmse": sk.root_mean_squared_error,
    "mae": sk.mean_absolute_error,
    "median_absolute_error": sk.median_absolute_error,
    "rmsle": lambda true, told: math.sqrt(sk.mean_squared_log_error(true, told)),
    "r2": sk.r2_score,
    "smape": by_hand_smape,
    "pearson": lambda true, told: stats.pearsonr(true, told).statistic,
    "spearman": lambda true, told: stats.spearmanr(true, told).statistic,
    "top_k_accuracy": lambda true, told: sk.top_k_accuracy_score(true, told, k=K, labels=LABELS),
    "log_loss": lambda true, told: sk.log_loss(true, told, labels=LABELS),
    "brier": lambda true, told: sk.brier_score_loss(true, told, labels=LABELS),
    "roc_auc": lambda true, told: sk.roc_auc_score(true, told, multi_class="ovr", average="macro", labels=LABELS),
    "average_precision": sk.average_precision_score,
    "map_at_k": by_hand_map,
}
OF_TWO: dict[str, Callable[..., float]] = {
    "top_k_accuracy": lambda true, told: sk.top_k_accuracy_score(true, told[:, 1], k=1, labels=[0, 1]),
    "log_loss": lambda true, told: sk.log_loss(true, told, labels=[0, 1]),
    "brier": lambda true, told: sk.brier_score_loss(true, told[:, 1]),
    "roc_auc": lambda true, told: sk.roc_auc_score(true, told[:, 1]),
    "average_precision": lambda true, told: sk.average_precision_score(true, told[:, 1]),
}


def named(kind: str) -> list[str]:
    return [metric.name for metric in metrics.METRICS.values() if metric.kind == kind]


def peer(reference: Callable[..., float], true: Values, told: Values) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn and scipy warn of degenerate input, and say something or nan
        return float(reference(true, told))


def label_cases() -> Iterator[tuple[str, Values, Values]]:
    chance = np.random.default_rng(1)
    true = chance.integers(0, 4, 60).astype(np.int32)
    yield "random", true, chance.integers(0, 4, 60).astype(np.int32)
    yield "perfect", true, true
    yield "always wrong", true, (true + 1) % 4
    yield "constant predictions", true, np.full_like(true, 2)
    yield "constant truth", np.full_like(true, 2), true
    yield "both constant, and different", np.full_like(true, 2), np.full_like(true, 1)
    yield "a label that is never true", np.minimum(true, 2), true
    yield "a label that is never predicted", true, np.minimum(true, 2)
    yield "one row that is wrong", true[:1], (true[:1] + 1) % 4


def number_cases() -> Iterator[tuple[str, Values, Values]]:
    chance = np.random.default_rng(2)
    true = chance.gamma(2, 10, 60)
    yield "random", true, true + chance.random(60)
    yield "tied", np.round(true, -1), np.round(true * chance.random(60), -1)
    yield "perfect", true, true
    yield "rising but not straight", true, np.exp(true / 10)
    yield "huge", true, true * 1e90
    yield "large and close together", true + 1e9, true + 1e9 + chance.random(60)
    yield "falling", true, true.max() - true
    yield "two rows", true[:2], true[1::-1]


def probabilities(chance: np.random.Generator, rows: int, labels: int, decimals: int = 9) -> Values:
    """Rows that sum to 1, in whole steps of so many decimals."""
    steps: int = 10**decimals
    return chance.multinomial(steps, chance.dirichlet(np.ones(labels), rows)) / steps


def probability_cases(labels: int) -> Iterator[tuple[str, Values, Values]]:
    chance = np.random.default_rng(3)
    true = chance.permutation(np.arange(60) % labels).astype(np.int32)
    yield "random", true, probabilities(chance, 60, labels)
    yield "tied", true, probabilities(chance, 60, labels, 1)
    yield "all equal", true, np.full((60, labels), 1 / labels)
    yield "perfect", true, np.eye(labels)[true]
    yield "certain, and always wrong", true, np.eye(labels)[(true + 1) % labels]
    yield "one label only", true, np.eye(labels)[np.zeros(60, dtype=int)]


@pytest.mark.parametrize("name", named("label"))
@pytest.mark.parametrize(("case", "true", "told"), [pytest.param(*case, id=case[0]) for case in label_cases()])
def test_metrics_of_labels_are_scikit_learns(name: str, case: str, true: Values, told: Values) -> None:
    """Random, perfect, constant or degenerate: the score is scikit-learn's, and undefined where that is nan."""
    expected = peer(PEERS[name], true, told)
    if math.isnan(expected):
        assert is_undefined(name, true[:, None], told[:, None]), case
    else:
        assert score(name, true[:, None], told[:, None]) == pytest.approx(expected, abs=1e-12), case


@pytest.mark.parametrize("name", named("number"))
@pytest.mark.parametrize(("case", "true", "told"), [pytest.param(*case, id=case[0]) for case in number_cases()])
def test_metrics_of_numbers_are_scikit_learns_and_scipys(name: str, case: str, true: Values, told: Values) -> None:
    """Random, tied, perfect or huge: the score is scikit-learn's or scipy's."""
    expected = peer(PEERS[name], true, told)

    assert score(name, true[:, None], told[:, None]) == pytest.approx(expected, rel=1e-9, abs=1e-9), case


@pytest.mark.parametrize("name", named("probability"))
@pytest.mark.parametrize(("case", "true", "told"), [pytest.param(*case, id=case[0]) for case in probability_cases(4)])
def test_metrics_of_probabilities_are_scikit_learns(name: str, case: str, true: Values, told: Values) -> None:
    """Random, tied, perfect or certain and wrong: the score is scikit-learn's."""
    expected = peer(PEERS[name], true, told)

    assert score(name, true[:, None], told) == pytest.approx(expected, abs=1e-12), case


@pytest.mark.parametrize("name", named("probability"))
@pytest.mark.parametrize(("case", "true", "told"), [pytest.param(*case, id=case[0]) for case in probability_cases(2)])
def test_metrics_of_two_probabilities_are_scikit_learns(name: str, case: str, true: Values, told: Values) -> None:
    """Of two labels the score is scikit-learn's of the second, sent in one column or in two."""
    expected = peer(OF_TWO[name], true, told)

    assert score(name, true[:, None], told, Task(2, 1)) == pytest.approx(expected, abs=1e-12), case
    assert score(name, true[:, None], told[:, 1:], Task(2, 1)) == pytest.approx(expected, abs=1e-12), case


def test_every_metric_has_a_definition_to_compare_with() -> None:
    """No metric of the registry is without its test."""
    assert set(metrics.METRICS) == set(PEERS)
    assert set(named("probability")) == set(OF_TWO)


PAIRS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=50)


@settings(deadline=None)
@given(PAIRS)
def test_metrics_of_labels_on_any_labels(pairs: list[tuple[int, int]]) -> None:
    """On any labels, missing ones among them, each metric equals its scikit-learn definition."""
    true, told = (np.array(side, dtype=np.int32) for side in zip(*pairs, strict=True))
    for name in named("label"):
        expected = peer(PEERS[name], true, told)
        if not math.isnan(expected):
            assert score(name, true[:, None], told[:, None]) == pytest.approx(expected, abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e100, 1e100)), min_size=2, max_size=50))
def test_metrics_of_numbers_on_any_numbers(pairs: list[tuple[float, float]]) -> None:
    """On any numbers, huge predictions among them, errors and R² equal their scikit-learn definitions."""
    true, told = (np.array(side) for side in zip(*pairs, strict=True))
    for name in ("rmse", "mae", "median_absolute_error", "r2", "smape"):
        if name != "r2" or np.ptp(true) > 1e-3:
            expected = peer(PEERS[name], true, told)
            assert score(name, true[:, None], told[:, None]) == pytest.approx(expected, rel=1e-9)


@settings(deadline=None)
@given(arrays(np.int64, (20, 2), elements=st.integers(-50, 50)))
def test_correlations_on_any_numbers(pairs: NDArray[np.int64]) -> None:
    """On any numbers, tied ones among them, correlations equal scipy's; a constant side has none."""
    true, told = pairs.astype(np.float64).T
    for name in ("pearson", "spearman"):
        if np.ptp(true) and np.ptp(told):
            assert score(name, true[:, None], told[:, None]) == pytest.approx(peer(PEERS[name], true, told), abs=1e-9)
        else:
            assert is_undefined(name, true[:, None], told[:, None])


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_metrics_of_probabilities_on_any_probabilities(seed: int, decimals: int) -> None:
    """On any probabilities, tied ones among them, each metric equals its scikit-learn definition."""
    chance = np.random.default_rng(seed)
    true = np.r_[LABELS, chance.integers(0, 4, 20)].astype(np.int32)
    told = probabilities(chance, 24, 4, decimals)
    for name in named("probability"):
        assert score(name, true[:, None], told) == pytest.approx(peer(PEERS[name], true, told), abs=1e-9)


@settings(deadline=None)
@given(arrays(np.int32, (8, 3), elements=st.integers(-1, 3)), arrays(np.int32, (8, 3), elements=st.integers(-1, 3)))
def test_map_at_k_on_any_rankings(true: Values, told: Values) -> None:
    """On any rankings, repeated and missing labels among them, it is the average precision of each row, row by row."""
    told = -np.sort(-told, axis=1)  # what is missing comes last
    rows = ([code for code in row if code >= 0] or [0] for row in true.tolist())  # each row has a truth, and each once
    true = np.array([[*dict.fromkeys(row), -1, -1, -1][:3] for row in rows])

    assert score("map_at_k", true, told) == pytest.approx(by_hand_map(true, told), abs=1e-12)


def test_a_row_sums_to_one_before_its_logarithm_is_taken() -> None:
    """Log loss takes 0.9995 and 1.001 for 1, so that nobody gains by the tolerance; scikit-learn does not."""
    true = codes(0, 1, 2, 3)
    exact = np.full((4, 4), 0.1) + 0.6 * np.eye(4)
    for total in (0.9995, 1.001):
        told = exact * total
        assert score("log_loss", true, told) == pytest.approx(-math.log(0.7), abs=1e-12)
        with pytest.warns(UserWarning, match="do not sum to one"):
            theirs = sk.log_loss(true[:, 0], told, labels=LABELS)
        assert theirs == pytest.approx(-math.log(0.7 * total), abs=1e-12)


def test_to_call_the_truth_impossible_costs_36() -> None:
    """A probability of 0 for the truth costs what scikit-learn's clipping makes of it; certainty costs nothing."""
    assert score("log_loss", codes(0), np.array([[0.0, 1.0]])) == pytest.approx(36.04365338911715, abs=1e-12)
    assert score("log_loss", codes(1), np.array([[0.0, 1.0]])) == 0.0


@pytest.mark.parametrize(
    ("name", "true", "told", "task", "expected"),
    [
        # The examples of scikit-learn's documentation.
        ("accuracy", codes(0, 1, 2, 3), codes(0, 2, 1, 3), TASK, 0.5),
        ("balanced_accuracy", codes(0, 1, 0, 0, 1, 0), codes(0, 1, 0, 0, 0, 1), TASK, 0.625),
        ("f1_macro", codes(0, 1, 2, 0, 1, 2), codes(0, 2, 1, 0, 0, 1), TASK, 0.8 / 3),
        ("f1_micro", codes(0, 1, 2, 0, 1, 2), codes(0, 2, 1, 0, 0, 1), TASK, 1 / 3),
        ("f1_weighted", codes(0, 1, 2, 0, 1, 2), codes(0, 2, 1, 0, 0, 1), TASK, 0.8 / 3),
        ("matthews", codes(1, 1, 1, 0), codes(1, 0, 1, 1), TASK, -1 / 3),
        ("r2", numbers(3, -0.5, 2, 7), numbers(2.5, 0, 2, 8), TASK, 0.9486081370449679),
        ("mae", numbers(3, -0.5, 2, 7), numbers(2.5, 0, 2, 8), TASK, 0.5),
        ("median_absolute_error", numbers(3, -0.5, 2, 7), numbers(2.5, 0, 2, 8), TASK, 0.5),
        ("rmse", numbers(3, -0.5, 2, 7), numbers(2.5, 0, 2, 8), TASK, math.sqrt(0.375)),
        ("rmsle", numbers(3, 5, 2.5, 7), numbers(2.5, 5, 4, 8), TASK, math.sqrt(0.03973012298459379)),
        (
            "top_k_accuracy",
            codes(0, 1, 2, 2),
            np.array([[0.5, 0.2, 0.3], [0.3, 0.4, 0.3], [0.3, 0.4, 0.3], [0.7, 0.2, 0.1]]),
            Task(3, 2),
            0.75,
        ),
        ("log_loss", codes(1, 0, 0, 1), numbers(0.9, 0.1, 0.2, 0.65), Task(2), 0.21616187468057912),
        ("brier", codes(0, 1, 1, 0), numbers(0.1, 0.9, 0.8, 0.3), Task(2), 0.0375),
        ("brier", codes(0, 1, 2), np.array([[0.8, 0.1, 0.1], [0.2, 0.7, 0.1], [0.2, 0.2, 0.6]]), Task(3), 0.44 / 3),
        ("roc_auc", codes(0, 0, 1, 1), numbers(0.1, 0.4, 0.35, 0.8), Task(2), 0.75),
        ("average_precision", codes(0, 0, 1, 1), numbers(0.1, 0.4, 0.35, 0.8), Task(2), 5 / 6),
        # Two readers, yes and no on 50 grant proposals: 20 and 15 alike, 5 and 10 not (Wikipedia, "Cohen's kappa").
        ("cohen_kappa", codes(*[1] * 25, *[0] * 25), codes(*[1] * 20, *[0] * 5, *[1] * 10, *[0] * 15), TASK, 0.4),
        # Of two neighbouring labels every error weighs the same: as above.
        ("quadratic_kappa", codes(*[1] * 25, *[0] * 25), codes(*[1] * 20, *[0] * 5, *[1] * 10, *[0] * 15), TASK, 0.4),
        # Jaccard 1912: shared over all; 2 of 3 and 1 of 2.
        ("jaccard", codes(0, 0, 0, 1), codes(0, 0, 1, 1), TASK, 7 / 12),
        # Anscombe 1973, the first of four.
        (
            "pearson",
            numbers(10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5),
            numbers(8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68),
            TASK,
            0.81642051634484,
        ),
        # IQ and hours of television of ten persons (Wikipedia, "Spearman's rank correlation coefficient").
        (
            "spearman",
            numbers(106, 100, 86, 101, 99, 103, 97, 113, 112, 110),
            numbers(7, 27, 2, 50, 28, 29, 20, 12, 6, 17),
            TASK,
            -29 / 165,
        ),
        # 110 for 100 is 9.52 % off, 90 for 100 is 10.53 %: it is not symmetric in this (Goodwin and Lawton 1999).
        ("smape", numbers(100, 100), numbers(110, 90), TASK, (200 * 10 / 210 + 200 * 10 / 190) / 2),
        # The tests of Kaggle's ml_metrics: apk([1..5], [6, 4, 7, 1, 2], 2) is 0.25, apk([1..5], [1] * 5, 5) is 0.2.
        ("map_at_k", np.arange(5)[None], np.array([[5, 3, 6, 0, 1]]), Task(7, 2), 0.25),
        ("map_at_k", np.arange(5)[None], np.zeros((1, 5), dtype=int), Task(7, 5), 0.2),
    ],
)
def test_literal_scores(name: str, true: Values, told: Values, task: Task, expected: float) -> None:
    """What documentation and literature say a metric is of these values."""
    assert score(name, true, told, task) == pytest.approx(expected, abs=1e-12)


def test_an_accuracy_is_exact() -> None:
    """81 of 100 is 0.81, exactly."""
    assert score("accuracy", codes(*[0] * 100), codes(*[0] * 81, *[1] * 19)) == 0.81


@pytest.mark.parametrize(
    ("name", "true", "told", "task"),
    [
        ("cohen_kappa", codes(1, 1), codes(1, 1), TASK),
        ("quadratic_kappa", codes(1, 1), codes(1, 1), TASK),
        ("roc_auc", codes(1, 1), numbers(0.3, 0.4), Task(2)),
        ("roc_auc", codes(0, 1, 1), np.full((3, 4), 0.25), TASK),
        ("average_precision", codes(0, 0), numbers(0.3, 0.4), Task(2)),
        ("average_precision", codes(0, 1, 2), np.full((3, 4), 0.25), TASK),
        ("r2", numbers(0.1, 0.1, 0.1), numbers(0.1, 0.1, 0.1), TASK),
        ("r2", numbers(0.1, 0.1, 0.1), numbers(0, 1, 2), TASK),
        ("r2", numbers(5), numbers(5), TASK),
        ("rmsle", numbers(0, 1), numbers(0, -1), TASK),
        ("rmsle", numbers(-1, 1), numbers(0, 1), TASK),
        ("rmsle", numbers(0, 1), numbers(0, -7), TASK),
        ("pearson", numbers(1, 2, 3), numbers(0.1, 0.1, 0.1), TASK),
        ("pearson", numbers(0.3, 0.3, 0.3), numbers(1, 2, 3), TASK),
        ("spearman", numbers(1, 2, 3), numbers(7, 7, 7), TASK),
        ("spearman", numbers(1), numbers(1), TASK),
    ],
)
def test_what_makes_a_score_undefined_is_told(name: str, true: Values, told: Values, task: Task) -> None:
    """Where a metric has no value it says what a share needs; it never says nan, nor what a library makes of it."""
    assert is_undefined(name, true, told, task)


def test_rmsle_takes_numbers_above_minus_one() -> None:
    """As scikit-learn has it: the logarithm of 1 + x is defined there."""
    true, told = np.array([0.0, 1.0]), np.array([-0.5, 2.0])

    assert score("rmsle", true[:, None], told[:, None]) == pytest.approx(peer(PEERS["rmsle"], true, told))


def test_several_columns_count_alike() -> None:
    """The score of several columns is the mean of theirs, as scikit-learn's uniform_average."""
    chance = np.random.default_rng(4)
    true, told = chance.random((2, 30, 3))
    for name, theirs in (("rmse", sk.root_mean_squared_error), ("r2", sk.r2_score), ("mae", sk.mean_absolute_error)):
        assert score(name, true, told) == pytest.approx(theirs(true, told))
    labels = (10 * true).astype(np.int32) % 4
    assert score("accuracy", labels, np.c_[labels[:, :1], (labels[:, 1:] + 1) % 4]) == pytest.approx(1 / 3)
    flat = true.copy()
    flat[:, 1] = 3
    assert is_undefined("r2", flat, told)


GOOD: dict[str, tuple[Values, Values, Values]] = {
    "label": (codes(0, 1, 2, 3), codes(0, 1, 2, 2), codes(0, 3, 0, 2)),
    "number": (numbers(1, 2, 3, 4), numbers(1.2, 2.4, 2.3, 4.5), numbers(9, 1, 8, 2)),
    "probability": (
        codes(0, 1, 2, 3, 0),
        np.vstack([0.1 + 0.6 * np.eye(4), [[0.1, 0.2, 0.3, 0.4]]]),
        0.3 - 0.2 * np.eye(4)[[0, 1, 2, 3, 0]],
    ),
    "ranking": (np.array([[0, 1], [1, -1]]), np.array([[0, 2], [1, 0]]), np.array([[2, 0], [0, 2]])),
}


@pytest.mark.parametrize("name", metrics.METRICS)
def test_the_better_predictions_stand_higher_on_the_board(name: str, competition: Competition) -> None:
    """Whatever its direction, a metric ranks perfect before good before bad, and perfect is the best there can be."""
    metric = metrics.find(name)
    labels = () if metric.kind == "number" else ("a", "b", "c", "d")
    book = Book(replace(competition, metric=name, kind=metric.kind, labels=labels, k=K))
    true, good, bad = GOOD[metric.kind]
    perfect = np.eye(4)[true[:, 0]] if metric.kind == "probability" else true
    scores = {team: score(name, true, told) for team, told in (("bad", bad), ("perfect", perfect), ("good", good))}
    for team, value in scores.items():
        book.submit(team, value)

    assert ranks(book.board()) == [("perfect", 1), ("good", 2), ("bad", 3)]
    assert scores["perfect"] == pytest.approx(metric.best, abs=1e-12)
    assert (scores["perfect"] > scores["bad"]) is metric.higher_is_better
    assert words.score(scores["perfect"], metric) == words.score(metric.best, metric)


def test_ties_among_probabilities_fall_as_in_scikit_learn() -> None:
    """Of equal probabilities the later label is taken first, and of two labels the first."""
    true = codes(0, 1, 2, 3)
    assert score("top_k_accuracy", true, np.full((4, 4), 0.25)) == 0.5
    assert score("top_k_accuracy", codes(2, 3), np.full((2, 4), 0.25)) == 1
    assert score("top_k_accuracy", codes(0, 0, 1), np.full((3, 2), 0.5), Task(2, 1)) == pytest.approx(2 / 3)


@pytest.mark.parametrize("kind", ["label", "number", "probability", "ranking"])
def test_a_metric_is_for_one_kind(competition: Competition, kind: str) -> None:
    """A metric of another kind than the predictions is the organiser's mistake, told with the metrics that fit."""
    other = "rmse" if kind != "number" else "accuracy"
    with pytest.raises(InvalidCompetition) as caught:
        metrics.of(replace(competition, metric=other, kind=kind))

    assert str(caught.value) == (
        f"competition.toml [scoring] metric: {other!r} takes predictions of kind {metrics.find(other).kind!r}, not "
        f"{kind!r}; for these there are {', '.join(named(kind))}"
    )


def test_k_must_leave_something_to_miss(competition: Competition) -> None:
    """Top-k accuracy with k as large as the list of labels would be 1 for everybody."""
    rules = replace(competition, metric="top_k_accuracy", kind="probability", labels=("a", "b"), k=2)
    with pytest.raises(InvalidCompetition) as caught:
        metrics.of(rules)

    assert str(caught.value) == (
        "competition.toml [scoring] k: 2 of 2 labels are all of them, and everybody would be right; give fewer"
    )
    assert metrics.of(replace(rules, k=1)).name == "top_k_accuracy"


def test_rounding_does_not_leave_the_range() -> None:
    """A sum that lies beyond an end of the range by rounding is that end: nobody's grader_error."""
    assert score("quadratic_kappa", codes(0, 1, 2), codes(2, 1, 0)) == -1


def test_a_score_outside_the_range_is_never_given() -> None:
    """What is no number, or beyond the ends of the range, raises: it is a grader_error, not a score on a board."""
    for value in (1.5, math.inf):
        broken = Metric("broken", "Broken", "label", higher_is_better=True, whole=lambda *_, value=value: value)
        with pytest.raises(ValueError, match=f"broken is {value}, which is not between 0 and 1"):
            broken.score(codes(0), codes(0), TASK)
    nan = Metric("broken", "Broken", "label", higher_is_better=True, whole=lambda *_: math.nan)
    with pytest.raises(UndefinedScore, match=r"^broken is undefined$"):
        nan.score(codes(0), codes(0), TASK)


def test_each_metric_names_its_spread() -> None:
    """How a score's error follows from the score: like a share, within a range, in proportion, or not at all."""
    named_by_spread = {
        spread: [metric.name for metric in metrics.METRICS.values() if metric.spread == spread]
        for spread in ("share", "bounded", "proportional", "constant")
    }

    assert named_by_spread == {
        "share": ["accuracy", "f1_micro", "top_k_accuracy"],
        "bounded": [
            "balanced_accuracy",
            "f1_macro",
            "f1_weighted",
            "jaccard",
            "matthews",
            "cohen_kappa",
            "quadratic_kappa",
            "roc_auc",
            "average_precision",
            "pearson",
            "spearman",
            "map_at_k",
        ],
        "proportional": ["rmse", "mae", "median_absolute_error", "rmsle", "r2", "smape"],
        "constant": ["log_loss", "brier"],
    }
    assert sum(map(len, named_by_spread.values())) == len(metrics.METRICS)


@pytest.mark.parametrize("metric", metrics.METRICS.values(), ids=metrics.METRICS)
def test_each_metric_has_one_way(metric: Metric) -> None:
    """A metric is computed in one way: from each label's counts, from means over rows, or as a whole."""
    assert [metric.confusion is None, metric.terms is None, metric.whole is None].count(False) == 1
    assert not metric.is_area or metric.whole
    assert all(map(math.isfinite, metric.range)) or metric.spread in {"proportional", "constant"}


def test_an_unknown_metric_gets_a_guess() -> None:
    """A metric that is not offered is named, with the nearest that is."""
    with pytest.raises(InvalidCompetition, match="unknown metric 'acuracy', did you mean 'accuracy'"):
        metrics.find("acuracy")
    with pytest.raises(InvalidCompetition, match="unknown metric 'x'; offered are accuracy, balanced_accuracy"):
        metrics.find("x")
