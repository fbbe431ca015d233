"""Rules of grader/metrics.py."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score

from grader import metrics
from submissions.rules import InvalidCompetition

THEIRS = {
    "accuracy": accuracy_score,
    "balanced_accuracy": balanced_accuracy_score,
    "f1_macro": lambda true, predicted: f1_score(true, predicted, average="macro"),
}
CODES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=50)


def codes(values: object) -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    return np.array(values, dtype=np.int32)


@given(CODES)
def test_each_metric_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    """On any labels, missing and perfect ones among them, each metric equals its scikit-learn definition."""
    true, predicted = (codes(side) for side in zip(*pairs, strict=True))
    for name, theirs in THEIRS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn warns of labels that are predicted and never true
            expected = theirs(true, predicted)
        assert metrics.find(name).score(true, predicted, 5) == pytest.approx(expected, abs=1e-12)


def test_every_metric_has_a_definition_to_compare_with() -> None:
    """No metric of the registry is without its test."""
    assert set(metrics.METRICS) == set(THEIRS)


@pytest.mark.parametrize("name", metrics.METRICS)
def test_the_ends_of_the_range(name: str) -> None:
    """Perfect predictions score the best there is, and predictions that are always wrong the worst."""
    metric = metrics.find(name)
    true = codes([0, 1, 2, 0, 1, 2])

    assert metric.higher_is_better
    assert metric.score(true, true, 3) == metric.range[1]
    assert metric.score(true, (true + 1) % 3, 3) == metric.range[0]


def test_literal_scores() -> None:
    """81 of 100 is 0.81, exactly."""
    true = codes([0] * 100)

    assert metrics.find("accuracy").score(true, codes([0] * 81 + [1] * 19), 2) == 0.81


def test_a_score_outside_the_range_is_never_given() -> None:
    """An undefined score raises: it is a grader_error, not a NaN on a board."""
    broken = metrics.Metric("broken", "Broken", lambda _: float("nan"), higher_is_better=True, range=(0, 1))

    with pytest.raises(ValueError, match="broken is nan, which is not between 0 and 1"):
        broken.score(codes([0]), codes([0]), 2)


def test_an_unknown_metric_gets_a_guess() -> None:
    """A metric that is not offered is named, with the nearest that is."""
    with pytest.raises(InvalidCompetition, match="unknown metric 'acuracy', did you mean 'accuracy'"):
        metrics.find("acuracy")
    with pytest.raises(InvalidCompetition, match="unknown metric 'x'; offered are accuracy, balanced_accuracy"):
        metrics.find("x")
