"""What each team has sent, and which of it counts and why: of every submission, only what may be seen."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from typing import Literal

from grader.grades import Grade
from grader.live import FROM_BASELINE, FROM_BEST
from leaderboard import names, visible, words
from leaderboard.choice import Choice, Chooser, Rule, Scored
from leaderboard.standings import Board
from submissions.decided import Decisions
from submissions.receipts import Receipt
from submissions.record.entries import Entry

State = Literal["counts", "spare", "late", "refused", "waits", "withdrawn", "failed"]

_TOLD: Mapping[str, str] = {FROM_BASELINE: FROM_BASELINE, FROM_BEST: "not distinguishable from its best"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One submission.

    Attributes:
        state: "counts": the board shows its score; "spare": it has one that the board does not take; "late"; "refused";
            "waits" for its grade; "withdrawn"; "failed": the grader, not the team.
        shown: what the live board reveals of its public score; None: nothing.
        told: what is said in place of `shown`; "" where nothing is.
        private: its private score; None on the public board, and where there is none.
        is_selected: whether the team has chosen it for the private board; False on the public one: before the reveal a
            selection is the team's own business.
        why: it counts, or does not, in a few words.
    """

    number: int
    received_at: datetime
    state: State
    shown: float | None
    told: str
    private: float | None
    is_selected: bool
    why: str


@dataclass(frozen=True, slots=True)
class History:
    """All that a team has sent.

    Attributes:
        rule: by which the board chose among it.
        counted: the number of the submission that counts; None: none does.
        considered: how many the rule chose, of which the best counts.
        sent: the submissions, in order of their numbers.
    """

    team: str
    team_id: str
    rule: Rule
    counted: int | None
    considered: int
    sent: tuple[Sent, ...]


def of(board: Board, entries: Iterable[Entry], only: Collection[str] | None = None) -> dict[str, History]:
    """The history of each team on a board, by the team's id; baselines have none.

    On the public board nothing is said that the public may not see at its moment: no private score, no selection, and
    nothing from after a freeze.

    Args:
        board: the public board, or once it is revealed the private one.
        entries: those that the board was gathered from, in ledger order; more do no harm.
        only: the ids of the teams that are wanted; None: all.
    """
    is_private = board.board == "private"
    assert board.is_revealed or not is_private, "no private score is told before the reveal"
    recorded = (entry for entry in entries if entry.at <= board.as_of)
    seen = tuple(recorded) if is_private else visible.entries_at(board.competition, recorded, board.as_of)
    chooser = Chooser(board.competition, board.metric, Decisions.of(seen), is_private=is_private)
    last = {entry.submission: entry.body for entry in seen if entry.kind == "graded"}
    made: dict[str, History] = {}
    for team, received in _by_team(seen).items():
        team_id = names.team_id(team)
        if only is not None and team_id not in only:
            continue
        receipts = [Receipt.from_entry(entry) for entry in received]
        if not receipts[0].is_baseline:
            numbers = (one.submission for one in receipts)
            grades: dict[int | None, Grade] = {n: Grade.from_json(last[n]) for n in numbers if n in last}
            made[team_id] = _history(chooser, team_id, receipts, grades)
    return made


def _by_team(entries: Iterable[Entry]) -> Mapping[str, Sequence[Entry]]:
    teams = defaultdict[str, list[Entry]](list)
    for entry in entries:
        if entry.kind == "received" and entry.team is not None:
            teams[entry.team].append(entry)
    return teams


def _history(
    chooser: Chooser, team_id: str, receipts: Sequence[Receipt], grades: Mapping[int | None, Grade]
) -> History:
    team = receipts[0].team
    choice = chooser.choose(receipts, grades)
    best = None if team in chooser.decisions.disqualified else chooser.best(choice)
    case = _Case(chooser, choice, best, grades)
    sent = tuple(case.sent(one) for one in sorted(receipts, key=lambda one: one.submission))
    return History(team, team_id, choice.rule, best.submission if best else None, len(choice.scored), sent)


@dataclass(frozen=True, slots=True)
class _Case:
    """What decides about one team's submissions; `best`: the one that counts."""

    chooser: Chooser
    choice: Choice
    best: Scored | None
    grades: Mapping[int | None, Grade]

    def sent(self, receipt: Receipt) -> Sent:
        grade = self.grades.get(receipt.submission)
        state, why = self._outside(receipt, grade) or self._inside(receipt, grade)
        is_graded = grade is not None and self._has_score(grade)
        reason = grade.reason if grade and is_graded else ""
        is_private = self.chooser.is_private
        selected = self.chooser.decisions.selected(receipt.team) if is_private else ()
        return Sent(
            number=receipt.submission,
            received_at=receipt.received_at,
            state=state,
            shown=grade.shown if grade and is_graded and not reason else None,
            told=_TOLD.get(reason, reason),
            private=grade.private if grade and is_graded and is_private else None,
            is_selected=receipt.submission in selected,
            why=why,
        )

    def _outside(self, receipt: Receipt, grade: Grade | None) -> tuple[State, str] | None:
        """Why a submission cannot count at all; None: it can."""
        if receipt.submission in self.chooser.decisions.withdrawn:
            return "withdrawn", "counts on no board"
        if grade is None:
            return "waits", "not graded yet"
        if grade.verdict == "refused":
            return "refused", "the file breaks a rule"
        if grade.verdict == "grader_error":
            return "failed", "not the team’s fault"
        if grade.metric != self.chooser.metric.name:
            return "waits", "to be graded by the present metric"
        return None if self._has_score(grade) else ("failed", "without a score")

    def _inside(self, receipt: Receipt, grade: Grade | None) -> tuple[State, str]:
        """What becomes of a submission that has a score."""
        is_counted = self.best is not None and self.best.submission == receipt.submission
        if not receipt.counts(self.chooser.competition):
            return "late", "best of the late ones" if is_counted else "came after the deadline"
        if is_counted:
            return "counts", self._merit()
        if self.best is None:
            return "spare", "the team is disqualified"
        return "spare", self._loses(receipt, grade)

    def _merit(self) -> str:
        if not self.chooser.is_private:
            return "best score shown"
        if self.choice.rule == "selected":
            return "selected" if len(self.choice.scored) == 1 else "selected, best private score of these"
        return self._among if len(self.choice.scored) == 1 else f"{self._among}, best private score of these"

    def _loses(self, receipt: Receipt, grade: Grade | None) -> str:
        """Why a submission with a score does not count."""
        assert self.best is not None and grade is not None
        score = grade.private if self.chooser.is_private else grade.shown
        beaten = "another came earlier with the same" if score == self.best.score else "another is better"
        if not self.chooser.is_private:
            return beaten
        mark = "selected" if self.choice.rule == "selected" else self._among
        is_considered = any(one.submission == receipt.submission for one in self.choice.scored)
        return f"{mark}, {beaten}" if is_considered else f"not {mark}"

    @property
    def _among(self) -> str:
        most = self.chooser.competition.final_selections
        return "the best shown" if most == 1 else f"of the {words.number(most)} best shown"

    def _has_score(self, grade: Grade) -> bool:
        """As `choice` has it."""
        scores = (grade.public, grade.private, grade.shown)
        return grade.metric == self.chooser.metric.name and all(
            score is not None and isfinite(score) for score in scores
        )
