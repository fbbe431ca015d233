"""What a web desk promises whose ledger is on PostgreSQL: alone, beside another desk, and when the server fails."""

import http.client
import json
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from desk_load import LIMIT, PATIENCE, Relay, Server, file_of, make_competition, own_server, running, until
from fastapi import FastAPI
from served import serving
from starlette.testclient import TestClient
from web import Clock

from commands.host import Host, Session
from commands.serving import open_parts
from conftest import WEDNESDAY, good_file, make_folder
from submissions import schedule
from submissions.folder import Folder
from submissions.membership import accounts, tokens
from submissions.receipts import Receipt
from submissions.record import chain, round_trips
from submissions.record import server as servers
from submissions.record.database import Address
from submissions.record.entries import LedgerError
from submissions.record.ledger import Ledger
from submissions.sending import client
from submissions.web import reception
from submissions.web.app import make_app
from submissions.web.limits import UPLOADS
from submissions.web.logs import JsonLines
from submissions.web.reception import Reception
from submissions.web.server import Impatient

CASES_RULES = (Path(__file__).parent / "cases" / "competition.toml").read_text()
UNAVAILABLE = {
    "type": "urn:podium:problem:unavailable",
    "title": "Not now",
    "status": 503,
    "detail": "the desk cannot take this at the moment; nothing was recorded, and nothing is lost: try again",
}
UNKNOWN = UNAVAILABLE | {
    "detail": (
        "the desk lost its ledger while it recorded this: it may be recorded; send the same file again, it gets one "
        "receipt however often it is sent"
    )
}
CROWD = 2 * UPLOADS  # files of one team that may come at once, at two desks
SOON = 20.0  # seconds within which a desk must answer: fewer than a client waits
_SLUGS = count(1)


@dataclass(frozen=True)
class Answer:
    """What a desk says."""

    status: int
    headers: Mapping[str, str]
    data: Any


@dataclass(frozen=True)
class Asked:
    """A desk at a port of this machine, and the token of a team."""

    port: int
    token: str

    def ask(self, method: str, path: str, body: bytes | None = None, key: str | None = None) -> Answer:
        """Its answer, which comes soon."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "text/csv"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SOON)
        try:
            connection.request(method, path, body, headers | ({"Idempotency-Key": key} if key else {}))
            answer = connection.getresponse()
            read = answer.read()
        finally:
            connection.close()
        is_json = "json" in answer.headers["content-type"]
        return Answer(answer.status, dict(answer.headers.items()), json.loads(read) if is_json else read.decode())

    def send(self, data: bytes, key: str | None = None) -> Answer:
        return self.ask("POST", "/api/submissions", data, key)

    def own(self) -> Any:
        """All that the team has sent."""
        answer = self.ask("GET", "/api/submissions")
        assert answer.status == 200
        return answer.data


@dataclass(frozen=True)
class Room:
    """A competition whose ledger is on a server, for as many desks as one likes; team Ada has a token and a code."""

    folder: Folder
    url: str
    clock: Clock
    token: str
    code: str
    stack: ExitStack

    def ledger(self, busy_seconds: float = SOON, url: str | None = None) -> Ledger:
        """The ledger, with connections of its own."""
        place = Address(url or self.url, self.folder.competition().slug)
        return self.stack.enter_context(Ledger(place, busy_seconds=busy_seconds))

    def open(self, ledger: Ledger | None = None) -> Asked:
        """One more desk."""
        return Asked(self.stack.enter_context(serving(self.app(ledger), Impatient)).port, self.token)

    def app(self, ledger: Ledger | None = None) -> FastAPI:
        """One more application."""
        session = Session(self.folder, Host(self.clock, None))
        return make_app(Reception(open_parts(session, ledger or self.ledger())))

    def received(self) -> list[Receipt]:
        """All receipts that the ledger holds, whose chain is sound."""
        with self.ledger() as ledger, ledger.reading() as view:
            chain.verify(view)
            return [Receipt.from_entry(entry) for entry in view.entries("received")]


@contextmanager
def room_on(root: Path, url: str, rules: str = CASES_RULES) -> Iterator[Room]:
    """A competition with the daily limit of 5, on a server."""
    slug = f"desks-{next(_SLUGS)}"
    folder = make_folder(root / slug, rules.replace('"cases"', f'"{slug}"'), [7, 7, 7, 1, 2, 3], public=3)
    clock = Clock()
    with folder.create_ledger(url) as ledger, ExitStack() as stack:
        code = accounts.add_team(ledger, "Ada", now=clock()).code
        yield Room(folder, url, clock, tokens.issue(ledger, "Ada", name="laptop", now=clock()), code, stack)


@pytest.fixture
def log() -> Iterator[list[dict[str, Any]]]:
    """What the desks write down."""
    lines = list[dict[str, Any]]()
    handler, logger = logging.Handler(), logging.getLogger("podium.desk")
    handler.emit = lambda record: lines.append(json.loads(JsonLines().format(record)))  # type: ignore[method-assign]
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lines
    logger.removeHandler(handler)
    logger.setLevel(before)
    assert "failed" not in {line["event"] for line in lines}


@pytest.fixture
def room(tmp_path: Path, database: str, log: list[dict[str, Any]]) -> Iterator[Room]:
    """On the server of this test run."""
    del log
    with room_on(tmp_path, database) as made:
        yield made


@pytest.fixture(scope="module")
def killable() -> Iterator[Server]:
    """A server that may be ended."""
    with own_server() as server:
        yield server


def told(answer: Answer) -> Any:
    """A problem, which says when to try again."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "5"
    return answer.data


