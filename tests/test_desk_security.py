"""The web desk under attack: each attack has its answer, and nothing is lost or told."""

import asyncio
import gzip
import io
import json
import logging
import os
import sys
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from served import PATIENCE, Hasty, Served, answer_of, rest, serving
from starlette.testclient import TestClient
from web import WebDesk, make_desk

from conftest import GOOD_FILE, WEDNESDAY, good_file
from submissions.membership import tokens
from submissions.record import chain
from submissions.record.entries import Entry, LedgerError
from submissions.record.ledger import Ledger
from submissions.web import app as application
from submissions.web import logs
from submissions.web.bodies import Bodies
from submissions.web.logs import JsonLines

DEADLINE = datetime(2026, 12, 8, 11, 59, 59, tzinfo=UTC)
CROWD = 50
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
PUBLIC = {"cross-origin-resource-policy": "cross-origin", "cache-control": "no-cache"}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[WebDesk]:
    made = make_desk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(desk: WebDesk) -> Iterator[TestClient]:
    with TestClient(desk.app, client=("192.0.2.1", 5_000), follow_redirects=False) as made:
        yield made


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that the desk has written down, as it would."""
    caplog.set_level(logging.INFO)
    return lambda: "\n".join(JsonLines().format(one) for one in caplog.records if one.name == "podium.desk")


def bearer(desk: WebDesk, team: str = "Ada") -> dict[str, str]:
    return {"Authorization": f"Bearer {desk.tokens[team]}"}


def send(desk: WebDesk, client: TestClient, data: bytes = GOOD_FILE, team: str = "Ada", **headers: str) -> Any:
    given = {**bearer(desk, team), **{name.replace("_", "-"): value for name, value in headers.items()}}
    return client.post("/api/submissions", content=data, headers=given)


def received(desk: WebDesk) -> list[Entry]:
    """What the ledger has received; its chain holds."""
    with desk.ledger.reading() as view:
        chain.verify(view)
        return list(view.entries("received"))


def raw(desk: WebDesk, body: bytes, *, more: bytes = b"", length: int | None = None) -> bytes:
    """A request that sends a file, byte by byte."""
    head = [
        b"POST /api/submissions HTTP/1.1",
        b"Host: desk",
        b"Authorization: Bearer " + desk.tokens["Ada"].encode(),
        b"Content-Length: %d" % (len(body) if length is None else length),
        b"Connection: close",
    ]
    return b"\r\n".join([*head, *filter(None, [more]), b"", body])


# Bombs


def zipped(*files: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return buffer.getvalue()


def bomb_in_a_bomb() -> bytes:
    inner = zipped(("a.csv", bytes(1_000_000)))
    return zipped(*((f"{number}.zip", inner) for number in range(16)))


def lying() -> bytes:
    """A zip that says its file has ten bytes."""
    data = bytearray(zipped(("a.csv", bytes(5_000_000))))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(signature) + place
        data[start : start + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def hidden_list() -> bytes:
    """A zip whose last bytes hide from a quick look how long its list of files is."""
    data = bytearray(zipped(*((f"{number}.csv", b"") for number in range(700))))
    end = data.rindex(b"PK\x05\x06")
    data[end + 4 : end + 8] = b"PK\x05\x06"
    return bytes(data)


def unnamed() -> bytes:
    return zipped(("a.csv", GOOD_FILE)).replace(b"a.csv", b"\0.csv")


BOMBS = {
    "gzip": gzip.compress(bytes(20_000_000)),
    "gzips": gzip.compress(bytes(2_000_000)) * 30,
    "gzip-in-gzip": gzip.compress(gzip.compress(bytes(20_000_000))),
    "zlib": zlib.compress(bytes(1_000_000)),
    "zip": zipped(("a.csv", bytes(20_000_000))),
    "zip-of-zips": bomb_in_a_bomb(),
    "zip-that-lies": lying(),
    "zip-of-many": hidden_list(),
    "zip-without-a-name": unnamed(),
    "zip-start": b"PK\x03\x04",
    "zip-end": b"PK\x05\x06",
    "gzip-start": b"\x1f\x8b",
}


@pytest.mark.parametrize("data", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_does_nothing(desk: WebDesk, client: TestClient, data: bytes) -> None:
    """Whatever is packed into however little: 422 or 413, and nothing recorded; the next file is taken."""
    assert send(desk, client, data).status_code in {413, 422}
    assert received(desk) == []
    assert send(desk, client).status_code == 201


@pytest.mark.parametrize("name", ["../../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "a/../../evil.csv", "a\0b.csv"])
def test_a_path_in_a_zip_leads_nowhere(desk: WebDesk, client: TestClient, tmp_path: Path, name: str) -> None:
    """The file is taken for what is in it; nothing is written where its name points."""
    before = sorted(path for path in tmp_path.rglob("*") if "ledger" not in path.name)
    packed = zipped((name.replace("\0", "_"), GOOD_FILE)).replace(b"a_b.csv", b"a\0b.csv")
    assert send(desk, client, packed).status_code in {201, 422}
    assert sorted(path for path in tmp_path.rglob("*") if "ledger" not in path.name) == before


# Bodies that are too large or too slow, and connections that end


@pytest.fixture
def served(desk: WebDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The desk on a real port, with little patience."""
    quick = partial(Bodies, seconds=0.5, idle=0.2, farewell=0.2)
    monkeypatch.setattr(application, "Bodies", quick)
    with serving(application.make_app(desk.reception), Hasty) as made:
        yield made


