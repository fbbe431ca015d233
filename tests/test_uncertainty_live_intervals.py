"""Rules of grader/uncertainty/live_intervals.py."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import metrics
from grader.metric import Metric
from grader.uncertainty import intervals
from grader.uncertainty.live_intervals import live_interval

NAMES = st.sampled_from(list(metrics.METRICS))
ANY = st.floats() | st.just(None)


def test_a_share_needs_no_baseline() -> None:
    """81 of 100 rows are 72.2 % to 87.5 %, whatever the baseline."""
    for name in ("accuracy", "f1_micro", "top_k_accuracy"):
        for baseline, error in [(None, None), (0.6, 0.05), (1.0, 0.0)]:
            ends = live_interval(metrics.find(name), 0.81, 100, baseline, error)
            assert ends == pytest.approx((0.722212, 0.874852), abs=5e-7)


@pytest.mark.parametrize(
    ("name", "shown", "baseline", "expected"),
    [
        ("f1_macro", 0.8, 0.6, intervals.bounded(0.8, baseline=0.6, error=0.02)),
        ("roc_auc", 1.0, 0.6, intervals.bounded(1.0, baseline=0.6, error=0.02)),
        ("quadratic_kappa", -0.1, 0.6, intervals.bounded(-0.1, baseline=0.6, error=0.02, lowest=-1)),
        ("rmse", 3.0, 6.0, intervals.proportional(3.0, baseline=6.0, error=0.02)),
        ("r2", -0.5, 0.1, intervals.proportional(-0.5, baseline=0.1, error=0.02, best=1)),
        ("smape", 199.99, 150.0, (intervals.proportional(199.99, baseline=150.0, error=0.02)[0], 200)),
        ("log_loss", 0.3, 0.6, intervals.constant(0.3, error=0.02)),
        ("brier", 1.99, 0.6, (intervals.constant(1.99, error=0.02)[0], 2)),
    ],
)
def test_each_spread_has_its_interval(name: str, shown: float, baseline: float, expected: tuple[float, float]) -> None:
    """The metric's spread names the interval, which follows from the shown score and stays within the range."""
    assert live_interval(metrics.find(name), shown, 400, baseline, 0.02) == expected


def test_without_a_baseline_that_varies_nothing_is_said() -> None:
    """No baseline, none with a standard error, a perfect one, and one that varies by rounding alone give none."""
    for name, metric in metrics.METRICS.items():
        if metric.spread == "share":
            continue
        usual = metric.best - 0.4 if metric.higher_is_better else 0.4
        for baseline, error in [
            (None, 0.1),
            (usual, None),
            (usual, 0.0),
            (usual, math.nan),
            (usual, math.inf),
            (usual, 1e-12),
            (metric.best, 0.1 if metric.spread != "constant" else 0.0),
            (math.nan, 0.1),
        ]:
            assert live_interval(metric, usual, 400, baseline, error) is None, (name, baseline, error)
        assert live_interval(metric, usual, 400, usual, 0.01) is not None


def test_the_organisers_own_metric_has_none() -> None:
    """Of a metric of which nothing is known but its direction nothing is said."""
    own = Metric("own", "Own", "label", higher_is_better=True, range=(-math.inf, math.inf))

    assert live_interval(own, 0.5, 400, 0.4, 0.02) is None


@given(NAMES, st.floats(0, 1), ANY, ANY, st.integers(-1, 10**9))
def test_an_interval_holds_its_score(
    name: str, part: float, baseline: float | None, error: float | None, rows: int
) -> None:
    """Whatever the baseline says, an interval holds the shown score and leaves the range nowhere; or there is none."""
    metric = metrics.find(name)
    lowest, highest = max(metric.range[0], -1e6), min(metric.range[1], 1e6)
    shown = min(lowest + part * (highest - lowest), highest)

    ends = live_interval(metric, shown, rows, baseline, error)

    if ends is not None:
        assert metric.range[0] <= ends[0] <= shown <= ends[1] <= metric.range[1]
        assert all(map(math.isfinite, ends))


@given(NAMES, st.floats(), ANY, ANY)
def test_what_is_no_score_has_no_interval(name: str, shown: float, baseline: float | None, error: float | None) -> None:
    """Outside the range there is no interval, and no exception."""
    metric = metrics.find(name)
    if not (math.isfinite(shown) and metric.range[0] <= shown <= metric.range[1]):
        assert live_interval(metric, shown, 100, baseline, error) is None
