"""A ledger on a PostgreSQL server, in a schema of its own: one database serves several competitions and many desks."""

import hashlib
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from submissions.record import server
from submissions.record.database import WRITES, Address, Database
from submissions.record.entries import LedgerError
from submissions.record.tables import MEMBERS, SETTINGS

_LONGEST_NAME = 63  # bytes, of PostgreSQL

_UNREACHABLE = "the database cannot be reached; nothing was recorded; try again"
# By the beginning of the SQLSTATE. Source: PostgreSQL's manual, appendix A.
_MENDS = {
    "55P03": Database.locked,
    "25P02": Database.broken,
    "57014": "the database broke off a statement; nothing was recorded; try again",
    "53100": "the disk of the database is full; nothing was recorded; make room and run the command again",
    "53": "the database has no room or no connection left; nothing was recorded; try again",
    "57P": _UNREACHABLE,
    "08": _UNREACHABLE,
    "28": "the database does not let us in; check user and password in PODIUM_DATABASE",
    "3D000": "there is no such database; createdb makes one",
    "42501": "the user of PODIUM_DATABASE lacks a right; it needs CREATE on the database, or the schema for its own",
    "25006": "the database takes no writing; PODIUM_DATABASE must name the primary server",
    "42P01": "the ledger is damaged; podium restore puts a copy of it there",
}
_WORDS = {"password": "28", "pg_hba": "28", "role ": "28", "database ": "3D000", "too many": "53", "slots": "53"}
_GONE = ("57P01", "57P02", "57P03", "08")


class PostgreSQL(Database):
    """Connections to the schema. Writers queue for one lock; readers wait for nobody."""

    def __init__(self, address: Address, busy_seconds: float) -> None:
        url = server.url_of(address.url)
        self.schema = schema_of(address.slug)
        self._begins = {writes: _begin_words(self.schema, busy_seconds, writes=writes) for writes in (False, True)}
        engine = server.engine(url)
        sa.event.listen(engine, "connect", self._settle_in)
        super().__init__(f"{server.shown(url)}, schema {self.schema}", engine)

    def layout(self, connection: sa.Connection) -> int | None:
        """The number of the layout that lies there; None if none does."""
        if not self._has_schema(connection) or not (tables := self._tables(connection)):
            return None
        if SETTINGS.name not in tables:
            raise LedgerError(f"{self.name} holds tables, but no ledger of podium")
        value = connection.execute(sa.select(SETTINGS.c.value).where(SETTINGS.c.name == "layout")).scalar()
        if value is None or not str(value).isdecimal():
            raise LedgerError(f"{self.name} is damaged: it does not tell its layout; podium restore puts a copy there")
        return int(value)

    def make_room(self, connection: sa.Connection) -> None:
        """The schema; one that an administrator has made for us is taken, where it is empty.

        Raises:
            LedgerError: the database does not keep texts in UTF-8.
        """
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
        if encoding != "UTF8":
            raise LedgerError(f"{self.name}: the database has the encoding {encoding}; a ledger needs UTF8")
        if not self._has_schema(connection):
            connection.exec_driver_sql(f'CREATE SCHEMA "{self.schema}"')

    def settle(self, connection: sa.Connection) -> None:
        """Numbers go on behind those that were copied."""
        last = sa.select(sa.func.max(MEMBERS.c.member)).scalar_subquery()
        connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(MEMBERS.name, "member"), last)))

    def remove(self) -> None:
        """Take the schema away again, with the ledger in it."""
        with self.writing() as connection:
            connection.exec_driver_sql(f'DROP SCHEMA "{self.schema}" CASCADE')

    def _has_schema(self, connection: sa.Connection) -> bool:
        query = sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
        return connection.execute(query, {"schema": self.schema}).scalar() is not None

    def _tables(self, connection: sa.Connection) -> set[str]:
        query = sa.text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
        return set(connection.execute(query, {"schema": self.schema}).scalars())

    def _settle_in(self, connection: Any, _record: object) -> None:
        connection.cursor().execute(f'SET search_path = "{self.schema}", pg_temp')

    def _begin(self, connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql(self._begins[writes], execution_options={"no_parameters": True})

    @staticmethod
    def _note(context: sa.engine.ExceptionContext) -> None:
        if (_sqlstate(context.original_exception) or "").startswith(_GONE):
            context.is_disconnect = True
        Database._note(context)

    def _explain(self, error: DBAPIError) -> str:
        code, reason = _sqlstate(error.orig), _reason(error.orig)
        if code is None:
            # Of a connection that was not made drivers tell the reason in words only.
            code = next((code for words, code in _WORDS.items() if words in reason), "08")
        mend = next((mend for prefix, mend in _MENDS.items() if code.startswith(prefix)), None)
        return f"{mend} ({reason})" if mend else reason


def schema_of(slug: str) -> str:
    """The name of a competition's schema: its own, and fit for PostgreSQL without quotation marks.

    A slug holds no two hyphens in a row, so a name that had to be cut, with __ in it, is no other slug's.
    """
    name = f"podium_{slug.replace('-', '_')}"
    if len(name) <= _LONGEST_NAME:
        return name
    end = f"__{hashlib.sha256(slug.encode()).hexdigest()[:16]}"
    return name[: _LONGEST_NAME - len(end)] + end


def _begin_words(schema: str, busy_seconds: float, *, writes: bool) -> str:
    """The beginning of a transaction, in one round trip.

    The lock is one of our own (advisory), for a lock on a table would fight with autovacuum. What a writer reads comes
    after it, and each of its statements sees all that is committed (READ COMMITTED); only writers change anything.
    """
    mode = "" if writes else " ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    words = [
        f"BEGIN{mode}",
        f'SET LOCAL search_path = "{schema}", pg_temp',
        f"SET LOCAL lock_timeout = {max(1, round(1000 * busy_seconds))}",
    ]
    if writes:
        key = int.from_bytes(hashlib.sha256(f"podium {schema}".encode()).digest()[:8], signed=True)
        # A server may be told to promise a commit before it is on disk: not ours.
        words += ["SET LOCAL synchronous_commit = on", f"SELECT pg_advisory_xact_lock({key})"]
    return "; ".join(words)


def _sqlstate(error: BaseException | None) -> str | None:
    facts = getattr(error, "args", ())[:1]
    return facts[0].get("C") if facts and isinstance(facts[0], dict) else None


def _reason(error: BaseException | None) -> str:
    """The database's own words, in one line, without its details: they may hold what was sent."""
    facts = getattr(error, "args", ())[:1]
    if facts and isinstance(facts[0], dict):
        return str(facts[0].get("M"))
    return str(error).partition("\n")[0] or type(error).__name__
