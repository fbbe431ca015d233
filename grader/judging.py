"""The one boundary between a file and its grade: whatever goes wrong inside becomes a verdict."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from grader import metrics, own, scoring, solution
from grader.grades import Grade
from grader.influence import Measured
from grader.measuring import measure
from grader.metric import Metric, Task, UndefinedScore
from grader.own_metric.metric import OwnMetric, ShownToParticipant
from grader.scoring import Scores
from grader.solution import Solution
from submissions import predictions
from submissions.competition import Competition
from submissions.faults import Fault, Faults, InvalidSubmission
from submissions.reading.cells import Values
from submissions.record.entries import canonical
from submissions.row_ids import RowIds
from submissions.rules import InvalidCompetition

Judged = tuple[Grade, Values | None]


@dataclass(frozen=True)
class Judge:
    """Grades the submissions of one competition against its solution.

    It can be pickled, for the work of other processes. The organiser's own metric runs in a process that `close` ends.

    Attributes:
        folder: the grader's room.
        own: the organiser's own metric, opened; None where the metric is one of Podium's.
    """

    folder: Path
    competition: Competition
    row_ids: RowIds
    metric: Metric
    solution: Solution
    own: OwnMetric | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return judge_by, (self.folder, self.competition, self.row_ids, self.solution)

    def close(self) -> None:
        """End the process of the organiser's metric, if there is one."""
        if self.own:
            self.own.close()

    @cached_property
    def scoring(self) -> str:
        """The digest of all that a grade depends on beside the predictions and the solution, in hex."""
        rules = self.competition
        facts = {
            "metric": rules.metric,
            "file": self.own.digest if self.own else None,
            "options": rules.options,
            "live": rules.live,
            "k": rules.k,
            "kind": rules.kind,
            "columns": rules.columns,
            "labels": rules.labels,
        }
        return hashlib.sha256(canonical(facts).encode()).hexdigest()

    @cached_property
    def is_defined(self) -> bool:
        """Whether the metric is defined for the solution itself: if not, it is no participant's fault."""
        try:
            self._scores(self.solution.perfect(self.competition))
        except UndefinedScore:
            return False
        return True

    @cached_property
    def task(self) -> Task:
        """What the metric must know of the competition."""
        return metrics.task_of(self.competition)

    def grade(self, data: bytes) -> Grade:
        """The grade of a file's bytes; never raises for what the file or the metric does."""
        return self.judge(lambda: predictions.read(data, self.competition, self.row_ids).values)[0]

    def judge(self, reading: Callable[[], Values]) -> Judged:
        """The grade of the predictions that are read, and those if they have a score.

        Nothing of the score is shown yet (see `release.py`). It never raises for what the file or the metric does.
        """
        grade = partial(Grade, metric=self.metric.name, solution=self.solution.digest, scoring=self.scoring)
        try:
            values = reading()
            scores = self._scores_or_fault(values)
        except InvalidSubmission as refusal:
            return grade("refused", faults=refusal.faults), None
        except ShownToParticipant as refusal:
            faults = Faults((Fault("refused-by-metric", None, refusal.text),), {})
            return grade("refused", faults=faults, error=refusal.whole), None
        except Exception as error:  # noqa: BLE001 - here our own failure becomes a verdict, never a score
            return grade("grader_error", error=f"{type(error).__name__}: {error}"), None
        return grade("graded", public=scores.public, private=scores.private), values

    def measured(self, values: Values) -> Measured | None:
        """The public score of predictions row by row; None where it has no standard error, or is the organiser's own.

        Never raises for what the predictions are.
        """
        public = self.solution.public
        if self.own is None:
            with suppress(ValueError):  # undefined, or fewer than two rows
                return measure(self.metric, self.solution.values[public], values[public], self.task)
        return None

    def _scores(self, predicted: Values) -> Scores:
        if self.own:
            return Scores(self.own.score(predicted, "public"), self.own.score(predicted, "private"))
        return scoring.score(predicted, self.solution, self.metric, self.task)

    def _scores_or_fault(self, predicted: Values) -> Scores:
        try:
            return self._scores(predicted)
        except UndefinedScore as undefined:
            if not self.is_defined:
                raise
            if not self._is_defined_on_all_rows(predicted):
                raise InvalidSubmission(Faults((Fault("undefined-score", None, str(undefined)),), {})) from None
            # To refuse it would tell which rows are public: a file that is constant but for two rows is defined only
            # if they lie in different shares.
            return scoring.score(predicted, self.solution, self.metric, self.task, where_undefined=0.0)

    def _is_defined_on_all_rows(self, predicted: Values) -> bool:
        rows = np.concatenate([self.solution.public, self.solution.private])
        with suppress(UndefinedScore):
            self.metric.score(self.solution.values[rows], predicted[rows], self.task)
            return True
        return False


def open_judge(folder: Path, competition: Competition, row_ids: RowIds) -> Judge:
    """The judge of a competition, with the solution in its grader's room.

    Raises:
        BrokenSolution: the solution is missing or does not fit the competition.
        BrokenMetric: the organiser's own metric is missing, or cannot be one.
        InvalidCompetition: the rules name a metric that is not offered, or is for another kind of prediction.
    """
    return judge_by(folder, competition, row_ids, solution.load(folder / solution.FILE, competition, row_ids))


def judge_by(folder: Path, competition: Competition, row_ids: RowIds, hidden: Solution) -> Judge:
    """The same by a solution that may lie elsewhere."""
    metric = metrics.of(competition)
    scored = len(hidden.public) + len(hidden.private)
    # A split that is stratified, or made by hand, is off by a row or a percent.
    if abs(len(hidden.public) / scored - competition.public_share) > 1 / scored + 0.01:
        share = round(len(hidden.public) / scored, 3)
        told = f"[scoring] public_share: is {competition.public_share}, but the solution's split has {share} public"
        raise InvalidCompetition([f"{told}: the split was made once, so write {share} here"])
    opened = own.open_metric(folder, competition, row_ids, hidden) if competition.has_own_metric else None
    return Judge(folder, competition, row_ids, metric, hidden, opened)
