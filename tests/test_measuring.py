"""Rules of grader/measuring.py."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as sk

from grader import influence, metrics
from grader.measuring import measure, score_or_nan
from grader.metric import Metric, Task, UndefinedScore

Values = NDArray[Any]
LABELS = 4
TASK = Task(LABELS, 2)
GROUPED = {"average_precision", "median_absolute_error", "spearman"}


def truth(metric: Metric, rows: int, columns: int = 1, seed: int = 1) -> Values:
    """Random true values, (rows, columns) or, of a ranking, (rows, 3); every label occurs."""
    chance = np.random.default_rng(seed)
    match metric.kind:
        case "number":
            return chance.gamma(2, 10, (rows, columns))
        case "ranking":
            ranked = np.array([chance.permutation(LABELS)[:3] for _ in range(rows)], dtype=np.int32)
            ranked[::3, 2] = -1
            return ranked
    return chance.permuted(np.tile(np.arange(rows)[:, None] % LABELS, (1, columns)), axis=0).astype(np.int32)


def guess(metric: Metric, true: Values, skill: float, seed: int = 2) -> Values:
    """Random predictions of a certain skill, from 0 to 1."""
    chance = np.random.default_rng([7, seed])
    match metric.kind:
        case "number":
            return true * (1 - skill) * chance.gamma(2, 0.5, true.shape) + skill * true
        case "ranking":
            is_told = chance.random(true.shape) < skill
            return np.where(is_told, np.maximum(true, 0), chance.integers(0, LABELS, true.shape)).astype(np.int32)
        case "probability":
            told = chance.dirichlet(np.ones(LABELS), len(true))
            told += 2 * skill * np.eye(LABELS)[true[:, 0]] * (chance.random((len(true), 1)) < 0.8)
            return told / told.sum(axis=1, keepdims=True)
    is_known = chance.random(true.shape) < skill
    return np.where(is_known, true, chance.integers(0, LABELS, true.shape)).astype(np.int32)


def one_by_one(metric: Metric, true: Values, told: Values) -> NDArray[np.float64]:
    """The pseudo-values by their definition."""
    rows, whole = len(true), metric.score(true, told, TASK)
    without = [metric.score(np.delete(true, row, 0), np.delete(told, row, 0), TASK) for row in range(rows)]
    return whole + (rows - 1) * (whole - np.array(without))


@pytest.mark.parametrize("metric", metrics.METRICS.values(), ids=metrics.METRICS)
def test_a_measured_score_is_the_metrics(metric: Metric) -> None:
    """Each metric's measured score is its score, and it comes with a standard error."""
    true = truth(metric, 80)
    told = guess(metric, true, 0.5)

    measured = measure(metric, true, told, TASK)

    assert measured.score == metric.score(true, told, TASK)
    assert measured.rows.shape == (influence.GROUPS if metric.name in GROUPED else 80,)
    assert 0 < measured.standard_error < np.inf


@pytest.mark.parametrize("name", [name for name in metrics.METRICS if name not in {*GROUPED, "roc_auc"}])
def test_pseudo_values_are_those_of_the_rows_left_out(name: str) -> None:
    """Each row's is n times the score less n - 1 times the score without it, whichever way it was found."""
    metric = metrics.find(name)
    true = truth(metric, 60)
    told = guess(metric, true, 0.4)

    assert measure(metric, true, told, TASK).rows == pytest.approx(one_by_one(metric, true, told), rel=1e-7, abs=1e-7)


def test_the_error_of_an_area_is_that_of_the_rows_left_out() -> None:
    """DeLong's standard error of the mean area of four labels is, to 1 %, what leaving out rows one by one gives."""
    metric = metrics.find("roc_auc")
    true = truth(metric, 400)
    told = guess(metric, true, 0.4)

    error = measure(metric, true, told, TASK).standard_error

    assert error == pytest.approx(influence.standard_error(one_by_one(metric, true, told)), rel=0.01)


@pytest.mark.parametrize("name", sorted(GROUPED))
def test_other_metrics_leave_out_groups(name: str) -> None:
    """What is neither of means nor of labels nor an area goes through groups of rows."""
    metric = metrics.find(name)
    true = truth(metric, 400)
    told = guess(metric, true, 0.4)

    expected = influence.of_groups(400, lambda kept: metric.score(true[kept], told[kept], TASK))

    assert measure(metric, true, told, TASK).rows.tolist() == expected.rows.tolist()


def test_a_score_that_hangs_on_a_group_has_no_standard_error() -> None:
    """Where leaving out a group leaves no score, the measured score stands, and its standard error is nan."""
    true = np.r_[np.zeros(50, np.int32), 1][:, None]

    measured = measure(metrics.find("average_precision"), true, np.linspace(0, 1, 51)[:, None], Task(2))

    assert measured.score == 1
    assert np.isnan(measured.standard_error)


