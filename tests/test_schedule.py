"""Rules of submissions/schedule.py: how the deadline is moved, a team given more time, and what follows at the desk."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_standings import COMPETITION, Book

from conftest import NOW, good_file
from submissions import moments, schedule
from submissions.arrivals import CompetitionClosed
from submissions.competition import Competition
from submissions.decisions import AlreadyDecided, NoReason, NotForBaselines, UnknownTeam
from submissions.errors import Refused
from submissions.intake import Desk
from submissions.membership import accounts
from submissions.receipts import Receipt
from submissions.record import chain
from submissions.record.entries import Entry
from submissions.record.ledger import Ledger
from submissions.schedule import InvalidChange, TooLate
from submissions.selecting import SelectionClosed, select
from submissions.teams import InvalidTeam

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
DEADLINE = COMPETITION.deadline  # the one of tests/cases too
FURTHER = DEADLINE + 2 * DAY
DEADLINE_TEXT = "2026-12-08 11:59:59 UTC (2026-12-07 23:59:59-12:00)"
FURTHER_TEXT = "2026-12-10 11:59:59 UTC (2026-12-09 23:59:59-12:00)"


def extend(desk: Desk, team: str, until: datetime, because: str = "was ill", now: datetime = NOW) -> Competition:
    return schedule.extend(desk.ledger, desk.competition, team, until, because=because, now=now)[1]


def move(desk: Desk, to: datetime, because: str = "power cut", now: datetime = NOW) -> Competition:
    return schedule.move(desk.ledger, desk.competition, to, because=because, now=now)


def send(desk: Desk, team: str, at: datetime = NOW, *, is_baseline: bool = False) -> Receipt:
    """One more submission, of bytes that none before had."""
    with desk.ledger.reading() as view:
        label = len(list(view.entries("received")))
    return desk.receive(good_file(label % 10, label // 10), team=team, now=at, is_baseline=is_baseline)


def kinds(ledger: Ledger) -> list[str]:
    with ledger.reading() as view:
        return [entry.kind for entry in view.entries()]


def refusal(call: Callable[[], object], ledger: Ledger, kind: type[Refused]) -> str:
    """What is said; nothing was recorded."""
    before = kinds(ledger)
    with pytest.raises(kind) as caught:
        call()
    assert kinds(ledger) == before
    return str(caught.value)


def entries(*changes: tuple[str | None, datetime | None]) -> list[Entry]:
    """The entries of these changes, an hour apart; a team's, or None for a moved deadline."""
    book = Book()
    for team, until in changes:
        if team is None:
            assert until is not None
            body = {"from": moments.write(DEADLINE), "to": moments.write(until), "because": "b"}
            book.add("deadline_moved", body, book.next_at)
        else:
            body = {"until": moments.write(until) if until else None, "because": "b"}
            book.add("extended", body, book.next_at, team)
    return book.entries


# The rules with a schedule


def test_nothing_was_changed() -> None:
    """Without an entry the file's deadline holds, and nobody has an extension."""
    assert schedule.in_force(COMPETITION, []) == COMPETITION


def test_one_comparison_for_everybody() -> None:
    """A team's own second is in time, with the grace, and only for that team; the phase is that of all."""
    rules = replace(COMPETITION, grace_seconds=60, extensions={"ada": FURTHER})
    last = FURTHER + timedelta(seconds=60.999999)

    assert rules.ends_for("ada") == FURTHER
    assert rules.ends_for("bob") == rules.ends_for() == DEADLINE
    assert [rules.is_open(last, team) for team in ("ada", "bob", None)] == [True, False, False]
    assert [rules.is_open(last + timedelta(microseconds=1), "ada"), rules.is_over(last)] == [False, False]
    assert rules.is_over(last + timedelta(microseconds=1))
    assert rules.phase(DEADLINE + HOUR) == "closed"
    assert not rules.is_over(COMPETITION.opens - SECOND)
    assert not rules.is_open(COMPETITION.opens - SECOND, "ada")


def test_without_extensions_it_is_over_when_it_is_closed() -> None:
    """Where nobody has more time, the end of all is the deadline with its grace."""
    rules = replace(COMPETITION, grace_seconds=60)
    last = DEADLINE + 60 * SECOND

    assert [rules.is_over(at) for at in (last, last + SECOND)] == [False, True]
    assert [rules.phase(at) for at in (last, last + SECOND)] == ["open", "closed"]


