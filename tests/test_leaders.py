"""Who led the public board, and from when on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_standings import CLOSED, COMPETITION, START, Book

from grader.grades import Grade
from leaderboard.leaders import Lead, leads
from leaderboard.standings import Board
from submissions.receipts import Receipt

LOWER = replace(COMPETITION, kind="number", labels=(), metric="rmse")


@pytest.fixture
def book() -> Book:
    return Book()


def told(book: Book, as_of: datetime = CLOSED) -> list[tuple[str, float, int]]:
    return [(lead.team, lead.score, lead.sharing) for lead in leads(book.competition, book.entries, as_of)]


def first(board: Board) -> set[str]:
    return {row.team for row in board.rows if row.rank == 1}


def shown(book: Book, submission: int, grade: Grade) -> None:
    book.add("graded", grade.to_json(), book.next_at, book.entries[submission - 1].team, submission)


def test_first_place_changes_hands(book: Book) -> None:
    """A lead is told when another team comes to stand first: not when the leader gets better, nor of lower places."""
    for team, score in (("ada", 0.5), ("bob", 0.4), ("ada", 0.6), ("bob", 0.7), ("cyd", 0.65), ("ada", 0.8)):
        book.submit(team, score)

    assert told(book) == [("ada", 0.5, 1), ("bob", 0.7, 1), ("ada", 0.8, 1)]


def test_a_lead_is_an_entry_of_the_ledger(book: Book) -> None:
    """A lead has the moment, the place and the digest of the first entry of its moment, and who led alone before."""
    book.submit("ada", 0.5)
    received = book.entries[book.receive("bob") - 1]
    book.grade(received.seq, 0.7)

    assert leads(COMPETITION, book.entries, CLOSED)[-1] == Lead(
        received.at, received.seq, received.digest, "bob", 0.7, 1, other="", over="ada"
    )


def test_lower_is_better() -> None:
    """Where lower is better, the lowest score leads; and 0.0 is a score, without a sign."""
    book = Book(LOWER)
    for team, score in (("ada", 2.0), ("bob", 3.0), ("cyd", 0.0)):
        book.submit(team, score)

    assert told(book) == [("ada", 2.0, 1), ("cyd", 0.0, 1)]
    assert "-" not in str(leads(LOWER, book.entries, CLOSED)[-1].score)


def test_a_tie_is_a_lead_of_whoever_draws_level(book: Book) -> None:
    """Who draws level is told with the other, or with how many there are; who is then alone in front, again."""
    for team, score in (("ada", 0.5), ("bob", 0.5), ("cyd", 0.5), ("ada", 0.6)):
        book.submit(team, score)

    found = leads(COMPETITION, book.entries, CLOSED)

    assert [(lead.team, lead.sharing, lead.other, lead.over) for lead in found] == [
        ("ada", 1, "", ""),
        ("bob", 2, "ada", "ada"),
        ("cyd", 3, "", ""),
        ("ada", 1, "", ""),
    ]


def test_one_of_several_leaders_falls_back(book: Book) -> None:
    """Where a leader falls back it is told only if one team is left."""
    numbers = {team: book.receive(team) for team in ("ada", "bob", "cyd")}
    for number in numbers.values():
        book.grade(number, 0.5)
    shown(book, numbers["ada"], Grade("graded", "accuracy", "s", public=0.1, private=0.1, shown=0.1))
    assert told(book)[-1] == ("cyd", 0.5, 3)

    shown(book, numbers["cyd"], Grade("graded", "accuracy", "s", public=0.1, private=0.1, shown=0.1))
    assert told(book)[-1] == ("bob", 0.5, 1)


def test_who_never_leads(book: Book) -> None:
    """Baselines, late submissions, refused ones, and scores of another metric never lead."""
    book.submit("starter", 0.99, is_baseline=True)
    book.submit("ada", 0.5)
    book.grade(book.receive("bob"), 0.8, metric="f1_macro")
    book.grade(book.receive("cyd"), None, verdict="refused")
    book.submit("dan", float("nan"))
    book.submit("eve", 0.9, at=CLOSED)

    assert told(book, CLOSED + timedelta(days=1)) == [("ada", 0.5, 1)]


def test_a_new_grade_counts_from_its_own_moment(book: Book) -> None:
    """The last grade counts from its moment on: what led before it led."""
    ada, bob = book.receive("ada"), book.receive("bob")
    book.grade(ada, 0.9)
    book.grade(bob, 0.8)
    regraded = book.next_at
    shown(book, ada, Grade("graded", "accuracy", "s", public=0.7, private=0.7, shown=0.7))

    found = leads(COMPETITION, book.entries, CLOSED)
    assert [(lead.team, lead.score) for lead in found] == [("ada", 0.9), ("bob", 0.8)]
    assert found[1].at == regraded


def test_entries_of_one_moment_count_together(book: Book) -> None:
    """A regrade that is recorded at one moment makes one change of places, not one for each of its entries."""
    numbers = {team: book.receive(team) for team in ("ada", "bob")}
    book.grade(numbers["ada"], 0.9)
    book.grade(numbers["bob"], 0.8)
    now = book.next_at
    for team, score in (("ada", 0.7), ("bob", 0.6)):
        grade = Grade("graded", "accuracy", "t", public=score, private=score, shown=score)
        book.add("graded", grade.to_json(), now, team, numbers[team])

    assert told(book) == [("ada", 0.9, 1)]


def test_what_is_publicly_shown_counts(book: Book) -> None:
    """The released score leads, not the exact one; where a reason is told instead of a score, nothing does."""
    for team, public, released, reason in (
        ("ada", 0.71, 0.7, ""),
        ("bob", 0.74, 0.7, ""),
        ("cyd", 0.9, None, "not distinguishable from your best"),
    ):
        grade = Grade("graded", "accuracy", "s", public=public, private=0.5, shown=released, reason=reason)
        shown(book, book.receive(team), grade)

    assert told(book) == [("ada", 0.7, 1), ("bob", 0.7, 2)]


def test_corrections(book: Book) -> None:
    """A withdrawn submission and a disqualified team lead no longer, and do again when that is undone."""
    book.submit("ada", 0.5)
    book.submit("bob", 0.6)
    number = book.entries[-1].submission
    book.add("withdrawn", {"because": "a mistake"}, book.next_at, "bob", number)
    book.add("restored", {"because": "none"}, book.next_at, "bob", number)
    book.add("disqualified", {"because": "two accounts"}, book.next_at, "bob")
    book.add("reinstated", {"because": "brothers"}, book.next_at, "bob")

    assert [team for team, _, _ in told(book)] == ["ada", "bob", "ada", "bob", "ada", "bob"]


def test_later_entries_are_not_seen(book: Book) -> None:
    """What is recorded after the moment asked for is not told."""
    book.submit("ada", 0.5)
    before = book.entries[-1].at
    book.submit("bob", 0.6)

    assert told(book, before) == [("ada", 0.5, 1)]
    assert told(book, START) == []


scores = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("submit"), st.sampled_from("abcde"), scores, st.booleans()),
        st.tuples(st.just("regrade"), st.integers(0, 20), scores, st.booleans()),
    ),
    max_size=25,
)


@given(steps=steps, is_lower=st.booleans())
def test_leads_follow_the_board(steps: list[tuple[str, str | int, float, bool]], is_lower: bool) -> None:
    """At every entry: a lead is told exactly when a team newly has rank 1, or is the only one left with it."""
    book = Book(LOWER if is_lower else COMPETITION)
    received: list[int] = []
    for kind, what, score, flag in steps:
        if kind == "submit":
            received.append(book.receive(str(what), is_baseline=flag and what == "e"))
            grade = Grade("graded", book.competition.metric, "s", public=score, private=0.5, shown=score)
            shown(book, received[-1], grade)
        elif received:
            number = received[int(what) % len(received)]
            public = None if flag else score
            shown(book, number, Grade("graded", book.competition.metric, "s", public=public, private=0.5, shown=public))

    expected, before = [], set[str]()
    for entry in book.entries:
        now = first(book.board(as_of=entry.at))
        if now - before or (len(now) == 1 and len(before) > 1):
            expected.append((entry.at, len(now)))
        before = now
    assert [(lead.at, lead.sharing) for lead in leads(book.competition, book.entries, CLOSED)] == expected


def test_the_number_of_looks_at_entries_is_bounded(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each entry is read once, however many there are: no board is gathered for each of them."""
    for place in range(50):
        book.submit(f"team {place}", place / 100)
    read: list[int] = []
    original = Receipt.from_entry
    monkeypatch.setattr(Receipt, "from_entry", lambda entry: (read.append(entry.seq), original(entry))[1])

    assert len(leads(COMPETITION, book.entries, CLOSED)) == 50
    assert len(read) == len(set(read)) == 50
