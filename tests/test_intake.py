"""Rules of submissions/intake.py and submissions/quota.py: open? well-formed? attempts left?"""

import gc
import hashlib
import weakref
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conftest import GOOD_FILE, NOW, good_file
from submissions import schedule
from submissions.arrivals import AlreadyReceived, Arrival, CompetitionClosed
from submissions.competition import Competition
from submissions.faults import InvalidSubmission
from submissions.intake import Desk
from submissions.quota import QuotaExceeded
from submissions.record import chain
from submissions.record.ledger import Ledger
from submissions.row_ids import RowIds
from submissions.teams import InvalidTeam
from submissions.vouches import InvalidVouch, Vouch

SECOND = timedelta(seconds=1)


def judged(verdict: str) -> Any:
    return lambda _predictions: lambda *_: {"verdict": verdict}


def entries(desk: Desk) -> list[str]:
    with desk.ledger.reading() as view:
        return [entry.kind for entry in view.entries()]


def test_a_receipt_says_who_sent_which_bytes_when(desk: Desk) -> None:
    """A receipt has the team, the digest, the moment and the attempts left, and its proof is in the ledger."""
    receipt = desk.receive(GOOD_FILE, team="ada", now=NOW)

    assert (receipt.team, receipt.received_at, receipt.in_time, receipt.attempts_left) == ("ada", NOW, True, 4)
    assert (receipt.digest, receipt.size) == (hashlib.sha256(GOOD_FILE).hexdigest(), len(GOOD_FILE))
    with desk.ledger.reading() as view:
        assert chain.verify(view, holds=receipt.proof) == 1


def test_deadline_second_is_in_time(desk: Desk, competition: Competition) -> None:
    """A file that arrives in the very second of the deadline counts; a second later it is late, and said to be."""
    last = competition.deadline

    assert desk.receive(good_file(1), team="ada", now=last - SECOND).in_time
    assert desk.receive(good_file(2), team="ada", now=last).in_time
    assert not desk.receive(good_file(3), team="ada", now=last + SECOND).in_time


def test_a_late_file_is_refused_where_the_rules_say_so(
    competition: Competition, row_ids: RowIds, ledger: Ledger
) -> None:
    """With late = "refused" nothing is recorded after the deadline."""
    desk = Desk(replace(competition, late="refused"), row_ids, ledger)

    with pytest.raises(CompetitionClosed) as caught:
        desk.receive(GOOD_FILE, team="ada", now=competition.deadline + SECOND)

    assert str(caught.value) == (
        "the competition is closed: the deadline was 2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00); "
        "the file was received at 2026-12-08 12:00:00 UTC"
    )
    assert entries(desk) == []


def test_nothing_is_received_before_the_opening(desk: Desk, competition: Competition) -> None:
    """Whatever the rules say of late files, an early one is refused."""
    with pytest.raises(CompetitionClosed, match="is not open yet: it opens at 2026-11-22"):
        desk.receive(GOOD_FILE, team="ada", now=competition.opens - SECOND)


def test_a_refused_file_costs_nothing(desk: Desk) -> None:
    """A file with faults leaves no entry and takes no attempt."""
    for _ in range(9):
        with pytest.raises(InvalidSubmission):
            desk.receive(b"id,label\n1,7\n", team="ada", now=NOW)

    assert entries(desk) == []
    assert desk.receive(GOOD_FILE, team="ada", now=NOW).attempts_left == 4


def test_the_daily_limit_is_per_team_and_utc_day(desk: Desk) -> None:
    """Five attempts a day; the sixth is refused and told when the next opens; another team or day is free."""
    left = [desk.receive(good_file(label), team="ada", now=NOW).attempts_left for label in range(5)]
    assert left == [4, 3, 2, 1, 0]

    with pytest.raises(QuotaExceeded) as caught:
        desk.receive(good_file(5), team="ada", now=NOW)
    assert str(caught.value) == (
        "team 'ada' has used its 5 attempts of the day; the next opens at 2026-12-02 00:00:00 UTC"
    )
    assert desk.receive(good_file(5), team="bob", now=NOW).attempts_left == 4
    midnight = datetime(2026, 12, 2, tzinfo=UTC)
    with pytest.raises(QuotaExceeded):
        desk.receive(good_file(5), team="ada", now=midnight - SECOND)
    assert desk.receive(good_file(5), team="ada", now=midnight).attempts_left == 4


def test_no_limit(competition: Competition, row_ids: RowIds, ledger: Ledger) -> None:
    """daily_limit = 0 means that nobody counts."""
    desk = Desk(replace(competition, daily_limit=0), row_ids, ledger)

    assert [desk.receive(good_file(label), team="ada", now=NOW).attempts_left for label in range(9)] == [None] * 9


@pytest.mark.parametrize("verdict", ["grader_error", "refused"])
def test_what_is_not_graded_costs_no_attempt(desk: Desk, verdict: str) -> None:
    """A failure of the grader's, or a file refused later, gives the attempt back."""
    assert desk.receive(good_file(1), team="ada", now=NOW, judge=judged(verdict)).attempts_left == 5
    assert desk.receive(good_file(2), team="ada", now=NOW, judge=judged("graded")).attempts_left == 4


def test_the_same_bytes_again_are_the_same_submission(desk: Desk) -> None:
    """A sender that saw no answer may send again: same receipt, no second attempt, no second entry."""
    first = desk.receive(GOOD_FILE, team="ada", now=NOW, judge=judged("graded"))
    again = desk.receive(GOOD_FILE, team="ada", now=NOW + SECOND, judge=judged("graded"))

    assert again == first
    assert entries(desk) == ["received", "graded"]


