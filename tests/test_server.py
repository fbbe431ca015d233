"""submissions/web/server.py: clients that are slow, long-winded, or talk something else."""

import json
from collections.abc import Iterator
from contextlib import suppress

import pytest
from served import PATIENCE, Hasty, Served, answer_of, rest, serving
from starlette.types import Receive, Scope, Send

GET = b"GET / HTTP/1.1\r\nHost: desk\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n"
LARGE = 64 * 2**20


class Echo:
    """An application that remembers what it was asked, and answers with the length of the body."""

    def __init__(self) -> None:
        self.asked = list[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        self.asked.append(f"{scope['method']} {scope['path']}")
        read = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            read += len(message["body"])
            if not message["more_body"]:
                break
        body = bytes(LARGE) if scope["path"] == "/large" else b"%d" % read
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body[:1_000], "more_body": True})
        await send({"type": "http.response.body", "body": body[1_000:]})


async def _lifespan(receive: Receive, send: Send) -> None:
    for stage in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{stage}.complete"})


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def server(echo: Echo) -> Iterator[Served]:
    with serving(echo) as made:
        yield made


def problem(answer: bytes) -> tuple[int, dict[str, object]]:
    """The status and the problem of an answer that the application was not asked for; it ends the connection."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert "content-type: application/problem+json" in lines
    assert "connection: close" in lines
    assert "x-content-type-options: nosniff" in lines
    assert "cache-control: no-store" in lines
    assert f"content-length: {len(body)}" in lines
    return int(lines[0].split()[1]), json.loads(body)


def test_a_request_is_answered(server: Served, echo: Echo) -> None:
    """Several behind one another on one connection, and several at once (pipelining), in their order."""
    with server.connect() as connection:
        for _ in range(2):
            connection.sendall(b"POST /a HTTP/1.1\r\nHost: desk\r\nContent-Length: 3\r\n\r\nabc")
            assert answer_of(connection).endswith(b"\r\n\r\n3")
        connection.sendall(GET + LAST)
        assert rest(connection).count(b"HTTP/1.1 200 OK") == 2
    assert echo.asked == ["POST /a", "POST /a", "GET /", "GET /"]


@pytest.mark.parametrize(
    "start", [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: desk\r\nX: 1\r\n", b"\r\n"]
)
def test_a_slow_head_is_cut_off(server: Served, echo: Echo, start: bytes) -> None:
    """A client that does not say what it wants in time is let go."""
    assert server.ask(start) == b""
    assert echo.asked == []


def test_a_head_that_comes_drop_by_drop_is_cut_off(server: Served, echo: Echo) -> None:
    """Each further byte buys no time."""
    with server.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        connection.settimeout(0.01)
        for _ in range(int(PATIENCE / 0.01)):
            try:
                connection.sendall(b"x")
                assert connection.recv(1) == b""
                break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        else:
            pytest.fail("the connection is still there")
    assert echo.asked == []


def test_a_slow_second_head_is_cut_off(server: Served, echo: Echo) -> None:
    """Also behind an answered request, and blank lines do not keep the connection."""
    for start in (b"GET / HTTP/1.1\r\nX", b"\r\n"):
        with server.connect() as connection:
            connection.sendall(GET)
            answer_of(connection)
            connection.sendall(start)
            assert rest(connection) == b""
    assert len(echo.asked) == 2


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nX: %s\r\n\r\n" % (b"x" * 10_000),
        b"GET / HTTP/1.1\r\n%s\r\n" % (b"X: y\r\n" * 2_000),
        b"GET /%s HTTP/1.1\r\n\r\n" % (b"x" * 10_000),
        b"GET /?%s" % (b"x" * 200_000),
        b"GET / HTTP/1.1\r\nX: %s" % (b"x" * 1_000_000),
    ],
    ids=["value", "fields", "path", "endless-path", "endless-value"],
)
def test_a_long_head_is_told(server: Served, echo: Echo, head: bytes) -> None:
    """431 (RFC 6585) and the end of the connection, whether the head ends or not; nothing is kept of it."""
    with server.connect() as connection:
        with suppress(ConnectionError):
            connection.sendall(head)
        answer = rest(connection)
    if answer or len(head) < 100_000:  # what is cut off while it sends may not get to read the answer
        assert problem(answer) == (
            431,
            {
                "type": "urn:podium:problem:long-head",
                "title": "Too long",
                "status": 431,
                "detail": "the address and headers of the request are too long",
            },
        )
    assert echo.asked == []


@pytest.mark.parametrize("piece", [b"X: y\r\n", b"x" * 64])
def test_a_body_has_no_end_without_end(server: Served, echo: Echo, piece: bytes) -> None:
    """What may stand behind a body's last piece (trailers, RFC 9112, section 7.1.2) is as short as a head."""
    start = b"POST / HTTP/1.1\r\nHost: desk\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nT: "
    with server.connect() as connection:
        connection.sendall(start)
        try:
            for _ in range(100):
                connection.sendall(piece * 20_000)
            pytest.fail("a hundred times a head was taken")
        except ConnectionError:
            pass
    assert echo.asked == ["POST /"]


