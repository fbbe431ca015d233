"""Announcements: what is due, how it reads, and how it gets to a webhook; the webhook is a server of the test's own."""

import json
import shutil
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from test_page import HOSTILE
from test_standings import CLOSED, COMPETITION, START, Book

import podium
from commands.host import Host
from conftest import CASES, Clock, Run
from grader.grades import Grade
from leaderboard import announce, names, news
from leaderboard.announce import BadMemory, Memory
from leaderboard.news import News
from leaderboard.webhook import BadWebhook, NotSent, PerhapsSent, Webhook
from submissions.receipts import Receipt
from submissions.record.ledger import Ledger

LIVE = datetime(2026, 12, 1, tzinfo=UTC)
SECRET = "s3cr3t-t0ken"
NOBODY = Memory()
Answer = tuple[int, dict[str, str], bytes]
TAKEN: Answer = (204, {}, b"")


@dataclass
class Discord:
    """A webhook: what it is to answer, in order and then always 204, and what it was sent."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    hangs_up: bool = False


@pytest.fixture
def discord(monkeypatch: pytest.MonkeyPatch) -> Iterator[Discord]:
    """A local webhook; no proxy of the machine stands before it."""
    monkeypatch.setenv("no_proxy", "*")
    state = Discord()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            state.headers.append(dict(self.headers))
            if state.hangs_up:
                return
            status, headers, body = state.answers.pop(0) if state.answers else TAKEN
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        state.url = f"http://127.0.0.1:{server.server_port}/api/webhooks/1/{SECRET}"
        yield state
        server.shutdown()


@pytest.fixture
def send(discord: Discord) -> Callable[[], list[float]]:
    """Send a message; how long was waited before each further try. No time passes."""

    def send_one() -> list[float]:
        waits: list[float] = []
        Webhook.parse(discord.url).send({"content": "hello"}, sleep=waits.append)
        return waits

    return send_one


@pytest.fixture
def book() -> Book:
    book = Book()
    book.submit("ada", 0.9)
    book.submit("bob", 0.95, 0.8)
    return book


def all_news(book: Book, as_of: datetime = LIVE) -> list[News]:
    public = book.board(as_of=as_of)
    final = book.board("private", as_of) if public.is_revealed else None
    return announce.gather(public, news.gather(public, book.entries, final=final))


def due(book: Book, memory: Memory = NOBODY, as_of: datetime = LIVE) -> list[str]:
    return [one.kind for one in announce.due(all_news(book, as_of), memory)]


def embed(book: Book, kind: str, as_of: datetime = LIVE) -> dict[str, Any]:
    one = next(one for one in reversed(all_news(book, as_of)) if one.kind == kind)
    made: dict[str, Any] = announce.message(one, book.board(as_of=as_of))["embeds"][0]
    return made


# What is due


def test_only_the_last_of_several_leaders(book: Book) -> None:
    """Of several new leaders since the last time only the one that leads now is announced, and once."""
    told = announce.due(all_news(book), NOBODY)

    assert [one.teams for one in told] == [("bob", "ada")]
    assert due(book, NOBODY.and_also(told)) == []


def test_what_was_told_is_not_told_again(book: Book) -> None:
    """After a new leader was announced, the next one is, and nothing else."""
    memory = NOBODY.and_also(all_news(book))
    assert due(book, memory) == []
    book.submit("cyd", 0.99)

    assert [one.teams for one in announce.due(all_news(book), memory)] == [("cyd", "bob")]


def test_the_last_24_hours(book: Book) -> None:
    """That 24 hours are left is news from that second on until the deadline, and again if the deadline is moved."""
    deadline = COMPETITION.deadline
    memory = NOBODY.and_also(all_news(book))
    assert due(book, memory, deadline - timedelta(hours=24, seconds=1)) == []
    assert due(book, memory, deadline - timedelta(hours=24)) == ["closing"]
    assert due(book, memory, deadline) == ["closing"]
    assert due(book, memory, deadline + timedelta(seconds=1)) == []

    memory = memory.and_also(all_news(book, deadline - timedelta(hours=1)))
    assert due(book, memory, deadline) == []
    book.competition = replace(COMPETITION, deadline=deadline + timedelta(days=2))
    assert due(book, memory, deadline + timedelta(days=1, hours=12)) == ["closing"]


def test_a_competition_of_a_day_has_no_last_24_hours() -> None:
    """A competition that is no longer than 24 hours opens without saying that 24 hours are left."""
    book = Book(replace(COMPETITION, deadline=START + timedelta(hours=24)))

    assert due(book, as_of=START + timedelta(hours=1)) == []


def test_freeze(book: Book) -> None:
    """The freeze is announced once it has begun."""
    memory, freeze = NOBODY.and_also(all_news(book)), LIVE + timedelta(hours=1)

    book.add("frozen", {}, freeze)
    assert due(book, memory, freeze - timedelta(seconds=1)) == []
    assert due(book, memory, freeze) == ["frozen"]


def test_after_the_reveal_only_the_final_ranking(book: Book) -> None:
    """Leaders that a freeze had hidden, and the freeze itself, are no news beside the final ranking."""
    memory = NOBODY.and_also(all_news(book))
    book.add("frozen", {}, LIVE)
    book.submit("cyd", 0.99, at=LIVE + timedelta(hours=1))
    assert due(book, memory, CLOSED) == ["frozen"]
    book.reveal()

    assert [one.kind for one in all_news(book, CLOSED)] == ["leader", "leader", "frozen", "leader", "final"]
    assert due(book, memory, CLOSED) == ["final"]
    assert due(book, memory.and_also(all_news(book, CLOSED)), CLOSED) == []


def test_a_memory_is_kept_as_text(book: Book) -> None:
    """A memory that was written is read as it was."""
    memory = NOBODY.and_also(all_news(book, COMPETITION.deadline))

    assert memory.seq == 3
    assert len(memory.told) == 1
    assert Memory.from_json(memory.to_json()) == memory


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"version": 2}', '{"version": 1, "seq": "1", "told": []}', "[" * 100_000]
)
def test_a_memory_that_cannot_be_read(text: str) -> None:
    """What is no memory is refused: guessing would announce something twice."""
    with pytest.raises(BadMemory):
        Memory.from_json(text)


# How it reads


def test_new_leader(book: Book) -> None:
    """A message has the team, the score, the deadline in each reader's own zone, and pings nobody."""
    book.competition = replace(COMPETITION, address="https://example.org/month/")
    one = announce.due(all_news(book), NOBODY)[0]

    assert announce.message(one, book.board(as_of=LIVE)) == {
        "username": "Leaderboard",
        "allowed_mentions": {"parse": []},
        "embeds": [
            {
                "author": {"name": "Fashion-MNIST: what is in the picture?"},
                "title": "New leader",
                "description": "**bob** leads on the public board with 0.9500, before **ada**.",
                "color": 0x0B57C2,
                "fields": [
                    {"name": "Teams", "value": "2", "inline": True},
                    {"name": "Deadline", "value": "<t:1796731199:F> (<t:1796731199:R>)", "inline": True},
                ],
                "timestamp": "2026-11-22T03:00:00+00:00",
                "url": f"https://example.org/month/index.html#{names.team_id('bob')}",
            }
        ],
    }


