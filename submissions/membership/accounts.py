"""The accounts of teams: who may come in by the web desk, and under which name."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from submissions import moments, teams
from submissions.errors import Refused
from submissions.membership import codes
from submissions.receipts import Receipt
from submissions.record.ledger import Ledger
from submissions.record.tables import ACCOUNTS, CODES, MEMBERS, TOKENS
from submissions.record.transaction import Transaction
from submissions.record.view import View
from submissions.teams import InvalidTeam


class UnknownAccount(Refused):
    """No account of this name."""


class AccountExists(Refused):
    """The team has an account already."""


@dataclass(frozen=True, slots=True)
class Account:
    """A team that may come in.

    Attributes:
        made_at: when its account was made, aware UTC.
        members, tokens: how many it has now.
        has_code: whether a join code of its own is in force.
    """

    team: str
    made_at: datetime
    members: int
    tokens: int
    has_code: bool


@dataclass(frozen=True, slots=True)
class Added:
    """A new account: the one spelling of the team's name, and its join code, shown this once."""

    team: str
    code: str


def add_team(ledger: Ledger, name: str, *, now: datetime) -> Added:
    """An account for a team, whether or not it has sent by other doors before.

    Raises:
        InvalidTeam: the name cannot be taken, looks like another's, or is a baseline's.
        AccountExists: it has one.
    """
    team = teams.parse(name)
    look = teams.look(team)
    with ledger.writing() as transaction:
        owner = transaction.account_of(look)
        if owner == team:
            raise AccountExists(f"team {team!r} has an account; for a new join code: podium team code --team NAME")
        if refusal := why_not(transaction, team, owner, transaction.sender_of(look)):
            raise refusal
        start(transaction, {team: look}, now)
        return Added(team, codes.make(transaction, team, now))


def new_code(ledger: Ledger, *, team: str | None = None, now: datetime) -> str:
    """A join code, shown this once; the one before it holds no longer.

    `team`: whoever has the code joins this team; None: whoever has it, the open code, starts a new team.

    Raises:
        InvalidTeam, UnknownAccount: there is no such team.
    """
    with ledger.writing() as transaction:
        return codes.make(transaction, None if team is None else named(transaction, team), now)


def revoke_code(ledger: Ledger, *, team: str | None = None, now: datetime) -> bool:
    """End a team's join code, or the open one; False if there was none. Who has joined with it stays.

    Raises:
        InvalidTeam, UnknownAccount: there is no such team.
    """
    with ledger.writing() as transaction:
        return codes.revoke(transaction, None if team is None else named(transaction, team), now)


def refuse_lookalike(view: View, team: str, look: str, *, is_baseline: bool = False) -> None:
    """Nothing, if a submission in this name can be nobody else's; InvalidTeam otherwise.

    That an account has another name of the same `look`; or, for a baseline, that an account has its name.
    """
    owner = view.account_of(look)
    if owner is not None and owner != team:
        raise _looks_like(team, owner)
    if owner is not None and is_baseline:
        raise InvalidTeam(team, "is a team's name")


def named(view: View, team: str) -> str:
    """The team of this name that has an account.

    Raises:
        InvalidTeam, UnknownAccount: there is none; with a guess at which is meant.
    """
    name = teams.parse(team)
    owner = view.account_of(teams.look(name))
    if owner != name:
        guess = f"; did you mean {owner!r}?" if owner else "; to make one: podium team add NAME"
        raise UnknownAccount(f"team {name!r} has no account{guess}")
    return name


def accounts_of(view: View) -> list[Account]:
    """All accounts, by name."""
    living = CODES.c.revoked_at.is_(None)
    has_code = set(view.connection.execute(sa.select(CODES.c.team).where(living)).scalars())
    members = _counted(view, MEMBERS.c.team, MEMBERS.c.removed_at)
    tokens = _counted(view, TOKENS.c.team, TOKENS.c.revoked_at)
    rows = view.connection.execute(sa.select(ACCOUNTS.c.team, ACCOUNTS.c.made_at))
    made = {str(row.team): moments.read(row.made_at) for row in rows}
    return [
        Account(team, made[team], members.get(team, 0), tokens.get(team, 0), team in has_code) for team in sorted(made)
    ]


def owners(view: View) -> dict[str, str]:
    """The team with an account that has each look."""
    rows = view.connection.execute(sa.select(ACCOUNTS.c.look, ACCOUNTS.c.team))
    return {str(row.look): str(row.team) for row in rows}


def why_not(view: View, team: str, owner: str | None, sender: str | None) -> InvalidTeam | None:
    """Why the organiser cannot make this account; None: nothing is against it.

    `owner`, `sender`: who has an account, and who has sent something, under a name of the same look.
    """
    other = next((other for other in (owner, sender) if other is not None and other != team), None)
    if other is not None:
        return _looks_like(team, other)
    first = next(view.entries("received", team=team, limit=1), None) if sender is not None else None
    is_baseline = first is not None and Receipt.from_entry(first).is_baseline
    return InvalidTeam(team, "is the name of a baseline") if is_baseline else None


def start(ledger: Transaction, looks: Mapping[str, str], now: datetime) -> None:
    """Put down the accounts of these teams, each with its look, against which nothing stands."""
    at = moments.write(now)
    if rows := [{"team": team, "look": look, "made_at": at} for team, look in looks.items()]:
        ledger.connection.execute(ACCOUNTS.insert(), rows)


def _looks_like(team: str, other: str) -> InvalidTeam:
    return InvalidTeam(team, f"looks like the team {other!r}; use that spelling, or another name")


def _counted(view: View, team: sa.Column[str], ended_at: sa.Column[str]) -> dict[str, int]:
    """How many rows of each team have not ended."""
    query = sa.select(team, sa.func.count()).where(ended_at.is_(None)).group_by(team)
    return {str(name): int(count) for name, count in view.connection.execute(query)}
