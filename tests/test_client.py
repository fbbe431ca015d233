"""Sending a file to a web desk: a receipt, or in words why there is none; and never the token where it must not be."""

import datetime as dt
import ipaddress
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import traceback
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fake_desk import (
    FAULTS,
    RECEIPT,
    TAKEN,
    FakeDesk,
    Handler,
    Reaction,
    fake_desk,
    hangs_up,
    problem,
    says,
    taken,
)

from submissions.errors import OrganiserError, Refused
from submissions.sending import address, at_hand, client, wire
from submissions.sending.client import Answer, DeskUnavailable, NotTaken, WrongAddress

TOKEN = "podium_wholly-secret-0123456789"
CASES = Path(__file__).parent / "cases"
GOOD = b"id,label\n1,7\n2,7\n3,7\n4,7\n5,7\n6,7\n"
SAFE = "send the same file again later: it never counts twice"
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PODIUM_TOKEN", "PODIUM_SERVER", *PROXIES, *map(str.upper, PROXIES)):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def desk() -> Iterator[FakeDesk]:
    with fake_desk() as made:
        yield made


class Sender:
    """Sends to one desk, and keeps what was said and how long it would have waited."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.said: list[str] = []
        self.waited: list[float] = []

    def __call__(self, file: Any = GOOD, *, token: str = TOKEN, **options: Any) -> Answer:
        told = {"server": self.server, "say": self.said.append, "sleep": self.waited.append, **options}
        return client.send(file, token=token, **told)

    def refused(self, kind: type[Exception], file: Any = GOOD, **options: Any) -> Any:
        """The exception of this kind that sending ends in; nowhere in it is the token."""
        with pytest.raises(kind) as caught:
            self(file, **options)
        error = caught.value
        assert type(error) is kind
        shown = "".join(traceback.format_exception(error)) + repr(error) + str(vars(error)) + "".join(self.said)
        assert TOKEN not in shown
        return error


@pytest.fixture
def send(desk: FakeDesk) -> Sender:
    return Sender(desk.base)


def test_a_file_gets_its_receipt(desk: FakeDesk, send: Sender) -> None:
    """The receipt comes as the desk wrote it, with the same for programs."""
    answer = send()

    assert answer.text == RECEIPT
    assert answer.data["public_score"] == 0.8712
    assert (answer.is_taken, answer.verdict) == (True, "graded")
    assert repr(answer) == "<submission 12 of team Ada: 0.8712 accuracy>"
    assert (send.said, send.waited) == ([], [])
    [request] = desk.requests
    assert request.path == "/cup/api/submissions"
    assert request.body == GOOD
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "text/csv"
    assert re.fullmatch("[0-9a-f]{32}", request.headers["idempotency-key"])


def test_a_known_file_gets_its_receipt_again(desk: FakeDesk, send: Sender) -> None:
    """200 instead of 201 is the same to whoever sends."""
    desk.plays(says(200, {**TAKEN, "is_known": True}))

    assert send().data["is_known"]


@pytest.mark.parametrize(
    ("facts", "is_taken", "shown"),
    [
        ({"verdict": "refused", "shown": ""}, False, "refused"),
        ({"verdict": "waiting", "shown": None}, True, "waiting"),
        ({"verdict": "grader_error", "shown": ""}, True, "grader_error"),
        ({"team": "A\x1b[31m\u202eda"}, True, "0.8712 accuracy"),
    ],
)
def test_what_the_grader_says_is_shown(
    desk: FakeDesk, send: Sender, facts: dict[str, Any], is_taken: bool, shown: str
) -> None:
    """A file that the grader refused has a receipt and is not taken; whatever cannot be shown is spelled out."""
    desk.plays(says(201, {**TAKEN, **facts}))
    answer = send()

    assert answer.is_taken == is_taken
    assert repr(answer).endswith(f": {shown}>")
    assert repr(answer).isprintable()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (GOOD, "text/csv"),
        (b"", "text/csv"),
        (b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n"), "text/csv"),
        (b"\x1f\x8b\x08rest", "application/gzip"),
        (b"PK\x03\x04rest", "application/zip"),
    ],
)
def test_a_file_goes_as_it_is(desk: FakeDesk, tmp_path: Path, send: Sender, data: bytes, kind: str) -> None:
    """Not a byte is changed, whatever its name; its first bytes say what it is."""
    path = tmp_path / "Meine Läufe\n(3)\udcff ☃.csv"
    path.write_bytes(data)
    send(path)

    assert desk.requests[0].body == data
    assert desk.requests[0].headers["content-type"] == kind
    assert desk.requests[0].headers["content-length"] == str(len(data))


def test_progress_is_told(desk: FakeDesk, tmp_path: Path, send: Sender) -> None:
    """A large file goes in pieces, from the disk, and each is told; a second try begins anew."""
    desk.plays(hangs_up, taken)
    path, size, heard = tmp_path / "large.csv", 300_000, []
    path.write_bytes(b"1" * size)
    send(path, progress=lambda gone, of: heard.append((gone, of)))

    assert {of for _, of in heard} == {size}
    steps = [65_536, 131_072, 196_608, 262_144, size]
    assert [gone for gone, _ in heard] == [*steps, *steps]
    assert [len(request.body) for request in desk.requests] == [size, size]


def test_a_lost_connection_is_tried_again_with_the_same_key(desk: FakeDesk, send: Sender) -> None:
    """The desk may have taken what it never answered: all tries carry one key, and each send another."""
    desk.plays(hangs_up, hangs_up, taken)
    assert send().text == RECEIPT

    assert len({request.headers["idempotency-key"] for request in desk.requests}) == 1
    assert len(desk.requests) == 3
    lost = f"{desk.base}: the connection was lost (closed before the answer was there); trying again in"
    assert send.said == [f"{lost} 1 s", f"{lost} 2 s"]
    assert send.waited == [1, 2]
    send()
    assert len({request.headers["idempotency-key"] for request in desk.requests}) == 2


def test_a_key_may_be_given(desk: FakeDesk, send: Sender) -> None:
    """Whoever sends again tomorrow can say that it is the same."""
    send(key="run-12")

    assert desk.requests[0].headers["idempotency-key"] == "run-12"


@pytest.mark.parametrize("key", ["", "a" * 201, "a\r\nX-Evil: 1", "schlüssel"])
def test_a_key_cannot_hold_what_no_header_can(desk: FakeDesk, send: Sender, key: str) -> None:
    """A key that would break the request is refused before one is made."""
    error = send.refused(Refused, key=key)

    assert str(error) == "a key has 1 to 200 characters, all of them letters, digits or signs of ASCII"
    assert desk.requests == []


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_desk_that_is_away_for_a_moment_is_tried_again(desk: FakeDesk, send: Sender, status: int) -> None:
    """It waits as long as the desk asks for, else a little longer each time."""
    desk.plays(
        says(status, b"<html>", Retry_After="3"),
        says(status, b"<html>"),
        says(status, b"<html>", Retry_After="Sun, 06 Nov 1994 08:49:37 GMT", Date="Sun, 06 Nov 1994 08:49:30 GMT"),
        says(status, b"<html>", Retry_After="soon"),
        taken,
    )
    assert send().text == RECEIPT

    assert send.waited == [3, 2, 7, 8]
    assert len({request.headers["idempotency-key"] for request in desk.requests}) == 1


def test_after_five_tries_it_gives_up(desk: FakeDesk, send: Sender) -> None:
    """The last word is the desk's own, and that sending again is safe."""
    desk.plays(problem(503, "unavailable", "the desk cannot take this at the moment", retry_after="0"))
    error = send.refused(DeskUnavailable)

    assert str(error) == f"{desk.base}: the desk cannot take this at the moment; {SAFE}"
    assert isinstance(error, OrganiserError)
    assert len(desk.requests) == 5
    assert send.waited == [0, 0, 0, 0]


