"""submissions/web/bodies.py: how large and how slow a body may be."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from submissions.web import bodies, problems
from submissions.web.bodies import Bodies
from submissions.web.problems import Problem

MOST = 1_000
QUICK = {"seconds": 0.05, "idle": 0.02, "farewell": 0.02}


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads the whole body, and says how long it was."""
    try:
        body = await Request(scope, receive).body()
        answer: Any = PlainTextResponse(str(len(body)))
    except Problem as problem:
        answer = problem.answer()
    await answer(scope, receive, send)


async def deaf(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that answers without a look at the body."""
    await problems.not_found("no").answer()(scope, receive, send)


class Client:
    """What a client sends, and what it is sent."""

    def __init__(self, pieces: AsyncIterator[bytes] | list[bytes], *, is_ended: bool = True) -> None:
        self._pieces, self._is_ended = pieces, is_ended
        self.read, self.got = 0, list[Message]()

    async def receive(self) -> Message:
        if isinstance(self._pieces, list):
            if not self._pieces:
                await asyncio.Event().wait()
            piece = self._pieces.pop(0)
            more = bool(self._pieces) or not self._is_ended
        else:
            piece, more = await anext(self._pieces, b""), True
            if not piece:  # it was waited for in vain before
                await asyncio.Event().wait()
        self.read += len(piece)
        return {"type": "http.request", "body": piece, "more_body": more}

    async def send(self, message: Message) -> None:
        self.got.append(message)

    @property
    def status(self) -> int:
        return int(self.got[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.got[0]["headers"])

    @property
    def body(self) -> bytes:
        """The answer's body, which has ended."""
        assert [message.get("more_body", False) for message in self.got[1:]] == [True] * (len(self.got) - 2) + [False]
        return b"".join(message["body"] for message in self.got[1:])


def scope(method: str = "POST", path: str = "/file", **headers: str) -> dict[str, Any]:
    fields = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "headers": fields, "query_string": b""}


def limited(app: Any, **limits: float) -> Bodies:
    return Bodies(app, most=lambda path: MOST if path == "/file" else 0, **{**QUICK, **limits})


def serve(app: Any, client: Client, asked: dict[str, Any] | None = None, **limits: float) -> Client:
    asyncio.run(limited(app, **limits)(asked or scope(transfer_encoding="chunked"), client.receive, client.send))
    return client


async def endless(piece: bytes = b"x" * 10_000) -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0)
        yield piece


async def idle() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.Event().wait()


async def dribbling() -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0.01)
        yield b"x"


def test_a_body_in_pieces_is_read() -> None:
    """All of it reaches the application, and the connection may stay."""
    client = serve(reading, Client([b"abc", b"", b"defg"]), seconds=9, idle=9)
    assert (client.status, client.body) == (200, b"7")
    assert b"connection" not in client.headers


@pytest.mark.parametrize("pieces", [idle, dribbling], ids=["idle", "dribbling"])
def test_a_slow_body_is_not_waited_for(pieces: Callable[[], AsyncIterator[bytes]]) -> None:
    """408 if nothing comes for a while, or all of it takes too long; the connection ends."""
    client = serve(reading, Client(pieces()))
    assert client.status == 408
    assert client.headers[b"connection"] == b"close"
    assert b"the file took too long to arrive; nothing was recorded: send it again" in client.body


@pytest.mark.parametrize(
    ("path", "told"), [("/file", b'"max_bytes":%d' % MOST), ("/form", b"the form is larger than any of this desk")]
)
def test_an_endless_body_is_read_to_its_limit(path: str, told: bytes) -> None:
    """413 as soon as more has come than may; of what comes behind it nothing is kept, and not for long."""
    client = serve(reading, Client(endless()), scope(path=path, transfer_encoding="chunked"))
    assert client.status == 413
    assert told in client.body
    assert client.headers[b"connection"] == b"close"


