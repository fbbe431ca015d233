"""Which teams are shown to be better than a team, and which to be worse.

Teams² × resamples differences are too many to keep, and take the most of the time that a final board takes. They are
made a block of teams at a time, in single precision, so small that a block stays in the cache of a core; and only what
a step of the test may ask of a block is kept: its largest and its smallest difference in each resample.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

_ROUNDING = 1e-9  # a difference of scores below this part of them is the computer's, not the teams'
_LEAST = 1.0  # in standard errors: below its own a difference shows nothing
_NEAR, _FAR = 1e-3, 1e12  # beyond these parts of what is usual, single precision does not tell a difference
_MARGIN = 1e-3  # what lies so near to the critical value may lie beyond it by rounding: it is not shown
_BLOCK = 2**17  # differences that are made at once
_AT_ONCE = 16  # teams for which a block is used while it is in the cache


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    """One team against all: what its differences from them are, in their own standard errors.

    Attributes:
        team: its place.
        gains: of the scores of all teams over its own (teams,).
        inverse: what makes a difference of single precision one in standard errors (teams,); 0 where that is exact, or
            there is none.
        largest, smallest: of each block of teams the largest and the smallest difference (blocks, resamples).
        exact: the teams whose difference is made in full precision (some,).
        noise: these differences (some, resamples).
    """

    team: int
    gains: Floats
    inverse: Singles
    largest: Singles
    smallest: Singles
    exact: Places
    noise: Singles


class Rivals:
    """All teams, each of which is held against the others; the highest score is best.

    Many teams may have sent the same predictions: they differ by nothing, and are held against the others once.
    Quick where the teams stand in the order of their scores: then most blocks are shown as a whole, or not at all.
    """

    def __init__(self, scores: Floats, deviations: Floats, level: float) -> None:
        """Take scores (teams,), and how far the resampled ones lie from them (teams, resamples); all finite, not empty.

        `level` is the probability of no mistake about a team.
        """
        self._scores, self._deviations = scores, deviations
        teams, resamples = deviations.shape
        sizes = np.abs(scores) + np.abs(deviations).max(axis=1)
        self._rounding = _ROUNDING * np.maximum(sizes, np.finfo(np.float64).tiny)
        self._spreads = np.sqrt(np.einsum("tr,tr->t", deviations, deviations) / resamples)
        varying = self._spreads[self._spreads > 0]
        self._unit = float(np.median(varying)) if len(varying) else 1.0
        parts = self._spreads / self._unit
        self._is_usual = (parts == 0) | ((parts > 1 / _FAR) & (parts < _FAR))
        self._singles = (np.where(self._is_usual[:, None], deviations, 0) / self._unit).astype(np.float32)
        step = max(_BLOCK // resamples, 1)
        self._blocks = [slice(first, min(first + step, teams)) for first in range(0, teams, step)]
        self._room = np.empty((min(step, teams), resamples), np.float32)
        self._place = ceil(level * (resamples - 1))
        seen: dict[bytes, int] = {}
        prints = (hashlib.sha256(one).digest() for one in np.column_stack([scores, deviations]))
        self._kinds = np.array([seen.setdefault(one, len(seen)) for one in prints])

    def shown(self, teams: Places) -> Iterator[tuple[int, int]]:
        """For each of these teams how many are shown to be better than it is, and how many to be worse."""
        found: dict[int, tuple[int, int]] = {}
        for first in range(0, len(teams), _AT_ONCE):
            some = teams[first : first + _AT_ONCE]
            new = {kind: team for kind, team in zip(self._kinds[some].tolist(), some, strict=True) if kind not in found}
            if new:
                tests = self._tests(np.array(list(new.values())))
                found.update(zip(new, map(self._in_steps, tests), strict=True))
            yield from (found[kind] for kind in self._kinds[some].tolist())

    def _tests(self, teams: Places) -> list[_Test]:
        scales, is_exact = self._scales(teams)
        exact = [
            np.flatnonzero(one & (self._kinds != self._kinds[team])) for team, one in zip(teams, is_exact, strict=True)
        ]
        noise = [self._exact(team, *told) for team, *told in zip(teams, exact, scales, strict=True)]
        inverses = np.divide(self._unit, scales, out=np.zeros_like(scales), where=~is_exact).astype(np.float32)
        largest, smallest = np.empty((2, len(teams), len(self._blocks), self._room.shape[1]), np.float32)
        for place, block in enumerate(self._blocks):
            for number, team in enumerate(teams):
                differences = self._differences(team, block, inverses[number])
                np.maximum.reduce(differences, axis=0, out=largest[number, place])
                np.minimum.reduce(differences, axis=0, out=smallest[number, place])
        gains = (self._scores - self._scores[teams, None]) / scales
        return [_Test(*told) for told in zip(teams, gains, inverses, largest, smallest, exact, noise, strict=True)]

    def _scales(self, teams: Places) -> tuple[Floats, Flags]:
        """The standard errors of the differences (these teams, teams), and which single precision does not tell."""
        squares, resamples = self._spreads**2, self._deviations.shape[1]
        products = self._deviations[teams] @ self._deviations.T / resamples
        spreads = np.sqrt(np.maximum(squares[teams, None] + squares - 2 * products, 0))
        is_near = spreads <= _NEAR * np.maximum(self._spreads[teams, None], self._spreads)
        is_exact = is_near | ~self._is_usual[teams, None] | ~self._is_usual
        is_exact |= self._kinds[teams, None] == self._kinds
        return np.maximum(spreads, np.maximum(self._rounding[teams, None], self._rounding)), is_exact

    def _exact(self, team: int, rivals: Places, scales: Floats) -> Singles:
        """The differences (rivals, resamples) in standard errors, which take their places in the scales (teams,)."""
        noise = self._deviations[rivals] - self._deviations[team]
        spreads = np.sqrt(np.einsum("tr,tr->t", noise, noise) / noise.shape[1])
        scales[rivals] = np.maximum(spreads, np.maximum(self._rounding[rivals], self._rounding[team]))
        noise /= scales[rivals, None]
        singles: Singles = noise.astype(np.float32)
        return singles

    def _differences(self, team: int, block: slice, inverse: Singles) -> Singles:
        differences = self._room[: block.stop - block.start]
        np.subtract(self._singles[block], self._singles[team], out=differences)
        return np.multiply(differences, inverse[block, None], out=differences)

    def _in_steps(self, test: _Test) -> tuple[int, int]:
        """How many of the gains are shown to be above 0, and how many below (Romano and Wolf's step-down).

        The critical value only falls: what is shown in a step, or was before, is what lies beyond it.
        """
        is_open = np.ones(len(test.gains), np.bool_)
        while True:
            critical = max(self._largest_mistake(test, is_open), _LEAST) * (1 + _MARGIN)
            is_left = np.abs(test.gains) <= critical
            if (is_left == is_open).all():
                return int((~is_open & (test.gains > 0)).sum()), int((~is_open & (test.gains < 0)).sum())
            is_open = is_left

    def _largest_mistake(self, test: _Test, is_open: Flags) -> float:
        """What the largest mistake that is still possible exceeds in so few resamples as the level leaves.

        What is shown to be above 0 can no longer be taken for it by mistake, but still for what is below.
        """
        up, down = is_open | (test.gains < 0), is_open | (test.gains > 0)
        (all_up, some_up), (all_down, some_down) = self._by_block(up), self._by_block(down)
        most = _most(test.noise, up[test.exact], down[test.exact])
        np.maximum(most, test.largest[all_up].max(axis=0, initial=0), out=most)
        np.maximum(most, -test.smallest[all_down].min(axis=0, initial=0), out=most)
        for place in np.flatnonzero(some_up | some_down):
            block = self._blocks[place]
            np.maximum(most, _most(self._differences(test.team, block, test.inverse), up[block], down[block]), out=most)
        return float(np.partition(most, self._place)[self._place])

    def _by_block(self, flags: Flags) -> tuple[Flags, Flags]:
        """For which blocks the flags of all teams are set, and for which those of some."""
        counts = np.add.reduceat(flags, [block.start for block in self._blocks], dtype=np.int64)
        sizes = np.array([block.stop - block.start for block in self._blocks])
        return counts == sizes, (counts > 0) & (counts < sizes)


def _most(noise: Singles, up: Flags, down: Flags) -> Singles:
    """The largest of the rows in `up` and of the others' in `down` with the other sign, in each resample; at least 0.

    A team's difference from itself, which is 0, is always among them.
    """
    most: Singles = np.maximum(noise[up].max(axis=0, initial=0), -noise[down].min(axis=0, initial=0))
    return most
