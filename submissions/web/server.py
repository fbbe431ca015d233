"""Serves the web desk's application with uvicorn."""

import asyncio
import signal
import sys
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from submissions.web import hardening, logs, problems, sign_in
from submissions.web.app import make_app
from submissions.web.problems import Problem
from submissions.web.reception import Reception
from submissions.web.sign_in_settings import Settings

HEAD_SECONDS = 15.0  # for a request's line and headers
HEAD_BYTES = 32_768
READ_SECONDS = 60.0  # without a sign that the client reads what it asked for
AT_ONCE = 1_000  # connections
GOODBYE_SECONDS = 30  # for requests that are answered while the desk ends


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the desk listens, and what stands before it.

    Attributes:
        prefix: the path under which a proxy shows the desk, "/fashion-mnist"; "" for none.
        proxies: the addresses whose X-Forwarded-For and X-Forwarded-Proto are believed, "127.0.0.1" or "*"; "": none.
    """

    address: str
    port: int
    prefix: str = ""
    proxies: str = ""


_FIELD = 4  # bytes of a header beside its name and value


class _LongHead(Exception):
    """A request's line and headers are too long."""


def _cause(error: BaseException | None) -> BaseException | None:
    return error.__context__ if error is not None else None


_FULL = hardening.Hardening(problems.unavailable("the desk has no hand free; nothing was recorded: try again").answer())


class Impatient(HttpToolsProtocol):
    """HTTP/1.1 for clients that say what they want in time and in few words, and read the answer; others are cut off.

    Attributes:
        head_seconds, head_bytes: for a request's line and headers; as many bytes may come between two pieces of a
            body, or behind it.
        read_seconds: without a sign that the client reads.
        at_once: connections.
    """

    head_seconds, head_bytes = HEAD_SECONDS, HEAD_BYTES
    read_seconds, at_once = READ_SECONDS, AT_ONCE
    _alarm: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _idle_bytes = 0  # since the last that was of a body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client has come."""
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        """Some bytes have come."""
        self._idle_bytes += len(data)
        super().data_received(data)
        if self._idle_bytes > self.head_bytes and not self.transport.is_closing():
            self._refuse(problems.long_head())
        elif self.cycle is None or self.cycle.response_complete:
            self._await_head()  # blank lines between two requests begin none

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """The request's headers are here."""
        self._calm()
        if len(self.url) + sum(len(name) + len(value) + _FIELD for name, value in self.headers) > self.head_bytes:
            raise _LongHead
        self.app = self.config.loaded_app if len(self.connections) <= self.at_once else _FULL
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of its body is here."""
        self._idle_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._idle_bytes = 0
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The client reads more slowly than we answer."""
        super().pause_writing()
        if self._reading is None:
            self._reading = self.loop.call_later(self.read_seconds, self._give_up)

    def resume_writing(self) -> None:
        """It has read."""
        super().resume_writing()
        self._forget_reading()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or too long."""
        del msg
        is_long = isinstance(_cause(sys.exception()), _LongHead)
        self._refuse(problems.long_head() if is_long else problems.unreadable("this is no request of HTTP/1.1"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._calm()
        super().connection_lost(exc)
        self._forget_reading()

    def _refuse(self, problem: Problem) -> None:
        """Answer without asking the application, unless it has begun to, and end the connection."""
        if self.cycle is None or self.cycle.response_complete:
            answer = problem.answer()
            hardening.harden(answer.headers, {"scheme": self.scheme})
            answer.headers["Connection"] = "close"
            lines = [b"HTTP/1.1 %d %s" % (problem.status, HTTPStatus(problem.status).phrase.encode())]
            lines += [b"%s: %s" % header for header in answer.raw_headers]
            self.transport.write(b"\r\n".join([*lines, b"", bytes(answer.body)]))
        self.transport.close()

    def _await_head(self) -> None:
        if self._alarm is None and not self.transport.is_closing():
            self._alarm = self.loop.call_later(self.head_seconds, self._give_up)

    def _give_up(self) -> None:
        self._calm()
        self._forget_reading()
        self.transport.abort()

    def _calm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _forget_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None


def server_for(app: ASGIApp, listening: Listening, protocol: type[Impatient] = Impatient) -> uvicorn.Server:
    """What serves an application, once it runs."""
    config: dict[str, Any] = {
        "host": listening.address,
        "port": listening.port,
        "root_path": listening.prefix,
        "proxy_headers": bool(listening.proxies),
        "forwarded_allow_ips": listening.proxies or None,
        "http": protocol,
        "ws": "none",
        "access_log": False,
        "log_config": None,
        "server_header": False,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": GOODBYE_SECONDS,
    }
    return uvicorn.Server(uvicorn.Config(app, **config))


def serve(reception: Reception, listening: Listening, settings: Settings | None = None) -> None:
    """Serve until a signal ends it; what was begun is finished, and the reception closed.

    `settings`: with whom people sign in; None: with nobody.
    """
    # At its end uvicorn raises the signal again, which would end us before whoever called us could.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with logs.to_stderr():
        app = make_app(reception)
        sign_in.set_up(app, settings)
        server_for(app, listening).run()
