"""What a request may bring: so many bytes, in so many seconds, and so many of all requests together."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from submissions.web import pages, problems
from submissions.web.problems import Problem

FORM_BYTES = 65_536  # a form without a file; and what a form adds to a file
SECONDS, IDLE_SECONDS = 120.0, 15.0  # for a whole body; between two pieces of it
FAREWELL_SECONDS = 5.0
AT_ONCE_BYTES = 128 * 2**20  # of all bodies that are being read or checked


class Bodies:
    """Middleware that lets no body be larger or slower than it may be.

    A body counts as what it says it is long (Content-Length), or as the most that it may be.

    Args:
        app: what answers.
        most: how many bytes of a file may go to a path; 0: only a form without one.
        seconds: how long a whole body may take.
        idle: how long there may be no piece of it.
        farewell: how long the rest of a body is waited for whose answer is known before it is here.
    """

    def __init__(
        self,
        app: ASGIApp,
        most: Callable[[str], int],
        seconds: float = SECONDS,
        idle: float = IDLE_SECONDS,
        farewell: float = FAREWELL_SECONDS,
    ) -> None:
        self._app, self._most = app, most
        self._seconds, self._idle, self._farewell = seconds, idle, farewell
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        limited = _Limited(receive, self._most(_path(scope)), self._seconds, self._idle)
        parting = _Parting(limited, send)
        try:
            size = self._size(scope)
            self._hold(size)
        except Problem as problem:
            await pages.told(Request(scope), problem)(scope, receive, parting)
        else:
            try:
                await self._app(scope, limited, parting)
            finally:
                self._held -= size
        await parting.leave(self._farewell)

    def _size(self, scope: Scope) -> int:
        most = self._most(_path(scope))
        said = _header(scope, b"content-length")
        size = most + FORM_BYTES if said is None or not said.isdigit() else int(said[:_MOST_DIGITS])
        if size > most + FORM_BYTES:
            raise _too_large(most)
        return size

    def _hold(self, size: int) -> None:
        if self._held and self._held + size > AT_ONCE_BYTES:
            raise problems.unavailable("too many files arrive at this moment; nothing was recorded: try again")
        self._held += size


_MOST_DIGITS = 19


class _Limited:
    """A request's `receive` that raises a Problem where the body becomes too large or too slow.

    Attributes:
        is_whole: the last byte is here, or the client has gone.
    """

    def __init__(self, receive: Receive, most: int, seconds: float, idle: float) -> None:
        self._receive, self._most, self._idle = receive, most, idle
        self._end = asyncio.get_running_loop().time() + seconds
        self._read, self.is_whole = 0, False

    async def __call__(self) -> Message:
        if self.is_whole:  # what comes now is that the client has gone, and may take as long as it likes
            return await self._receive()
        left = self._end - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.0, min(left, self._idle))):
                message = await self._receive()
        except TimeoutError:
            raise problems.too_slow() from None
        self._read += len(message.get("body", b""))
        self.is_whole = not message.get("more_body", False)
        if self._read > self._most + FORM_BYTES:
            raise _too_large(self._most)
        return message

    async def drain(self, seconds: float) -> None:
        """Wait so long for the rest of the body, and keep none of it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.is_whole:
                    self.is_whole = not (await self._receive()).get("more_body", False)


class _Parting:
    """A request's `send` that ends the connection where the answer is there before the whole body.

    Not at once: a client that is cut off while it sends does not read the answer (RFC 9112, section 9.6).
    """

    def __init__(self, body: _Limited, send: Send) -> None:
        self._body, self._send = body, send
        self._is_early = self._is_owed = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and not self._body.is_whole:
            self._is_early = True
            MutableHeaders(scope=message)["Connection"] = "close"
        is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
        if is_last and self._is_early:
            message, self._is_owed = {**message, "more_body": True}, True
        await self._send(message)

    async def leave(self, seconds: float) -> None:
        """Send what is owed of the answer's end, once the body is whole or this time has passed."""
        if self._is_owed:
            await self._body.drain(seconds)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _too_large(most: int) -> Problem:
    return problems.too_large(most) if most else problems.long_form()


def _has_body(scope: Scope) -> bool:
    # RFC 9112, section 6.3: a request has a body where one of these says so.
    return _header(scope, b"transfer-encoding") is not None or _header(scope, b"content-length") not in {None, b"0"}


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _header(scope: Scope, name: bytes) -> bytes | None:
    return next((value for key, value in scope["headers"] if key == name), None)
