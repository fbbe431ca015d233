"""Join codes: what the organiser hands out, and a person types in to come into a team."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from submissions import moments
from submissions.errors import Refused
from submissions.record.tables import CODES
from submissions.record.transaction import Transaction
from submissions.record.view import View

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH, _GROUP = 16, 4
_ONE_SHAPE = str.maketrans("OIL", "011")
_LONGEST = 100  # characters, blanks and hyphens among them: more is not looked at

Of = TypeVar("Of", str, str | None)  # a team, or None: nobody's


class UnknownCode(Refused):
    """A join code that was never given out, or holds no longer."""

    def __init__(self) -> None:
        super().__init__("this join code is unknown or no longer valid: look for a slip, or ask for a new one")


def make(ledger: Transaction, team: str | None, now: datetime) -> str:
    """A new join code of a team that has an account, or the open code (None), with which a new team is started.

    It is shown this once, and ends the code before it. It is 80 random bits in Crockford's base 32
    (https://www.crockford.com/base32.html), which has no letter that reads like another.
    """
    revoke(ledger, team, now)
    return make_all(ledger, [team], now)[team]


def make_all(ledger: Transaction, of: Sequence[Of], now: datetime) -> dict[Of, str]:
    """The same for many that have no living code: the code of each."""
    made = {team: "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for team in of}
    fixed = {"made_at": moments.write(now), "revoked_at": None}
    if rows := [{"digest": _digest(code), "team": team, **fixed} for team, code in made.items()]:
        ledger.connection.execute(CODES.insert(), rows)
    return {team: _grouped(code) for team, code in made.items()}


def revoke(ledger: Transaction, team: str | None, now: datetime) -> bool:
    """End the living code of a team, or the open one; False if there is none."""
    living = CODES.update().where(_is_of(team), CODES.c.revoked_at.is_(None))
    return bool(ledger.connection.execute(living.values(revoked_at=moments.write(now))).rowcount)


def team_of(view: View, code: str) -> str | None:
    """The team that a living code opens; None: it is the open code.

    Raises:
        UnknownCode: it is none, or was revoked.
    """
    digest = _digest(normalised(code))
    query = sa.select(CODES.c.digest, CODES.c.team).where(CODES.c.digest == digest, CODES.c.revoked_at.is_(None))
    row = view.connection.execute(query).first()
    if row is None or not hmac.compare_digest(str(row.digest), digest):
        raise UnknownCode
    return None if row.team is None else str(row.team)


def is_there(view: View, team: str | None) -> bool:
    """Whether a team has a living code, or there is an open one."""
    query = sa.select(CODES.c.digest).where(_is_of(team), CODES.c.revoked_at.is_(None)).limit(1)
    return view.connection.execute(query).first() is not None


def normalised(code: str) -> str:
    """The 16 characters of a code as somebody typed it: in any case, in any groups, with O for 0 and I or L for 1.

    Raises:
        UnknownCode: it cannot be a code.
    """
    typed = (c for c in code[: _LONGEST + 1] if not c.isspace() and unicodedata.category(c) != "Pd")
    letters = "".join(c.upper() if c.isascii() else "?" for c in typed).translate(_ONE_SHAPE)
    if len(code) > _LONGEST or len(letters) != _LENGTH or not set(letters) <= set(_ALPHABET):
        raise UnknownCode
    return letters


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def _digest(code: str) -> str:
    """What is kept of a code. Eighty random bits are not to be guessed from it, though it is quick to compute."""
    return hashlib.sha256(code.encode()).hexdigest()


def _is_of(team: str | None) -> sa.ColumnElement[bool]:
    return CODES.c.team.is_(None) if team is None else CODES.c.team == team