def test_other_messages(book: Book) -> None:
    """The last 24 hours, the freeze and the final ranking each have their title and sentence."""
    last_day = embed(book, "closing", COMPETITION.deadline)
    assert (last_day["title"], last_day["description"]) == (
        "The last 24 hours",
        "Submissions count until 8 Dec 2026, 11:59:59 UTC.",
    )
    book.add("frozen", {}, LIVE)
    frozen = embed(book, "frozen", LIVE)
    assert (frozen["title"], frozen["description"]) == (
        "The board is frozen",
        "The public board stays as it was at 1 Dec 2026, 00:00 UTC until the results are revealed.",
    )
    book.reveal()
    final = embed(book, "final", CLOSED)
    assert final["title"] == "The final ranking"
    assert final["description"] == (
        "Final: **ada** wins\nThe ranking on the private 70\N{NO-BREAK SPACE}% of the test rows is public.\n"
        "1 **ada**, 0.9000\n2 **bob**, 0.8000"
    )
    assert [one["name"] for one in final["fields"]] == ["Teams"]
    assert "url" not in final


HOSTILE_IN_CHAT = [
    *("@everyone", "@here", "<@1234>", "<@&1234>", "<#1234>", "<:x:1>", "<t:1:R>", "</ban:1>", ":skull:"),
    *("**bold**", "_a_ ~~b~~ ||c||", "`code`", "```\ncode", "> quote", "# big", "-# small", "- item", "1. item"),
    *("[click](https://evil.example)", "https://evil.example", "<https://evil.example>", "discord.gg/evil"),
    *("\\", "\\*", "*" * 40, "{0}", "{title}"),
]


