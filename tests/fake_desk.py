"""A web desk of a few lines on this machine: it plays the answers that a test gives it, and keeps what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RECEIPT = "submission  12, team Ada\nsha256      ab12\nscore       0.8712 accuracy on the public rows"
TAKEN = {
    "submission": 12,
    "team": "Ada",
    "attempts_left": 4,
    "verdict": "graded",
    "public_score": 0.8712,
    "shown": "0.8712 accuracy",
    "is_known": False,
    "text": RECEIPT,
}
FAULTS = (
    "refused, 1 fault\n  line 2: label 'x' is not one of 0, 1 [unknown-label]\n\nHow to mend:\n  unknown-label  mend it"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


Reaction = Callable[["Handler"], None]


@dataclass(slots=True)
class FakeDesk:
    """The desk's address, what it does with each request in turn (then the last again), and what came."""

    base: str
    reactions: list[Reaction] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def plays(self, *reactions: Reaction) -> "FakeDesk":
        self.reactions = [*reactions]
        return self

    def next(self) -> Reaction:
        return self.reactions.pop(0) if len(self.reactions) > 1 else self.reactions[0]


class Handler(BaseHTTPRequestHandler):
    """Reads a request and does what the desk does next."""

    desk: FakeDesk
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        reaction = self.desk.next()
        if not getattr(reaction, "is_hasty", False):
            self.take()
        reaction(self)

    def take(self) -> None:
        size = int(self.headers["Content-Length"])
        body = self.rfile.read(size)
        if len(body) == size:
            self.desk.requests.append(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))

    def log_message(self, format: str, *_: Any) -> None:  # noqa: A002 - the library's name
        pass


def says(status: int, content: Any, **headers: str) -> Reaction:
    """An answer: JSON of a value, or these bytes."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    kind = "text/html" if isinstance(content, bytes) else "application/json"

    def react(handler: Handler) -> None:
        handler.send_response(status)
        told = {"Content-Type": kind, "Content-Length": str(len(data))}
        for name, value in {**told, **{name.replace("_", "-"): value for name, value in headers.items()}}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    return react


def problem(status: int, kind: str, detail: str, **facts: Any) -> Reaction:
    """An answer as RFC 9457 has it."""
    headers = {"Retry_After": facts.pop("retry_after")} if "retry_after" in facts else {}
    told = {"type": f"urn:podium:problem:{kind}", "title": "No", "status": status, "detail": detail, **facts}
    return says(status, told, **headers)


def hangs_up(handler: Handler) -> None:
    """No answer: the connection ends when the request was read."""
    handler.close_connection = True


taken = says(201, TAKEN)


@contextmanager
def fake_desk(wrap: Callable[[Any], Any] = lambda socket: socket, scheme: str = "http") -> Iterator[FakeDesk]:
    """A desk that takes everything, until it is told otherwise; `wrap`: what its socket is put into."""
    handler = type("Handler", (Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hangs up is what is tried
    server.socket = wrap(server.socket)
    desk = FakeDesk(f"{scheme}://127.0.0.1:{server.server_port}/cup", [taken])
    handler.desk = desk  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield desk
    finally:
        desk.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
