"""The way to a PostgreSQL server: its address, and connections to it. Nothing here tells a password to anybody."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import ExitStack
from types import ModuleType
from typing import Any

import sqlalchemy as sa

from submissions.record.entries import LedgerError

_SCHEMES = frozenset({"postgresql", "postgres", "postgresql+pg8000"})
_OPTIONS = frozenset({"host", "port", "sslmode", "sslrootcert"})  # those of libpq that pg8000 is given
_FORM = "write it as postgresql://USER:PASSWORD@HOST:PORT/NAME, with %40 for an @ in the password"
_PLAIN = {"disable": False, "allow": None, "prefer": None, "require": True}
_SSLMODES = (*_PLAIN, "verify-ca", "verify-full")
_PORT = 5432
_CONNECT_SECONDS = 10
# A peer that is gone is noticed within a minute, on both sides: a desk that lost its power holds the lock no longer.
_KEEPALIVE = {"idle": 30, "interval": 10, "count": 3}


def url_of(text: str) -> sa.URL:
    """The address of a database as SQLAlchemy has it.

    Raises:
        LedgerError: it is none; without a word of it.
    """
    url = _parsed(text)
    if url is None:
        raise LedgerError(f"PODIUM_DATABASE is no address of a PostgreSQL database; {_FORM}")
    if strange := sorted(set(url.query) - _OPTIONS):
        raise LedgerError(f"PODIUM_DATABASE: unknown option {strange[0]!r}; known are {', '.join(sorted(_OPTIONS))}")
    if url.query.get("sslmode", "prefer") not in _SSLMODES:
        raise LedgerError(f"PODIUM_DATABASE: sslmode must be one of {', '.join(_SSLMODES)}")
    if not url.username:
        raise LedgerError(f"PODIUM_DATABASE names no user; {_FORM}")
    return url.set(drivername="postgresql+pg8000")


def _parsed(text: str) -> sa.URL | None:
    try:
        url = sa.make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        return None
    # An @ in a password that is not written as %40 ends it early: what follows would stand in every message.
    is_whole = url.drivername in _SCHEMES and "@" not in (url.host or "") and bool(url.database)
    return url if is_whole and _host(url)[1].isdecimal() else None


def shown(url: sa.URL) -> str:
    """Where the database is, in words."""
    host, port = _host(url)
    return f"database {url.database} at {host if host.startswith('/') else f'{host}:{port}'}"


def _host(url: sa.URL) -> tuple[str, str]:
    """The host, or the folder of its socket, and the port."""
    host, port = url.query.get("host", url.host or "localhost"), url.query.get("port", url.port or _PORT)
    return str(host), str(port)


def engine(url: sa.URL) -> sa.Engine:
    """Connections in which a transaction begins only where we begin it.

    Raises:
        LedgerError: the driver is not installed.
    """
    try:
        # What SQLAlchemy says of an error goes into tracebacks, and the parameters may be private scores.
        made = sa.create_engine(url, hide_parameters=True)
    except ImportError:
        raise LedgerError("PODIUM_DATABASE needs the driver pg8000: pip install 'podium[postgres]'") from None
    made.dialect.use_insertmanyvalues_wo_returning = True  # many rows in one statement
    sa.event.listen(made, "do_connect", lambda dialect, *_: _connect(url, dialect.loaded_dbapi))
    sa.event.listen(made, "connect", _prepare)
    return made


def _prepare(connection: Any, _record: object) -> None:
    connection.rollback()
    connection.autocommit = True  # a transaction begins where we begin it
    words = "; ".join(f"SET tcp_keepalives_{name} = {value}" for name, value in _KEEPALIVE.items())
    connection.cursor().execute(words)


def _connect(url: sa.URL, dbapi: ModuleType) -> Any:
    from submissions.record.round_trips import Connection

    host, port = _host(url)
    try:
        with ExitStack() as until_it_is_made:
            connection = Connection(
                url.username,
                password=url.password,
                host=host,
                database=url.database,
                sock=until_it_is_made.enter_context(_socket(host, port)),
                ssl_context=False if host.startswith("/") else _tls(url.query),
                application_name="podium",
            )
            until_it_is_made.pop_all()
            return connection
    except OSError as error:
        raise dbapi.InterfaceError(error.strerror or str(error) or type(error).__name__) from error


def _socket(host: str, port: str) -> socket.socket:
    if host.startswith("/"):
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.settimeout(_CONNECT_SECONDS)
        try:
            made.connect(f"{host}/.s.PGSQL.{port}")
        except OSError:
            made.close()
            raise
        return made
    made = socket.create_connection((host, port), _CONNECT_SECONDS)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", "idle"), ("TCP_KEEPINTVL", "interval"), ("TCP_KEEPCNT", "count")):
        if hasattr(socket, option):  # it is called otherwise on some systems
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), _KEEPALIVE[value])
    return made


def _tls(query: Mapping[str, Any]) -> ssl.SSLContext | bool | None:
    """What libpq's sslmode means to pg8000: None is TLS where the server offers it, whoever it is."""
    mode = query.get("sslmode", "prefer")
    if mode in _PLAIN:
        return _PLAIN[mode]
    context = ssl.create_default_context(cafile=query.get("sslrootcert"))
    context.check_hostname = mode == "verify-full"
    return context
