"""The append-only record of a competition: hash-chained entries, and the files as they were sent."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from submissions import moments
from submissions.entries import BEFORE_THE_FIRST, Entry, LedgerError, canonical, chained, columns, to_entry
from submissions.tables import ENTRIES, FILES, LOOKS, METADATA, SCHEMA_VERSION, create_engine
from submissions.teams import InvalidTeam


class Ledger:
    """The record of one competition. Entries are added and read, never changed."""

    def __init__(self, path: Path, *, busy_seconds: float = 30) -> None:
        if not path.exists():
            raise LedgerError(f"{path} is missing: put a copy of the ledger there")
        self._path = path
        self._engine = create_engine(path, busy_seconds)
        try:
            self._demand_layout()
        except LedgerError:
            self.close()
            raise

    def _demand_layout(self) -> None:
        with self._reporting(), self._engine.connect() as connection:
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version == 0:
            raise LedgerError(
                f"{self._path} holds no ledger: it is empty or was cut off; put a copy of the ledger there"
            )
        if version != SCHEMA_VERSION:
            raise LedgerError(f"{self._path} has layout {version}; this podium reads layout {SCHEMA_VERSION}")

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new, empty ledger, for its owner only."""
        path.touch(mode=0o600, exist_ok=False)
        engine = create_engine(path, busy_seconds=0)
        try:
            with engine.execution_options(writes=True).begin() as connection:
                METADATA.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
        except DBAPIError as error:
            raise LedgerError(_explain(str(error.orig), path)) from error
        finally:
            engine.dispose()
        return cls(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator["View"]:
        """One consistent look at the ledger, whatever others write meanwhile."""
        with self._reporting(), self._engine.begin() as connection:
            yield View(connection)

    @contextmanager
    def writing(self) -> Iterator["Transaction"]:
        """The one way to add entries: all of the block's or, if it raises, none.

        Holds the ledger's write lock from the start, so that what the block reads stays true until its commit.
        """
        with self._reporting(), self._engine.execution_options(writes=True).begin() as connection:
            yield Transaction(connection)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise LedgerError(_explain(str(error.orig), self._path)) from error


class View:
    """What the ledger holds at one moment."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def entries(
        self,
        *kinds: str,
        team: str | None = None,
        submission: int | None = None,
        file: str | None = None,
    ) -> Iterator[Entry]:
        """The entries in order: all, or those of these kinds, this team, this submission, this file."""
        query = sa.select(ENTRIES).order_by(ENTRIES.c.seq)
        if kinds:
            query = query.where(ENTRIES.c.kind.in_(kinds))
        for column, value in ((ENTRIES.c.team, team), (ENTRIES.c.submission, submission), (ENTRIES.c.file, file)):
            if value is not None:
                query = query.where(column == value)
        return map(to_entry, map(columns, self._connection.execute(query)))

    def last(self, kind: str) -> Entry | None:
        """The last entry of this kind; None if there is none."""
        query = sa.select(ENTRIES).where(ENTRIES.c.kind == kind).order_by(ENTRIES.c.seq.desc()).limit(1)
        row = self._connection.execute(query).first()
        return to_entry(columns(row)) if row else None

    def ungraded(self) -> Iterator[Entry]:
        """The `received` entries whose submission has no grade."""
        graded = sa.select(ENTRIES.c.submission).where(ENTRIES.c.kind == "graded")
        query = sa.select(ENTRIES).where(ENTRIES.c.kind == "received", ENTRIES.c.submission.not_in(graded))
        return map(to_entry, map(columns, self._connection.execute(query.order_by(ENTRIES.c.seq))))

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """The entries as they are stored, in order, for whoever checks them."""
        return map(columns, self._connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.seq)))

    def head(self) -> Entry | None:
        """The last entry; None in an empty ledger."""
        row = self._connection.execute(sa.select(ENTRIES).order_by(ENTRIES.c.seq.desc()).limit(1)).first()
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

    def damage(self) -> str | None:
        """What SQLite itself finds wrong with the database file; None if nothing."""
        report: str = self._connection.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        return None if report == "ok" else report


class Transaction(View):
    """A look at the ledger that may also add to it."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        head = self.head()
        self._next_seq = head.seq + 1 if head else 1
        self._previous = head.digest if head else BEFORE_THE_FIRST

    @property
    def next_submission(self) -> int:
        """The number of the next submission, from 1."""
        last = self._connection.execute(sa.select(sa.func.max(ENTRIES.c.submission))).scalar()
        return (last or 0) + 1

    def append(
        self,
        kind: str,
        at: datetime,
        body: Mapping[str, Any],
        *,
        team: str | None = None,
        submission: int | None = None,
        file: str | None = None,
    ) -> Entry:
        """Add an entry at the end of the chain."""
        row = self._chained(kind, at, body, team, submission, file)
        self._connection.execute(ENTRIES.insert(), row)
        return to_entry(row)

    def append_all(self, kind: str, at: datetime, bodies: Iterable[tuple[str, int, Mapping[str, Any]]]) -> None:
        """Add many entries of one kind at once, each of a team and a submission of its own."""
        rows = [self._chained(kind, at, body, team, submission, None) for team, submission, body in bodies]
        if rows:
            self._connection.execute(ENTRIES.insert(), rows)

    def _chained(
        self,
        kind: str,
        at: datetime,
        body: Mapping[str, Any],
        team: str | None,
        submission: int | None,
        file: str | None,
    ) -> dict[str, Any]:
        """The row of the next entry."""
        row: dict[str, Any] = {
            "seq": self._next_seq,
            "kind": kind,
            "at": moments.write(at),
            "team": team,
            "submission": submission,
            "file": file,
            "body": canonical(body),
            "previous": self._previous,
        }
        row["digest"] = chained(row)
        self._next_seq += 1
        self._previous = row["digest"]
        return row

    def keep(self, data: bytes, digest: str) -> None:
        """Keep a file under its SHA-256; once, however often it is sent."""
        if self._connection.execute(sa.select(FILES.c.digest).where(FILES.c.digest == digest)).first() is None:
            self._connection.execute(FILES.insert().values(digest=digest, data=data))

    def claim(self, team: str, look: str) -> None:
        """Take a team's name for it, and with it every name of the same look.

        Raises:
            InvalidTeam: another team has a name that looks the same.
        """
        owner = self._connection.execute(sa.select(LOOKS.c.team).where(LOOKS.c.look == look)).scalar()
        if owner is None:
            self._connection.execute(LOOKS.insert().values(look=look, team=team))
        elif owner != team:
            raise InvalidTeam(team, f"looks like the team {owner!r}; use that spelling, or another name")


def _explain(reason: str, path: Path) -> str:
    for words, mend in _MENDS.items():
        if any(word in reason for word in words):
            return f"{path}: {mend} ({reason})"
    return f"{path}: {reason}"


_MENDS = {
    ("locked", "busy"): "another program holds the ledger; try again when it has finished",
    ("full",): "the disk is full; nothing was recorded; make room and run the command again",
    ("readonly", "unable to open", "disk I/O"): "the ledger cannot be written; check the folder's permissions and disk",
    ("malformed", "not a database", "corrupt", "no such table"): "the ledger is damaged; put a copy of it there",
}