def test_an_extension_is_never_shorter_than_the_deadline() -> None:
    """What a moved deadline overtakes adds nothing, and counts again where the deadline is moved before it."""
    overtaken = [("ada", FURTHER), (None, FURTHER + DAY)]

    rules = schedule.in_force(COMPETITION, entries(*overtaken))
    assert (rules.extensions, rules.ends_for("ada")) == ({}, FURTHER + DAY)
    assert replace(COMPETITION, extensions={"ada": DEADLINE - DAY}).ends_for("ada") == DEADLINE

    rules = schedule.in_force(COMPETITION, entries(*overtaken, (None, DEADLINE - DAY)))
    assert (rules.extensions, rules.last_end) == ({"ada": FURTHER}, FURTHER)


def test_an_ended_extension_stays_ended() -> None:
    """Neither a deadline that is moved nor one that was edited in the file brings an ended extension back."""
    changes = entries(("ada", FURTHER), ("ada", None), (None, DEADLINE - DAY))

    assert schedule.in_force(COMPETITION, changes).extensions == {}
    assert schedule.in_force(replace(COMPETITION, deadline=DEADLINE - 3 * DAY), changes[:2]).extensions == {}


def test_moments_stand_in_the_zone_of_the_file() -> None:
    """A moved deadline is shown as the organiser wrote the first one, with its offset."""
    rules = schedule.in_force(COMPETITION, entries((None, FURTHER.astimezone(UTC)), ("ada", FURTHER + DAY)))

    assert moments.shown(rules.deadline) == FURTHER_TEXT
    assert rules.extensions["ada"].utcoffset() == DEADLINE.utcoffset()


def test_a_move_holds_against_the_file() -> None:
    """After a move the deadline in competition.toml decides nothing; that it was edited to a third one is seen."""
    moved = entries((None, FURTHER))

    for written in (DEADLINE, FURTHER, DEADLINE - DAY):
        rules = replace(COMPETITION, deadline=written)
        assert schedule.in_force(rules, moved).deadline == FURTHER
        assert schedule.in_force(rules, moved).written_deadline == written
        assert schedule.is_strayed(rules, moved) == (written == DEADLINE - DAY)
    assert not schedule.is_strayed(COMPETITION, [])


Change = tuple[str | None, datetime | None]
ENDS = st.integers(-5, 5).map(lambda days: DEADLINE + days * DAY)
CHANGES = st.lists(
    st.tuples(st.none(), ENDS) | st.tuples(st.sampled_from(["ada", "bob"]), ENDS | st.none()), max_size=8
)


@given(CHANGES, CHANGES)
def test_the_last_of_each_counts(first: Sequence[Change], then: Sequence[Change]) -> None:
    """The last move counts and each team's last extension, and what was in force before says nothing of it."""
    rules = schedule.in_force(schedule.in_force(COMPETITION, entries(*first)), entries(*then))

    last = dict(then)
    assert rules == schedule.in_force(COMPETITION, entries(*then))
    assert rules.deadline == (last.get(None) or DEADLINE)
    for team in ("ada", "bob"):
        assert rules.ends_for(team) == max(rules.deadline, last.get(team) or rules.deadline)
    assert rules.last_end == max(rules.ends_for(team) for team in ("ada", "bob", "cyd"))
    assert schedule.in_force(rules, []) == COMPETITION


# What the organiser may record


def test_a_moved_deadline_is_recorded(desk: Desk) -> None:
    """The entry says from when to when and why, on one line; the next one begins where it ended."""
    rules = move(desk, FURTHER, "  power\n cut ")
    again = move(desk, FURTHER - DAY, "power is back")

    assert (rules.deadline, again.deadline) == (FURTHER, FURTHER - DAY)
    with desk.ledger.reading() as view:
        found = list(view.entries())
        assert [(entry.kind, entry.at, entry.team, entry.submission) for entry in found] == [
            ("deadline_moved", NOW, None, None)
        ] * 2
        first, second, third = (f"2026-12-{day}T11:59:59.000000Z" for day in ("08", "10", "09"))
        assert [entry.body for entry in found] == [
            {"from": first, "to": second, "because": "power cut"},
            {"from": second, "to": third, "because": "power is back"},
        ]
        assert schedule.now_in_force(desk.competition, view) == again
        assert chain.verify(view) == 2