@pytest.mark.parametrize("length", ["70000", "2147483648", "9" * 30])
def test_a_length_that_is_too_large_is_believed(length: str) -> None:
    """413 before anything is read."""
    client = serve(reading, Client([], is_ended=False), scope(content_length=length), seconds=9, idle=9)
    assert (client.status, client.read) == (413, 0)


@pytest.mark.parametrize("length", ["1", "\u00b2", "x", "-1", "1_0", " 1"])
def test_a_length_that_lies_is_of_no_use(length: str) -> None:
    """What comes is counted, whatever was said; what is no number says nothing."""
    assert serve(reading, Client(endless()), scope(content_length=length)).status == 413


def test_an_early_answer_waits_for_the_rest_a_little() -> None:
    """The answer goes out at once, its end once the body is whole: then the client has read it, and is not cut off."""
    client = Client([b"x"] * 5)
    serve(deaf, client, farewell=9)
    assert (client.status, client.read) == (404, 5)
    assert client.headers[b"connection"] == b"close"
    assert b'"detail":"no"' in client.body
    assert [message["body"] for message in client.got[1:]][-1] == b""


@pytest.mark.parametrize("pieces", [idle, dribbling, endless], ids=["idle", "dribbling", "endless"])
@pytest.mark.parametrize("method", ["POST", "GET", "DELETE"])
def test_an_early_answer_does_not_wait_for_ever(pieces: Callable[[], AsyncIterator[bytes]], method: str) -> None:
    """Whoever is answered and goes on sending is let go, whatever the method."""
    client = serve(deaf, Client(pieces()), scope(method, transfer_encoding="chunked"))
    assert client.status == 404
    assert client.body


@pytest.mark.parametrize("asked", [scope("GET"), scope("POST", content_length="0"), scope("DELETE")])
def test_without_a_body_nothing_is_waited_for(asked: dict[str, Any]) -> None:
    """The connection stays."""
    client = serve(deaf, Client([], is_ended=False), asked, farewell=9)
    assert client.status == 404
    assert b"connection" not in client.headers


def test_a_client_that_goes_is_not_waited_for() -> None:
    """Neither while its body is read nor behind the answer."""

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    for app in (deaf, reading):
        client = Client([])
        call: Awaitable[None] = limited(app, farewell=9)(scope(transfer_encoding="chunked"), gone, client.send)
        try:
            asyncio.run(_within(call))
        except Exception as error:  # noqa: BLE001 - Starlette's own, which the desk makes an answer of
            assert type(error).__name__ == "ClientDisconnect"


async def _within(call: Awaitable[None]) -> None:
    async with asyncio.timeout(5):
        await call


def test_bodies_take_no_more_than_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """503 for one too many at once, by what each may become; when one is answered there is room again."""
    monkeypatch.setattr(bodies, "AT_ONCE_BYTES", 2_500)

    async def trial() -> list[int]:
        opened = asyncio.Event()

        async def waiting(given: Scope, receive: Receive, send: Send) -> None:
            await opened.wait()
            await reading(given, receive, send)

        middleware = limited(waiting, seconds=9, idle=9)
        clients = [Client([b"x"] * 1_000) for _ in range(4)]
        asked = scope(content_length="1000")
        begun = [asyncio.create_task(middleware(asked, one.receive, one.send)) for one in clients[:3]]
        await asyncio.sleep(0)
        await begun[2]
        opened.set()
        await asyncio.gather(*begun)
        await middleware(asked, clients[3].receive, clients[3].send)
        return [client.status for client in clients]

    assert asyncio.run(trial()) == [200, 200, 503, 200]


def test_one_large_file_is_taken_where_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """A competition whose files are larger than all that may come at once is served, one file at a time."""
    monkeypatch.setattr(bodies, "AT_ONCE_BYTES", 10)
    assert serve(reading, Client([b"x"] * 1_000), scope(content_length="1000"), seconds=9, idle=9).status == 200
