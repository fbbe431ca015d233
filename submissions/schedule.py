"""When a competition ends, and for whom: the deadline in its file, as it was moved, and more time for single teams.

Nothing is edited: each change is an entry, and the last of each kind (per team) counts. A moved deadline holds against
the one in the file, whatever becomes of the file. An extension ends where a later one says so; one that was overtaken
by a moved deadline adds nothing. What a receipt promised stays so: see `Receipt.counts`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from submissions import moments, teams
from submissions.competition import Competition
from submissions.decisions import AlreadyDecided, NotForBaselines, UnknownTeam, checked_reason, guess
from submissions.errors import Refused
from submissions.membership.accounts import owners
from submissions.receipts import Receipt
from submissions.record.entries import Entry
from submissions.record.ledger import Ledger
from submissions.record.transaction import Transaction
from submissions.record.view import View
from submissions.shown import shown

KINDS = ("deadline_moved", "extended")


class InvalidChange(Refused):
    """A moment that the deadline cannot be moved to, or a team's time not extended to."""


class TooLate(Refused):
    """The private board is public: nobody's time can be changed any more."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the schedule.

    Attributes:
        at: the desk's clock when it was recorded, aware UTC.
        team: who has more time; None: the deadline of all was moved.
        before: where the deadline was; None for a team's extension.
        until: the new last second that counts; None: the team's extension was ended.
        because: the organiser's reason.
        seq, entry: number and digest of its entry.
    """

    at: datetime
    team: str | None
    before: datetime | None
    until: datetime | None
    because: str
    seq: int
    entry: str

    @classmethod
    def from_entry(cls, entry: Entry) -> "Change":
        """The change that an entry of `KINDS` records."""
        body, is_move = entry.body, entry.kind == "deadline_moved"
        until = body["to" if is_move else "until"]
        return cls(
            at=entry.at,
            team=None if is_move else entry.team,
            before=moments.read(body["from"]) if is_move else None,
            until=moments.read(until) if until else None,
            because=body["because"],
            seq=entry.seq,
            entry=entry.digest,
        )


def changes(entries: Iterable[Entry]) -> list[Change]:
    """The changes among these entries, in ledger order."""
    return [Change.from_entry(entry) for entry in entries if entry.kind in KINDS]


def in_force(competition: Competition, entries: Iterable[Entry]) -> Competition:
    """The rules with the deadline and the extensions that hold after these entries, given in ledger order.

    Moments stand in the zone of the file's deadline. What was in force after other entries is forgotten: the rules may
    be given as they were read, or as an earlier call made them.
    """
    written = competition.written_deadline or competition.deadline
    moved: datetime | None = None
    extensions = dict[str, datetime]()
    for change in changes(entries):
        if change.team is None:
            moved = change.until
        elif change.until is None:
            extensions.pop(change.team, None)
        else:
            extensions[change.team] = change.until.astimezone(written.tzinfo)
    deadline = moved.astimezone(written.tzinfo) if moved else written
    return replace(
        competition,
        deadline=deadline,
        written_deadline=written if moved else None,
        extensions={team: until for team, until in extensions.items() if until > deadline},
    )


def now_in_force(competition: Competition, view: View) -> Competition:
    """The same after all that the ledger holds; only the entries of `KINDS` are asked for."""
    return in_force(competition, view.entries(*KINDS))


def is_strayed(competition: Competition, entries: Iterable[Entry]) -> bool:
    """True if the file's deadline was edited after a move: it is neither what was moved nor what holds."""
    moves = [change for change in changes(entries) if change.team is None]
    written = competition.written_deadline or competition.deadline
    return bool(moves) and written not in (moves[0].before, moves[-1].until)


def is_reveal(entry: Entry, competition: Competition) -> bool:
    """True if this entry shows the private board: the rules in force say that nobody could send any more."""
    return entry.kind == "revealed" and competition.is_over(entry.at)