NOT_HTTP = {
    "two-lengths": b"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "length-and-chunked": b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked-and-length": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "chunked-not-last": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "blank-before-colon": b"POST / HTTP/1.1\r\nContent-Length : 3\r\n\r\nabc",
    "negative-length": b"POST / HTTP/1.1\r\nContent-Length: -3\r\n\r\nabc",
    "plus-length": b"POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc",
    "length-of-two": b"POST / HTTP/1.1\r\nContent-Length: 3, 4\r\n\r\nabc",
    "endless-length": b"POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\nabc" % (b"9" * 30),
    "no-name": b"GET / HTTP/1.1\r\n: x\r\n\r\n",
    "nul-in-value": b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n",
    "cr-in-value": b"GET / HTTP/1.1\r\nX: a\rY: b\r\n\r\n",
    "nul-in-name": b"GET / HTTP/1.1\r\nX\0: a\r\n\r\n",
    "other-words": b"HELO desk\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "http2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "connect": b"CONNECT desk:80 HTTP/1.1\r\n\r\n",
    "bad-chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
}


@pytest.mark.parametrize("data", NOT_HTTP.values(), ids=NOT_HTTP.keys())
def test_what_two_servers_could_read_in_two_ways_is_no_request(server: Served, echo: Echo, data: bytes) -> None:
    """One 400, the end of the connection, and no second request out of the first one's body (request smuggling)."""
    answer = server.ask(data + b"GET /smuggled HTTP/1.1\r\nHost: desk\r\n\r\n")

    assert answer.count(b"HTTP/1.1 ") <= 1
    if answer:
        assert problem(answer) == (
            400,
            {
                "type": "urn:podium:problem:unreadable",
                "title": "The request cannot be read",
                "status": 400,
                "detail": "this is no request of HTTP/1.1",
            },
        )
    assert "GET /smuggled" not in echo.asked


def test_who_does_not_read_is_cut_off(server: Served) -> None:
    """A large answer waits for its reader only so long."""
    with server.connect() as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: desk\r\n\r\n")
        connection.settimeout(PATIENCE)
        connection.recv(1)
        # Whoever reads nothing now sees the connection end when it looks again.
        with server.connect() as other:
            other.sendall(b"G")
            assert other.recv(1) == b""
        with server.connect() as other:
            other.sendall(b"G")
            assert other.recv(1) == b""
        assert len(rest(connection)) < LARGE


def test_who_reads_gets_all(echo: Echo) -> None:
    """A large answer arrives whole."""

    class Patient(Hasty):
        head_seconds, read_seconds = PATIENCE, PATIENCE

    with serving(echo, Patient) as server:
        assert len(server.ask(LAST.replace(b" / ", b" /large "))) > LARGE


def test_there_are_only_so_many_hands(echo: Echo) -> None:
    """503 for those who come when all are taken; when one goes, the next is served."""

    class Two(Hasty):
        at_once, head_seconds = 2, PATIENCE

    with serving(echo, Two) as server:
        with server.connect() as first, server.connect() as second:
            for connection in (first, second):
                connection.sendall(GET)
                answer_of(connection)
            with server.connect() as third:
                third.sendall(LAST)
                head, _, body = rest(third).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert json.loads(body) == {
            "type": "urn:podium:problem:unavailable",
            "title": "Not now",
            "status": 503,
            "detail": "the desk has no hand free; nothing was recorded: try again",
        }
        assert b"retry-after: 5" in head.lower()
        assert echo.asked == ["GET /", "GET /"]
        while not server.ask(LAST).startswith(b"HTTP/1.1 200"):
            pass
