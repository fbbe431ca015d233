"""Labels beside what they name, none over another."""

from collections.abc import Sequence


def placed(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones as can be, in their order, at least `gap` apart and within the ends.

    Least squares: neighbours that collide are put together around the mean of what they want, and so on (pool
    adjacent violators; Ayer et al. 1955). Equal wishes keep their order. Nothing is cut off where there is no room
    for all: then they stand closer.
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(len(wanted) - 1, 1))
    order = sorted(range(len(wanted)), key=lambda one: wanted[one])
    pools: list[list[float]] = []  # each: the wishes of its members, less the room of those above them
    for place, one in enumerate(order):
        pools.append([wanted[one] - place * gap])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    levels = [_mean(pool) for pool in pools for _ in pool]
    found = [0.0] * len(wanted)
    for place, (one, level) in enumerate(zip(order, levels, strict=True)):
        found[one] = min(max(level, low), high - (len(order) - 1) * gap) + place * gap
    return found


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
