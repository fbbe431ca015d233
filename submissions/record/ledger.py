"""The append-only record of a competition: hash-chained entries, and the files as they were sent."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self, TypeVar

import sqlalchemy as sa

from submissions.record.database import Address, Database, Place
from submissions.record.entries import LedgerError
from submissions.record.postgresql import PostgreSQL
from submissions.record.sqlite import WITH_ITS_LOG, SQLite, refuse_stray_log
from submissions.record.tables import LAYOUT, METADATA, SETTINGS
from submissions.record.transaction import Transaction
from submissions.record.view import View

COOKIE_KEY = "cookie_key"
_BUSY_SECONDS = 30
T = TypeVar("T")


class Ledger:
    """The record of one competition, for as many threads as want it. Entries are added and read, never changed.

    Attributes:
        place: where it lies: a SQLite file, or a schema on a PostgreSQL server.
    """

    def __init__(self, place: Place, *, busy_seconds: float = _BUSY_SECONDS) -> None:
        """The ledger that lies there; a writer waits so many seconds for the others.

        Raises:
            LedgerError: there is none, or only its log, it is damaged, or it has another layout; nothing was changed.
        """
        if isinstance(place, Path):
            refuse_stray_log(place)
        if isinstance(place, Path) and not place.exists():
            raise LedgerError(
                f"{place} is missing: put a copy of the ledger there (podium restore), "
                "or set PODIUM_DATABASE if it is on a server"
            )
        self.place = place
        self._database = database_of(place, busy_seconds)
        try:
            with self._database.reading() as connection:
                _demand_layout(self._database, connection)
        except LedgerError:
            self.close()
            raise

    @classmethod
    def create(cls, place: Place) -> Self:
        """A new, empty ledger, for its owner only.

        Raises:
            LedgerError: on the server there is one already, or of one here the log is left; nothing was changed.
            FileExistsError: there is a file already.
        """
        if isinstance(place, Path):
            refuse_stray_log(place)
            place.touch(mode=0o600, exist_ok=False)
        with cls.making(place) as (database, connection):
            if (layout := database.layout(connection)) is not None:
                raise LedgerError(
                    f"{database.name}: a ledger of layout {layout} lies there already; give the competition another "
                    f"slug, or take that schema away if nobody needs it"
                )
            lay_out(database, connection)
        return cls(place)

    @staticmethod
    @contextmanager
    def making(place: Place) -> Iterator[tuple[Database, sa.Connection]]:
        """A transaction that may make a ledger where none is; all of it or, if the block raises, nothing."""
        database = (
            SQLite(place, _BUSY_SECONDS, is_alone=True) if isinstance(place, Path) else PostgreSQL(place, _BUSY_SECONDS)
        )
        try:
            with database.writing() as connection:
                yield database, connection
        finally:
            database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file, or of the connections."""
        self._database.close()

    def tend(self) -> None:
        """Do what commits put off: for whoever writes much, to call now and then from another thread."""
        self._database.tend()

    def glance(self, look: Callable[[View], T]) -> T:
        """What a look by one statement gives; for more than one, see `reading`."""
        return self._database.glance(lambda connection: look(View(connection)))

    @contextmanager
    def reading(self) -> Iterator[View]:
        """One consistent look at the ledger, whatever others write meanwhile."""
        with self._database.reading() as connection:
            yield View(connection)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """The one way to add entries: all of the block's or, if it raises, none.

        Holds the ledger's write lock from the start, so that what the block reads stays true until its commit.

        Raises:
            LedgerError: nothing was recorded; or, where it says so, it is not known whether it was.
        """
        with self._database.writing() as connection:
            transaction = Transaction(connection)
            yield transaction
            transaction.write()


def database_of(place: Place, busy_seconds: float) -> Database:
    """Connections to where a ledger lies."""
    return PostgreSQL(place, busy_seconds) if isinstance(place, Address) else SQLite(place, busy_seconds)


@contextmanager
def made(place: Place) -> Iterator[None]:
    """A new, empty ledger; where the block raises, that on a server is taken away again (a file goes with its folder).

    Raises:
        LedgerError, FileExistsError: there is one already.
    """
    Ledger.create(place).close()
    try:
        yield
    except BaseException:
        if isinstance(place, Address):
            database = PostgreSQL(place, _BUSY_SECONDS)
            database.remove()
            database.close()
        raise


def lay_out(database: Database, connection: sa.Connection) -> None:
    """Make the tables, and the settings of a new ledger."""
    database.make_room(connection)
    METADATA.create_all(connection, checkfirst=False)
    settings = {"layout": str(LAYOUT), COOKIE_KEY: secrets.token_urlsafe(32)}
    connection.execute(SETTINGS.insert(), [{"name": name, "value": value} for name, value in settings.items()])


def _demand_layout(database: Database, connection: sa.Connection) -> None:
    layout = database.layout(connection)
    if layout is None:
        raise LedgerError(f"{database.name} holds no ledger: podium restore puts a copy of it there")
    if layout > LAYOUT:
        raise LedgerError(
            f"{database.name} has layout {layout}; this podium reads layout {LAYOUT}: use the podium that made it, "
            "or a newer one"
        )
    if layout < LAYOUT:
        raise LedgerError(
            f"{database.name} has layout {layout}; this podium writes layout {LAYOUT}: move it aside, "
            f"{WITH_ITS_LOG}, and podium restore with its new name makes a ledger of layout {LAYOUT} of it"
        )