def test_nobody_waits_an_hour(desk: FakeDesk, send: Sender) -> None:
    """A desk that asks for more than a minute is left alone."""
    desk.plays(problem(503, "unavailable", "the desk is being moved", retry_after="3600"))
    error = send.refused(DeskUnavailable)

    assert str(error) == f"{desk.base}: the desk is being moved; it asks to wait 3600 s; {SAFE}"
    assert len(desk.requests) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (problem(500, "broken", "the desk failed; it is 4f"), "the desk failed; it is 4f"),
        (says(500, b"<h1>"), "answered 500 Internal Server Error: the desk does not run, or cannot be reached"),
    ],
)
def test_a_desk_that_fails_is_not_tried_again(desk: FakeDesk, send: Sender, answer: Reaction, message: str) -> None:
    """What failed once by a mistake fails again."""
    desk.plays(answer)

    assert str(send.refused(DeskUnavailable)) == f"{desk.base}: {message}; {SAFE}"
    assert len(desk.requests) == 1


NEXT = "2026-12-02T00:00:00.000000Z"
REFUSALS: list[tuple[Reaction, str]] = [
    (
        problem(403, "closed", "the competition is closed: the deadline was 2026-12-08", late_by_seconds=3),
        "the competition is closed: the deadline was 2026-12-08",
    ),
    (
        problem(429, "attempts-used", "no attempts are left", limit=5, next_attempt_at=NEXT, retry_after="9"),
        "no attempts are left; the next attempt opens at 2026-12-02 00:00:00 UTC",
    ),
    (
        problem(429, "attempts-used", "the next is at 2026-12-02 00:00:00 UTC", next_attempt_at=NEXT),
        "the next is at 2026-12-02 00:00:00 UTC",
    ),
    (problem(429, "attempts-used", "none are left", next_attempt_at=3), "none are left"),
    (problem(429, "slow-down", "too many requests", retry_after="1"), "too many requests"),
    (problem(401, "unauthorised", "no such token"), "no such token (your team's page: {desk}/team)"),
    (problem(413, "too-large", "the file is larger than 10 bytes", max_bytes=10), "the file is larger than 10 bytes"),
    (problem(408, "too-slow", "the file took too long"), "the file took too long"),
    (problem(422, "key-reused", "this key came with another file"), "this key came with another file"),
    (problem(422, "invalid-submission", "it has faults", text=FAULTS), FAULTS),
    (problem(422, "invalid-submission", "it has faults", text=f"the file: {FAULTS}"), FAULTS),
    (problem(422, "invalid-submission", "it has faults", text=None), "it has faults"),
    (problem(403, "not-allowed", f"no: {TOKEN}\x1b[2J\u202e\nsecond"), "no: …\\x1b[2J\\u202e\nsecond"),
    (
        says(413, b"<html>" * 99),
        "the file is too large for a server before the desk {desk} (413 Request Entity Too Large): tell the organiser",
    ),
    (
        says(403, b"<html><title>Just a moment</title>"),
        "{desk} answered 403 Forbidden, and not in a desk's words: something between you and the desk is in the way, "
        "such as a proxy, or a page to log in; if not, ask the organiser where the desk stands",
    ),
]


