"""What the ledger holds at one moment."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from submissions import moments
from submissions.record.entries import Entry, LedgerError, columns, to_entry
from submissions.record.tables import ACCOUNTS, ENTRIES, FILES, LOOKS, SETTINGS

_OF_TEAM = (ENTRIES.c.kind == "received", ENTRIES.c.team == sa.bindparam("team"))
_SENT = (
    sa.select(ENTRIES)
    .where(
        *_OF_TEAM,
        sa.or_(
            ENTRIES.c.file == sa.bindparam("file"),
            ENTRIES.c.seq == sa.select(sa.func.min(ENTRIES.c.seq)).where(*_OF_TEAM).scalar_subquery(),
        ),
    )
    .order_by(ENTRIES.c.seq)
)
_PAGE = 1_000  # entries
KIND = "kind_"

# A statement costs ten times as much to build as to run: each is built once.
_HEAD = sa.select(ENTRIES).order_by(ENTRIES.c.seq.desc()).limit(1)
_ACCOUNT, _SENDER = (sa.select(table.c.team).where(table.c.look == sa.bindparam("look")) for table in (ACCOUNTS, LOOKS))
_LAST_OF_KIND = _HEAD.where(ENTRIES.c.kind == sa.bindparam("kind"))


@lru_cache
def _statement(given: tuple[str, ...], *, is_ungraded: bool) -> sa.Select[Any]:
    """The entries in order, by what is given of those that are wanted; `is_ungraded`: only those without a grade."""
    tests = {
        "team": ENTRIES.c.team == sa.bindparam("team"),
        "submission": ENTRIES.c.submission == sa.bindparam("submission"),
        "file": ENTRIES.c.file == sa.bindparam("file"),
        "since": ENTRIES.c.at >= sa.bindparam("since"),
        "after": ENTRIES.c.seq > sa.bindparam("after"),
        "until": ENTRIES.c.seq <= sa.bindparam("until"),
    }
    query = sa.select(ENTRIES).where(*(tests[name] for name in given if name in tests)).order_by(ENTRIES.c.seq)
    kinds = [ENTRIES.c.kind == sa.bindparam(name) for name in given if name.startswith(KIND)]
    if kinds:
        query = query.where(sa.or_(*kinds))
    if is_ungraded:
        grade = ENTRIES.alias()
        query = query.where(~sa.exists().where(grade.c.submission == ENTRIES.c.submission, grade.c.kind == "graded"))
    return query.limit(sa.bindparam("limit", type_=sa.Integer)) if "limit" in given else query


class View:
    """What the ledger holds at one moment."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> sa.Connection:
        """The connection, in the midst of its transaction: for the modules here that have tables of their own."""
        return self._connection

    def entries(
        self,
        *kinds: str,
        team: str | None = None,
        submission: int | None = None,
        file: str | None = None,
        since: datetime | None = None,
        after: int = 0,
        limit: int | None = None,
    ) -> Iterator[Entry]:
        """The entries in order: all, or those of these kinds, this team, this submission, this file.

        `since`: recorded at this moment or later; `after`: behind the entry of this number; `limit`: the first so many.
        However many there are, few of them are in memory at a time.
        """
        wanted = {
            "team": team,
            "submission": submission,
            "file": file,
            "since": moments.write(since) if since else None,
            "after": after or None,
            "limit": limit,
            **{f"{KIND}{number}": kind for number, kind in enumerate(kinds)},
        }
        given = {name: value for name, value in wanted.items() if value is not None}
        return map(to_entry, self._page(given) if limit is not None else self._in_order(given))

    def sent(self, team: str, file: str) -> tuple[Entry | None, Entry | None]:
        """The first that was received from a team, and that of these bytes (their SHA-256); None: there is none."""
        rows = self._connection.execute(_SENT, {"team": team, "file": file})
        entries = [to_entry(columns(row)) for row in rows]
        return next(iter(entries), None), next((entry for entry in entries if entry.file == file), None)

    def last(self, kind: str) -> Entry | None:
        """The last entry of this kind; None if there is none."""
        row = self._connection.execute(_LAST_OF_KIND, {"kind": kind}).first()
        return to_entry(columns(row)) if row else None

    def ungraded(self) -> Iterator[Entry]:
        """The `received` entries whose submission has no grade."""
        return map(to_entry, self._in_order({f"{KIND}0": "received"}, is_ungraded=True))

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """The entries as they are stored, in order, for whoever checks them."""
        return self._in_order({})

    def head(self) -> Entry | None:
        """The last entry; None in an empty ledger."""
        row = self._connection.execute(_HEAD).first()
        return to_entry(columns(row)) if row else None

    def file(self, digest: str) -> bytes:
        """The bytes kept under this SHA-256.

        Raises:
            LedgerError: there are none, or others.
        """
        data = self._connection.execute(sa.select(FILES.c.data).where(FILES.c.digest == digest)).scalar()
        if data is None:
            raise LedgerError(f"the file {digest} is missing: run podium verify")
        if not isinstance(data, bytes) or hashlib.sha256(data).hexdigest() != digest:
            raise LedgerError(f"the file {digest} does not have its digest: run podium verify")
        return data

    def looks(self) -> dict[str, str]:
        """The team that owns each look."""
        rows = self._connection.execute(sa.select(LOOKS.c.look, LOOKS.c.team))
        return {row.look: row.team for row in rows}

    def account_of(self, look: str) -> str | None:
        """The team with an account whose name has this look."""
        team: str | None = self._connection.execute(_ACCOUNT, {"look": look}).scalar()
        return team

    def sender_of(self, look: str) -> str | None:
        """The team, or the baseline, of this look that has sent something."""
        team: str | None = self._connection.execute(_SENDER, {"look": look}).scalar()
        return team

    def setting(self, name: str) -> str:
        """The value of one of the ledger's own settings.

        Raises:
            LedgerError: it has none of this name.
        """
        value = self._connection.execute(sa.select(SETTINGS.c.value).where(SETTINGS.c.name == name)).scalar()
        if value is None:
            raise LedgerError(f"the ledger has no setting {name!r}: podium restore puts a copy of it there")
        return str(value)

    def damage(self) -> str | None:
        """What SQLite itself finds wrong with the database file; None if nothing, and on a server, which sees to it."""
        if self._connection.dialect.name != "sqlite":
            return None
        report: str = self._connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        return None if report == "ok" else report

    def _in_order(self, given: dict[str, Any], *, is_ungraded: bool = False) -> Iterator[Mapping[str, Any]]:
        """The rows that are as they are wanted, in order, without all of them in memory; see `_statement`.

        SQLite hands out rows as they are asked for. The drivers of PostgreSQL fetch a whole answer, so they are asked
        for it page by page. What a transaction adds meanwhile is not given.
        """
        if (last := self._last_seq()) is not None:
            given = {**given, "until": last}
        if self._connection.dialect.name == "sqlite":
            yield from self._page(given, is_ungraded=is_ungraded)
            return
        while True:
            page = list(self._page({**given, "limit": _PAGE}, is_ungraded=is_ungraded))
            yield from page
            if len(page) < _PAGE:
                return
            given = {**given, "after": page[-1]["seq"]}

    def _page(self, given: dict[str, Any], *, is_ungraded: bool = False) -> Iterator[dict[str, Any]]:
        return map(columns, self._connection.execute(_statement(tuple(given), is_ungraded=is_ungraded), given))

    def _last_seq(self) -> int | None:
        """The last entry that is to be given; None: whatever there is, for it does not change."""
        return None
