"""What the live board and the answer to a submitter show of a score, as `live` in the rules has it.

It follows from the team's own submissions in the order of the ledger, the solution and one baseline: no team's answers
depend on another's. The baseline is the best of those that were graded before the first team was: it changes with a
regrade only, which takes the best of all and tells every team anew.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite
from typing import cast

from grader.grades import Grade
from grader.influence import Measured
from grader.judging import Judge
from grader.live import Live, Policy, State, open_live
from grader.uncertainty.live_intervals import live_interval
from submissions.errors import OrganiserError


class NoReference(OrganiserError):
    """The rules reveal scores in steps, or on a ladder, and there is no baseline to measure them by."""


@dataclass(frozen=True)
class Reference:
    """The baseline by which the live board tells what is signal.

    Attributes:
        score: its public score.
        standard_error: of that score; None where there is none.
        measured: the same with what each public row says of it; None where the live board shows every score in full.
    """

    score: float
    standard_error: float | None
    measured: Measured | None


@dataclass(frozen=True)
class Release:
    """The live policy of a competition; see `baseline` and `team`."""

    judge: Judge
    reference: Reference | None

    @cached_property
    def live(self) -> Live:
        """The policy.

        Raises:
            NoReference: it takes a baseline, and there is none, or none that it can be measured by.
        """
        metric, rows = self.judge.metric, len(self.judge.solution.public)
        policy = cast(Policy, self.judge.competition.live)
        measured = self.reference.measured if self.reference else None
        try:
            return open_live(policy, measured, rows, best=metric.best, higher_is_better=metric.higher_is_better)
        except ValueError as error:
            mend = "podium submit FILE --baseline takes one in; where teams have scores already, then podium regrade"
            raise NoReference(f"[scoring] {error}; {mend}") from None

    def baseline(self, grade: Grade, measured: Measured | None) -> Grade:
        """The grade of a baseline: it is shown in full, for the organiser chose it and not a participant."""
        if grade.public is None:
            return grade
        error = measured.standard_error if measured and isfinite(measured.standard_error) else None
        interval = self._interval(grade.public, grade.public, error)
        return replace(grade, shown=grade.public, standard_error=error, interval=interval)

    def team(self, grade: Grade, measured: Measured | None, best: Callable[[], Measured | None]) -> Grade:
        """The grade of a team's submission.

        Args:
            grade: as judged.
            measured: its public score row by row, for the ladder; None where it has none, which moves nobody.
            best: the submission that moved the team last, asked for on the ladder only; None: it stands at the start.

        Raises:
            NoReference: see `live`.
        """
        if grade.public is None:
            return grade
        if self.live.baseline is None:
            return self._shown(grade, self.live.step.round(grade.public) if self.live.step else grade.public)
        start, last = self.live.start(), best()
        state = State(self._rounded(last), last, has_moved=True) if last else start
        assert state.best is not None and start.released is not None
        _, answer = self.live.release(state, measured or state.best)
        if answer.shown is None:
            return replace(grade, shown=start.released, reason=answer.reason)
        return self._shown(grade, answer.shown)

    def _rounded(self, measured: Measured) -> float:
        assert self.live.step is not None
        return self.live.step.round(measured.score)

    def _shown(self, grade: Grade, score: float) -> Grade:
        at, error = (self.reference.score, self.reference.standard_error) if self.reference else (None, None)
        return replace(grade, shown=score, interval=self._interval(score, at, error))

    def _interval(self, shown: float, baseline: float | None, error: float | None) -> tuple[float, float] | None:
        return live_interval(self.judge.metric, shown, len(self.judge.solution.public), baseline, error)