def end_others(url: str) -> None:
    """End every connection to the server but this one."""
    engine = servers.engine(servers.url_of(url))
    query = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"{query} AND backend_type = 'client backend'").all()
    engine.dispose()


# The server goes


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_the_database_goes_and_comes_back(tmp_path: Path, killable: Server, log: list[Any], end: str) -> None:
    """Without it every answer is 503, soon; with it the same desk goes on, and nothing is lost."""
    with room_on(tmp_path, killable.url) as room:
        desk = room.open()
        first = desk.send(good_file(1), "one")
        assert (first.status, desk.ask("GET", "/healthz").status) == (201, 200)

        getattr(killable, end)()
        try:
            with ThreadPoolExecutor(8) as threads:
                answers = list(threads.map(lambda number: desk.send(good_file(number), f"{number}"), range(8)))
            answers += [
                desk.ask("GET", path) for path in ("/api/submissions", "/api/submissions/1", "/api/competition")
            ]
            answers += [desk.ask("POST", "/api/submissions/1/select"), desk.ask("DELETE", "/api/submissions/1")]
            answers += [desk.ask("POST", "/api/check", good_file(2)), desk.ask("GET", "/healthz")]
            assert [answer.status for answer in answers] == [503] * len(answers)
            assert [told(answer) for answer in answers] == [UNAVAILABLE] * len(answers)
        finally:
            killable.start()

        second = desk.send(good_file(2), "2")
        again = desk.send(good_file(1), "one")
        assert (second.status, desk.ask("GET", "/healthz").status) == (201, 200)
        assert (again.status, again.data) == (200, {**first.data, "is_known": True, "text": again.data["text"]})
        assert [(one.submission, one.attempts_left, one.proof) for one in room.received()] == [
            (1, 4, first.data["proof"]),
            (2, 3, second.data["proof"]),
        ]
    assert "trouble" in {line["event"] for line in log}


def test_a_browser_outlives_the_database(tmp_path: Path, killable: Server, log: list[Any]) -> None:
    """Each page of a team says that it cannot be shown now, and whoever was signed in is so after it."""
    del log
    pages = ["/team", "/submit", "/team/submissions/1", "/team/submissions/1/withdraw"]
    with room_on(tmp_path, killable.url) as room, TestClient(room.app(), headers={"accept": "text/html"}) as browser:

        def post(path: str, **options: Any) -> Any:
            found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/join").text)
            assert found
            return browser.post(path, data={"csrf": found[1], **options.pop("data", {})}, **options)

        assert post("/join", data={"code": room.code, "name": "Countess"}).url.path == "/team"
        assert post("/submit", files={"file": ("mine.csv", good_file(1))}).url.path == "/team/submissions/1"
        assert [browser.get(page).status_code for page in pages] == [200] * 4
        secret = re.search(r'name="csrf" value="([^"]+)"', browser.get("/submit").text)
        assert secret
        killable.stop()
        try:
            answers = [browser.get(page) for page in pages]
            answers.append(
                browser.post("/submit", data={"csrf": secret[1]}, files={"file": ("mine.csv", good_file(2))})
            )
        finally:
            killable.start()
        for answer in answers:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert str(UNAVAILABLE["detail"])[1:] in answer.text
        assert [browser.get(page).status_code for page in pages] == [200] * 4
        assert post("/submit", files={"file": ("mine.csv", good_file(2))}).url.path == "/team/submissions/2"
        assert [one.submission for one in room.received()] == [1, 2]