@pytest.mark.parametrize(("answer", "message"), REFUSALS)
def test_a_no_is_told_and_not_asked_again(desk: FakeDesk, send: Sender, answer: Reaction, message: str) -> None:
    """Each refusal says why and what to do, in the desk's words where it is a desk that speaks."""
    desk.plays(answer)
    error = send.refused(NotTaken)

    assert str(error) == message.format(desk=desk.base)
    assert isinstance(error, Refused)
    assert len(desk.requests) == 1
    assert send.waited == []


def test_a_refusal_has_its_facts(desk: FakeDesk, send: Sender) -> None:
    """A program reads what a person is told."""
    desk.plays(problem(422, "invalid-submission", "it has faults", text=FAULTS, faults=[{"code": "unknown-label"}]))
    error = send.refused(NotTaken)

    assert (error.status, error.kind, error.has_faults) == (422, "invalid-submission", True)
    assert error.data["faults"] == [{"code": "unknown-label"}]


NO_DESK = (
    "{desk} is not the address of a desk (it answered {status}): ask the organiser where the desk stands; it is the "
)
NO_DESK += "address of its first page"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (says(404, b"<html>"), "404 Not Found"),
        (problem(404, "not-found", "there is nothing here"), "404 Not Found"),
        (says(405, {}), "405 Method Not Allowed"),
        (says(200, b"<html>Welcome"), "200 OK"),
        (says(200, [TAKEN]), "200 OK"),
        (says(201, {"text": "submission 12"}), "201 Created"),
        (says(201, {"submission": "12", "text": "x"}), "201 Created"),
        (says(200, b"[" * 100_000), "200 OK"),
        (says(200, b"\xff\xfe"), "200 OK"),
        (says(304, b""), "304 Not Modified"),
    ],
)
def test_what_is_no_desk_is_told(desk: FakeDesk, send: Sender, answer: Reaction, status: str) -> None:
    """A page of another kind is neither taken for a receipt nor poured out."""
    desk.plays(answer)

    assert str(send.refused(WrongAddress)) == NO_DESK.format(desk=desk.base, status=status)
    assert len(desk.requests) == 1


