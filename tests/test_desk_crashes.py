"""What is promised of a web desk that is killed under load, and of one whose database is (kill -9)."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from desk_load import (
    Load,
    Process,
    Server,
    audit,
    audit_files,
    demand_whole_site,
    is_alive,
    issue,
    make_competition,
    own_server,
    parts_of,
    running,
    until,
)

from submissions.folder import Folder
from submissions.record.ledger import Ledger

FEW = 3
MANY = pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(3_600)])


@dataclass
class Rounds:
    """A desk under load, of which something is killed in each round.

    Attributes:
        server: where its ledger lies; None: in a file.
    """

    folder: Folder
    process: Process
    server: Server | None
    ledger: Ledger
    load: Load
    chance: random.Random

    def one(self, number: int) -> None:
        """New teams, some answers, the end of the desk or of its database, and what is there after it."""
        self.load.join(issue(self.ledger, number))
        self.load.await_answers(self.chance.randrange(60))
        time.sleep(self.chance.uniform(0, 0.05))
        if self.server and number % 2 == 0:
            self.server.kill()
            self.server.start()
        else:
            self._kill_desk()
        self.process.await_health()
        audit(self.ledger, self.load)
        demand_whole_site(self.folder)

    def _kill_desk(self) -> None:
        """Now and then its board too, or the next desk while it starts."""
        board = self.process.children()
        self.process.kill(*(board if self.chance.random() < 0.3 else ()))
        self.process.start()
        if self.chance.random() < 0.1:
            time.sleep(self.chance.uniform(0, 2))
            board += self.process.children()
            self.process.kill()
            self.process.start()
        until(lambda: not any(map(is_alive, board)), "what the desk began ends by itself")

    def end(self) -> None:
        """Each client gets its last answer, and the board all that there is."""
        self.load.stop()
        count = audit(self.ledger, self.load)
        audit_files(self.ledger, self.load)
        until(lambda: demand_whole_site(self.folder) == count, "the board shows all")
        assert parts_of(self.folder) == []
        board = self.process.children()
        assert self.process.stop() == 0
        assert not any(map(is_alive, board)), "the desk ends what it began"
        told = self.process.log.read_text()
        assert '"event": "failed"' not in told
        assert "Traceback" not in told


@pytest.fixture(params=["sqlite", "postgresql"])
def killable(request: pytest.FixtureRequest) -> Iterator[Server | None]:
    """A PostgreSQL that may be killed; or none."""
    if request.param == "sqlite":
        yield None
        return
    with own_server() as server:
        yield server


@pytest.mark.parametrize("rounds", [FEW, MANY])
def test_what_has_a_receipt_outlives_every_kill(tmp_path: Path, killable: Server | None, rounds: int) -> None:
    """Each receipt that was given is kept as it was given, once, in a valid chain; no team has more than its attempts.

    Eight clients send new files, old files again, and other files under old keys, and try again after every lost
    connection. The desk is killed in odd rounds, its PostgreSQL in even ones; where the ledger is a file, the desk in
    each. What the desk began ends with it, and every page is whole.
    """
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - to try the same moments again
    chance, began = random.Random(seed), time.monotonic()
    url = killable.url if killable else None
    folder = make_competition(tmp_path, url)
    with running(folder, url) as process, folder.open_ledger(url) as ledger:
        load = Load(process.address, chance)
        run = Rounds(folder, process, killable, ledger, load, chance)
        load.join(issue(ledger, 0))
        load.start()
        try:
            for number in range(1, rounds + 1):
                run.one(number)
            run.end()
        finally:
            load.give_up()
    receipts = len({told["proof"] for _, told in load.given})
    print(  # noqa: T201
        f"{rounds} rounds, {time.monotonic() - began:.0f} s: {receipts} receipts in {len(load.given)} answers, "
        f"{load.refused.total()} refusals, {load.lost} answers lost or put off, {load.doubtful} in doubt"
    )
    assert receipts >= rounds
    assert load.lost >= rounds / 2
