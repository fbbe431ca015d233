"""Round scores and moments for the scales of a figure."""

import math
from datetime import UTC, datetime, timedelta

MIDNIGHT = datetime(2024, 1, 1, tzinfo=UTC)  # of a Monday
_STEPS = (1, 2, 5, 10)
_TIMES = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12, 24, 48, 168, 336, 672, 2184, 8736))
_MOST = 7
_DECIMALS, _LARGE = 6, 1e7  # what a score's text is written out to


def scores(low: float, high: float) -> list[tuple[float, str]]:
    """About five round scores from `low` to `high`, each with its text."""
    size = (high - low) / 5
    power = math.floor(math.log10(size))
    step = next(one for one in _STEPS if one * 10.0**power >= size * (1 - 1e-9)) * 10.0**power
    decimals = max(0, -math.floor(math.log10(step)))
    ticks = (one * step for one in range(math.ceil(low / step), math.floor(high / step) + 1))
    return [(tick, _written(tick, decimals)) for tick in ticks]


def times(start: datetime, end: datetime) -> list[datetime]:
    """At most seven full hours, days or weeks from `start` to `end`, in UTC."""
    step = next((one for one in _TIMES if (end - start) / one <= _MOST), _TIMES[-1])
    at = MIDNIGHT + math.ceil((start - MIDNIGHT) / step) * step
    ticks = []
    while at <= end:
        ticks.append(at)
        at += step
    return ticks


def _written(tick: float, decimals: int) -> str:
    return f"{tick:z.{decimals}f}" if decimals <= _DECIMALS and abs(tick) < _LARGE else f"{tick:.4g}"