def test_the_error_of_an_accuracy_is_that_of_a_share() -> None:
    """81 of 100 rows: the root of 0.81 x 0.19 / 99, and each row says whether it was hit."""
    true = np.zeros((100, 1), np.int32)
    told = true.copy()
    told[81:] = 1

    measured = measure(metrics.find("accuracy"), true, told, TASK)

    assert measured.score == 0.81
    assert measured.rows == pytest.approx((told == 0)[:, 0].astype(float), abs=1e-9)
    assert measured.standard_error == pytest.approx(np.sqrt(0.81 * 0.19 / 99))


@pytest.mark.parametrize("name", ["accuracy", "f1_macro", "rmse", "r2", "spearman"])
def test_several_columns_are_one_row(name: str) -> None:
    """The score is the mean of the columns', and so is what each row, or group of rows, says."""
    metric = metrics.find(name)
    true = truth(metric, 70, columns=3)
    told = guess(metric, true, 0.5)

    measured = measure(metric, true, told, TASK)
    columns = [measure(metric, true[:, [one]], told[:, [one]], TASK) for one in range(3)]

    assert measured.score == pytest.approx(np.mean([one.score for one in columns]), abs=1e-12)
    assert measured.rows == pytest.approx(np.mean([one.rows for one in columns], axis=0), abs=1e-9)


def test_a_column_that_is_told_twice_says_nothing_new() -> None:
    """The same column twice has the standard error of one."""
    metric = metrics.find("f1_macro")
    true = truth(metric, 90)
    told = guess(metric, true, 0.5)

    twice = measure(metric, np.hstack([true, true]), np.hstack([told, told]), TASK)

    assert twice.standard_error == pytest.approx(measure(metric, true, told, TASK).standard_error, rel=1e-12)


def test_two_labels_have_the_area_of_the_second() -> None:
    """One column of probabilities gives the area of the second label, with DeLong's standard error."""
    chance = np.random.default_rng(5)
    true = np.r_[0, 1, chance.integers(0, 2, 98)].astype(np.int32)[:, None]
    told = (chance.random((100, 1)) + true) / 2
    metric = metrics.find("roc_auc")

    measured = measure(metric, true, told, Task(2))

    above = np.sign(np.subtract.outer(told[true == 1], told[true == 0])) / 2 + 0.5
    expected = above.mean(axis=1).var(ddof=1) / len(above) + above.mean(axis=0).var(ddof=1) / above.shape[1]
    assert measured.score == pytest.approx(sk.roc_auc_score(true[:, 0], told[:, 0]))
    assert measured.standard_error == pytest.approx(np.sqrt(expected))


@pytest.mark.parametrize(
    ("name", "true", "told", "needs"),
    [
        ("r2", np.ones((5, 1)), np.arange(5.0)[:, None], "the true numbers must not be all the same"),
        ("roc_auc", np.zeros((5, 1), np.int32), np.full((5, 1), 0.3), "every label must occur in the share"),
        ("cohen_kappa", *[np.zeros((5, 1), np.int32)] * 2, "the share must have more than one label"),
    ],
)
def test_what_is_undefined_is_not_measured(name: str, true: Values, told: Values, needs: str) -> None:
    """Where the metric has no score, measuring says the same; `score_or_nan` says nan."""
    with pytest.raises(UndefinedScore) as caught:
        measure(metrics.find(name), true, told, Task(2))

    assert str(caught.value) == f"{name} is undefined: {needs}"
    assert np.isnan(score_or_nan(metrics.find(name), true, told, Task(2)))


@pytest.mark.parametrize("metric", [one for one in metrics.METRICS.values() if one.kind in {"label", "ranking"}])
def test_one_row_has_no_standard_error(metric: Metric) -> None:
    """Of a single row nobody can say how sure it is."""
    true = truth(metric, 1)
    with pytest.raises(ValueError) as caught:
        measure(metric, true, (true + 1) % LABELS, TASK)

    assert str(caught.value) == "a standard error takes two public rows or more, not 1"


@pytest.mark.parametrize("metric", metrics.METRICS.values(), ids=metrics.METRICS)
def test_perfect_and_constant_predictions_are_measured(metric: Metric) -> None:
    """Perfect predictions have the best score and no error; constant ones have a score, or it is undefined."""
    true = truth(metric, 40)
    perfect = np.eye(LABELS)[true[:, 0]] if metric.kind == "probability" else true
    constant = np.repeat(perfect[:1], 40, axis=0)

    best = measure(metric, true, perfect, TASK)
    assert best.score == pytest.approx(metric.best, abs=1e-12)
    assert best.standard_error == pytest.approx(0, abs=1e-12)
    try:
        score = metric.score(true, constant, TASK)
    except UndefinedScore:
        assert metric.name in {"pearson", "spearman"}
    else:
        assert measure(metric, true, constant, TASK).score == score