def test_idle_connections_that_the_server_ends_heal(room: Room) -> None:
    """Whoever comes next is served by a new one, be it the first after all were ended or one of twenty."""
    desk = room.open()
    with ThreadPoolExecutor(20) as threads:
        for _ in range(3):
            looks = [threads.submit(desk.ask, "GET", "/api/submissions") for _ in range(20)]
            assert {one.result().status for one in looks} == {200}
            end_others(room.url)
        assert desk.send(good_file(1)).status == 201
        end_others(room.url)
        assert desk.ask("GET", "/healthz").status == 200


def test_a_lock_that_another_holds_is_waited_for_so_long(room: Room) -> None:
    """Whoever sends is told in time to try again, and who looks waits for nobody; after it all goes on."""
    desk, other = room.open(room.ledger(busy_seconds=0.05)), room.ledger()
    with other.writing() as transaction:
        answers = [desk.send(good_file(number)) for number in range(3)]
        assert [told(answer) for answer in answers] == [UNAVAILABLE] * 3
        assert desk.own()["submissions"] == []
        assert desk.ask("GET", "/healthz").status == 200
        transaction.append("noted", room.clock(), {})

    assert desk.send(good_file(0)).status == 201
    assert len(room.received()) == 1


def test_a_statement_that_the_server_breaks_off_is_told(room: Room) -> None:
    """Who cancels our statements, as an administrator may, makes nobody lose anything."""
    desk, other = room.open(), room.ledger()
    with other.writing() as transaction, ThreadPoolExecutor(1) as threads:
        sent = threads.submit(desk.send, good_file(1), "one")
        waiting = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'"

        def cancel() -> bool:
            rows = transaction.connection.exec_driver_sql(f"SELECT pg_cancel_backend(pid) {waiting}").all()
            return bool(rows)

        until(cancel, "the desk waits for the lock")
        assert told(sent.result(PATIENCE)) == UNAVAILABLE

    assert desk.send(good_file(1), "one").status == 201
    assert len(room.received()) == 1


# The way to the server


@pytest.fixture
def relay(killable: Server) -> Iterator[Relay]:
    made = Relay(killable)
    yield made
    made.close()


@pytest.mark.parametrize("is_made", [True, False])
def test_a_commit_whose_answer_was_lost(tmp_path: Path, killable: Server, relay: Relay, is_made: bool) -> None:
    """Nobody is told that nothing was recorded; the same file under the same key gets its one receipt."""
    with room_on(tmp_path, killable.url) as room:
        desk = room.open(room.ledger(url=relay.url))
        assert desk.send(good_file(1), "one").status == 201
        relay.lose_commit(is_made=is_made)
        lost = desk.send(good_file(2), "two")
        count = len(room.received())
        again = desk.send(good_file(2), "two")

        assert (lost.status, told(lost)) == (503, UNKNOWN)
        assert count == 1 + is_made
        assert again.status == (200 if is_made else 201)
        assert [(one.submission, one.attempts_left) for one in room.received()] == [(1, 4), (2, 3)]
        assert again.data["proof"] == room.received()[1].proof
        other = desk.send(good_file(3), "two")
        assert (other.status, other.data["type"]) == (422, "urn:podium:problem:key-reused")


