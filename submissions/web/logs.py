"""What the web desk writes down: a line of JSON for each request; never a token, a label or a file."""

import json
import logging
import os
import queue
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler
from pathlib import Path, PurePath
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from submissions.web.figures import Figures

LOG = logging.getLogger("podium.desk")
_WRITE_SECONDS = 0.2
MOST = 10_000  # lines that wait for whoever reads
GOODBYE_SECONDS = 2.0  # for the last lines; a reader that stands still does not get them
_LONGEST = 200  # characters of a path
_TOKEN = re.compile(r"podium_[\w-]+")


class JsonLines(logging.Formatter):
    """Each record as one line of JSON: when, how grave, what, and the facts given as `extra={"facts": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        # Only the first line: behind it others' loggers quote the error, with whatever is in it.
        event = record.getMessage().partition("\n")[0]
        told = {"at": at, "level": record.levelname.lower(), "event": event}
        return json.dumps({**told, **getattr(record, "facts", {})}, ensure_ascii=True)


class _Waiting(QueueHandler):
    """The lines that wait to be written: so many at most. What comes beyond them is dropped, and counted."""

    def __init__(self) -> None:
        # Not a bounded queue.Queue: what Python throws away may write a line at any moment, also while it is locked.
        self._lines = queue.SimpleQueue[logging.LogRecord]()
        super().__init__(self._lines)
        self._dropped = self._told = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Let a line wait."""
        if self._lines.qsize() < MOST:
            self._lines.put_nowait(record)
        else:
            self._dropped += 1

    def taken(self) -> list[logging.LogRecord]:
        """All that waits; behind it a line that says how many more there were."""
        records = [self._lines.get_nowait() for _ in range(self._lines.qsize())]
        if dropped := self._dropped - self._told:
            self._told += dropped
            facts = {"facts": {"lines": dropped}}
            records.append(LOG.makeRecord(LOG.name, logging.WARNING, "", 0, "dropped", (), None, extra=facts))
        return records


@contextmanager
def to_stderr() -> Iterator[None]:
    """Let the desk's log, and the server's, go to the standard error output, by a thread of its own.

    Whoever reads it may be slow, and no request waits for that, nor does the end. A few times a second it writes all
    lines that wait.
    """
    waiting, is_over = _Waiting(), threading.Event()
    writer = threading.Thread(target=_write, args=(waiting, is_over), name="log", daemon=True)
    for name in (LOG.name, "uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = [waiting], False
        logger.setLevel(logging.INFO)
    writer.start()
    try:
        yield
    finally:
        is_over.set()
        writer.join(GOODBYE_SECONDS)
        if writer.is_alive():
            _hush()


def _write(waiting: _Waiting, is_over: threading.Event) -> None:
    form, is_last = JsonLines(), False
    while not is_last:
        is_last = is_over.wait(_WRITE_SECONDS)
        lines = "".join(f"{form.format(record)}\n" for record in waiting.taken())
        with suppress(OSError, ValueError):  # nobody reads it any more
            _put(memoryview(lines.encode()))


def _put(left: memoryview) -> None:
    """Write past Python's buffer: whoever waits in it for a reader holds a lock that Python needs at its end."""
    while left:
        left = left[os.write(sys.stderr.fileno(), left) :]


def _hush() -> None:
    """Let nobody else wait for a reader that stands still: what is said after the end is lost."""
    with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stderr.fileno())


def note(event: str, **facts: Any) -> None:
    """Write one line."""
    LOG.info(event, extra={"facts": facts})


def note_failure(error: BaseException, incident: str) -> None:
    """Write where an error came from; not its message, for a library's may hold labels."""
    while error.__cause__ is not None:
        error = error.__cause__
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-8:]]
    facts = {"incident": incident, "error": type(error).__name__, "places": places}
    LOG.error("failed", extra={"facts": facts})


class Requests:
    """Middleware that writes a line for each request and counts it; a path's query is left out, and a token in it."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app, self._figures = app, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "other")
            self._figures.answered(scope["method"], route, status, seconds)
            client = scope["client"][0] if scope.get("client") else ""
            note(
                "request",
                method=scope["method"],
                path=_TOKEN.sub("podium_…", scope["path"])[:_LONGEST],
                status=status,
                ms=round(seconds * 1000, 1),
                client=client,
            )
