"""What is decided about submissions after they came: selected, withdrawn, disqualified.

Nothing that was decided is edited: what undoes it is a new entry, and the last word counts. How a selection is taken
stands in `selecting`.
"""

import difflib
from collections.abc import Mapping
from datetime import datetime

from submissions import teams
from submissions.decided import KINDS, Decisions
from submissions.errors import Refused
from submissions.receipts import Receipt
from submissions.record.ledger import Ledger
from submissions.record.transaction import Transaction
from submissions.record.view import View
from submissions.shown import shown, shown_list

OWN_WISH = "the team's own wish"


class UnknownTeam(Refused):
    """No team of this name has sent anything."""


class UnknownSubmission(Refused):
    """There is no submission of this number, or it is another team's."""


class NotForBaselines(Refused):
    """A baseline is the organiser's: nobody selects for it, and it is not disqualified."""


class AlreadyDecided(Refused):
    """What is asked for is so already."""


class AlreadyRevealed(Refused):
    """What could be done until the private board was shown."""

    def __init__(self) -> None:
        super().__init__("the private board is public: a team withdraws nothing any more; ask the organiser")


class NoReason(Refused):
    """A decision without a reason."""


def withdraw(ledger: Ledger, submission: int, *, because: str, now: datetime, team: str | None = None) -> Receipt:
    """Let a submission count on no board; its receipt. It gives no attempt back, and falls out of a selection.

    The reason goes into the ledger. `team` is whose submission it must be, where a team asks for its own; None: the
    organiser asks. `now` is the desk's clock.

    Raises:
        UnknownSubmission, UnknownTeam, InvalidTeam, AlreadyDecided, NoReason: nothing was recorded.
    """
    return _turn_submission(ledger, "withdrawn", submission, because, now, team)


def withdraw_own(ledger: Ledger, submission: int, *, team: str, now: datetime) -> Receipt:
    """The same at a team's own wish, as long as the private board is not public.

    Raises:
        AlreadyRevealed, and what `withdraw` does: nothing was recorded.
    """
    with ledger.writing() as transaction:
        if transaction.last("revealed") is not None:
            raise AlreadyRevealed
        return _turn(transaction, "withdrawn", submission, OWN_WISH, now, team)


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
        raise UnknownTeam(f"team {shown(name)} has sent nothing{guess(name, view.looks())}")
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


def checked_reason(because: str) -> str:
    """The reason of a decision on one line; NoReason if there is none."""
    reason = " ".join(because.split())
    if not reason:
        raise NoReason("a decision needs a reason, which goes into the ledger: nothing was recorded")
    return reason


def guess(name: str, known: Mapping[str, str]) -> str:
    """What is said behind a name that nobody has: who is meant, if there is a guess.

    `known`: the team that has each look.
    """
    meant = known.get(teams.look(name)) or next(iter(difflib.get_close_matches(name, known.values(), n=1)), None)
    return f"; did you mean {meant!r}?" if meant else ""


def _turn_submission(
    ledger: Ledger, kind: str, submission: int, because: str, now: datetime, team: str | None
) -> Receipt:
    reason = checked_reason(because)
    with ledger.writing() as transaction:
        return _turn(transaction, kind, submission, reason, now, team)


def _turn(
    transaction: Transaction, kind: str, submission: int, reason: str, now: datetime, team: str | None
) -> Receipt:
    receipt = _receipt(transaction, submission, team)
    is_withdrawn = bool(Decisions.of(transaction.entries(*KINDS, submission=submission)).withdrawn)
    if is_withdrawn == (kind == "withdrawn"):
        state = "withdrawn already" if is_withdrawn else "not withdrawn"
        raise AlreadyDecided(f"submission {submission}, team {receipt.team!r}, is {state}: nothing was recorded")
    transaction.append(kind, now, {"because": reason}, team=receipt.team, submission=submission)
    return receipt


def _turn_team(ledger: Ledger, kind: str, team: str, because: str, now: datetime) -> str:
    reason = checked_reason(because)
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
