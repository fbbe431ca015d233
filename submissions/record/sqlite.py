"""A ledger in one SQLite file."""

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, OperationalError

from submissions.record.database import WRITES, Database
from submissions.record.entries import LedgerError
from submissions.record.tables import LAYOUT

WITH_ITS_LOG = "with its -wal and -shm if they are there"  # how a ledger's file is to be moved
_MOST_PAGES = 8_000  # of 4 KiB in the log, before a commit copies them by itself
_WAIT_SECONDS = 0.25  # SQLite waits for a lock deaf to Ctrl-C; so it waits briefly, and often
_BUSY = ("locked", "busy")
_MENDS = {
    _BUSY: Database.locked,
    ("full",): "the disk is full; nothing was recorded; make room and run the command again",
    ("readonly", "unable to open", "disk I/O"): (
        "the ledger cannot be written; check the folder's permissions and disk"
    ),
    ("malformed", "not a database", "corrupt", "no such table"): "the ledger is damaged; put a copy of it there",
}


class SQLite(Database):
    """Connections to the file, in WAL mode and synchronous FULL: a commit survives a power cut.

    The driver's own transactions begin at the first write; a quota must be read in the transaction that uses it up.
    So they are switched off, and each begins here: at once as a writer (IMMEDIATE) if it is to write. Source:
    SQLAlchemy's notes on pysqlite, "Serializable isolation / Savepoints".
    """

    def __init__(self, path: Path, busy_seconds: float, *, is_alone: bool = False, is_read: bool = False) -> None:
        """`is_alone`: no WAL, the file is all there is; `is_read`: as it lies, and nothing is written beside it."""
        self._path, self._busy_seconds = path, busy_seconds
        arguments = {"timeout": _WAIT_SECONDS, "check_same_thread": False}
        # What SQLAlchemy says of an error goes into tracebacks, and the parameters may be private scores.
        engine = sa.create_engine(_url(path, is_read=is_read), connect_args=arguments, hide_parameters=True)

        @sa.event.listens_for(engine, "connect")
        def _prepare(connection: Any, _record: object) -> None:
            connection.isolation_level = None
            if not (is_alone or is_read):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(f"PRAGMA wal_autocheckpoint = {_MOST_PAGES}")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")

        super().__init__(str(path), engine)

    def layout(self, connection: sa.Connection) -> int | None:
        """The number of the layout that lies there; None if none does."""
        version: int = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if version:
            return version
        if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
            raise LedgerError(f"{self.name} is a database, but no ledger of podium")
        return None

    def make_room(self, connection: sa.Connection) -> None:
        """The layout is told to SQLite too: a podium of layout 1 looks for it there."""
        connection.exec_driver_sql(f"PRAGMA user_version = {LAYOUT}")

    def tend(self) -> None:
        """Copy from the log to the file (checkpoint): some ten milliseconds, and far more on a busy disk."""
        self.glance(lambda connection: connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").close())

    def settle(self, connection: sa.Connection) -> None:
        """Nothing: SQLite goes on counting from what is there."""

    def _begin(self, connection: sa.Connection) -> None:
        if not connection.get_execution_options().get(WRITES, False):
            connection.exec_driver_sql("BEGIN")
            return
        give_up_at = time.monotonic() + self._busy_seconds
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if time.monotonic() >= give_up_at or not any(word in str(error.orig) for word in _BUSY):
                    raise
            else:
                return

    def _explain(self, error: DBAPIError) -> str:
        reason = str(error.orig)
        mend = next((mend for words, mend in _MENDS.items() if any(word in reason for word in words)), None)
        return f"{mend} ({reason})" if mend else reason


def refuse_stray_log(path: Path) -> None:
    """Nothing, if a ledger may be made, or opened, there.

    Raises:
        LedgerError: there is the log of a ledger that was moved away. SQLite would delete it, and with it what was
            committed last.
    """
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and not (path.exists() and path.stat().st_size):
        raise LedgerError(
            f"{log} holds what was committed last to a ledger that was moved away without it: move it to that ledger's "
            "side, under its name with -wal at the end, and begin again"
        )


def _url(path: Path, *, is_read: bool) -> sa.URL:
    if not is_read:
        return sa.URL.create("sqlite", database=str(path))
    # A file in WAL mode without its -wal is whole, and nobody has it open: then nothing need be written beside it.
    is_whole = not path.with_name(f"{path.name}-wal").exists()
    query = {"uri": "true", "mode": "ro", **({"immutable": "1"} if is_whole else {})}
    return sa.URL.create("sqlite", database=path.absolute().as_uri(), query=query)
