"""A figure, and how two things are timed against each other."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured ratio, what is wanted of it, and what it says."""

    name: str
    value: float
    wanted: str
    what: str


def ratio(first: Callable[[], object], second: Callable[[], object], *, pairs: int) -> float:
    """How many times as long `first` takes as `second`: the median over pairs timed one right after the other."""
    first()
    second()
    return statistics.median(_seconds(first) / _seconds(second) for _ in range(pairs))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
