"""What is decided about submissions after they came: selected, withdrawn, disqualified.

Nothing that was decided is edited: what undoes it is a new entry, and the last word counts. How a selection is taken
stands in `selecting`.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from submissions import moments, teams
from submissions.entries import Entry
from submissions.errors import Refused
from submissions.ledger import Ledger, Transaction, View
from submissions.receipts import Receipt
from submissions.shown import shown, shown_list

KINDS = ("selected", "withdrawn", "restored", "disqualified", "reinstated")


class UnknownTeam(Refused):
    """No team of this name has sent anything."""


class UnknownSubmission(Refused):
    """There is no submission of this number, or it is another team's."""


class NotForBaselines(Refused):
    """A baseline is the organiser's: nobody selects for it, and it is not disqualified."""


class AlreadyDecided(Refused):
    """What is asked for is so already."""


class NoReason(Refused):
    """A decision without a reason."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a team has chosen for the private board.

    Attributes:
        submissions: their numbers, from the lowest.
        at: the desk's clock when it was chosen, aware UTC; for a vouched selection what the organiser says.
        vouched: why the organiser vouches for `at`; None: the desk's own clock.
    """

    submissions: tuple[int, ...]
    at: datetime
    vouched: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The body of the selection's `selected` entry."""
        return {"submissions": list(self.submissions), "at": moments.write(self.at), "vouched": self.vouched}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Selection":
        """The selection that `to_json` wrote."""
        return cls(tuple(values["submissions"]), moments.read(values["at"]), values["vouched"])


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is in force after some entries.

    Attributes:
        withdrawn: the numbers of the submissions that count on no board.
        disqualified: the teams that are out of the ranking.
        selections: each team's last selection, whatever became of its submissions; see `selected`.
    """

    withdrawn: frozenset[int] = frozenset()
    disqualified: frozenset[str] = frozenset()
    selections: Mapping[str, Selection] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Decisions":
        """What follows from these entries, given in ledger order; those of other kinds are passed over."""
        withdrawn, disqualified, selections = set[int](), set[str](), dict[str, Selection]()
        for entry in (entry for entry in entries if entry.kind in KINDS):
            match entry:
                case Entry(kind="selected", team=str(team)):
                    selections[team] = Selection.from_json(entry.body)
                case Entry(kind="withdrawn", submission=int(number)):
                    withdrawn.add(number)
                case Entry(kind="restored", submission=int(number)):
                    withdrawn.discard(number)
                case Entry(kind="disqualified", team=str(team)):
                    disqualified.add(team)
                case Entry(kind="reinstated", team=str(team)):
                    disqualified.discard(team)
        return cls(frozenset(withdrawn), frozenset(disqualified), selections)

    def selected(self, team: str) -> tuple[int, ...]:
        """What a team's selection holds now: all of it but what is withdrawn.

        Empty if it has made none or nothing of it is left: then the team has no selection, and its best public
        submissions count again. What is restored is selected again.
        """
        selection = self.selections.get(team)
        return tuple(n for n in selection.submissions if n not in self.withdrawn) if selection else ()


def withdraw(ledger: Ledger, submission: int, *, because: str, now: datetime, team: str | None = None) -> Receipt:
    """Let a submission count on no board; its receipt. It gives no attempt back, and falls out of a selection.

    The reason goes into the ledger. `team` is whose submission it must be, where a team asks for its own; None: the
    organiser asks. `now` is the desk's clock.

    Raises:
        UnknownSubmission, UnknownTeam, InvalidTeam, AlreadyDecided, NoReason: nothing was recorded.
    """
    return _turn_submission(ledger, "withdrawn", submission, because, now, team)


def restore(ledger: Ledger, submission: int, *, because: str, now: datetime, team: str | None = None) -> Receipt:
    """Let a withdrawn submission count again, and be selected again if it was; otherwise as `withdraw`."""
    return _turn_submission(ledger, "restored", submission, because, now, team)


def disqualify(ledger: Ledger, team: str, *, because: str, now: datetime) -> str:
    """Take a team out of the ranking, with all that it has sent and will send; its name as the ledger has it.

    The reason goes into the ledger. `now` is the desk's clock.

    Raises:
        UnknownTeam, InvalidTeam, NotForBaselines, AlreadyDecided, NoReason: nothing was recorded.
    """
    return _turn_team(ledger, "disqualified", team, because, now)


def reinstate(ledger: Ledger, team: str, *, because: str, now: datetime) -> str:
    """Put a disqualified team back where its scores put it; otherwise as `disqualify`."""
    return _turn_team(ledger, "reinstated", team, because, now)


def receipts_of(view: View, team: str) -> list[Receipt]:
    """The receipts of all that a team, or a baseline, has sent, in the ledger's order; at least one.

    Raises:
        UnknownTeam: it has sent nothing; with a guess at whom is meant.
        InvalidTeam: no team can have such a name.
    """
    name = teams.parse(team)
    receipts = [Receipt.from_entry(entry) for entry in view.entries("received", team=name)]
    if not receipts:
        raise UnknownTeam(f"team {shown(name)} has sent nothing{_guess(name, view.looks())}")
    return receipts


def competing(receipts: list[Receipt]) -> str:
    """The name of the team that has these receipts; NotForBaselines if it is none."""
    if receipts[0].is_baseline:
        raise NotForBaselines(
            f"{receipts[0].team!r} is a baseline, and outside the ranking: "
            "nobody selects for it, and it is withdrawn, not disqualified"
        )
    return receipts[0].team


def not_theirs(team: str, submission: int, receipts: list[Receipt]) -> str:
    """What is said of a submission that a team names and does not have."""
    return f"team {team!r} has no submission {submission}; it has {shown_list([str(r.submission) for r in receipts])}"


def _turn_submission(
    ledger: Ledger, kind: str, submission: int, because: str, now: datetime, team: str | None
) -> Receipt:
    reason = _reason(because)
    with ledger.writing() as transaction:
        receipt = _receipt(transaction, submission, team)
        is_withdrawn = bool(Decisions.of(transaction.entries(*KINDS, submission=submission)).withdrawn)
        if is_withdrawn == (kind == "withdrawn"):
            state = "withdrawn already" if is_withdrawn else "not withdrawn"
            raise AlreadyDecided(f"submission {submission}, team {receipt.team!r}, is {state}: nothing was recorded")
        transaction.append(kind, now, {"because": reason}, team=receipt.team, submission=submission)
    return receipt


def _turn_team(ledger: Ledger, kind: str, team: str, because: str, now: datetime) -> str:
    reason = _reason(because)
    with ledger.writing() as transaction:
        name = competing(receipts_of(transaction, team))
        is_disqualified = bool(Decisions.of(transaction.entries(*KINDS, team=name)).disqualified)
        if is_disqualified == (kind == "disqualified"):
            state = "disqualified already" if is_disqualified else "not disqualified"
            raise AlreadyDecided(f"team {name!r} is {state}: nothing was recorded")
        transaction.append(kind, now, {"because": reason}, team=name)
    return name


def _receipt(transaction: Transaction, submission: int, team: str | None) -> Receipt:
    receipts = receipts_of(transaction, team) if team is not None else _numbered(transaction, submission)
    found = next((receipt for receipt in receipts if receipt.submission == submission), None)
    if found is None and team is not None:
        raise UnknownSubmission(not_theirs(receipts[0].team, submission, receipts))
    if found is None:
        last = transaction.next_submission - 1
        raise UnknownSubmission(
            f"there is no submission {submission}; {f'the last is {last}' if last else 'none was received yet'}"
        )
    return found


def _numbered(transaction: Transaction, submission: int) -> list[Receipt]:
    # A database takes no number of any size: what cannot be there is not asked for.
    if submission not in range(1, transaction.next_submission):
        return []
    return [Receipt.from_entry(entry) for entry in transaction.entries("received", submission=submission)]


def _reason(because: str) -> str:
    reason = " ".join(because.split())
    if not reason:
        raise NoReason("a decision needs a reason, which goes into the ledger: nothing was recorded")
    return reason


def _guess(name: str, known: Mapping[str, str]) -> str:
    """`known`: the team that has each look."""
    meant = known.get(teams.look(name)) or next(iter(difflib.get_close_matches(name, known.values(), n=1)), None)
    return f"; did you mean {meant!r}?" if meant else ""