def told(answer: bytes) -> dict[str, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    problem: dict[str, Any] = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % problem["status"])
    return problem


def test_two_gigabytes_are_refused_by_their_length(desk: WebDesk, served: Served) -> None:
    """413 as soon as they are announced."""
    with served.connect() as connection:
        connection.sendall(raw(desk, b"", length=2**31))
        assert told(rest(connection))["type"] == "urn:podium:problem:too-large"
    assert received(desk) == []


@pytest.mark.parametrize("has_token", [True, False])
def test_a_body_without_end_is_cut_off(desk: WebDesk, served: Served, *, has_token: bool) -> None:
    """It is answered once too much has come, or at once to a stranger; then the connection ends."""
    token = b"Authorization: Bearer %s\r\n" % desk.tokens["Ada"].encode() if has_token else b""
    start = b"POST /api/submissions HTTP/1.1\r\nHost: desk\r\n%sTransfer-Encoding: chunked\r\n\r\n" % token
    sent = 0
    with served.connect() as connection:
        connection.sendall(start)
        with suppress(ConnectionError):
            for _ in range(100_000):  # of 64 KB: six gigabytes
                connection.sendall(b"10000\r\n%s\r\n" % bytes(65_536))
                sent += 1
    assert sent < 100_000
    assert received(desk) == []


def test_a_large_file_gets_its_answer(desk: WebDesk, served: Served) -> None:
    """Who sends a large file to its end reads why it was not taken, and is not cut off in the midst of it."""
    with served.connect() as connection:
        connection.sendall(raw(desk, bytes(5_000_000)))
        problem = told(rest(connection))
    assert (problem["status"], problem["max_bytes"]) == (413, 1_000)


def test_who_asks_before_it_sends_need_not_send(desk: WebDesk, served: Served) -> None:
    """Expect: 100-continue (RFC 9110, section 10.1.1) is told to go on, or at once why not."""
    expects = b"Expect: 100-continue"
    with served.connect() as connection:
        connection.sendall(raw(desk, b"", length=2**31, more=expects))
        assert rest(connection).startswith(b"HTTP/1.1 413 ")
    with served.connect() as connection:
        connection.sendall(raw(desk, b"", length=len(GOOD_FILE), more=expects))
        assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(GOOD_FILE)
        assert rest(connection).startswith(b"HTTP/1.1 201 ")


def test_a_slow_body_is_not_waited_for(desk: WebDesk, served: Served) -> None:
    """408; nothing is recorded."""
    with served.connect() as connection:
        connection.sendall(raw(desk, GOOD_FILE[:10], length=len(GOOD_FILE)))
        assert told(rest(connection))["type"] == "urn:podium:problem:too-slow"
    assert received(desk) == []


@pytest.mark.parametrize("stage", ["nothing", "line", "headers", "before-body", "in-body"])
def test_a_connection_cut_early_leaves_nothing(desk: WebDesk, served: Served, stage: str) -> None:
    """Whenever it is cut before the last byte nothing is recorded, and the file sent again is new."""
    whole = raw(desk, GOOD_FILE)
    body = whole.index(b"\r\n\r\n") + 4
    ends = {"nothing": 0, "line": 10, "headers": 60, "before-body": body, "in-body": len(whole) - 1}
    with served.connect() as connection:
        connection.sendall(whole[: ends[stage]])
    assert b"HTTP/1.1 201 Created" in served.ask(whole)
    assert len(received(desk)) == 1


def test_an_answer_that_nobody_reads_is_there_once(desk: WebDesk, served: Served) -> None:
    """Cut behind its last byte, the file is recorded; sent again it has the receipt that nobody read."""
    for _ in range(5):
        with served.connect() as connection:
            connection.sendall(raw(desk, GOOD_FILE, more=b"Idempotency-Key: once"))
    _, _, body = served.ask(raw(desk, GOOD_FILE, more=b"Idempotency-Key: once")).partition(b"\r\n\r\n")
    [entry] = received(desk)
    assert json.loads(body)["proof"] == entry.digest


