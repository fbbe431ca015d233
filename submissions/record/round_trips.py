"""pg8000 with one round trip for a statement, where it makes three: a writer holds the lock through all of them.

Parse, Bind, Describe, Execute and Sync go out together, as "Extended Query" in PostgreSQL's manual (Message Flow) has
it; pg8000 waits after the first and after the third. It builds its messages and reads the answers as ever.
"""

from contextlib import suppress
from functools import lru_cache
from typing import Any

from pg8000 import core, dbapi
from pg8000.converters import make_params

_NUL = b"\0"
_NO_TYPES = b"\0\0"  # the server sees them from the statement
_TAIL = core._create_message(core.DESCRIBE, core.PORTAL + _NUL) + core.EXECUTE_MSG + core.SYNC_MSG
_STATEMENTS = 512
# A server that says nothing for so long is gone. Nobody else would tell: TCP itself tries for a quarter of an hour.
ANSWER_SECONDS = 90.0  # three times as long as a lock is waited for
_LONG = 10_000  # characters: a statement of many rows, and hardly ever again of as many


class Connection(dbapi.Connection):  # type: ignore[misc]  # untyped
    """A connection of pg8000, in which statements begin no transaction by themselves."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.autocommit = True
        self._usock.settimeout(ANSWER_SECONDS)  # the one before was for the handshake

    def cursor(self) -> "Cursor":
        """A new cursor."""
        return Cursor(self)

    def close(self) -> None:
        """Take leave of the server, if it is still there."""
        with suppress(dbapi.InterfaceError, OSError):
            super().close()

    def execute_unnamed(self, statement: str, vals: Any = (), oids: Any = (), stream: Any = None) -> Any:  # noqa: ARG002
        """Run one statement, with its parameters."""
        context = core.Context(statement, stream=stream)
        if self._sock is None:
            raise dbapi.InterfaceError("connection is closed")
        parse = core._create_message(core.PARSE, _NUL + statement.encode() + _NUL + _NO_TYPES)
        core._write(self._sock, parse + _bind(make_params(self.py_types, vals)) + _TAIL)
        core._flush(self._sock)
        self.handle_messages(context)
        return context

    def handle_messages(self, context: Any) -> None:
        """Read the answer; a connection that is cut off within it is told as such."""
        try:
            super().handle_messages(context)
        except OSError as error:
            raise dbapi.InterfaceError("network error") from error


class Cursor(dbapi.Cursor):  # type: ignore[misc]  # untyped
    """A cursor that reads the place-holders of a statement once."""

    def execute(self, operation: str, args: Any = (), stream: Any = None) -> "Cursor":  # noqa: ARG002
        """Run one statement, or several without parameters."""
        if args:
            number = _numbered if len(operation) < _LONG else _numbered.__wrapped__
            self._context = self._c.execute_unnamed(number(operation), vals=args)
        else:
            self._context = self._c.execute_simple(operation)
        self._row_iter = None if self._context.rows is None else iter(self._context.rows)
        return self


@lru_cache(_STATEMENTS)
def _numbered(operation: str) -> str:
    """The statement with $1 for its first %s."""
    statement: str = dbapi.convert_paramstyle("format", operation, ())[0]
    return statement


def _bind(parameters: Any) -> bytes:
    """The parameters as text, for the unnamed portal."""
    parts = [_NUL, _NUL, core.H_pack(0), core.H_pack(len(parameters))]
    for value in parameters:
        data = None if value is None else value.encode()
        parts += [core.i_pack(-1)] if data is None else [core.i_pack(len(data)), data]
    return bytes(core._create_message(core.BIND, b"".join([*parts, core.H_pack(0)])))