def move(ledger: Ledger, competition: Competition, to: datetime, *, because: str, now: datetime) -> Competition:
    """Move the deadline of all, later or earlier; the rules that hold from then on.

    A deadline that is moved back makes more submissions count; one that is moved forward breaks no receipt. `now` is
    the desk's clock.

    Raises:
        InvalidChange, AlreadyDecided, TooLate, NoReason: nothing was recorded.
    """
    reason = checked_reason(because)
    with ledger.writing() as transaction:
        rules = _changeable(transaction, competition)
        _refuse_move(rules, to, now)
        body = {"from": moments.write(rules.deadline), "to": moments.write(to), "because": reason}
        transaction.append("deadline_moved", now, body)
        return now_in_force(competition, transaction)


def extend(
    ledger: Ledger, competition: Competition, team: str, until: datetime, *, because: str, now: datetime
) -> tuple[str, Competition]:
    """Give one team more time than the others; its name as the ledger has it, and the rules from then on.

    `until` replaces what the team had, and may be shorter; the deadline itself ends its extension. It may have passed:
    what the team has sent by then counts. `now` is the desk's clock.

    Raises:
        InvalidChange, AlreadyDecided, TooLate, UnknownTeam, InvalidTeam, NotForBaselines, NoReason:
            nothing was recorded.
    """
    reason = checked_reason(because)
    with ledger.writing() as transaction:
        rules = _changeable(transaction, competition)
        name = _known(transaction, team)
        _refuse_extension(rules, name, until)
        is_end = until == rules.deadline
        body: Mapping[str, Any] = {"until": None if is_end else moments.write(until), "because": reason}
        transaction.append("extended", now, body, team=name)
        return name, now_in_force(competition, transaction)


def _changeable(transaction: Transaction, competition: Competition) -> Competition:
    rules = now_in_force(competition, transaction)
    if any(is_reveal(entry, rules) for entry in transaction.entries("revealed")):
        raise TooLate("the private board is public: nothing that is sent can count any more, and nothing was recorded")
    return rules


def _refuse_move(rules: Competition, to: datetime, now: datetime) -> None:
    if to == rules.deadline:
        raise AlreadyDecided(f"the deadline is {moments.shown(rules.deadline)} already: nothing was recorded")
    if to <= rules.opens:
        raise InvalidChange(f"the competition opens at {moments.shown(rules.opens)}: name a later deadline")
    if to < now:
        raise InvalidChange(
            f"{moments.shown(to)} has passed, and what came since has its receipts: name a moment from now on, "
            f"{moments.shown(now)}"
        )
    if rules.freeze_hours and to - timedelta(hours=rules.freeze_hours) <= rules.opens:
        raise InvalidChange(
            f"the board would be frozen before the competition opens, {rules.freeze_hours} hours before the deadline: "
            "name a later one, or change freeze_hours in competition.toml"
        )


def _refuse_extension(rules: Competition, team: str, until: datetime) -> None:
    if until < rules.deadline:
        raise InvalidChange(
            f"{moments.shown(until)} is before the deadline, which holds for all: name a moment after "
            f"{moments.shown(rules.deadline)}, or that one, which ends an extension"
        )
    extension = rules.extensions.get(team)
    if until == rules.deadline and extension is None:
        raise AlreadyDecided(f"team {team!r} has no extension: nothing was recorded")
    if until == extension:
        raise AlreadyDecided(f"team {team!r} has time until {moments.shown(extension)} already: nothing was recorded")


def _known(view: View, team: str) -> str:
    """The name of a team that has sent something, or has an account."""
    name = teams.parse(team)
    first = next(view.entries("received", team=name, limit=1), None)
    if first is not None and Receipt.from_entry(first).is_baseline:
        raise NotForBaselines(f"{name!r} is a baseline: it may be sent at any time, and has no deadline to extend")
    accounts = owners(view)
    if first is None and name not in accounts.values():
        raise UnknownTeam(
            f"team {shown(name)} has sent nothing and has no account{guess(name, view.looks() | accounts)}"
        )
    return name