@pytest.mark.parametrize(
    "field",
    [
        b"Idempotency-Key: a\r\nX-Team: Grace",
        b"Idempotency-Key: a\rSet-Cookie: b",
        b"Idempotency-Key: a\0b",
        b"Idempotency-Key: a\nSet-Cookie: b",
        b"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-User: Grace\r\nX-Original-URL: /metrics",
        b"Content-Type: multipart/form-data; boundary=" + b"x" * 3_000,
        b"Idempotency-Key: \xff\xfe",
        b"Host: other.example",
    ],
)
def test_nothing_is_injected_by_a_header(desk: WebDesk, served: Served, field: bytes) -> None:
    """What is sent in a header comes back in none, and makes nobody another team."""
    answer = served.ask(raw(desk, GOOD_FILE, more=field))
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"set-cookie" not in head
    assert b"other.example" not in answer
    assert {entry.team for entry in received(desk)} <= {"Ada"}


def test_smuggled_requests_are_no_requests(desk: WebDesk, served: Served) -> None:
    """A second request in a body of two lengths is not served."""
    inner = raw(desk, GOOD_FILE)
    for field in (b"Content-Length: 3", b"Transfer-Encoding: chunked"):
        answer = served.ask(raw(desk, b"0\r\n\r\n" + inner, more=field))
        assert told(answer)["status"] == 400
    assert received(desk) == []


def test_behind_a_path_the_limits_are_the_same(desk: WebDesk, site: Path) -> None:
    """A proxy that shows the desk under /cases sends its requests on without it."""
    assert site.is_dir()
    with serving(desk.app, prefix="/cases") as served:
        assert b"HTTP/1.1 201" in served.ask(raw(desk, GOOD_FILE))
        assert told(served.ask(raw(desk, bytes(70_000))))["max_bytes"] == 1_000
        redirect = served.ask(b"GET /history HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n")
        assert b"\r\nlocation: /cases/history/\r\n" in redirect
        assert b"the board" in served.ask(b"GET / HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n")


# Names


@pytest.mark.parametrize("name", ["a\0b.csv", "\0", "../../x.csv", "x\u202e.csv", "x" * 10_000, "a\r\nSet-Cookie: b"])
def test_a_hostile_file_name_is_no_name(desk: WebDesk, client: TestClient, name: str) -> None:
    """The file is taken for what is in it."""
    answer = client.post("/api/submissions", files={"file": (name, GOOD_FILE)}, headers=bearer(desk))
    assert answer.status_code in {201, 400}
    assert "set-cookie" not in answer.headers
    assert send(desk, client).json()["submission"] == 1


def test_nul_is_nowhere_a_name(desk: WebDesk, client: TestClient) -> None:
    """In a path, a number, a query: 404 or 422, and never a failure."""
    for path in ("/%00", "/a%00b", "/api/submissions/%00", "/api/submissions/1%00", "/%00/../x", "/?a=%00"):
        assert client.get(path, headers=bearer(desk)).status_code in {200, 404, 422}, path


# The same at once


def insist(desk: WebDesk, client: TestClient, data: bytes, **headers: str) -> Any:
    """The answer to a file that is sent again while the team has too many under way."""
    while True:
        answer = send(desk, client, data, **headers)
        if answer.status_code != 429 or answer.json()["type"] != "urn:podium:problem:slow-down":
            return answer
        assert answer.headers["retry-after"] == "1"


def test_one_file_sent_by_many_at_once_is_one_submission(desk: WebDesk, client: TestClient) -> None:
    """Fifty get one receipt: one of them 201, the others 200; who was told to wait when they come again."""
    with ThreadPoolExecutor(CROWD) as crowd:
        answers = list(crowd.map(lambda _: insist(desk, client, GOOD_FILE, Idempotency_Key="one"), range(CROWD)))
    assert sorted(answer.status_code for answer in answers) == [200] * (CROWD - 1) + [201]
    assert {answer.json()["proof"] for answer in answers} == {entry.digest for entry in received(desk)}
    assert len(received(desk)) == 1


def test_one_attempt_is_used_once(desk: WebDesk, client: TestClient) -> None:
    """Fifty different files for one attempt that is left: one is taken, all others 429."""
    for label in range(4):
        assert send(desk, client, good_file(label)).status_code == 201
    files = [good_file(9, *divmod(number, 10)) for number in range(CROWD)]
    with ThreadPoolExecutor(CROWD) as crowd:
        answers = list(crowd.map(lambda data: insist(desk, client, data), files))
    assert sorted(answer.status_code for answer in answers) == [201] + [429] * (CROWD - 1)
    assert len(received(desk)) == 5