@pytest.mark.parametrize(
    ("location", "there"),
    [
        ("https://other.org/cup/api/submissions", "https://other.org/cup"),
        ("/new/api/submissions/", "{origin}/new"),
        (f"https://evil.org/?{TOKEN}\x85", "https://evil.org/?…\\x85"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(desk: FakeDesk, send: Sender, status: int, location: str, there: str) -> None:
    """The token goes to no address that its owner did not name; the new one is told."""
    with fake_desk() as other:
        desk.plays(says(status, b"", Location=location.replace("https://other.org/cup", f"{other.base}")))
        message = str(send.refused(WrongAddress))
        there = there.format(origin=desk.base.removesuffix("/cup")).replace("https://other.org/cup", other.base)

        assert other.requests == []
        assert message == (
            f"{desk.base} sends you on, and your token goes nowhere by itself: if you trust it, the desk is at {there}"
        )


def test_an_answer_without_end_is_cut(desk: FakeDesk, send: Sender) -> None:
    """No more than two million bytes of an answer are read."""

    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"1" * 65_536)

    desk.plays(endless)

    assert str(send.refused(WrongAddress)) == (
        f"{desk.base} answers without end, as no desk does: ask the organiser where the desk stands"
    )


def test_a_desk_that_says_nothing_is_given_up(desk: FakeDesk, send: Sender) -> None:
    """Without a sign for as long as `timeout`, the connection counts as lost."""
    desk.plays(lambda _: bool(desk.ended.wait(30)) and None)

    assert str(send.refused(DeskUnavailable, timeout=0.05)) == (
        f"{desk.base}: the connection was lost (no answer in time); {SAFE}"
    )


def test_an_answer_in_drops_is_given_up(desk: FakeDesk, send: Sender) -> None:
    """An answer whose end never comes counts as lost, though each byte comes in time."""

    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100000")
        handler.end_headers()
        while not desk.ended.wait(0.01):
            handler.wfile.write(b"1")

    desk.plays(drip, taken)

    assert send(timeout=0.2).text == RECEIPT
    assert send.said == [f"{desk.base}: the connection was lost (no answer in time); trying again in 1 s"]


def test_a_receipt_cut_short_is_asked_for_again(desk: FakeDesk, send: Sender) -> None:
    """Half an answer is none: the same file gets the whole of it."""

    def half(handler: Handler) -> None:
        handler.send_response(201)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"submission": 12')
        hangs_up(handler)

    desk.plays(half, taken)

    assert send().text == RECEIPT
    assert len(desk.requests) == 2


def test_a_refusal_before_the_files_end_is_heard(desk: FakeDesk, tmp_path: Path, send: Sender) -> None:
    """A desk that hangs up in the middle of a file that is too large has said so before."""

    def hasty(handler: Handler) -> None:
        problem(413, "too-large", "the file is too large", max_bytes=10)(handler)
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_WR)
        for _ in range(4):
            handler.rfile.read(65_536)
        handler.close_connection = True

    hasty.is_hasty = True  # type: ignore[attr-defined]
    desk.plays(hasty)
    path = tmp_path / "large.csv"
    path.write_bytes(b"1" * 30_000_000)

    assert str(send.refused(NotTaken, path)) == "the file is too large"


def test_a_desk_that_does_not_run_is_told(send: Sender) -> None:
    """Where nobody listens, nothing was sent."""
    with fake_desk() as gone:
        send.server = gone.base
    why = "cannot be reached (Connection refused)"

    assert str(send.refused(DeskUnavailable)) == f"{gone.base} {why}; nothing was sent: try again later"
    assert send.said == [f"{gone.base} {why}; trying again in {wait} s" for wait in (1, 2, 4, 8)]


def test_a_name_that_nobody_knows_is_told(send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelled name will not be found by trying again."""

    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    send.server = "https://desk.invalid/cup"

    assert str(send.refused(DeskUnavailable)) == (
        "https://desk.invalid/cup cannot be found (unknown name, or no network): ask the organiser where the desk "
        "stands"
    )
    assert send.waited == []


def test_what_speaks_no_http_is_told(send: Sender) -> None:
    """Something else that listens there is no desk."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        send.server = f"http://127.0.0.1:{port}"

        def greet() -> None:
            connection, _ = other.accept()
            with connection:
                connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
                connection.recv(65_536)

        greeter = threading.Thread(target=greet)
        greeter.start()
        message = str(send.refused(WrongAddress))
        greeter.join()

    assert message == (
        f"http://127.0.0.1:{port} does not answer as a web address does: ask the organiser where the desk stands"
    )


ADDRESS = "give the web address of the desk, such as https://example.org/fashion-mnist"


@pytest.mark.parametrize(
    ("server", "message"),
    [
        ("example.org/cup", f"'example.org/cup' is no web address: {ADDRESS}"),
        ("ftp://example.org", f"'ftp://example.org' is no web address: {ADDRESS}"),
        ("https://", f"'https://' is no web address: {ADDRESS}"),
        ("https://example.org:99999", f"the desk's address is no web address: {ADDRESS}"),
        ("https://[::1", f"the desk's address is no web address: {ADDRESS}"),
        ("https://example.org/?a", f"'https://example.org/?a' holds '?' or '#': {ADDRESS}"),
        ("https://a b.org", f"the desk's address holds a blank, or what cannot be shown: {ADDRESS}"),
        ("https://a.org/\r\nX: y", f"the desk's address holds a blank, or what cannot be shown: {ADDRESS}"),
        (
            "https://ada:hush@example.org",
            f"the desk's address holds a name or a password before the @: {ADDRESS}; the token goes apart",
        ),
    ],
)
def test_an_address_is_checked(send: Sender, server: str, message: str) -> None:
    """What is no address is told before anything is sent; a password in it is not repeated."""
    send.server = server

    assert str(send.refused(WrongAddress)) == message


def test_an_empty_part_in_a_name_is_told(send: Sender) -> None:
    """A slip of the finger in a name is one message."""
    send.server = "https://desk..invalid"

    assert str(send.refused(WrongAddress)) == (
        "https://desk..invalid does not answer as a web address does: ask the organiser where the desk stands"
    )


@pytest.mark.parametrize(
    ("given", "base", "path"),
    [
        (" https://example.org/ ", "https://example.org", ""),
        ("https://example.org/a/cup//", "https://example.org/a/cup", "/a/cup"),
        ("https://münchen.example:8443/größe", "https://münchen.example:8443/größe", "/gr%C3%B6%C3%9Fe"),
        ("http://[::1]:8000/a%20b", "http://[::1]:8000/a%20b", "/a%20b"),
    ],
)
def test_an_address_is_read(given: str, base: str, path: str) -> None:
    """With or without a slash at its end, with a path, a port, and letters of any language."""
    read = address.read(given)

    assert (read.base, read.path) == (base, path)


@pytest.mark.parametrize(
    ("server", "is_readable"),
    [
        ("http://localhost:8000", False),
        ("http://127.8.0.1", False),
        ("http://[::1]", False),
        ("http://desk.localhost", False),
        ("http://192.168.1.7", True),
        ("http://localhost.example.org", True),
        ("https://example.org", False),
    ],
)
def test_plain_http_is_warned_of(send: Sender, monkeypatch: pytest.MonkeyPatch, server: str, is_readable: bool) -> None:
    """To another machine without TLS, whoever listens reads the token; a club that knows this may do so."""
    monkeypatch.setattr(wire, "post", lambda *_, **__: wire.Reply(201, {}, b'{"submission": 1, "text": "yes"}'))
    send.server = server
    assert send().text == "yes"

    warning = f"{server} is not encrypted: whoever shares the network can read your token"
    assert send.said == ([warning] if is_readable else [])


@pytest.mark.parametrize(
    "token", ["", "K7QX-2M4P", f" {TOKEN}", f"{TOKEN}\r\nX-Evil: 1", "podium_" + "a" * 201, "podium_ü"]
)
def test_a_token_is_checked(desk: FakeDesk, send: Sender, token: str) -> None:
    """What cannot be a token is told without a request, and is not repeated."""
    with pytest.raises(Refused) as caught:
        send(token=token)

    assert str(caught.value) == "that is no token: a token begins with podium_ and has no blanks; copy all of it"
    assert desk.requests == []


def test_a_file_that_shrinks_is_told(desk: FakeDesk, tmp_path: Path, send: Sender) -> None:
    """A program that is still writing makes no half submission."""
    path = tmp_path / "growing.csv"
    path.write_bytes(b"1" * 200_000)

    def shrink(*_: int) -> None:
        os.truncate(path, 70_000)

    error = send.refused(Refused, path, progress=shrink)
    assert str(error) == "the file was changed while it was being sent: send it again"
    assert desk.requests == []


def test_what_is_no_file_is_told(desk: FakeDesk, tmp_path: Path, send: Sender) -> None:
    """A device has no size; a file that is not there is the system's own error."""
    assert str(send.refused(Refused, "/dev/null")) == (
        "/dev/null: is not a file whose size is known: save it as a file first"
    )
    with pytest.raises(FileNotFoundError):
        send(tmp_path / "none.csv")
    assert desk.requests == []


def test_a_proxy_is_used_but_for_this_machine(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A university's proxy is asked, with its password, for what lies beyond it; a desk here is asked straight."""
    port = desk.base.split(":")[2].removesuffix("/cup")
    monkeypatch.setenv("http_proxy", f"http://ada:h%40sh@127.0.0.1:{port}")
    Sender("http://desk.example:8000/cup")()
    Sender(desk.base)()

    beyond, here = desk.requests
    assert beyond.path == "http://desk.example:8000/cup/api/submissions"
    assert beyond.headers["host"] == "desk.example:8000"
    assert beyond.headers["proxy-authorization"] == "Basic YWRhOmhAc2g="
    assert here.path == "/cup/api/submissions"
    assert "proxy-authorization" not in here.headers


def test_a_proxy_that_lets_nobody_through_is_told(
    desk: FakeDesk, monkeypatch: pytest.MonkeyPatch, send: Sender
) -> None:
    """With TLS the proxy makes a tunnel, or says why not; the token is within the tunnel only."""
    port = desk.base.split(":")[2].removesuffix("/cup")
    monkeypatch.setenv("https_proxy", f"127.0.0.1:{port}")
    send.server = "https://desk.example"

    assert str(send.refused(DeskUnavailable)).startswith(
        "https://desk.example cannot be reached (Tunnel connection failed: 501 Unsupported method"
    )
    assert desk.requests == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine that nobody has signed but itself, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path_factory.mktemp("tls") / "desk.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls_desk(certificate: Path) -> Iterator[FakeDesk]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with fake_desk(lambda plain: context.wrap_socket(plain, server_side=True), "https") as made:
        yield made


def test_a_certificate_that_nobody_trusts_is_refused(tls_desk: FakeDesk, send: Sender) -> None:
    """Whoever pretends to be the desk gets no token."""
    send.server = tls_desk.base

    assert str(send.refused(DeskUnavailable)) == (
        f"{tls_desk.base} cannot be trusted, and nothing was sent: its certificate: self-signed certificate"
    )
    assert tls_desk.requests == []


def test_certifis_bundle_is_trusted(
    tls_desk: FakeDesk, send: Sender, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where certifi is installed, its authorities count beside the system's."""
    monkeypatch.setattr(certifi, "where", lambda: str(certificate))
    send.server = tls_desk.base

    assert send().text == RECEIPT


def test_https_at_a_plain_port_is_told(desk: FakeDesk, send: Sender) -> None:
    """One letter too many in an address is one message, and no token went out."""
    send.server = desk.base.replace("http:", "https:")

    assert str(send.refused(WrongAddress)) == f"{send.server} speaks no https: ask the organiser where the desk stands"
    assert desk.requests == []


def test_nothing_but_the_standard_library_is_loaded() -> None:
    """To send a file needs no numpy, no click, no SQLAlchemy: it runs wherever Python does."""
    tops = "{name.partition('.')[0] for name in sys.modules}"
    code = f"import sys; import submissions.sending.client; print(*sorted({tops}))"
    names = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*{name.partition('.')[0] for name in sys.modules})"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert {*names} - {*sys.stdlib_module_names} - {*bare} == {"submissions"}


# submit(...): for notebooks


@pytest.fixture
def kit(tmp_path: Path, desk: FakeDesk) -> Path:
    """A kit's folder that names the desk, with a submission in it."""
    rules = (CASES / "competition.toml").read_text()
    (tmp_path / "competition.toml").write_text(f'{rules}\n[desk]\naddress = "{desk.base}/"\n')
    (tmp_path / "sample_submission.csv").write_bytes((CASES / "sample_submission.csv").read_bytes())
    (tmp_path / "submission.csv").write_bytes(GOOD)
    return tmp_path


Printed = Callable[[], str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    def read() -> str:
        captured = capsys.readouterr()
        assert captured.err == ""
        assert TOKEN not in captured.out
        return captured.out

    return read


def test_submit_prints_the_receipt(desk: FakeDesk, kit: Path, printed: Printed) -> None:
    """The kit says where the desk is; the receipt is printed once, and its facts are there for programs."""
    answer = client.submit(kit / "submission.csv", token=TOKEN)

    assert printed() == RECEIPT + "\n"
    assert answer is not None
    assert answer.data["public_score"] == 0.8712
    assert desk.requests[0].body == GOOD


def test_submit_takes_what_is_at_hand(desk: FakeDesk, kit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PODIUM_SERVER goes before the kit, an argument before both; PODIUM_TOKEN is found, blanks around it or not."""
    monkeypatch.setenv("PODIUM_TOKEN", f" {TOKEN}\n")
    monkeypatch.chdir(kit)
    with fake_desk() as other, fake_desk() as third:
        client.submit()
        monkeypatch.setenv("PODIUM_SERVER", other.base)
        client.submit()
        client.submit("submission.csv", server=third.base)

        counts = [len(one.requests) for one in (desk, other, third)]
        tokens = {one.requests[0].headers["authorization"] for one in (desk, other, third)}
    assert counts == [1, 1, 1]
    assert tokens == {f"Bearer {TOKEN}"}


def test_submit_checks_first(desk: FakeDesk, kit: Path, printed: Printed) -> None:
    """A faulty file is told by the kit's own rules, without a request."""
    (kit / "submission.csv").write_bytes(GOOD.replace(b"1,7", b"1,x"))

    assert client.submit(kit / "submission.csv", token=TOKEN) is None
    assert printed().startswith(
        f"{kit}/submission.csv: refused, 1 fault\n  line 2: label 'x' is not one of 0, 1, 2 … 9"
    )
    assert desk.requests == []


@pytest.mark.parametrize("data", [b"\x1f\x8b\x08rest", b"PK\x03\x04rest"])
def test_a_packed_file_is_for_the_desk_to_check(desk: FakeDesk, kit: Path, data: bytes) -> None:
    """The desk unpacks what is packed, and finds its faults."""
    (kit / "submission.csv").write_bytes(data)

    assert client.submit(kit / "submission.csv", token=TOKEN)
    assert desk.requests[0].body == data


def test_the_rules_of_another_desk_do_not_count(kit: Path) -> None:
    """A file for another competition than the kit beside it is not held to the kit's rules."""
    (kit / "submission.csv").write_bytes(b"other,columns\n")
    with fake_desk() as other:
        assert client.submit(kit / "submission.csv", server=other.base, token=TOKEN)


def test_broken_rules_stop_nobody(desk: FakeDesk, kit: Path, printed: Printed) -> None:
    """Where the kit's rules cannot be read the desk is the one to check; it is told."""
    (kit / "competition.toml").write_text("[competition")

    assert client.submit(kit / "submission.csv", server=desk.base, token=TOKEN)
    told, *receipt = printed().splitlines()
    assert told.startswith("competition.toml is not TOML: ")
    assert told.endswith("; so the file is not checked here, but by the desk")
    assert "\n".join(receipt) == RECEIPT


def test_the_desks_refusals_are_printed(desk: FakeDesk, kit: Path, printed: Printed) -> None:
    """Every fault that the desk finds is text, as the check has it; no traceback."""
    desk.plays(problem(422, "invalid-submission", "it has faults", text=FAULTS))
    assert client.submit(kit / "submission.csv", token=TOKEN) is None
    assert printed() == f"{kit}/submission.csv: {FAULTS}\n"

    desk.plays(problem(403, "closed", "the competition is closed"))
    assert client.submit(kit / "submission.csv", token=TOKEN) is None
    assert printed() == "the competition is closed\n"

    assert client.submit(kit / "none.csv", token=TOKEN) is None
    assert printed() == f"{kit}/none.csv: No such file or directory; looked in {Path.cwd()}\n"

    for thing, name in ((None, "NoneType"), ([[1, 7]], "list")):
        assert client.submit(thing, token=TOKEN) is None  # type: ignore[arg-type]
        assert printed() == f"submit() takes the name of a file, not {name}: write your table as a CSV first\n"

    assert client.submit(kit / "submission.csv", token=TOKEN, server="desk") is None
    assert printed() == f"'desk' is no web address: {ADDRESS}\n"


def test_without_a_desk_submit_says_what_to_do(kit: Path, printed: Printed) -> None:
    """A kit that names no desk says how files are handed in otherwise; nobody is asked for a token."""
    (kit / "competition.toml").write_bytes((CASES / "competition.toml").read_bytes())

    assert client.submit(kit / "submission.csv") is None
    assert printed() == (
        "This kit names no desk on the web: send submission.csv to the organiser in the way you were told; the dates "
        "and the rules are in the kit's README.md.\n"
    )


def test_without_a_token_submit_says_what_to_do(desk: FakeDesk, kit: Path, printed: Printed) -> None:
    """Where nobody can type, it does not wait for anybody."""
    assert client.submit(kit / "submission.csv") is None

    assert printed() == at_hand.no_token(desk.base) + "\n"
    assert f"{desk.base}/team\n" in at_hand.no_token(f"{desk.base}/")
    assert desk.requests == []


def test_a_token_is_typed_unseen(desk: FakeDesk, kit: Path, monkeypatch: pytest.MonkeyPatch, printed: Printed) -> None:
    """On a terminal the token is asked for; whoever types none, or stops, sends nothing."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(at_hand, "getpass", lambda prompt: TOKEN if prompt == "Your team's token: " else "")
    assert client.submit(kit / "submission.csv")
    assert printed() == RECEIPT + "\n"

    for stop in (EOFError, KeyboardInterrupt, NotImplementedError):

        def stopped(_: str, why: type[BaseException] = stop) -> str:
            raise why

        monkeypatch.setattr(at_hand, "getpass", stopped)
        assert client.submit(kit / "submission.csv") is None
        assert printed() == at_hand.no_token(desk.base) + "\n"
    assert len(desk.requests) == 1


def test_colabs_secret_is_found(desk: FakeDesk, kit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Colab the secret PODIUM_TOKEN is used; one that the notebook may not see is as none."""

    class NotebookAccessError(Exception):
        pass

    colab = types.ModuleType("google.colab.userdata")
    colab.get = {"PODIUM_TOKEN": TOKEN}.__getitem__  # type: ignore[attr-defined]
    for name, module in (
        ("google", types.ModuleType("google")),
        ("google.colab", types.ModuleType("google.colab")),
        ("google.colab.userdata", colab),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    assert client.submit(kit / "submission.csv")

    def denied(_: str) -> str:
        raise NotebookAccessError

    colab.get = denied  # type: ignore[attr-defined]
    assert client.submit(kit / "submission.csv") is None
    assert len(desk.requests) == 1


def test_starter_offers_it_too() -> None:
    """Whoever has Podium installed imports it from starter."""
    from starter.submit import submit

    assert submit is client.submit