def test_an_extension_is_recorded(desk: Desk) -> None:
    """The entry says who, until when and why; a shorter one replaces it, and the deadline itself ends it."""
    send(desk, "Ada")
    found = [extend(desk, "Ada", until).extensions for until in (FURTHER, FURTHER - DAY, DEADLINE)]

    assert found == [{"Ada": FURTHER}, {"Ada": FURTHER - DAY}, {}]
    with desk.ledger.reading() as view:
        assert [(entry.team, entry.submission, entry.body) for entry in view.entries("extended")] == [
            ("Ada", None, {"until": "2026-12-10T11:59:59.000000Z", "because": "was ill"}),
            ("Ada", None, {"until": "2026-12-09T11:59:59.000000Z", "because": "was ill"}),
            ("Ada", None, {"until": None, "because": "was ill"}),
        ]
        assert chain.verify(view) == 4


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        (
            NOW - SECOND,
            "2026-12-01 11:59:59 UTC has passed, and what came since has its receipts: "
            "name a moment from now on, 2026-12-01 12:00:00 UTC",
        ),
        (COMPETITION.opens, "the competition opens at 2026-11-22 00:00:00 UTC: name a later deadline"),
    ],
)
def test_a_deadline_that_cannot_be(desk: Desk, to: datetime, reason: str) -> None:
    """A deadline is not moved to what has passed, nor before the opening."""
    assert refusal(lambda: move(desk, to), desk.ledger, InvalidChange) == reason


def test_a_deadline_of_this_second(desk: Desk) -> None:
    """The organiser may close the competition now."""
    assert move(desk, NOW).deadline == NOW


def test_the_freeze_does_not_come_before_the_opening(desk: Desk, competition: Competition) -> None:
    """A deadline that would freeze the board before it opens is refused, as in competition.toml."""
    frozen = replace(desk, competition=replace(competition, freeze_hours=12 * 24))

    assert refusal(lambda: move(frozen, DEADLINE - 6 * DAY, now=competition.opens), desk.ledger, InvalidChange) == (
        "the board would be frozen before the competition opens, 288 hours before the deadline: "
        "name a later one, or change freeze_hours in competition.toml"
    )


def test_an_extension_gives_more_time(desk: Desk) -> None:
    """A moment before the deadline is no extension."""
    send(desk, "Ada")

    assert refusal(lambda: extend(desk, "Ada", DEADLINE - SECOND), desk.ledger, InvalidChange) == (
        "2026-12-08 11:59:58 UTC (2026-12-07 23:59:58-12:00) is before the deadline, which holds for all: "
        f"name a moment after {DEADLINE_TEXT}, or that one, which ends an extension"
    )


def test_what_is_so_already_is_told(desk: Desk) -> None:
    """The same change again, whatever its reason and zone, is not recorded twice."""
    send(desk, "Ada")
    none = refusal(lambda: extend(desk, "Ada", DEADLINE), desk.ledger, AlreadyDecided)
    extend(desk, "Ada", FURTHER + DAY)
    move(desk, FURTHER)

    assert none == "team 'Ada' has no extension: nothing was recorded"
    same = FURTHER.astimezone(timezone(HOUR))
    assert refusal(lambda: extend(desk, "Ada", same + DAY, "another"), desk.ledger, AlreadyDecided) == (
        "team 'Ada' has time until 2026-12-11 11:59:59 UTC (2026-12-10 23:59:59-12:00) already: nothing was recorded"
    )
    assert refusal(lambda: move(desk, same, "another"), desk.ledger, AlreadyDecided) == (
        f"the deadline is {FURTHER_TEXT} already: nothing was recorded"
    )


def test_a_change_needs_a_reason(desk: Desk) -> None:
    """The rules page says why: blank is no reason."""
    send(desk, "Ada")
    told = "a decision needs a reason, which goes into the ledger: nothing was recorded"

    assert refusal(lambda: extend(desk, "Ada", FURTHER, " \n"), desk.ledger, NoReason) == told
    assert refusal(lambda: move(desk, FURTHER, ""), desk.ledger, NoReason) == told


def test_only_a_known_team_is_extended(desk: Desk) -> None:
    """A team that has sent nothing is known by its account; of an unknown one it is guessed who is meant."""
    send(desk, "Ada")
    accounts.add_team(desk.ledger, "Bob", now=NOW)

    assert extend(desk, " Bob ", FURTHER).extensions == {"Bob": FURTHER}
    assert refusal(lambda: extend(desk, "bob", FURTHER), desk.ledger, UnknownTeam) == (
        "team 'bob' has sent nothing and has no account; did you mean 'Bob'?"
    )
    assert refusal(lambda: extend(desk, "Adda", FURTHER), desk.ledger, UnknownTeam) == (
        "team 'Adda' has sent nothing and has no account; did you mean 'Ada'?"
    )
    assert refusal(lambda: extend(desk, "Zoë", FURTHER), desk.ledger, UnknownTeam) == (
        "team 'Zoë' has sent nothing and has no account"
    )
    assert refusal(lambda: extend(desk, "", FURTHER), desk.ledger, InvalidTeam) == "team '': a name cannot be blank"