def test_choices_at_once_are_all_kept(desk: WebDesk, client: TestClient) -> None:
    """Two that are chosen at the same time are both chosen: what was chosen stays chosen."""
    for label in (1, 2):
        send(desk, client, good_file(label))
    barrier = threading.Barrier(2)

    def choose(number: int) -> int:
        barrier.wait()
        return client.post(f"/api/submissions/{number}/select", headers=bearer(desk)).status_code

    for _ in range(5):
        with ThreadPoolExecutor(2) as both:
            assert list(both.map(choose, (1, 2))) == [200, 200]
        assert client.get("/api/submissions", headers=bearer(desk)).json()["selected"] == [1, 2]
        client.delete("/api/submissions/2/select", headers=bearer(desk))


def test_a_token_is_good_for_its_team_only(desk: WebDesk, client: TestClient) -> None:
    """It sends, reads, selects and withdraws as its own team, and as no other."""
    send(desk, client)
    for method, path in (
        ("GET", "/api/submissions/1"),
        ("POST", "/api/submissions/1/select"),
        ("DELETE", "/api/submissions/1"),
    ):
        assert client.request(method, path, headers=bearer(desk, "Grace")).status_code == 404
    assert client.get("/api/submissions", headers=bearer(desk, "Grace")).json()["submissions"] == []
    assert client.get("/api/submissions?team=Ada", headers=bearer(desk, "Grace")).json()["team"] == "Grace"


def test_a_revoked_token_is_none_at_once(desk: WebDesk, client: TestClient) -> None:
    """The next request with it is 401."""
    assert send(desk, client).status_code == 201
    with desk.ledger.reading() as view:
        [token] = tokens.tokens_of(view, "Ada")
    tokens.revoke(desk.ledger, "Ada", token.handle, now=WEDNESDAY)
    assert send(desk, client).status_code == 401


# The clock