@pytest.mark.parametrize("name", [*HOSTILE_IN_CHAT, *HOSTILE])
def test_names_are_shown_as_they_are_written(name: str) -> None:
    """Every mark of a name that Markdown could take for its own has a backslash before it; a name is cut at 100."""
    book = Book(replace(COMPETITION, title=name))
    book.submit(name, 0.9)
    description = embed(book, "leader")["description"]
    shown = description.removeprefix("**").partition("** leads on")[0]

    marks = [place for place, c in enumerate(shown) if c.isascii() and c.isprintable() and not c.isalnum() and c != " "]
    escapes = {place for index, place in enumerate(marks) if shown[place] == "\\" and index % 2 == 0}
    assert len(escapes) * 2 == len(marks)
    cut = name if len(name) <= 100 else name[:99] + "…"
    assert shown.replace("\\\\", "\0").replace("\\", "").replace("\0", "\\") == names.plain(cut)
    assert embed(book, "leader")["title"] == "New leader"


def test_messages_stay_within_the_limits() -> None:
    """However long the title and the names, each part stays within what Discord takes."""
    book = Book(replace(COMPETITION, title="T" * 1000))
    for place in range(3):
        book.submit("*" * 300 + str(place), 0.9, 0.9 - place / 10)
    book.reveal()

    made = embed(book, "final", CLOSED)
    assert len(made["author"]["name"]) <= 256
    assert len(made["description"]) <= 4096
    assert len(json.dumps(made)) < 6000


# How it gets there


def test_it_is_sent_once(discord: Discord, send: Callable[[], list[float]]) -> None:
    """A message that is taken is posted once, as JSON, by an agent with a name."""
    assert send() == []
    assert discord.got == [{"content": "hello"}]
    assert discord.headers[0]["Content-Type"] == "application/json"
    assert discord.headers[0]["User-Agent"] == "Podium"


@pytest.mark.parametrize(
    ("headers", "body", "wait"),
    [
        ({"Retry-After": "3"}, b'{"retry_after": 2.5, "global": false}', 2.5),
        ({"Retry-After": "3"}, b"<html>", 3.0),
        ({"X-RateLimit-Reset-After": "0.75"}, b'{"retry_after": 750}', 0.75),
        ({"X-RateLimit-Reset-After": "0.75"}, b'{"retry_after": 20, "global": true}', 20.0),
        ({}, b"[]", 1.0),
        ({"Retry-After": "soon"}, b'{"retry_after": NaN}', 1.0),
        ({"Retry-After": "-5"}, b'{"retry_after": -1}', 1.0),
    ],
)
def test_it_waits_as_long_as_it_is_asked_to(
    discord: Discord, send: Callable[[], list[float]], headers: dict[str, str], body: bytes, wait: float
) -> None:
    """After a 429 it waits for as many seconds as that says, or for one, and sends the message again."""
    discord.answers = [(429, headers, body)]

    assert send() == [wait]
    assert len(discord.got) == 2


def test_a_failing_server_is_asked_again(discord: Discord, send: Callable[[], list[float]]) -> None:
    """After a 5xx it waits longer each time; after five tries it gives up."""
    discord.answers = [(503, {}, b""), (500, {}, b"")]
    assert send() == [1.0, 2.0]

    discord.answers = [(502, {}, b"")] * 9
    with pytest.raises(NotSent, match=r"^Discord did not take the message in 5 tries: try again later$"):
        send()
    assert len(discord.got) == 3 + 5


def test_it_does_not_wait_for_ever(discord: Discord, send: Callable[[], list[float]]) -> None:
    """Who is asked to wait for more than a minute gives up at once."""
    discord.answers = [(429, {"Retry-After": "3600"}, b"")]

    with pytest.raises(NotSent, match=r"^Discord asks to wait for 3,600 seconds: try again later$"):
        send()
    assert len(discord.got) == 1


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "the webhook refused the message with status 400"),
        (404, "the webhook refused the message with status 404: it is no longer there; make a new one"),
        (302, "the webhook refused the message with status 302"),
    ],
)
def test_a_refusal_is_not_sent_again(discord: Discord, send: Callable[[], list[float]], status: int, said: str) -> None:
    """A message that is refused is not sent again, nor to where a redirect points."""
    discord.answers = [(status, {"Location": discord.url}, b"")]

    with pytest.raises(NotSent) as raised:
        send()
    assert str(raised.value) == said
    assert len(discord.got) == 1


