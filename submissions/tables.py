"""How the ledger lies in SQLite: its tables, and connections that commit only what is safely on disk."""

import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

SCHEMA_VERSION = 1
_WAIT_SECONDS = 0.25  # SQLite waits for a lock deaf to Ctrl-C; so it waits briefly, and often

METADATA = sa.MetaData()
ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("team", sa.Text),
    sa.Column("submission", sa.Integer),
    sa.Column("file", sa.Text),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Index("entries_by_team", "team", "kind"),
    sa.Index("entries_by_submission", "submission", "kind"),
)
FILES = sa.Table(
    "files",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("data", sa.LargeBinary, nullable=False),
)
# Which team was the first of those that look alike; it follows from the entries.
LOOKS = sa.Table(
    "looks",
    METADATA,
    sa.Column("look", sa.Text, primary_key=True),
    sa.Column("team", sa.Text, nullable=False),
)


def create_engine(path: Path, busy_seconds: float) -> sa.Engine:
    """Connections to the SQLite file, in WAL mode and synchronous FULL: a commit survives a power cut.

    The driver's own transactions begin at the first write; a quota must be read in the transaction that uses it up.
    So they are switched off, and each begins here: at once as a writer (IMMEDIATE) if the connection's option
    `writes` says so. Source: SQLAlchemy's notes on pysqlite, "Serializable isolation / Savepoints".
    """
    url = sa.URL.create("sqlite", database=str(path))
    # What SQLAlchemy says of an error goes into tracebacks, and the parameters may be private scores.
    engine = sa.create_engine(url, connect_args={"timeout": _WAIT_SECONDS}, hide_parameters=True)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        if not connection.get_execution_options().get("writes", False):
            connection.exec_driver_sql("BEGIN")
            return
        give_up_at = time.monotonic() + busy_seconds
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except sa.exc.OperationalError:
                if time.monotonic() >= give_up_at:
                    raise
            else:
                return

    return engine
