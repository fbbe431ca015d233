"""A team's own submissions as text, and which of them the private board looks at: never a private score."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from commands.host import Session
from submissions import moments

if TYPE_CHECKING:
    from grader.grades import Grade
    from grader.metric import Metric
    from leaderboard.choice import Choice
    from submissions.competition import Competition
    from submissions.decided import Decisions
    from submissions.receipts import Receipt

_WHY = {
    "selected": "which the team has selected",
    "best": "its best on the public board",
    "late": "late and outside the ranking",
}


def own_submissions(session: Session, team: str) -> list[str]:
    """A line for each submission, then what the private board looks at and by which rule, and how to choose.

    Raises:
        UnknownTeam, InvalidTeam: there is no such team.
    """
    from grader import metrics
    from grader.grades import Grade
    from leaderboard.choice import Chooser
    from submissions import schedule
    from submissions.decided import KINDS, Decisions
    from submissions.decisions import receipts_of

    metric = metrics.of(session.competition)
    with session.ledger() as ledger, ledger.reading() as view:
        competition = schedule.now_in_force(session.competition, view)
        receipts = receipts_of(view, team)
        name = receipts[0].team
        decisions = Decisions.of(view.entries(*KINDS, team=name))
        grades = {entry.submission: Grade.from_json(entry.body) for entry in view.entries("graded", team=name)}
    choice = Chooser(competition, metric, decisions, is_private=True).choose(receipts, grades)
    own = _Own(competition, metric, receipts, grades, decisions, choice)
    return [who(receipts[0]), *own.table(), f"private board: {own.rule()}", *own.how_to_choose(session.host.clock())]


def who(receipt: "Receipt") -> str:
    """Team Ada, or baseline Forest."""
    return f"{'baseline' if receipt.is_baseline else 'team'} {receipt.team}"


def named(numbers: Sequence[int]) -> str:
    """Submission 3; submissions 3, 5 and 8."""
    *most, last = map(str, numbers)
    return f"submissions {', '.join(most)} and {last}" if most else f"submission {last}"


@dataclass(frozen=True, slots=True)
class _Own:
    """All there is of one team."""

    competition: "Competition"
    metric: "Metric"
    receipts: "Sequence[Receipt]"
    grades: "Mapping[int | None, Grade]"
    decisions: "Decisions"
    choice: "Choice"

    @property
    def team(self) -> str:
        return self.receipts[0].team

    @property
    def is_disqualified(self) -> bool:
        return self.team in self.decisions.disqualified

    @property
    def counting(self) -> list[int]:
        """The submissions that the private board looks at; not which of them is the best there."""
        return [] if self.is_disqualified else sorted(one.submission for one in self.choice.scored)

    def table(self) -> list[str]:
        rows = [("submission", "received", "public", "state"), *map(self._row, self.receipts)]
        first, second, third, _ = (max(map(len, column)) for column in zip(*rows, strict=True))
        return [f"{number:>{first}}  {at:<{second}}  {score:>{third}}  {state}" for number, at, score, state in rows]

    def rule(self) -> str:
        if self.is_disqualified:
            return "nothing, for the team is disqualified"
        if self.choice.rule == "none":
            return "nothing, for no submission has a score that counts"
        best = "the best of " if len(self.counting) > 1 else ""
        has_chosen = self.team in self.decisions.selections
        none = "; nothing of its selection counts" if has_chosen and self.choice.rule == "best" else ""
        return f"{best}{named(self.counting)}, {_WHY[self.choice.rule]}{none}"

    def how_to_choose(self, now: datetime) -> list[str]:
        if self.receipts[0].is_baseline:
            return []
        until, most = moments.shown(self.competition.ends_for(self.team)), self.competition.final_selections
        if not self.competition.is_open(now, self.team):
            return [f"selections were taken until {until}"]
        return [f"to select up to {most}, until {until}: podium select --team {shlex.quote(self.team)} NUMBER"]

    def _row(self, receipt: "Receipt") -> tuple[str, str, str, str]:
        number, grade = receipt.submission, self.grades.get(receipt.submission)
        return str(number), moments.shown(receipt.received_at), self._score(grade), ", ".join(self._states(receipt))

    def _states(self, receipt: "Receipt") -> list[str]:
        number, selection = receipt.submission, self.decisions.selections.get(self.team)
        in_time = "in time" if receipt.counts(self.competition) else "late"
        facts = (
            ("baseline" if receipt.is_baseline else in_time, True),
            (self._of_grade(self.grades.get(number)), True),
            ("selected", selection is not None and number in selection.submissions),
            ("withdrawn", number in self.decisions.withdrawn),
            ("counts", number in self.counting),
        )
        return [word for word, is_so in facts if word and is_so]

    def _score(self, grade: "Grade | None") -> str:
        from leaderboard import words

        if grade is None or grade.shown is None or self._of_grade(grade):
            return "–"
        return words.score(grade.shown, self.metric)

    def _of_grade(self, grade: "Grade | None") -> str:
        """Why there is no score to show; nothing where there is one."""
        if grade is None:
            return "waits for its grade"
        if grade.verdict != "graded":
            return grade.verdict.replace("_", " ")
        return "graded by another metric" if grade.metric != self.metric.name else grade.reason