def test_a_connection_that_breaks_is_told_apart(discord: Discord, send: Callable[[], list[float]]) -> None:
    """Where the answer never came, the message may stand there: it is not sent again."""
    discord.hangs_up = True

    with pytest.raises(PerhapsSent) as raised:
        send()
    assert str(raised.value) == (
        "the connection to the webhook broke before it answered: the message may stand there, and is not sent again"
    )
    assert len(discord.got) == 1


def test_nobody_answers(discord: Discord, send: Callable[[], list[float]]) -> None:
    """Where nobody listens, the message was surely not taken."""
    discord.url = f"http://127.0.0.1:1/{SECRET}"

    with pytest.raises(NotSent, match=r"^the webhook cannot be reached: Connection refused$") as raised:
        send()
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    "address",
    [
        *("", "discord.com/api/webhooks/1/s3cr3t", "ftp://example.org/s3cr3t", "file:///etc/s3cr3t"),
        *("http://example.org/s3cr3t", "https://user:s3cr3t@example.org/x", "https://example.org/s3cr3t x"),
        *("https://example.org/s3cr3t\nX: y", "https:///s3cr3t", "http://localhost.example.org/s3cr3t"),
    ],
)
def test_what_is_no_webhook(address: str) -> None:
    """Only https, and this machine itself, may be an address; the message does not repeat what it was given."""
    with pytest.raises(BadWebhook) as raised:
        Webhook.parse(address)
    assert str(raised.value) == ("the webhook's address must look like https://discord.com/api/webhooks/NUMBER/TOKEN")


def test_the_address_is_not_shown(discord: Discord) -> None:
    """A webhook's repr does not hold its address."""
    assert SECRET not in repr(Webhook.parse(discord.url))


# The command


@dataclass
class Place:
    """A competition's folder, and a desk that grades at once."""

    root: Path
    clock: Clock
    sent: int = 0

    @property
    def memory(self) -> Path:
        return self.root / "grader" / "announced.json"

    def submit(self, team: str, score: float) -> None:
        self.sent += 1
        self.clock.now += timedelta(minutes=1)
        receipt = Receipt(self.sent, team, "d" * 64, 9, self.clock.now, True, None, "submit")
        grade = Grade("graded", "accuracy", "s" * 64, public=score, private=score, shown=score)
        with Ledger(self.root / "submissions" / "ledger.db") as ledger, ledger.writing() as book:
            book.keep(b"a file", receipt.digest)
            book.append(
                "received", self.clock.now, receipt.to_json(), team=team, submission=self.sent, file=receipt.digest
            )
            book.append("graded", self.clock.now, grade.to_json(), team=team, submission=self.sent)


