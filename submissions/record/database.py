"""Where a ledger lies: transactions in a database, and the database's errors in our words."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from submissions.record.entries import LedgerError

WRITES = "writes"  # the option of a connection whose transaction is to write
GLANCES = "glances"  # that of one which needs no transaction
T = TypeVar("T")
_SPOILT = "is_spoilt"


@dataclass(frozen=True, slots=True)
class Address:
    """A competition's ledger on a PostgreSQL server. Where it is sent to another process, the password goes with it.

    Attributes:
        url: of the database: postgresql://user:password@host:port/name.
        slug: the competition's.
    """

    url: str = field(repr=False)
    slug: str


Place: TypeAlias = Path | Address


class Database(ABC):
    """Connections to one ledger, for as many threads as want them.

    Attributes:
        name: where it lies, in words that hold no password.
        locked, lost, unknown: what is wrong, and the mend, in words.
    """

    locked = "another program holds the ledger; try again when it has finished"
    broken = "a statement of this transaction failed before; nothing was recorded"
    unknown = (
        "the connection was lost while the database recorded this: it may have been recorded; look, or send the same "
        "file again: the same file gets the same receipt"
    )

    def __init__(self, name: str, engine: sa.Engine) -> None:
        self.name, self._engine = name, engine
        sa.event.listen(engine, "begin", self._begin_unless_glancing)
        sa.event.listen(engine, "handle_error", self._note)

    @abstractmethod
    def layout(self, connection: sa.Connection) -> int | None:
        """The number of the layout that lies there; None if none does."""

    @abstractmethod
    def make_room(self, connection: sa.Connection) -> None:
        """Whatever must be there before the first table."""

    def tend(self) -> None:
        """Do what the database puts off, so that no commit has to; nothing, where it sees to that by itself."""
        return

    @abstractmethod
    def settle(self, connection: sa.Connection) -> None:
        """Whatever must be set once the tables are filled."""

    def _begin_unless_glancing(self, connection: sa.Connection) -> None:
        if not connection.get_execution_options().get(GLANCES, False):
            self._begin(connection)

    @abstractmethod
    def _begin(self, connection: sa.Connection) -> None:
        """Begin the transaction; one that writes holds the write lock from here on."""

    @abstractmethod
    def _explain(self, error: DBAPIError) -> str:
        """What is wrong, and the mend."""

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def glance(self, look: Callable[[sa.Connection], T]) -> T:
        """What a look by one statement gives: it needs no transaction, and so the fewest trips to the database.

        On a connection that died while it lay idle it is tried once more.
        """
        with self._reporting():
            try:
                return self._glance(look)
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
            return self._glance(look)

    def _glance(self, look: Callable[[sa.Connection], T]) -> T:
        with self._engine.connect().execution_options(**{GLANCES: True}) as connection:
            return look(connection)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees the database as it is at one moment."""
        with self._transaction(writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that holds the write lock; once the block has ended, what it wrote is safely on disk.

        Raises:
            LedgerError: nothing was recorded; or, where it says so, it is not known whether it was.
        """
        with self._transaction(writes=True) as connection:
            yield connection
            with self._knowing():
                if connection.info.get(_SPOILT):
                    raise LedgerError(f"{self.name}: {self.broken}")
                connection.commit()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[sa.Connection]:
        with self._reporting(), self._begun(writes=writes) as connection:
            connection.info.pop(_SPOILT, None)
            yield connection

    def _begun(self, *, writes: bool) -> sa.Connection:
        """A connection with its transaction begun; one that died while it lay idle is replaced, once."""
        try:
            return self._connect(writes=writes)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        return self._connect(writes=writes)

    def _connect(self, *, writes: bool) -> sa.Connection:
        connection = self._engine.connect().execution_options(**{WRITES: writes})
        try:
            connection.begin()
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _knowing(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            raise LedgerError(f"{self.name}: {self.unknown}") from error

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise LedgerError(f"{self.name}: {self._explain(error)}") from error
        except NoConnectionLeft as error:
            raise LedgerError(f"{self.name}: all connections of this program are in use; try again") from error
        except PendingRollbackError as error:
            raise LedgerError(f"{self.name}: {self.broken}") from error

    @staticmethod
    def _note(context: sa.engine.ExceptionContext) -> None:
        # PostgreSQL would end such a transaction without a word, and without what it wrote.
        if context.connection is not None and not context.is_disconnect:
            context.connection.info[_SPOILT] = True
