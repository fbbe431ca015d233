"""Tokens: with which a program sends in the name of a team."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from submissions import moments, teams
from submissions.errors import Refused
from submissions.membership import accounts
from submissions.record.ledger import Ledger
from submissions.record.tables import TOKENS
from submissions.record.view import View
from submissions.shown import shown

MOST_LIVING = 20  # of a team
LONGEST_NAME = 80
_FORM = re.compile(r"podium_[A-Za-z0-9_-]{43}")  # 256 bits in base64url
_HANDLE = 8  # digits
_IN_FORCE = sa.select(TOKENS.c.digest, TOKENS.c.team).where(
    TOKENS.c.digest == sa.bindparam("digest"), TOKENS.c.revoked_at.is_(None)
)


class NotAuthentic(Refused):
    """No token that lets anybody in; the message is the same whatever is wrong with it."""

    def __init__(self) -> None:
        super().__init__(
            "the token is not valid: it may be misspelt or revoked; make one on your team's page, or ask the organiser"
        )


class TooManyTokens(Refused):
    """The team has as many as are allowed."""


class UnknownToken(Refused):
    """The team has no living token of this handle."""


@dataclass(frozen=True, slots=True)
class Token:
    """What may be shown of a token.

    Attributes:
        handle: the first eight hex digits of its SHA-256, by which it is called.
        name: what the team calls it.
        made_at, revoked_at: aware UTC; None: it is in force.
    """

    handle: str
    name: str
    made_at: datetime
    revoked_at: datetime | None


def issue(ledger: Ledger, team: str, *, name: str, now: datetime) -> str:
    """A new token of a team that has an account, shown this once.

    Only its SHA-256 is kept. A slow hash is for passwords, which people choose and a thief of the database can try
    out; 256 random bits cannot be tried out, and each request would pay for the slowness.

    Raises:
        InvalidTeam, UnknownAccount: there is no such team.
        InvalidName: the token's name cannot be shown.
        TooManyTokens: it has 20 in force.
    """
    label = teams.line(name, LONGEST_NAME)
    token = f"podium_{secrets.token_urlsafe(32)}"
    with ledger.writing() as transaction:
        owner = accounts.named(transaction, team)
        if sum(one.revoked_at is None for one in tokens_of(transaction, owner)) >= MOST_LIVING:
            raise TooManyTokens(f"team {owner!r} has {MOST_LIVING} tokens in force: revoke one that is not needed")
        row = {"digest": _digest(token), "team": owner, "name": label, "made_at": moments.write(now)}
        transaction.connection.execute(TOKENS.insert(), {**row, "revoked_at": None})
    return token


def team_of(view: View, token: str) -> str:
    """The team in whose name a token speaks, from the moment it is issued until it is revoked.

    That team has an account: the tables let none go that has tokens.

    Raises:
        NotAuthentic: it is malformed, unknown or revoked.
    """
    if not _FORM.fullmatch(token):
        raise NotAuthentic
    digest = _digest(token)
    row = view.connection.execute(_IN_FORCE, {"digest": digest}).first()
    if row is None or not hmac.compare_digest(str(row.digest), digest):
        raise NotAuthentic
    return str(row.team)


def tokens_of(view: View, team: str) -> list[Token]:
    """All tokens that a team has had, the oldest first."""
    query = sa.select(TOKENS).where(TOKENS.c.team == team).order_by(TOKENS.c.made_at, TOKENS.c.digest)
    return [
        Token(
            handle=str(row.digest)[:_HANDLE],
            name=str(row.name),
            made_at=moments.read(row.made_at),
            revoked_at=None if row.revoked_at is None else moments.read(row.revoked_at),
        )
        for row in view.connection.execute(query)
    ]


def revoke(ledger: Ledger, team: str, handle: str, *, now: datetime) -> Token:
    """End a token of a team, at once; what it was.

    Raises:
        InvalidTeam, UnknownAccount: there is no such team.
        UnknownToken: it has none of this handle in force.
    """
    with ledger.writing() as transaction:
        owner = accounts.named(transaction, team)
        living = [one for one in tokens_of(transaction, owner) if one.revoked_at is None]
        found = next((one for one in living if one.handle == handle.strip().lower()), None)
        if found is None:
            raise UnknownToken(f"team {owner!r} has no token {shown(handle)} in force")
        is_meant = (TOKENS.c.team == owner, sa.func.substr(TOKENS.c.digest, 1, _HANDLE) == found.handle)
        change = TOKENS.update().where(*is_meant, TOKENS.c.revoked_at.is_(None))
        transaction.connection.execute(change.values(revoked_at=moments.write(now)))
    return found


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
