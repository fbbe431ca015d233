"""Copies of a ledger: a whole one while it goes on, and a whole one put back; row by row, whatever the database."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from submissions.files import PART
from submissions.record import chain
from submissions.record.database import Database, Place
from submissions.record.entries import LedgerError
from submissions.record.ledger import Ledger, lay_out
from submissions.record.sqlite import WITH_ITS_LOG, SQLite, refuse_stray_log
from submissions.record.tables import ENTRIES, FILES, LAYOUT, LOOKS, METADATA, SETTINGS
from submissions.record.view import View

Tell = Callable[[int], None]  # how many more rows are done

_BUSY_SECONDS = 30
_OF_LAYOUT_1 = (ENTRIES, FILES, LOOKS)
_FEW, _MANY = 8, 1_000  # rows at a time: of files, which may be large, and of all else


class NotEmpty(LedgerError):
    """A ledger with something in it lies where one was to be put."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was copied, and proved.

    Attributes:
        entries: how many.
        head: the digest of the last; "" if there are none.
    """

    entries: int
    head: str


def size(view: View) -> int:
    """How many rows there are to copy."""
    return sum(_count(view.connection, table) for table in METADATA.sorted_tables)


def back_up(ledger: Ledger, path: Path, tell: Tell, *, replace: bool = False) -> Copy:
    """A copy of the ledger as it is at one moment, while others write to it: a SQLite file for its owner only.

    It is written beside its place, read again and proved, and then moved there. `tell` hears of every row.

    Raises:
        FileExistsError: there is a file already, and it is not to be replaced.
        LedgerError: the ledger cannot be read, or the copy cannot be written.
        BrokenChain: the ledger is not as it was written; there is no copy.
    """
    _refuse_another(path, replace=replace)
    beside = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        with Ledger.making(beside) as (database, connection), ledger.reading() as view:
            lay_out(database, connection)
            _copy(view.connection, connection, METADATA.sorted_tables, tell)
        made = _proved(SQLite(beside, _BUSY_SECONDS, is_read=True))
        _refuse_another(path, replace=replace)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
        beside.with_name(f"{beside.name}-journal").unlink(missing_ok=True)
    return made


def restore(source: Path, place: Place, tell: Callable[[int], Tell]) -> Copy:
    """Put a copy where no ledger lies, or an empty one: all of it, in one transaction, or nothing.

    The copy is a ledger's file of layout 1 or 2; what is made of it has the layout of today. `tell` is called with the
    number of rows, and gives what hears of every row.

    Raises:
        BrokenChain: the copy is not as it was written.
        NotEmpty: there is a ledger.
        LedgerError: the copy cannot be read, or the ledger not be written.
    """
    if not source.is_file():
        raise LedgerError(f"{source} is missing: name the file that podium backup wrote")
    refuse_stray_log(source)
    if isinstance(place, Path) and place.exists() and place.samefile(source):
        raise LedgerError(
            f"{source} is where the ledger is to lie: move it aside, {WITH_ITS_LOG}, and name where it is then"
        )
    database = SQLite(source, _BUSY_SECONDS, is_read=True)
    try:
        with database.reading() as copied:
            tables = _tables(database, copied)
            chain.verify(View(copied))
            told = tell(sum(_count(copied, table) for table in tables))
            return _put(copied, tables, place, told)
    finally:
        database.close()


def _put(copied: sa.Connection, tables: list[sa.Table], place: Place, tell: Tell) -> Copy:
    is_new = isinstance(place, Path) and not place.exists()
    if isinstance(place, Path):
        refuse_stray_log(place)
        place.touch(mode=0o600)
    try:
        with Ledger.making(place) as (database, connection):
            _demand_empty(database, connection)
            _copy(copied, connection, tables, tell)
            database.settle(connection)
            given = _look(View(copied))
            chain.verify(View(connection), holds=given.head or None)
            return given
    except BaseException:
        if is_new and isinstance(place, Path):
            place.unlink(missing_ok=True)
        raise


def _demand_empty(database: Database, connection: sa.Connection) -> None:
    layout = database.layout(connection)
    if layout is None:
        lay_out(database, connection)
        return
    is_empty = layout == LAYOUT and not any(
        _count(connection, table) for table in METADATA.sorted_tables if table is not SETTINGS
    )
    if not is_empty:
        raise NotEmpty(
            f"{database.name} is a ledger with something in it: it is never written over; move it aside first, "
            f"{WITH_ITS_LOG}, or restore into another folder"
        )


def _copy(source: sa.Connection, target: sa.Connection, tables: list[sa.Table], tell: Tell) -> None:
    """All rows of these tables, into a ledger that is empty but for its settings, which stay its own.

    Its key for cookies above all: a member who came after the copy was made may have had a number that is given again.
    """
    for table in (one for one in tables if one is not SETTINGS):
        for rows in _portions(source, table):
            target.execute(table.insert(), rows)
            tell(len(rows))


def _portions(source: sa.Connection, table: sa.Table) -> Iterator[list[dict[str, Any]]]:
    """The rows of a table in the order of its key, some at a time."""
    most, key = _FEW if table is FILES else _MANY, list(table.primary_key.columns)
    query = sa.select(table).order_by(*key).limit(most)
    while rows := [dict(row) for row in source.execute(query).mappings()]:
        yield rows
        last = sa.tuple_(*(sa.literal(rows[-1][column.name], column.type) for column in key))
        query = sa.select(table).where(sa.tuple_(*key) > last).order_by(*key).limit(most)


def _tables(database: Database, connection: sa.Connection) -> list[sa.Table]:
    """The tables of the layout that a copy has."""
    layout = database.layout(connection)
    if layout is None:
        raise LedgerError(f"{database.name} holds no ledger: it is empty or was cut off")
    if layout > LAYOUT:
        raise LedgerError(f"{database.name} has layout {layout}; this podium reads layouts 1 to {LAYOUT}")
    return [table for table in METADATA.sorted_tables if layout == LAYOUT or table in _OF_LAYOUT_1]


def _proved(database: SQLite) -> Copy:
    try:
        with database.reading() as connection:
            view = View(connection)
            return Copy(chain.verify(view), _look(view).head)
    finally:
        database.close()


def _look(view: View) -> Copy:
    head = view.head()
    return Copy(_count(view.connection, ENTRIES), head.digest if head else "")


def _count(connection: sa.Connection, table: sa.Table) -> int:
    count: int = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return count


def _refuse_another(path: Path, *, replace: bool) -> None:
    refuse_stray_log(path)  # it would be read as part of the copy
    if path.exists() and not replace:
        raise FileExistsError(17, "there is a file already; --force replaces it", str(path))
