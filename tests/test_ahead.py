"""What a transaction fetches ahead: it answers as the ledger would, and for many as soon as for one."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import WEDNESDAY, good_file
from submissions import moments, schedule, teams
from submissions.arrivals import Arrival, Recorded
from submissions.intake import Desk
from submissions.membership import accounts
from submissions.predictions import Predictions
from submissions.record.ahead import Wanted
from submissions.record.ledger import Ledger
from submissions.record.transaction import Transaction
from submissions.record.view import View

NAMES = ("Ada", "Bob", "Cleo", "Dora", "Nobody")
TODAY = datetime(WEDNESDAY.year, WEDNESDAY.month, WEDNESDAY.day, tzinfo=UTC)


def judge(_read: Predictions) -> Callable[[View, str, bool], dict[str, Any]]:
    """Grades of a kind."""
    return lambda _view, _team, _is_baseline: {"verdict": "graded", "public": 0.5}


def arrival(desk: Desk, team: str, label: int, now: datetime = WEDNESDAY) -> Arrival:
    found = desk.examine(good_file(label), team=team, now=now, door="test", judge=judge)
    assert isinstance(found, Arrival)
    return found


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """Teams that have sent much, little and nothing; a baseline; accounts; a deadline that was moved."""
    day_before = WEDNESDAY - timedelta(days=1)
    desk.receive(good_file(9), team="Half", now=day_before, is_baseline=True, judge=judge)
    for team, labels, now in (("Ada", (0, 1, 2), day_before), ("Ada", (3, 4), WEDNESDAY), ("Bob", (0,), WEDNESDAY)):
        for label in labels:
            desk.receive(good_file(label), team=team, now=now, judge=judge if label != 1 else None)
    for team in ("Ada", "Dora"):
        accounts.add_team(desk.ledger, team, now=WEDNESDAY)
    for days in (1, 2):
        to = desk.competition.deadline + timedelta(days=days)
        schedule.move(desk.ledger, desk.competition, to, because="rain", now=WEDNESDAY)
    return desk


def wanted(since: datetime | None) -> Wanted:
    return Wanted(
        looks={name: teams.look(name) for name in NAMES},
        files=[digest(desk_file) for desk_file in (0, 3, 7)],
        since=moments.write(since) if since else None,
        kinds=schedule.KINDS,
    )


def digest(label: int) -> str:
    return hashlib.sha256(good_file(label)).hexdigest()


def answers(view: View) -> list[Any]:
    """All that the desk may ask, and what it does not fetch."""
    told = list[Any]()
    for name in (*NAMES, "Half"):
        told += [view.account_of(teams.look(name)), view.sender_of(teams.look(name))]
        told += [view.sent(name, digest(label)) for label in (0, 1, 3, 7)]
        for since in (None, TODAY - timedelta(days=2), TODAY, WEDNESDAY, WEDNESDAY + timedelta(days=1)):
            for kinds in ((), ("received",), ("graded", "received"), ("received", "revealed")):
                told.append(list(view.entries(*kinds, team=name, since=since)))
    told += [list(view.entries(*kinds)) for kinds in ((), schedule.KINDS, schedule.KINDS[:1], ("graded",))]
    told += [list(view.entries(*schedule.KINDS, limit=1)), list(view.entries(*schedule.KINDS, after=20))]
    return [*told, view.last("graded"), view.last("deadline_moved"), view.looks(), list(view.ungraded())]


@pytest.mark.parametrize("since", [None, TODAY, TODAY - timedelta(days=1)])
def test_what_is_known_is_what_is_there(filled: Desk, since: datetime | None) -> None:
    """Whoever asks cannot tell whether it was fetched; neither before something is added nor after."""
    with filled.ledger.writing() as ledger:
        before = answers(ledger)
        ledger.fetch(wanted(since))
        assert answers(ledger) == before

    with filled.ledger.writing() as ledger:
        ledger.fetch(wanted(since))
        add_some(ledger)
        known = answers(ledger)
    with filled.ledger.reading() as view:
        assert answers(view) == known
    assert known != before


def add_some(ledger: Transaction) -> None:
    """A submission of a new team and of an old one, a grade, a moved deadline."""
    for team, label in (("Cleo", 7), ("Ada", 7)):
        ledger.claim(team, teams.look(team))
        ledger.keep(good_file(label), digest(label))
        ledger.append("received", WEDNESDAY, {}, team=team, submission=ledger.next_submission, file=digest(label))
    ledger.append("graded", WEDNESDAY, {"verdict": "graded"}, team="Cleo", submission=ledger.next_submission - 2)
    ledger.append("deadline_moved", WEDNESDAY, {"to": "later"})


def test_a_name_that_is_taken_meanwhile_is_known(filled: Desk) -> None:
    """Of two in one transaction whose names look alike the second is told so, before anything is written."""
    refused, taken = arrival(filled, "C1eo", 1), arrival(filled, "Cleo", 1)
    with filled.ledger.writing() as ledger:
        first, second = filled.record(ledger, [taken, refused])
    assert isinstance(first, Recorded)
    assert "looks like the team 'Cleo'" in str(second)


def test_many_are_recorded_in_as_few_statements_as_one(desk: Desk) -> None:
    """However many wait: each statement is a trip to the database, and all others wait meanwhile."""

    def statements(count: int) -> int:
        counted = list[str]()

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            counted.append(statement)

        arrivals = [arrival(desk, f"Team {count} {number}", number % 10) for number in range(count)]
        with desk.ledger.writing() as ledger:
            sa.event.listen(ledger.connection, "before_cursor_execute", note)
            assert all(isinstance(one, Recorded) for one in desk.record(ledger, arrivals))
            ledger.write()
        return len(counted)

    assert statements(1) == statements(8) == 5
    with Ledger(desk.ledger.place) as ledger, ledger.reading() as view:
        assert sum(1 for _ in view.entries("received")) == 9
