"""How a team chooses which of its submissions the private board looks at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from submissions import moments, schedule, teams
from submissions.competition import Competition
from submissions.decided import KINDS, Decisions, Selection
from submissions.decisions import competing, not_theirs, receipts_of
from submissions.errors import Refused
from submissions.quota import COSTS_NOTHING
from submissions.receipts import Receipt
from submissions.record.ledger import Ledger
from submissions.record.transaction import Transaction
from submissions.record.view import View
from submissions.vouches import Vouch, moment_of


class SelectionClosed(Refused):
    """A selection made before the opening or after the team's deadline."""

    def __init__(self, competition: Competition, at: datetime, team: str) -> None:
        self.deadline, self.at = competition.ends_for(team), at
        if competition.has_opened(at):
            limit = f"until the deadline, {moments.shown(self.deadline)}"
        else:
            limit = f"from the opening on, {moments.shown(competition.opens)}"
        super().__init__(f"selections are taken {limit}; this one was made at {moments.shown(at)}")


class InvalidSelection(Refused):
    """A selection that cannot be taken; `reasons` holds all that is wrong with it."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(f"nothing was selected: {'; '.join(reasons)}")


def select(
    ledger: Ledger,
    competition: Competition,
    team: str,
    submissions: Sequence[int],
    *,
    now: datetime,
    vouch: Vouch | None = None,
) -> Selection:
    """Record which submissions a team wants the private board to look at; an earlier selection is replaced.

    None at all takes an earlier selection back: the team's best public submissions count again.
    The same selection again is given back as it was, and not recorded twice: whoever saw no answer may ask again.
    A team with an extension may select until its own end. `competition` may be given as it was read. `now` is the
    desk's clock; `vouch` the organiser's word that the team chose at a moment that the desk did not see.

    Raises:
        SelectionClosed, InvalidVouch, InvalidSelection, UnknownTeam, InvalidTeam, NotForBaselines:
            nothing was recorded.
    """
    at, name = moment_of(now, vouch), teams.parse(team)
    wanted = Selection(tuple(sorted(submissions)), at, vouch.reason if vouch else None)
    with ledger.writing() as transaction:
        return _take(transaction, competition, name, wanted, now)


def choose(
    ledger: Ledger, competition: Competition, team: str, submission: int, *, is_chosen: bool, now: datetime
) -> tuple[int, ...]:
    """Add a submission to what a team has selected, or take it out; what is selected now.

    Several may be chosen at the same time, and none is lost. What is so already is not recorded.

    Raises: what `select` does: nothing was recorded.
    """
    name = teams.parse(team)
    with ledger.writing() as transaction:
        selected = Decisions.of(transaction.entries(*KINDS, team=name)).selected(name)
        if is_chosen == (submission in selected):
            return selected
        numbers = {*selected, submission} if is_chosen else {*selected} - {submission}
        return _take(transaction, competition, name, Selection(tuple(sorted(numbers)), now), now).submissions


def _take(transaction: Transaction, competition: Competition, name: str, wanted: Selection, now: datetime) -> Selection:
    rules = schedule.now_in_force(competition, transaction)
    if not rules.is_open(wanted.at, name):
        raise SelectionClosed(rules, wanted.at, name)
    state = _State.of(transaction, name)
    if reasons := list(_reasons(wanted, state, rules)):
        raise InvalidSelection(reasons)
    if state.earlier is not None and state.earlier.submissions == wanted.submissions:
        return state.earlier
    transaction.append("selected", now, wanted.to_json(), team=state.team)
    return wanted


@dataclass(frozen=True, slots=True)
class _State:
    """What there is of one team.

    Attributes:
        verdicts: by submission, of the last grade; a submission that waits for it has none.
        earlier: its last selection, also one of nothing; None: it has made none.
    """

    team: str
    receipts: list[Receipt]
    decisions: Decisions
    verdicts: Mapping[int | None, str]
    earlier: Selection | None

    @classmethod
    def of(cls, view: View, team: str) -> "_State":
        receipts = receipts_of(view, team)
        name = competing(receipts)
        verdicts = {entry.submission: entry.body["verdict"] for entry in view.entries("graded", team=name)}
        decided = list(view.entries(*KINDS, team=name))
        selections = [Selection.from_json(entry.body) for entry in decided if entry.kind == "selected"]
        return cls(name, receipts, Decisions.of(decided), verdicts, selections[-1] if selections else None)


def _reasons(wanted: Selection, state: _State, competition: Competition) -> Iterator[str]:
    counts, most = Counter(wanted.submissions), competition.final_selections
    if len(counts) > most:
        yield f"{len(counts)} submissions are named; final_selections of the rules is {most}"
        return
    sent = {receipt.submission: receipt for receipt in state.receipts}
    for number, times in counts.items():
        if times > 1:
            yield f"submission {number} is named {times} times"
        if number not in sent:
            yield not_theirs(state.team, number, state.receipts)
        elif reason := _reason(sent[number], state, competition):
            yield reason
    if wanted.vouched is not None and state.earlier is not None and wanted.at < state.earlier.at:
        yield f"team {state.team!r} chose again after that, at {moments.shown(state.earlier.at)}"


def _reason(receipt: Receipt, state: _State, competition: Competition) -> str | None:
    number, verdict = receipt.submission, state.verdicts.get(receipt.submission)
    if number in state.decisions.withdrawn:
        return f"submission {number} is withdrawn"
    if verdict in COSTS_NOTHING:
        return f"submission {number} has no score: {verdict.replace('_', ' ')}"
    if not receipt.counts(competition):
        return f"submission {number} is not in time: it was received at {moments.shown(receipt.received_at)}"
    return None