@pytest.fixture
def place(tmp_path: Path, clock: Clock, discord: Discord, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A competition with a leader, whose organiser has a webhook."""
    for room in ("submissions", "grader"):
        (tmp_path / room).mkdir()
    shutil.copy(CASES / "competition.toml", tmp_path)
    Ledger.create(tmp_path / "submissions" / "ledger.db").close()
    monkeypatch.setitem(podium.COMMANDS, "announce", "announce")
    monkeypatch.setenv("PODIUM_DISCORD", discord.url)
    made = Place(tmp_path, clock)
    made.submit("ada", 0.5)
    return made


def test_the_first_run_tells_no_old_news(run: Run, place: Place, discord: Discord) -> None:
    """The first run sends nothing and remembers how things stand, for the organiser's eyes only."""
    assert run("announce", "-C", place.root) == (
        0,
        "nothing announced: on the first run all news is old, 1 so far\n",
        "",
    )
    assert discord.got == []
    assert json.loads(place.memory.read_text()) == {"version": 1, "seq": 1, "told": []}
    assert stat.S_IMODE(place.memory.stat().st_mode) == 0o600


def test_news_is_told_once(run: Run, place: Place, discord: Discord) -> None:
    """A new leader is announced by the next run, and by no later one."""
    run("announce", "-C", place.root)
    place.submit("bob", 0.7)

    assert run("announce", "-C", place.root) == (0, "announced: New leader\n", "")
    assert run("announce", "-C", place.root) == (0, "", "")
    assert [one["embeds"][0]["description"] for one in discord.got] == [
        "**bob** leads on the public board with 0.7000, before **ada**."
    ]


def test_dry_run_sends_and_remembers_nothing(
    run: Run, place: Place, discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--dry-run prints the message, needs no webhook, and leaves the news for the next run."""
    run("announce", "-C", place.root)
    place.submit("bob", 0.7)
    before = place.memory.read_bytes()
    monkeypatch.delenv("PODIUM_DISCORD")

    code, out, err = run("announce", "-C", place.root, "--dry-run")

    assert (code, err) == (0, "")
    assert json.loads(out)["embeds"][0]["title"] == "New leader"
    assert place.memory.read_bytes() == before
    assert discord.got == []


def test_what_was_refused_is_told_later(run: Run, place: Place, discord: Discord) -> None:
    """A message that was surely not taken is sent by the next run."""
    run("announce", "-C", place.root)
    place.submit("bob", 0.7)
    discord.answers = [(404, {}, b"")]

    assert run("announce", "-C", place.root) == (
        3,
        "",
        "podium: the webhook refused the message with status 404: it is no longer there; make a new one\n",
    )
    assert run("announce", "-C", place.root)[1] == "announced: New leader\n"


def test_what_may_have_been_taken_is_not_told_again(run: Run, place: Place, discord: Discord) -> None:
    """A message that may stand there already is not sent again: nothing is announced twice."""
    run("announce", "-C", place.root)
    place.submit("bob", 0.7)
    discord.hangs_up = True
    assert run("announce", "-C", place.root)[0] == 3
    discord.hangs_up = False

    assert run("announce", "-C", place.root) == (0, "", "")
    assert len(discord.got) == 1


@pytest.mark.parametrize("answer", [(404, {}, b""), (302, {"Location": "http://127.0.0.1:1/"}, b""), None])
def test_the_secret_is_never_told(
    place: Place,
    discord: Discord,
    answer: Answer | None,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whatever happens, neither the output, its traceback, a log nor a file holds the webhook's address."""

    def announce_it() -> None:
        with pytest.raises(SystemExit):
            podium.main(["--debug", "announce", "-C", str(place.root)], Host(place.clock, None))

    announce_it()
    place.submit("bob", 0.7)
    discord.answers, discord.hangs_up = [answer] if answer else [], answer is None
    announce_it()

    printed = capsys.readouterr()
    kept = b"".join(path.read_bytes() for path in place.root.rglob("*") if path.is_file())
    assert "Traceback" in printed.err
    assert SECRET not in printed.out + printed.err + caplog.text
    assert SECRET.encode() not in kept


def test_no_webhook(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a webhook the message says where to put it; one that is none is not repeated."""
    monkeypatch.delenv("PODIUM_DISCORD")
    code, _, err = run("announce", "-C", place.root)
    assert (code, err.splitlines()[0]) == (
        2,
        "podium: PODIUM_DISCORD is not set: it holds the webhook's address; --dry-run needs none",
    )

    monkeypatch.setenv("PODIUM_DISCORD", SECRET)
    assert run("announce", "-C", place.root) == (
        3,
        "",
        "podium: the webhook's address must look like https://discord.com/api/webhooks/NUMBER/TOKEN\n",
    )


def test_a_damaged_memory(run: Run, place: Place, discord: Discord) -> None:
    """A memory that cannot be read stops the command: with a guess, something would be told twice."""
    place.memory.write_bytes(b"\xff")

    assert run("announce", "-C", place.root) == (
        3,
        "",
        f"podium: {place.memory} is no record of announcements: delete it, and the next run takes all news for old\n",
    )
    assert discord.got == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such lock")
def test_one_at_a_time(run: Run, place: Place) -> None:
    """While one announcement is at work another one is refused."""
    import fcntl

    with (place.root / "grader" / "announced.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert run("announce", "-C", place.root) == (
            1,
            "",
            "podium: another podium announce is at work: it tells what there is to tell\n",
        )
    assert run("announce", "-C", place.root)[0] == 0


def test_a_kit_announces_nothing(run: Run, place: Place) -> None:
    """A participant's kit has no desk, and says so."""
    for room in ("submissions", "grader"):
        shutil.rmtree(place.root / room)

    code, _, err = run("announce", "-C", place.root)
    assert (code, err) == (
        1,
        f"podium: {place.root} is a starter kit, without a desk: send the file to the organiser\n",
    )
