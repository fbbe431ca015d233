"""The web desk whatever happens in whatever order: a model of what must hold, and Hypothesis against it."""

import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from starlette.testclient import TestClient
from web import TEAMS, make_desk

from submissions import decisions, moments, schedule
from submissions.errors import Refused
from submissions.record import chain

OPENS = datetime(2026, 11, 22, tzinfo=UTC)
DEADLINE = datetime(2026, 12, 8, 11, 59, 59, tzinfo=UTC)
LIMIT, SELECTIONS, ROWS = 3, 2, 27  # 13 public rows and 14 private ones: no score but 0 and 1 is of both kinds
ATTEMPT = {"submission", "team", "sha256", "size", "received_at", "proof", "attempts_left", "next_attempt_at"}
team_names, numbers = st.sampled_from(TEAMS), st.integers(1, 6)
HOURS = st.sampled_from([-30, -24, -1, 1, 5, 24, 30])


def predictions(variant: int) -> bytes:
    """One of many files, all of them sound; the truth is 7 for every row."""
    rows = [7 if row * (variant + 2) % 5 else variant % 7 for row in range(1, ROWS + 1)]
    return b"id,label\n" + b"".join(b"%d,%d\n" % (row, label) for row, label in enumerate(rows, start=1))


class DeskMachine(RuleBasedStateMachine):
    """What two teams, the organiser and a bad clock do to one desk."""

    def __init__(self) -> None:
        super().__init__()
        self.receipts = dict[int, dict[str, Any]]()  # as they were first given
        self.files = dict[tuple[str, bytes], int]()
        self.keys = dict[tuple[str, str], bytes]()
        self.selected = {team: set[int]() for team in TEAMS}
        self.withdrawn, self.is_revealed = set[int](), False
        self.deadline, self.extensions = DEADLINE, dict[str, datetime]()

    @initialize(is_strict=st.booleans())
    def begin(self, is_strict: bool) -> None:
        self.is_strict = is_strict
        self.root = Path(tempfile.mkdtemp())

        def rules(text: str) -> str:
            late = 'late = "refused"\n\n[submission]' if is_strict else "[submission]"
            return text.replace("daily_limit = 5", f"daily_limit = {LIMIT}").replace("[submission]", late)

        self.desk = make_desk(self.root, rules=rules, labels=[7] * ROWS)
        self.client = TestClient(self.desk.app)
        self.client.__enter__()

    def teardown(self) -> None:
        if hasattr(self, "client"):
            self.client.__exit__(None, None, None)
            self.desk.close()
            shutil.rmtree(self.root)

    @property
    def now(self) -> datetime:
        return self.desk.clock.now

    def ask(self, method: str, path: str, team: str, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.desk.tokens[team]}", **options.pop("headers", {})}
        answer = self.client.request(method, f"/api/submissions{path}", headers=headers, **options)
        with self.desk.ledger.reading() as view:
            secrets = {entry.body["private"] for entry in view.entries("graded")} - {0.0, 1.0, None}
        assert not any(repr(secret) in answer.text for secret in secrets)
        return answer

    def ends(self, team: str) -> datetime:
        return max(self.deadline, self.extensions.get(team, self.deadline))

    def is_open(self, at: datetime, team: str) -> bool:
        return at >= OPENS and at.replace(microsecond=0) <= self.ends(team)

    def counts(self, number: int) -> bool:
        receipt = self.receipts[number]
        return receipt["in_time"] or self.is_open(moments.read(receipt["received_at"]), receipt["team"])

    def used(self, team: str) -> int:
        today = moments.write(self.now)[:10]
        own = [receipt for receipt in self.receipts.values() if receipt["team"] == team]
        return sum(receipt["received_at"][:10] == today for receipt in own)

    def attempt(self, number: int) -> dict[str, Any]:
        """What a receipt says of the attempt: as it was given, but for the next one, which opens meanwhile."""
        told = {name: self.receipts[number][name] for name in ATTEMPT}
        opens = told["next_attempt_at"]
        return {**told, "next_attempt_at": opens if opens and opens > moments.write(self.now) else None}

    def selectable(self, wanted: set[int]) -> bool:
        if len(wanted) > SELECTIONS:
            return False
        return all(self.counts(number) and number not in self.withdrawn for number in wanted)

    @rule(hours=HOURS)
    def turn_clock(self, hours: int) -> None:
        self.desk.clock.now += timedelta(hours=hours)

    @rule(edge=st.sampled_from(["deadline", "midnight"]), seconds=st.sampled_from([-1.5, 0, 0.5, 1]))
    def go_to_an_edge(self, edge: str, seconds: float) -> None:
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.desk.clock.now = (self.deadline if edge == "deadline" else midnight) + timedelta(seconds=seconds)

    @rule(team=team_names, variant=st.integers(0, 11), key=st.sampled_from([None, None, "a", "b"]))
    def submit(self, team: str, variant: int, key: str | None) -> None:
        data = predictions(variant)
        answer = self.ask("POST", "", team, content=data, headers={"Idempotency-Key": key} if key else {})
        known = self.files.get((team, data))
        is_reused = key is not None and self.keys.get((team, key), data) != data
        is_refused = not self.is_open(self.now, team) if self.is_strict else self.now < OPENS
        if is_reused and (known is not None or not is_refused):
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:podium:problem:key-reused")
        elif known is not None:
            assert answer.status_code == 200
            assert {name: answer.json()[name] for name in ATTEMPT} == self.attempt(known)
            assert answer.json()["is_withdrawn"] == (known in self.withdrawn)
            assert answer.json()["is_selected"] == (known in self.selected[team])
            if key is not None and not is_refused:
                self.keys[team, key] = data
        elif is_refused:
            assert answer.status_code in {403, 422}
            assert answer.json()["type"] in {"urn:podium:problem:closed", "urn:podium:problem:key-reused"}
        elif self.used(team) >= LIMIT:
            assert (answer.status_code, answer.json()["limit"]) == (429, LIMIT)
            tomorrow = self.now.date() + timedelta(days=1)
            assert answer.json()["next_attempt_at"] == f"{tomorrow}T00:00:00.000000Z"
        else:
            assert answer.status_code == 201
            receipt = answer.json()
            assert receipt["submission"] == len(self.receipts) + 1
            assert receipt["received_at"] == moments.write(self.now)
            assert receipt["in_time"] == self.is_open(self.now, team)
            assert receipt["deadline"] == moments.write(self.ends(team))
            assert receipt["attempts_left"] == LIMIT - self.used(team) - 1
            self.receipts[receipt["submission"]] = receipt
            self.files[team, data] = receipt["submission"]
            if key is not None:
                self.keys[team, key] = data

    @rule(team=team_names, data=st.sampled_from([b"", b"id,label\n1,7\n", b"\x1f\x8b", b"PK\x03\x04", b"\xff\0"]))
    def submit_faulty(self, team: str, data: bytes) -> None:
        assert self.ask("POST", "", team, content=data).status_code in {403, 422}

    @rule(team=team_names, number=numbers)
    def select(self, team: str, number: int) -> None:
        self._choose("POST", team, number, self.selected[team] | {number})

    @rule(team=team_names, number=numbers)
    def deselect(self, team: str, number: int) -> None:
        self._choose("DELETE", team, number, self.selected[team] - {number})

    def _choose(self, method: str, team: str, number: int, wanted: set[int]) -> None:
        answer = self.ask(method, f"/{number}/select", team)
        if self.receipts.get(number, {}).get("team") != team:
            assert answer.status_code == 404
        elif wanted == self.selected[team]:
            assert (answer.status_code, answer.json()) == (200, {"selected": sorted(wanted)})
        elif not self.is_open(self.now, team):
            assert (answer.status_code, answer.json()["type"]) == (403, "urn:podium:problem:closed")
        elif not self.selectable(wanted):
            assert answer.status_code == 422
        else:
            assert (answer.status_code, answer.json()) == (200, {"selected": sorted(wanted)})
            self.selected[team] = wanted

    @rule(team=team_names, number=numbers)
    def withdraw(self, team: str, number: int) -> None:
        status = self.ask("DELETE", f"/{number}", team).status_code
        if self.is_revealed:
            assert status == 403
        elif self.receipts.get(number, {}).get("team") != team:
            assert status == 404
        elif number in self.withdrawn:
            assert status == 409
        else:
            assert status == 200
            self.withdrawn.add(number)
            self.selected[team].discard(number)

    @rule(team=team_names, hours=st.sampled_from([0, 1, 24, 100]))
    def extend(self, team: str, hours: int) -> None:
        until = self.deadline + timedelta(hours=hours)
        with suppress(Refused):
            schedule.extend(self.desk.ledger, self.desk.reception.rules, team, until, because="ill", now=self.now)
            self.extensions[team] = until

    @rule(hours=HOURS)
    def move_the_deadline(self, hours: int) -> None:
        to = self.deadline + timedelta(hours=hours)
        with suppress(Refused):
            schedule.move(self.desk.ledger, self.desk.reception.rules, to, because="the server was down", now=self.now)
            self.deadline = to

    @rule(team=team_names, is_out=st.booleans())
    def disqualify(self, team: str, is_out: bool) -> None:
        act = decisions.disqualify if is_out else decisions.reinstate
        with suppress(Refused):
            act(self.desk.ledger, team, because="two accounts", now=self.now)

    @precondition(lambda self: not self.is_revealed and self.now > max(map(self.ends, TEAMS)) + timedelta(seconds=1))
    @rule()
    def reveal(self) -> None:
        with self.desk.ledger.writing() as ledger:
            ledger.append("revealed", self.now, {})
        self.is_revealed = True

    @invariant()
    def the_ledger_holds_every_receipt(self) -> None:
        """As it was given; the chain is whole, and no day has more than its attempts."""
        with self.desk.ledger.reading() as view:
            chain.verify(view)
            received = list(view.entries("received"))
        assert [(entry.submission, entry.digest, entry.team, entry.file) for entry in received] == [
            (number, told["proof"], told["team"], told["sha256"]) for number, told in self.receipts.items()
        ]
        days = [(entry.team, entry.body["received_at"][:10]) for entry in received]
        assert all(days.count(day) <= LIMIT for day in days)

    @invariant()
    def each_team_sees_its_own(self) -> None:
        """Its submissions with what became of them, its attempts, and what it has selected."""
        for team in TEAMS:
            listed = self.ask("GET", "", team).json()
            own = [number for number, told in self.receipts.items() if told["team"] == team]
            assert [one["submission"] for one in listed["submissions"]] == own
            assert listed["selected"] == sorted(self.selected[team])
            assert set(listed["selected"]) <= set(own) - self.withdrawn
            assert listed["attempts_left"] == max(0, LIMIT - self.used(team))
            for one in listed["submissions"]:
                number = one["submission"]
                assert {name: one[name] for name in ATTEMPT} == self.attempt(number)
                assert one["in_time"] == self.counts(number)
                assert one["is_withdrawn"] == (number in self.withdrawn)
                assert one["deadline"] == moments.write(self.ends(team))


DeskMachine.TestCase.settings = settings(
    max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestDesk = DeskMachine.TestCase
