"""Which submissions of a team a board looks at, and by which rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Literal

from grader.grades import Grade
from grader.metric import Metric
from submissions.competition import Competition
from submissions.decided import Decisions
from submissions.receipts import Receipt

Rule = Literal["selected", "best", "late", "none"]


@dataclass(frozen=True, slots=True)
class Scored:
    """A submission with a score.

    Attributes:
        shown: what it counts as on the live board.
        score: on the board's share of the test rows; on the public board what is shown.
        interval: that stands beside the score on the public board; None: there is none.
    """

    shown: float
    score: float
    received_at: datetime
    submission: int
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """What of a team's submissions a board takes the best score of.

    Attributes:
        scored: the submissions; which of them has the best score is for the board to say.
        rule: "selected": the team's selection, as far as it has scores; "best": its best ones on the live board;
            "late": the same of those after the deadline, for none in time has a score; "none": none has a score.
    """

    scored: tuple[Scored, ...]
    rule: Rule


@dataclass(frozen=True, slots=True)
class Chooser:
    """How a board chooses among the submissions of one team; `is_private`: the private board."""

    competition: Competition
    metric: Metric
    decisions: Decisions
    is_private: bool

    def choose(self, receipts: Sequence[Receipt], grades: Mapping[int | None, Grade]) -> Choice:
        """The choice from all that one team, or one baseline, has sent.

        What is withdrawn counts on no board. The public board looks at the one that counts for most on it. The private
        board looks at the team's selection; where there is none, or nothing of it has a score, at the
        `final_selections` that count for most on the live board, and not by the whole public score, which
        `live = "ladder"` keeps to itself. Of equal ones the earlier are taken.
        """
        standing = [one for one in receipts if one.submission not in self.decisions.withdrawn]
        in_time = self._scored((one for one in standing if one.counts(self.competition) or one.is_baseline), grades)
        selected = self.decisions.selected(receipts[0].team) if self.is_private else ()
        if chosen := [one for one in in_time if one.submission in selected]:
            return Choice(tuple(chosen), "selected")
        if in_time:
            return Choice(self._best(in_time), "best")
        late = self._scored(standing, grades)
        return Choice(self._best(late), "late" if late else "none")

    def best(self, choice: Choice) -> Scored | None:
        """The one that counts: the best score, the earlier of equals; None if none has a score."""
        return min(
            choice.scored, key=lambda one: (self.merit(one.score), one.received_at, one.submission), default=None
        )

    def merit(self, score: float) -> float:
        """Less is better, whatever the metric."""
        return -score if self.metric.higher_is_better else score

    def _best(self, scored: Sequence[Scored]) -> tuple[Scored, ...]:
        most = self.competition.final_selections if self.is_private else 1
        ordered = sorted(scored, key=lambda one: (self.merit(one.shown), one.received_at, one.submission))
        return tuple(ordered[:most])

    def _scored(self, receipts: Iterable[Receipt], grades: Mapping[int | None, Grade]) -> list[Scored]:
        pairs = ((receipt, grades.get(receipt.submission)) for receipt in receipts)
        return [one for receipt, grade in pairs if grade and (one := self._with_score(receipt, grade))]

    def _with_score(self, receipt: Receipt, grade: Grade) -> Scored | None:
        # A score of another metric says nothing here: the rules were changed, and it waits to be graded again.
        scores = (grade.public, grade.private, grade.shown)
        if grade.metric != self.metric.name or any(score is None or not isfinite(score) for score in scores):
            return None
        score = grade.private if self.is_private else grade.shown
        assert grade.shown is not None and score is not None
        interval = None if self.is_private else grade.interval
        return Scored(grade.shown, score, receipt.received_at, receipt.submission, interval)