@pytest.mark.parametrize("is_made", [True, False])
def test_a_client_asks_again_by_itself(tmp_path: Path, killable: Server, relay: Relay, is_made: bool) -> None:
    """`podium submit` gets the one receipt, whatever became of the first commits."""
    with room_on(tmp_path, killable.url) as room:
        desk = room.open(room.ledger(url=relay.url))
        relay.lose_commit(is_made=is_made)
        relay.lose_commit(is_made=False)
        said = list[str]()
        address = f"http://127.0.0.1:{desk.port}"
        answer = client.send(
            good_file(2), server=address, token=room.token, say=said.append, sleep=lambda _: None, timeout=SOON
        )

        assert said == [f"{address}: {UNKNOWN['detail']}; trying again in 5 s"] * 2
        assert [one.proof for one in room.received()] == [answer.data["proof"]]


@pytest.mark.parametrize("at_commit", [False, True])
def test_a_silent_server_keeps_nobody_waiting(
    tmp_path: Path, killable: Server, relay: Relay, monkeypatch: pytest.MonkeyPatch, at_commit: bool
) -> None:
    """As when it loses its power: who asks is told in time, and once there is one that answers the desk goes on."""
    monkeypatch.setattr(reception, "ANSWER_SECONDS", 0.5)
    with room_on(tmp_path, killable.url) as room:
        desk = room.open(room.ledger(url=relay.url))
        assert desk.send(good_file(1), "one").status == 201
        relay.fall_silent(at_commit=at_commit)
        answer = desk.send(good_file(2), "two")
        health = desk.ask("GET", "/healthz")
        relay.recover()
        until(lambda: desk.ask("GET", "/healthz").status == 200, "the desk is well again")
        again = desk.send(good_file(2), "two")

        assert (answer.status, told(answer)) == (503, UNKNOWN if at_commit else UNAVAILABLE)
        assert (health.status, told(health)) == (503, UNAVAILABLE)
        assert again.status == 201
        assert [one.submission for one in room.received()] == [1, 2]


