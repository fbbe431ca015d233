"""The interval beside a score on the live board: a function of the shown score, and of what was known before it."""

from math import isfinite

from grader.metric import Metric
from grader.uncertainty import intervals

_ROUNDING = 1e-9  # of the way to the best score: a smaller standard error is the computer's


def live_interval(
    metric: Metric, shown: float, rows: int, baseline: float | None, error: float | None
) -> tuple[float, float] | None:
    """The 95 % interval of a shown score, which holds it and does not leave the metric's range; None: there is none.

    There is none for the organiser's own metric, of which nothing is known. A share, such as the accuracy, needs only
    the number of rows. The others need a baseline that is neither perfect nor the same on every row: equal
    probabilities and constant predictions have no standard error under many metrics, and then nothing is said.

    Args:
        metric: its `spread` names the interval.
        shown: the score as the board shows it.
        rows: how many public rows there are; of several columns of labels each row counts once, which is wide enough.
        baseline: the score of the organiser's baseline on these rows; None: there is no baseline.
        error: the standard error of that; None: there is none.
    """
    lowest, highest = metric.range
    if not (isfinite(shown) and lowest <= shown <= highest):
        return None
    try:
        ends = _ends(metric, shown, rows, baseline, error)
    except (ValueError, ArithmeticError):  # what was given says nothing of this score
        return None
    if ends is None or not all(map(isfinite, ends)):
        return None
    return max(min(ends[0], shown), lowest), min(max(ends[1], shown), highest)


def _ends(
    metric: Metric, shown: float, rows: int, baseline: float | None, error: float | None
) -> tuple[float, float] | None:
    if metric.spread == "share":
        return intervals.wilson(shown, rows)
    if baseline is None or error is None or not error > _ROUNDING * abs(baseline - metric.best):
        return None
    lowest, highest = metric.range
    match metric.spread:
        case "bounded":
            return intervals.bounded(shown, baseline=baseline, error=error, lowest=lowest, highest=highest)
        case "proportional":
            return intervals.proportional(shown, baseline=baseline, error=error, best=metric.best)
        case "constant":
            return intervals.constant(shown, error=error, lowest=lowest, highest=highest)
    return None