def test_baselines_have_no_deadline(desk: Desk) -> None:
    """What the organiser sends counts at any time."""
    send(desk, "Forest", is_baseline=True)

    assert refusal(lambda: extend(desk, "Forest", FURTHER), desk.ledger, NotForBaselines) == (
        "'Forest' is a baseline: it may be sent at any time, and has no deadline to extend"
    )


def test_after_the_reveal_nothing_changes(desk: Desk) -> None:
    """Whoever has seen the private board may send nothing that counts."""
    send(desk, "Ada")
    over = DEADLINE + HOUR
    with desk.ledger.writing() as transaction:
        transaction.append("revealed", over, {})
    told = "the private board is public: nothing that is sent can count any more, and nothing was recorded"

    assert refusal(lambda: extend(desk, "Ada", FURTHER, now=over), desk.ledger, TooLate) == told
    assert refusal(lambda: move(desk, FURTHER, now=over), desk.ledger, TooLate) == told


# What follows at the desk


def test_a_team_sends_until_its_own_end(desk: Desk) -> None:
    """The extended team is in time to its last second, and late after it; others are late after the deadline."""
    send(desk, "Ada")
    extend(desk, "Ada", FURTHER)

    found = [
        send(desk, team, at).in_time
        for team, at in [("Bob", DEADLINE + SECOND), ("Ada", FURTHER), ("Ada", FURTHER + SECOND)]
    ]

    assert found == [False, True, False]


def test_where_late_ones_are_refused_an_extension_lets_in(desk: Desk, competition: Competition) -> None:
    """What is refused after the deadline is received from the extended team, and refused with its own end."""
    strict = replace(desk, competition=replace(competition, late="refused"))
    send(strict, "Ada")
    extend(strict, "Ada", FURTHER)

    assert send(strict, "Ada", FURTHER).in_time
    with pytest.raises(CompetitionClosed) as caught:
        send(strict, "Bob", FURTHER)
    assert str(caught.value) == (
        f"the competition is closed: the deadline was {DEADLINE_TEXT}; the file was received at 2026-12-10 11:59:59 UTC"
    )
    with pytest.raises(CompetitionClosed) as caught:
        send(strict, "Ada", FURTHER + SECOND)
    assert str(caught.value) == (
        f"the competition is closed: the deadline was {FURTHER_TEXT}; the file was received at 2026-12-10 12:00:00 UTC"
    )
    assert (caught.value.deadline, caught.value.received_at) == (FURTHER, FURTHER + SECOND)


def test_a_change_breaks_no_receipt(desk: Desk) -> None:
    """What was in time stays so when the end moves before it; what was late counts when the end moves behind it."""
    early, late = send(desk, "Ada", DEADLINE - HOUR), send(desk, "Bob", DEADLINE + HOUR)
    extend(desk, "Ada", FURTHER, now=DEADLINE - 3 * DAY)
    extended = send(desk, "Ada", DEADLINE + HOUR)
    before = move(desk, DEADLINE - 2 * DAY, now=DEADLINE - 3 * DAY)
    ended = extend(desk, "Ada", DEADLINE - 2 * DAY, now=DEADLINE - 3 * DAY)
    after = extend(desk, "Bob", DEADLINE + HOUR, now=DEADLINE + 2 * HOUR)

    assert [one.in_time for one in (early, late, extended)] == [True, False, True]
    assert [one.counts(before) for one in (early, late, extended)] == [True, False, True]
    assert [one.counts(ended) for one in (early, late, extended)] == [True, False, True]
    assert [one.counts(after) for one in (early, late, extended)] == [True, True, True]


def test_a_team_selects_until_its_own_end(desk: Desk, competition: Competition) -> None:
    """The extended team chooses until its own end, the others until the deadline; a moved one holds for all."""
    first, other = send(desk, "Ada").submission, send(desk, "Bob").submission
    extend(desk, "Ada", FURTHER)

    assert select(desk.ledger, competition, "Ada", [first], now=FURTHER).at == FURTHER
    told = "selections are taken until the deadline, {}; this one was made at {}"
    assert refusal(
        lambda: select(desk.ledger, competition, "Bob", [other], now=FURTHER), desk.ledger, SelectionClosed
    ) == told.format(DEADLINE_TEXT, "2026-12-10 11:59:59 UTC")
    assert refusal(
        lambda: select(desk.ledger, competition, "Ada", [first], now=FURTHER + SECOND), desk.ledger, SelectionClosed
    ) == told.format(FURTHER_TEXT, "2026-12-10 12:00:00 UTC")

    move(desk, FURTHER)
    late = send(desk, "Bob", FURTHER).submission
    assert select(desk.ledger, competition, "Bob", [late], now=FURTHER).submissions == (late,)