@pytest.mark.parametrize("edge", [DEADLINE, datetime(2026, 11, 26, tzinfo=UTC)], ids=["deadline", "midnight"])
def test_a_clock_that_steps_back_breaks_nothing(desk: WebDesk, client: TestClient, edge: datetime) -> None:
    """Each receipt has the moment that the clock said, the chain holds, and no day has more than its attempts."""
    steps = [-61, -59, 1, 2, -59, -58, 3, -60, 4, -57, -1, 5, -56, -1, 6, -2]
    told = []
    for number, minutes in enumerate(steps):
        desk.clock.now = edge + timedelta(minutes=minutes)
        answer = send(desk, client, good_file(8, number // 10, number % 10))
        assert answer.status_code in {201, 429}
        if answer.status_code == 201:
            told.append(answer.json())
            assert told[-1]["received_at"] == desk.clock.now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            assert told[-1]["in_time"] == (desk.clock.now <= DEADLINE)
    entries = received(desk)
    assert [one["proof"] for one in told] == [entry.digest for entry in entries]
    days = [one["received_at"][:10] for one in told]
    assert {day: days.count(day) for day in days} == ({"2026-12-08": 5} if edge == DEADLINE else dict.fromkeys(days, 5))
    assert client.get("/healthz").json()["status"] == "ok"


def test_a_clock_that_is_behind_is_told(desk: WebDesk, client: TestClient) -> None:
    """/healthz says how far it is behind the ledger."""
    send(desk, client)
    desk.clock.now -= timedelta(hours=1)
    assert client.get("/healthz").json()["clock"] == "3600 seconds behind the ledger's last entry"


# The site


@pytest.fixture
def site(desk: WebDesk) -> Path:
    """A published site, with what should not be seen beside it, in it, and linked from it."""
    folder = desk.reception.parts.site
    (folder / "teams").mkdir(parents=True)
    (folder / "history").mkdir()
    (folder / "index.html").write_text("the board")
    (folder / "history" / "index.html").write_text("the history")
    (folder / "teams" / "ada.html").write_text("Ada")
    (folder / ".hidden").write_text("secret")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret")
    (folder / "link.csv").symlink_to(desk.folder.grader / "solution.csv")
    (folder / "room").symlink_to(desk.folder.grader)
    (folder / "sister").symlink_to(folder.parent)
    return folder


PATHS = (
    "/../grader/solution.csv",
    "/%2e%2e/grader/solution.csv",
    "/..%2fgrader%2fsolution.csv",
    "/%2e%2e%2fgrader%2fsolution.csv",
    "/..%5cgrader%5csolution.csv",
    "/teams/../../grader/solution.csv",
    "/teams/%2e%2e/%2e%2e/grader/solution.csv",
    "/....//grader/solution.csv",
    "/%252e%252e/grader/solution.csv",
    "/..;/grader/solution.csv",
    "//grader/solution.csv",
    "/%2fetc%2fpasswd",
    "/link.csv",
    "/room/solution.csv",
    "/sister/grader/solution.csv",
    "/sister/competition.toml",
    "/.hidden",
    "/.git/config",
    "/%2ehidden",
    "/teams/..%2f.hidden",
    "/teams/",
    "/teams",
    "/" + "a" * 5_000,
    "/" + "a/" * 2_000,
)


@pytest.mark.parametrize("path", PATHS)
def test_the_site_shows_its_own_files_only(desk: WebDesk, site: Path, served: Served, path: str) -> None:
    """No way leads out of the folder, to hidden files, or to a list of a folder."""
    answer = served.ask(b"GET %s HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n" % path.encode())
    status = int(answer.split()[1])
    assert status in {400, 404, 431}, answer
    for secret in (b"secret", b"Usage", b"ada.html", b"root:", b"[competition]", str(site).encode()):
        assert secret not in answer
    assert desk.folder.grader.is_dir()


def test_the_site_shows_its_files(site: Path, client: TestClient) -> None:
    """The board, a page, and a folder that has one, by an address without a host."""
    assert (client.get("/").text, client.get("/teams/ada.html").text) == ("the board", "Ada")
    assert client.get("/history/").text == "the history"
    redirected = client.get("/history", headers={"Host": "evil.example"})
    assert (redirected.status_code, redirected.headers["location"]) == (307, "/history/")
    assert client.get("//history", headers={"Host": "evil.example"}).headers.get("location", "/").count("//") == 0
    unreadable = site / "unreadable.html"
    unreadable.mkdir()
    assert client.get("/unreadable.html").status_code == 404


def test_other_sites_may_show_the_sites_files(site: Path, client: TestClient) -> None:
    """A badge, also in a page elsewhere: asked for again each time, and sent again only after it was changed."""
    badge = site / "badge" / "t-1.svg"
    badge.parent.mkdir()
    badge.write_text("<svg/>")
    first = client.get("/badge/t-1.svg")
    known = {"If-None-Match": first.headers["etag"]}
    same = client.get("/badge/t-1.svg", headers=known)
    badge.write_text("<svg></svg>")
    changed = client.get("/badge/t-1.svg", headers=known)

    assert [(answer.status_code, answer.text) for answer in (first, same, changed)] == [
        (200, "<svg/>"),
        (304, ""),
        (200, "<svg></svg>"),
    ]
    for answer in (first, same, changed, client.get("/"), client.head("/badge/t-1.svg")):
        assert {name: answer.headers[name] for name in PUBLIC} == PUBLIC


def test_other_sites_show_nothing_else(desk: WebDesk, client: TestClient) -> None:
    """What is no file of the public folder stays with this site, and is kept nowhere."""
    asked = ["/", "/nothing", "/join", "/team", "/healthz", "/api/competition", "/api/leaderboard", "/api/submissions"]
    answers = [client.get(path) for path in asked]
    (desk.reception.parts.site / "history").mkdir(parents=True)
    (desk.reception.parts.site / "history" / "index.html").write_text("the history")
    answers += [client.get("/history"), client.get("/badge/t-1.svg"), client.post("/")]

    assert {answer.status_code for answer in answers} >= {200, 307, 401, 404, 405}
    for answer in answers:
        told = answer.headers["cross-origin-resource-policy"], answer.headers["cache-control"]
        assert told == ("same-origin", "no-store"), answer.request.url


# What is told


def broken(desk: WebDesk, judge: Callable[..., Any]) -> None:
    desk.reception.parts = replace(desk.reception.parts, judge=judge)


@pytest.mark.parametrize("error", [ValueError, KeyError, StopIteration, OSError, RecursionError, AssertionError])
@pytest.mark.parametrize("is_late", [True, False], ids=["in-transaction", "before"])
def test_a_failure_tells_nothing(
    desk: WebDesk, client: TestClient, lines: Callable[[], str], error: type[Exception], *, is_late: bool
) -> None:
    """500 with the name under which the log has it; its message, a label perhaps, is in neither; nothing recorded."""

    def fail(*_: object) -> Any:
        raise error("label 'secret'")

    judge = desk.reception.parts.judge
    broken(desk, (lambda _: fail) if is_late else fail)
    answer = send(desk, client)
    problem = answer.json()

    assert {**problem, "incident": "", "detail": ""} == {
        "type": "urn:podium:problem:broken",
        "title": "The desk failed",
        "status": 500,
        "detail": "",
        "incident": "",
    }
    assert problem["detail"] == f"the desk failed; the organiser finds it in the log as {problem['incident']}"
    assert HEADERS.items() <= dict(answer.headers).items()
    assert "secret" not in answer.text + lines()
    assert "Traceback" not in answer.text + lines()
    [failed] = [json.loads(line) for line in lines().splitlines() if json.loads(line)["event"] == "failed"]
    assert failed["incident"] == problem["incident"]
    assert failed["error"] == error.__name__
    assert failed["places"][-1].startswith("test_desk_security.py:")
    assert failed["places"][-1].endswith(" fail")
    assert '"status": 500' in lines()
    assert received(desk) == []
    broken(desk, judge)
    assert send(desk, client).status_code == 201


def test_the_log_holds_no_token(desk: WebDesk, client: TestClient, lines: Callable[[], str]) -> None:
    """Wherever it was put: in the header, the query, the path, the body, a cookie, another header."""
    token = desk.tokens["Ada"]
    send(desk, client)
    client.get(f"/api/submissions?token={token}")
    client.get(f"/api/submissions/{token}", headers=bearer(desk))
    client.get(f"/{token}/x{token}")
    client.get("/", headers={"Referer": f"https://desk/?{token}", "User-Agent": token, "Cookie": f"token={token}"})
    client.post("/api/check", content=token.encode(), headers=bearer(desk))
    client.post(f"/join?code={desk.open_code}", data={"code": desk.open_code})

    assert len(lines().splitlines()) >= 7
    for secret in (token, token.removeprefix("podium_"), desk.open_code):
        assert secret not in lines()


def test_a_line_of_the_log_is_one_line(client: TestClient, lines: Callable[[], str]) -> None:
    """Whatever a path holds, nobody writes a line of their own, or a long one."""
    client.get('/%0a{"event":"forged"}%0d%0a%1b[31m' + "x" * 5_000)
    [line] = lines().splitlines()
    told = json.loads(line)
    assert (told["event"], told["status"], len(told["path"])) == ("request", 404, 200)
    assert "\x1b" not in line


def test_others_loggers_tell_their_first_line() -> None:
    """Behind it asyncio quotes the error, and servers its traceback."""
    text = "Task exception was never retrieved\nfuture: <Task ... ValueError(\"label 'secret'\")>"
    error = ValueError("label 'secret'")
    record = logging.LogRecord("asyncio", logging.ERROR, "", 1, text, (), (ValueError, error, None))
    assert json.loads(JsonLines().format(record))["event"] == "Task exception was never retrieved"
    assert "secret" not in JsonLines().format(record)


@contextmanager
def unread(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Let the standard error output be a pipe that is full, and that nobody reads: the end to read from."""
    loggers = [logging.getLogger(name) for name in ("podium.desk", "uvicorn.error", "asyncio")]
    before = [(one, list(one.handlers), one.propagate, one.level) for one in loggers]
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"\n" * 4_096)
    os.set_blocking(writing, True)
    with os.fdopen(writing, "w") as stream, monkeypatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        yield reading
        os.close(reading)
        for thread in log_threads():
            thread.join(PATIENCE)
    for logger, handlers, propagate, level in before:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


def log_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "log"]


def test_nobody_waits_for_a_reader_that_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes a line goes on, so does the end, and what is said after it: what is not read is lost."""
    monkeypatch.setattr(logs, "GOODBYE_SECONDS", 0.1)
    with unread(monkeypatch):
        with logs.to_stderr():
            logs.note("request")
        assert [thread.daemon for thread in log_threads()] == [True]
        print("interrupted", file=sys.stderr, flush=True)  # noqa: T201 - as commands do
    assert log_threads() == []


def test_what_is_dropped_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bounded number of lines waits; once there is room again a line says how many were dropped, and all goes on."""
    monkeypatch.setattr(logs, "MOST", 10)
    sent, kept, dropped = 40, 0, 0
    with unread(monkeypatch) as pipe, logs.to_stderr(), os.fdopen(os.dup(pipe), encoding="ascii") as reader:
        for number in range(sent):
            logs.note("request", number=number)
        while kept + dropped < sent:
            line = reader.readline().strip()
            told = json.loads(line) if line else {"event": "padding"}
            if told["event"] == "dropped":
                assert told == {"at": told["at"], "level": "warning", "event": "dropped", "lines": told["lines"]}
                dropped += told["lines"]
            kept += told["event"] == "request"
        logs.note("sign_in")
        assert json.loads(reader.readline())["event"] == "sign_in"

    assert kept + dropped == sent
    assert dropped >= sent - 2 * 10


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.1.2.3", {}, 200),
        ("8.8.8.8", {}, 404),
        ("2001:4860:4860::8888", {}, 404),
        ("::ffff:8.8.8.8", {}, 404),
        ("::ffff:127.0.0.1", {}, 200),
        ("testclient", {}, 404),
        ("127.0.0.1", {"X-Forwarded-For": "8.8.8.8"}, 404),
        ("127.0.0.1", {"Forwarded": "for=8.8.8.8"}, 404),
        ("127.0.0.1", {"Via": "1.1 Caddy"}, 404),
    ],
)
def test_the_figures_are_not_for_the_outside(desk: WebDesk, address: str, headers: dict[str, str], status: int) -> None:
    """/metrics is for this machine and its network, and for nobody who comes through a proxy that says so."""
    with TestClient(desk.app, client=(address, 5_000)) as client:
        client.get("/api/competition")
        client.get(f"/{desk.tokens['Ada']}")
        answer, head = (client.request(method, "/metrics", headers=headers) for method in ("GET", "HEAD"))
    assert (answer.status_code, head.status_code, head.content) == (status, status, b"")
    assert answer.headers["content-type"] == head.headers["content-type"]
    assert ('podium_requests_total{method="GET",route="/api/competition",status="200"} 1.0' in answer.text) == (
        status == 200
    )
    assert desk.tokens["Ada"] not in answer.text


def test_every_answer_is_hardened(desk: WebDesk, site: Path, client: TestClient) -> None:
    """Whatever the answer, a page, a file, a problem or a failure: no frame, no sniffing, no referrer."""
    assert site.is_dir()
    asked = [
        ("GET", "/"),
        ("HEAD", "/"),
        ("GET", "/history"),
        ("GET", "/nothing"),
        ("GET", "/healthz"),
        ("GET", "/metrics"),
        ("HEAD", "/metrics"),
        ("GET", "/join"),
        ("GET", "/team"),
        ("GET", "/desk.css"),
        ("GET", "/api/openapi.json"),
        ("GET", "/api/competition"),
        ("GET", "/api/leaderboard"),
        ("GET", "/api/submissions"),
        ("PUT", "/api/submissions"),
        ("TRACE", "/"),
        ("OPTIONS", "/api/submissions"),
        ("POST", "/api/check"),
        ("POST", "/join"),
    ]
    answers = [client.request(method, path) for method, path in asked]
    answers += [send(desk, client), send(desk, client, b"x"), send(desk, client, bytes(80_000))]
    broken(desk, lambda _: 1 / 0)
    answers.append(send(desk, client, good_file(1)))

    assert {answer.status_code for answer in answers} >= {200, 201, 307, 401, 404, 405, 413, 422, 500}
    for answer in answers:
        expected = {**HEADERS, **PUBLIC} if answer.request.url.path == "/" and answer.status_code == 200 else HEADERS
        assert expected.items() <= dict(answer.headers).items(), answer.request.url
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "cache-control" in answer.headers
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers
        assert "strict-transport-security" not in answer.headers
    with TestClient(desk.app, base_url="https://desk") as secure:
        assert secure.get("/api/competition").headers["strict-transport-security"] == "max-age=31536000"


def test_no_answer_is_a_riddle_for_machines(client: TestClient) -> None:
    """Each refusal under /api is problem details, also to a browser, and whatever the method."""
    for method in ("GET", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FOO"):
        for path in ("/api/submissions", "/api/nothing", "/api/competition"):
            answer = client.request(method, path, headers={"Accept": "text/html"})
            if answer.status_code != 200:
                assert answer.headers["content-type"] == "application/problem+json", (method, path)
                assert answer.json()["status"] == answer.status_code


# The ledger in trouble


def unavailable(answer: Any) -> bool:
    return (answer.status_code, answer.headers.get("retry-after"), answer.json()) == (
        503,
        "5",
        {
            "type": "urn:podium:problem:unavailable",
            "title": "Not now",
            "status": 503,
            "detail": "the desk cannot take this at the moment; nothing was recorded, and nothing is lost: try again",
        },
    )


@contextmanager
def pages(desk: WebDesk, most: int) -> Iterator[None]:
    """The disk is full: the ledger's file can have so many pages and no more, if it has not more already."""
    engine, limits = desk.ledger._database._engine, [most]

    def limit(connection: Any, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limits[-1]}")

    sa.event.listen(engine, "checkout", limit)
    try:
        yield
    finally:
        limits.append(1_000_000)


def test_a_full_disk_records_nothing(tmp_path: Path) -> None:
    """503 and nothing recorded, for each of a crowd; when there is room, the next is taken."""
    desk = make_desk(tmp_path, rules=lambda text: text.replace("max_bytes = 1000", "max_bytes = 1000000"))
    with TestClient(desk.app) as client:
        assert send(desk, client).status_code == 201
        files = [good_file(label) + b"\n" * 200_000 for label in range(4)]
        with pages(desk, 1), ThreadPoolExecutor(4) as crowd:
            answers = list(crowd.map(lambda data: send(desk, client, data), files))
            assert all(map(unavailable, answers))
            assert client.get("/api/submissions", headers=bearer(desk)).json()["attempts_left"] == 4
        assert len(received(desk)) == 1
        assert [send(desk, client, data).status_code for data in files] == [201] * 4
    desk.close()


def test_a_ledger_that_says_full_is_told(desk: WebDesk, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 for each of a crowd, nothing recorded of any, and the next is taken."""
    whole = Ledger.writing

    @contextmanager
    def full(ledger: Ledger) -> Iterator[Any]:
        with whole(ledger) as transaction:
            yield transaction
            raise LedgerError("the disk is full; nothing was recorded (database or disk is full)")

    monkeypatch.setattr(Ledger, "writing", full)
    with ThreadPoolExecutor(10) as crowd:
        answers = list(crowd.map(lambda number: send(desk, client, good_file(number)), range(5)))
    assert all(map(unavailable, answers))
    monkeypatch.undo()
    assert received(desk) == []
    assert send(desk, client).status_code == 201


def test_a_locked_ledger_is_told(desk: WebDesk, client: TestClient) -> None:
    """503 for sending, selecting and withdrawing when another holds it too long; reading goes on."""
    assert send(desk, client).status_code == 201
    desk.ledger._database._busy_seconds = 0.0  # type: ignore[attr-defined]
    with Ledger(desk.folder.ledger) as other, other.writing():
        assert unavailable(send(desk, client, good_file(1)))
        assert unavailable(client.post("/api/submissions/1/select", headers=bearer(desk)))
        assert unavailable(client.delete("/api/submissions/1", headers=bearer(desk)))
        assert client.get("/api/submissions/1", headers=bearer(desk)).status_code == 200
    assert len(received(desk)) == 1
    assert send(desk, client, good_file(1)).status_code == 201


def test_who_reads_waits_for_nobody_who_writes(desk: WebDesk, client: TestClient) -> None:
    """While another holds the ledger, all who select wait, and the desk still tells what it has."""
    assert send(desk, client).status_code == 201
    with ThreadPoolExecutor(9) as crowd, Ledger(desk.folder.ledger) as other:
        with other.writing():
            selecting = [crowd.submit(client.post, "/api/submissions/1/select", headers=bearer(desk)) for _ in range(8)]
            for _ in range(20):
                assert client.get("/api/submissions/1", headers=bearer(desk)).status_code == 200
                assert client.get("/healthz").status_code == 200
            assert not any(future.done() for future in selecting)
        assert [future.result().status_code for future in selecting] == [200] * 8


def test_what_may_have_been_recorded_is_not_denied(
    desk: WebDesk, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 where the connection was lost during the commit: the same file again is safe, and that is said."""
    whole = Ledger.writing

    @contextmanager
    def lost(ledger: Ledger) -> Iterator[Any]:
        with whole(ledger) as transaction:
            yield transaction
        raise LedgerError(f"database x: {desk.ledger._database.unknown}")

    monkeypatch.setattr(Ledger, "writing", lost)
    answer = send(desk, client)
    monkeypatch.undo()
    assert answer.status_code == 503
    assert answer.json()["detail"] == (
        "the desk lost its ledger while it recorded this: it may be recorded; send the same file again, it gets one "
        "receipt however often it is sent"
    )
    assert send(desk, client).status_code == 200


@pytest.mark.parametrize("board", ["", "{", "[]", "{}", '{"standings": [{}]}', '{"standings": 1}', "\0"])
def test_a_damaged_board_harms_no_receipt(desk: WebDesk, client: TestClient, board: str) -> None:
    """The answer is without a rank."""
    site = desk.reception.parts.site
    site.mkdir(parents=True, exist_ok=True)
    (site / "leaderboard.json").write_text(board)
    answer = send(desk, client)
    assert (answer.status_code, answer.json()["would_rank"]) == (201, None)


def test_the_end_of_the_desk_loses_nothing(desk: WebDesk) -> None:
    """A request that is begun when the desk ends is answered or not, and recorded once at the most."""

    async def trial() -> None:
        task = asyncio.create_task(desk.reception.receive("Ada", GOOD_FILE, door="api"))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    asyncio.run(trial())
    desk.reception.close()
    assert len(received(desk)) <= 1


def test_keep_alive_serves_after_a_refusal(desk: WebDesk, served: Served) -> None:
    """A refusal whose body was read leaves the connection to the next request."""
    request = raw(desk, b"x").replace(b"Connection: close\r\n", b"")
    with served.connect() as connection:
        for _ in range(3):
            connection.sendall(request)
            assert b"HTTP/1.1 422" in answer_of(connection)
