"""What the web desk writes down: a line of JSON for each request; never a token, a label or a file."""

import json
import logging
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
from pathlib import PurePath
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from submissions.web.figures import Figures

LOG = logging.getLogger("podium.desk")
_WRITE_SECONDS = 0.2
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


@contextmanager
def to_stderr() -> Iterator[None]:
    """Let the desk's log, and the server's, go to the standard error output, by a thread of its own.

    Whoever reads it may be slow, and no request waits for that. A few times a second it writes all lines that wait.
    """
    waiting = queue.SimpleQueue[logging.LogRecord]()
    handler, is_over = QueueHandler(waiting), threading.Event()
    writer = threading.Thread(target=_write, args=(waiting, is_over), name="log", daemon=True)
    for name in (LOG.name, "uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers[:], logger.propagate = [handler], False
        logger.setLevel(logging.INFO)
    writer.start()
    try:
        yield
    finally:
        is_over.set()
        writer.join()


def _write(waiting: queue.SimpleQueue[logging.LogRecord], is_over: threading.Event) -> None:
    form, is_last = JsonLines(), False
    while not is_last:
        is_last = is_over.wait(_WRITE_SECONDS)
        lines = [f"{form.format(waiting.get_nowait())}\n" for _ in range(waiting.qsize())]
        with suppress(OSError, ValueError):  # nobody reads it any more
            sys.stderr.write("".join(lines))
            sys.stderr.flush()


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
