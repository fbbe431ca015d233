"""How sure the scores and ranks of the final board are, from the files that count on it."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from math import isfinite
from typing import overload

import numpy as np

from grader.judging import Judge
from grader.matrix import Matrix
from grader.uncertainty.certainty import certainty
from submissions.reading.cells import Values
from submissions.record.database import Place

Progress = Callable[[int, int], None]


def certainty_of(
    judge: Judge, ledger: Place, digests: Sequence[str], scores: Sequence[float], progress: Progress | None = None
) -> list[tuple[list[float] | None, list[int] | None]]:
    """The 95 % interval and the best and worst rank of each; None where one is not known.

    Args:
        judge: the judge of the competition; its metric is one of Podium's.
        ledger: where the ledger lies that keeps the files.
        digests: of the files that count, one for each ranked team, the best first.
        scores: their private scores.
        progress: is told how many pieces of work are done, and of how many.
    """
    if not digests:
        return []
    with Matrix.open(judge.folder, judge.competition, judge.row_ids) as matrix:
        for _ in matrix.extend(ledger, digests):
            pass
        found = certainty(
            judge.metric,
            judge.task,
            judge.solution.values[judge.solution.private],
            _Private(matrix, judge, digests),
            np.array(scores),
            seed=_seed(judge),
            progress=progress,
        )
    ends = zip(found.low.tolist(), found.high.tolist(), strict=True)
    ranks = zip(found.best.tolist(), found.worst.tolist(), strict=True)
    return [
        ([low, high] if isfinite(low) and isfinite(high) else None, [best, worst] if best else None)
        for (low, high), (best, worst) in zip(ends, ranks, strict=True)
    ]


class _Private(Sequence[Values]):
    """The predictions of files on the private rows, each read when it is asked for."""

    def __init__(self, matrix: Matrix, judge: Judge, digests: Sequence[str]) -> None:
        self._matrix, self._rows, self._digests = matrix, judge.solution.private, digests

    def __len__(self) -> int:
        return len(self._digests)

    @overload
    def __getitem__(self, place: int) -> Values: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Values]: ...
    def __getitem__(self, place: int | slice) -> Values | Sequence[Values]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        values = self._matrix.values(self._digests[place])
        assert values is not None, "what has a score can be read"
        private: Values = values[self._rows]
        return private


def _seed(judge: Judge) -> bytes:
    """Nobody who lacks the solution can draw the resamples beforehand; whoever has it draws them again."""
    return hmac.digest(b"podium certainty", judge.solution.digest.encode(), hashlib.sha256)