def test_received_and_graded_are_one_transaction(desk: Desk) -> None:
    """If the grade cannot be recorded, neither is the receipt."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        desk.receive(
            GOOD_FILE, team="ada", now=NOW, judge=lambda _: lambda *_: {"verdict": "graded", "public": float("nan")}
        )

    assert entries(desk) == []


def test_a_look_alike_team_is_refused(desk: Desk) -> None:
    """The first to use a name owns its look."""
    desk.receive(GOOD_FILE, team="Ada", now=NOW)

    with pytest.raises(InvalidTeam, match="looks like the team 'Ada'; use that spelling, or another name"):
        desk.receive(GOOD_FILE, team="\u0410da", now=NOW)
    assert entries(desk) == ["received"]


def test_baselines_are_the_organisers(desk: Desk, competition: Competition) -> None:
    """A baseline has no limit and no deadline, and its name is no team's."""
    late = competition.deadline + timedelta(days=9)
    for label in range(9):
        assert desk.receive(good_file(label), team="Forest", now=late, is_baseline=True).attempts_left is None

    with pytest.raises(InvalidTeam, match="is the name of a baseline"):
        desk.receive(GOOD_FILE, team="Forest", now=NOW)
    desk.receive(GOOD_FILE, team="Ada", now=NOW)
    with pytest.raises(InvalidTeam, match="is a team's name"):
        desk.receive(GOOD_FILE, team="Ada", now=NOW, is_baseline=True)


def test_a_vouched_moment_counts_and_is_recorded_as_vouched(desk: Desk, competition: Competition) -> None:
    """What the organiser vouches for counts as of that moment, and the ledger says when and why."""
    late = competition.deadline + timedelta(days=1)
    vouch = Vouch(competition.deadline - SECOND, "e-mailed; the desk's machine was down")
    receipt = desk.receive(GOOD_FILE, team="ada", now=late, vouch=vouch)

    assert receipt.in_time
    assert receipt.vouched == "e-mailed; the desk's machine was down"
    with desk.ledger.reading() as view:
        [entry] = view.entries()
    assert entry.at == late


def test_the_future_cannot_be_vouched_for(desk: Desk) -> None:
    """A vouched moment lies in the past."""
    with pytest.raises(InvalidVouch, match="is in the future"):
        desk.receive(GOOD_FILE, team="ada", now=NOW, vouch=Vouch(NOW + SECOND, "trust me"))


def test_a_receipt_is_never_changed_by_a_vouch(desk: Desk) -> None:
    """To vouch for bytes that have a receipt is refused, with the receipt."""
    desk.receive(GOOD_FILE, team="ada", now=NOW)

    with pytest.raises(AlreadyReceived) as caught:
        desk.receive(GOOD_FILE, team="ada", now=NOW, vouch=Vouch(NOW - SECOND, "mail"))
    assert str(caught.value) == ("team 'ada' has a receipt for this file: submission 1, at 2026-12-01 12:00:00 UTC")


def test_no_work_is_done_on_what_comes_while_it_is_closed(desk: Desk) -> None:
    """Before the opening and after the deadline nothing is read, judged or locked: not even a file full of faults."""
    rules = replace(desk.competition, late="refused")
    desk, judged = replace(desk, competition=rules), list[object]()
    with desk.ledger.writing():
        for now in (rules.opens - SECOND, rules.deadline + timedelta(seconds=rules.grace_seconds + 1)):
            for data in (GOOD_FILE, b"no,file\n"):
                with pytest.raises(CompetitionClosed):
                    desk.receive(data, team="ada", now=now, judge=judged.append)  # type: ignore[arg-type]
    assert judged == []


def test_who_has_more_time_than_the_file_says_is_let_in(desk: Desk) -> None:
    """The deadline in the file is only a first look: the ledger's decides."""
    rules = replace(desk.competition, late="refused")
    desk, late = replace(desk, competition=rules), rules.deadline + timedelta(hours=1)
    with pytest.raises(CompetitionClosed):
        desk.receive(GOOD_FILE, team="ada", now=late)
    schedule.move(desk.ledger, rules, rules.deadline + timedelta(hours=2), because="rain", now=NOW)
    assert desk.receive(GOOD_FILE, team="ada", now=late).in_time

    schedule.move(desk.ledger, rules, rules.deadline - timedelta(hours=2), because="sun", now=NOW)
    with pytest.raises(CompetitionClosed):
        desk.receive(good_file(1), team="ada", now=rules.deadline - timedelta(hours=1))
    with pytest.raises(CompetitionClosed):
        desk.receive(b"no,file\n", team="ada", now=rules.deadline - timedelta(hours=1))


@pytest.fixture
def without_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("without_collector")
def test_what_is_refused_is_let_go_at_once(desk: Desk) -> None:
    """A refusal does not keep the file: an inbox may hold many, and large ones."""
    desk = replace(desk, competition=replace(desk.competition, daily_limit=1))
    desk.receive(GOOD_FILE, team="ada", now=NOW)

    def refused() -> weakref.ref[BaseException]:
        try:
            desk.receive(good_file(1), team="ada", now=NOW)
        except QuotaExceeded as refusal:
            return weakref.ref(refusal)
        raise AssertionError

    assert refused()() is None
    arrival = desk.examine(good_file(1), team="ada", now=NOW, door="test")
    assert isinstance(arrival, Arrival)
    with desk.ledger.writing() as ledger:
        left = [weakref.ref(one) for one in desk.record(ledger, [arrival]) if isinstance(one, QuotaExceeded)]
    assert [one() for one in left] == [None]