def test_a_silent_server_is_given_up(
    tmp_path: Path, killable: Server, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread waits without end for what never comes; of a commit nobody says that it was not made."""
    monkeypatch.setattr(round_trips, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(servers, "_CONNECT_SECONDS", 0.2)
    with room_on(tmp_path, killable.url) as room:
        ledger = room.ledger(url=relay.url)
        relay.fall_silent(at_commit=True)
        with pytest.raises(LedgerError, match="it may have been recorded"), ledger.writing() as transaction:
            transaction.append("noted", room.clock(), {})
        with pytest.raises(LedgerError, match="the database cannot be reached; nothing was recorded"), ledger.reading():
            pass
        relay.recover()
        with ledger.reading() as view:
            assert chain.verify(view) == 0


# Two desks


@dataclass(frozen=True)
class Pair:
    """Two desks of one ledger, and a team that has so many attempts a day.

    Attributes:
        file: a sound file for each number.
    """

    desks: tuple[Asked, Asked]
    limit: int
    file: Callable[[int], bytes]

    def use_up(self) -> "Pair":
        """Send until one attempt is left."""
        for number in range(1, self.limit):
            assert self.desks[0].send(self.file(number)).status == 201
        return self


@pytest.fixture(params=["applications", "processes"])
def pair(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[Pair]:
    """Two applications in this process, or two of `podium serve`."""
    if request.param == "applications":
        with room_on(tmp_path, database) as room:
            yield Pair((room.open(), room.open()), 5, lambda number: good_file(number % 10, number // 10))
        return
    folder = make_competition(tmp_path, database)
    with folder.open_ledger(database) as ledger:
        accounts.add_team(ledger, "Ada", now=datetime.now(UTC))
        token = tokens.issue(ledger, "Ada", name="laptop", now=datetime.now(UTC))
    with running(folder, database) as first, running(folder, database) as second:
        yield Pair((Asked(first.port, token), Asked(second.port, token)), LIMIT, file_of)
        for one in (first, second):
            assert '"event": "failed"' not in one.log.read_text()


def test_two_desks_and_one_attempt_left(pair: Pair) -> None:
    """Of as many as may come at once one is taken; numbers have no gap, and both desks tell the same."""
    limit, start = pair.use_up().limit, threading.Barrier(CROWD)

    def send(number: int) -> Answer:
        start.wait(PATIENCE)
        return pair.desks[number % 2].send(pair.file(20 + number), f"key {number}")

    with ThreadPoolExecutor(CROWD) as threads:
        answers = list(threads.map(send, range(CROWD)))

    assert Counter(answer.status for answer in answers) == {201: 1, 429: CROWD - 1}
    for answer in answers:
        if answer.status == 201:
            assert (answer.data["submission"], answer.data["attempts_left"]) == (limit, 0)
        else:
            assert answer.data["type"] == "urn:podium:problem:attempts-used"
            assert answer.data["limit"] == limit
            assert answer.headers["retry-after"].isdecimal()
    own = [desk.own() for desk in pair.desks]
    for one in (submission for told in own for submission in told["submissions"]):
        del one["would_rank"]  # it goes by the board, which is written meanwhile
    assert own[0] == own[1]
    assert [one["submission"] for one in own[0]["submissions"]] == list(range(1, limit + 1))
    assert [one["attempts_left"] for one in own[0]["submissions"]] == list(range(limit))[::-1]


def test_all_that_send_one_file_to_two_desks_have_one_receipt(room: Room) -> None:
    """The same bytes are one submission, whichever desk they come to, and under whichever key."""
    pair = room.open(), room.open()
    start = threading.Barrier(CROWD)

    def send(number: int) -> Answer:
        start.wait(PATIENCE)
        return pair[number % 2].send(good_file(1), f"key {number % 3}")

    with ThreadPoolExecutor(CROWD) as threads:
        answers = list(threads.map(send, range(CROWD)))

    assert Counter(answer.status for answer in answers) == {201: 1, 200: CROWD - 1}
    assert {answer.data["proof"] for answer in answers} == {room.received()[0].proof}
    assert len(room.received()) == 1


def test_one_key_for_two_files_at_two_desks_is_of_the_first(room: Room) -> None:
    """Of two files that come at once under one key one is taken."""
    pair = room.open(), room.open()
    start = threading.Barrier(2)

    def send(number: int, key: str) -> int:
        start.wait(PATIENCE)
        return pair[number].send(good_file(number, len(room.received())), key).status

    with ThreadPoolExecutor(2) as threads:
        for key in ("a", "b", "c"):
            assert sorted(threads.map(send, (0, 1), (key, key))) == [201, 422]

    assert [one.submission for one in room.received()] == [1, 2, 3]


def test_a_token_revoked_at_one_desk_is_none_at_the_other(room: Room) -> None:
    """It holds at no desk from the moment in which it is revoked."""
    mine, ledger = room.ledger(), room.ledger()
    pair = room.open(mine), room.open(ledger)
    assert [desk.ask("GET", "/api/submissions").status for desk in pair] == [200, 200]
    with mine.reading() as view:
        handle = tokens.tokens_of(view, "Ada")[0].handle
    tokens.revoke(mine, "Ada", handle, now=room.clock())

    answers = [desk.send(good_file(1)) for desk in pair]
    assert [(answer.status, answer.data["type"]) for answer in answers] == [
        (401, "urn:podium:problem:unauthorised")
    ] * 2
    assert room.received() == []


def test_a_deadline_moved_at_one_desk_holds_at_the_other(tmp_path: Path, database: str) -> None:
    """Earlier or later, at once."""
    rules = CASES_RULES.replace("[submission]", 'late = "refused"\n\n[submission]')
    with room_on(tmp_path, database, rules) as room:
        ledgers = room.ledger(), room.ledger()
        desks, written = [room.open(ledger) for ledger in ledgers], room.folder.competition()

        def statuses(number: int) -> list[int]:
            return [desk.send(good_file(number, which)).status for which, desk in enumerate(desks)]

        assert statuses(1) == [201, 201]
        schedule.move(ledgers[0], written, WEDNESDAY + timedelta(2), because="it rains", now=room.clock())
        room.clock.now += timedelta(3)
        assert statuses(2) == [403, 403]
        assert [desk.ask("GET", "/api/competition").data["deadline"][:10] for desk in desks] == ["2026-11-27"] * 2
        schedule.move(ledgers[1], written, WEDNESDAY + timedelta(4), because="it is dry", now=room.clock())
        assert statuses(2) == [201, 201]
        assert [desk.ask("GET", "/api/competition").data["deadline"][:10] for desk in desks] == ["2026-11-29"] * 2
