"""Idempotency keys: what a sender names an attempt to send by, so that it may send again and mean the same.

Source: "The Idempotency-Key HTTP Header Field", a draft of the IETF's working group HTTPAPI. The desk would know the
same bytes by themselves; a key also shows that a sender mistakes another file for the one it sent.
"""

import hashlib

import sqlalchemy as sa

from submissions.errors import Refused
from submissions.record.tables import KEYS
from submissions.record.transaction import Transaction
from submissions.record.view import View

LONGEST = 200  # characters
_KEPT = sa.select(KEYS.c.file).where(KEYS.c.team == sa.bindparam("team"), KEYS.c.key == sa.bindparam("key"))


class KeyReused(Refused):
    """The key came with another file before."""

    def __init__(self) -> None:
        super().__init__("this Idempotency-Key came with another file before; give each file a key of its own")


def refuse_reused(view: View, team: str, key: str, file: str) -> None:
    """Nothing, if the team gave this key with no other file than the one with this SHA-256; KeyReused otherwise."""
    if _file(view, team, key) not in (None, file):
        raise KeyReused


def keep(ledger: Transaction, team: str, key: str, file: str) -> None:
    """Remember that the team gave this key with the file of this SHA-256, and with no other (see `refuse_reused`)."""
    if _file(ledger, team, key) is None:
        ledger.connection.execute(KEYS.insert(), {"team": team, "key": _digest(key), "file": file})


def _file(view: View, team: str, key: str) -> str | None:
    file: str | None = view.connection.execute(_KEPT, {"team": team, "key": _digest(key)}).scalar()
    return file


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
