"""What each team has sent, and which of it counts and why."""

from dataclasses import replace
from datetime import timedelta

import pytest
from test_standings import CLOSED, COMPETITION, START, Book

from grader.live import FROM_BASELINE, FROM_BEST
from leaderboard import history
from leaderboard.history import History
from leaderboard.names import team_id
from leaderboard.standings import BoardName
from submissions.competition import Competition

BEATEN, BEST = "another is better", "best private score of these"


def of(book: Book, team: str = "ada", board: BoardName = "public") -> History:
    return history.of(book.board(board), book.entries)[team_id(team)]


def told(found: History) -> list[tuple[int, str, str]]:
    return [(one.number, one.state, one.why) for one in found.sent]


@pytest.fixture
def book() -> Book:
    return Book()


def test_every_state_has_its_reason(book: Book) -> None:
    """Each submission is told with its state, and why it counts or does not."""
    low, best = book.score("ada", 0.8, 0.7), book.score("ada", 0.9, 0.6)
    same = book.score("ada", 0.9, 0.8)
    refused, failed = book.receive("ada"), book.receive("ada")
    book.grade(refused, None, verdict="refused")
    book.grade(failed, None)
    other = book.receive("ada")
    book.grade(other, 0.99, metric="f1_macro")
    gone = book.score("ada", 0.95, 0.95)
    book.decide("withdrawn", "ada", gone, because="by mistake")
    waits, late = book.receive("ada"), book.score("ada", 0.99, 0.99, at=CLOSED)

    found = of(book)

    assert told(found) == [
        (low, "spare", "another is better"),
        (best, "counts", "best score shown"),
        (same, "spare", "another came earlier with the same"),
        (refused, "refused", "the file breaks a rule"),
        (failed, "failed", "not the team’s fault"),
        (other, "waits", "to be graded by the present metric"),
        (gone, "withdrawn", "counts on no board"),
        (waits, "waits", "not graded yet"),
        (late, "late", "came after the deadline"),
    ]
    assert (found.team, found.rule, found.counted, found.considered) == ("ada", "best", best, 1)
    assert [one.shown for one in found.sent] == [0.8, 0.9, 0.9, None, None, None, 0.95, None, 0.99]


def test_public_history_tells_nothing_private(book: Book) -> None:
    """On the public board there is neither a private score nor a selection."""
    number = book.score("ada", 0.8, 0.7)
    book.select("ada", number)

    (one,) = of(book).sent

    assert (one.private, one.is_selected) == (None, False)


def test_private_history_needs_the_reveal(book: Book) -> None:
    """The history of the private board is not told before the reveal."""
    book.score("ada", 0.8, 0.7)
    board = book.board("private")

    with pytest.raises(AssertionError, match="no private score is told before the reveal"):
        history.of(board, book.entries)


def test_selection(book: Book) -> None:
    """After the reveal what the team selected is told, which of it counts, and what it left out."""
    numbers = [book.score("ada", *scores) for scores in ((0.9, 0.6), (0.8, 0.7), (0.7, 0.8))]
    book.select("ada", *numbers[:2])
    book.reveal()

    found = of(book, board="private")

    assert told(found) == [
        (numbers[0], "spare", "selected, another is better"),
        (numbers[1], "counts", "selected, best private score of these"),
        (numbers[2], "spare", "not selected"),
    ]
    assert (found.rule, found.counted, found.considered) == ("selected", numbers[1], 2)
    assert [(one.shown, one.private, one.is_selected) for one in found.sent] == [
        (0.9, 0.6, True),
        (0.8, 0.7, True),
        (0.7, 0.8, False),
    ]


def test_selection_of_one(book: Book) -> None:
    """A selection of one submission counts, whatever the others score."""
    numbers = [book.score("ada", 0.9, 0.9), book.score("ada", 0.8, 0.7)]
    book.select("ada", numbers[1])
    book.reveal()

    assert told(of(book, board="private")) == [
        (numbers[0], "spare", "not selected"),
        (numbers[1], "counts", "selected"),
    ]


@pytest.mark.parametrize(
    ("selections", "reasons"),
    [
        (1, ["the best shown", "not the best shown", "not the best shown"]),
        (2, [f"of the 2 best shown, {BEATEN}", f"of the 2 best shown, {BEST}", "not of the 2 best shown"]),
        (3, [f"of the 3 best shown, {BEATEN}", f"of the 3 best shown, {BEATEN}", f"of the 3 best shown, {BEST}"]),
    ],
)
def test_without_a_selection(selections: int, reasons: list[str]) -> None:
    """Without a selection the best ones of the live board are told, as many as the rules say."""
    book = Book(replace(COMPETITION, final_selections=selections))
    for scores in ((0.9, 0.6), (0.8, 0.7), (0.7, 0.8)):
        book.score("ada", *scores)
    book.reveal()

    assert [one.why for one in of(book, board="private").sent] == reasons


def test_equal_private_scores(book: Book) -> None:
    """Of two selected submissions with the same private score the earlier counts."""
    numbers = [book.score("ada", 0.9, 0.7), book.score("ada", 0.8, 0.7)]
    book.select("ada", *numbers)
    book.reveal()

    assert told(of(book, board="private")) == [
        (numbers[0], "counts", "selected, best private score of these"),
        (numbers[1], "spare", "selected, another came earlier with the same"),
    ]


def test_only_late(book: Book) -> None:
    """Of a team that was only late, the best is told, and it is late all the same."""
    best = book.score("ada", 0.9, 0.9, at=CLOSED)
    book.score("ada", 0.8, 0.8, at=CLOSED)

    found = of(book)

    assert [one.why for one in found.sent] == ["best of the late ones", "came after the deadline"]
    assert {one.state for one in found.sent} == {"late"}
    assert (found.rule, found.counted) == ("late", best)


def test_disqualified(book: Book) -> None:
    """Nothing of a disqualified team counts."""
    number = book.score("ada", 0.9, 0.9)
    book.decide("disqualified", "ada", because="two accounts")

    found = of(book)

    assert told(found) == [(number, "spare", "the team is disqualified")]
    assert found.counted is None


@pytest.mark.parametrize(
    ("reason", "said"), [(FROM_BASELINE, FROM_BASELINE), (FROM_BEST, "not distinguishable from its best")]
)
def test_a_reason_stands_in_place_of_a_score(book: Book, reason: str, said: str) -> None:
    """Where the live board tells a reason and no score, no score is told, not even the one that it counts as."""
    number = book.receive("ada")
    book.grade(number, 0.9, shown=0.85)
    body = {**book.entries[-1].body, "reason": reason}
    book.entries[-1] = replace(book.entries[-1], body=body)

    (one,) = of(book).sent

    assert (one.shown, one.told) == (None, said)


def test_the_last_grade_counts(book: Book) -> None:
    """Of a submission that was graded again the last grade is told."""
    number = book.score("ada", 0.9, 0.9)
    book.grade(number, 0.8, 0.8)

    assert [one.shown for one in of(book).sent] == [0.8]


def test_history_agrees_with_the_board(book: Book) -> None:
    """The submission that counts is the board's, on both boards."""
    for team, scores in (("ada", (0.9, 0.6)), ("bob", (0.8, 0.7)), ("ada", (0.7, 0.8)), ("ada", (0.9, 0.9))):
        book.score(team, *scores)
    book.reveal()

    boards: tuple[BoardName, ...] = ("public", "private")
    for name in boards:
        board = book.board(name)
        found = history.of(board, book.entries)
        assert {row.team_id: row.submission for row in board.rows} == {key: one.counted for key, one in found.items()}


def test_nothing_from_after_the_freeze() -> None:
    """While the board is frozen, what came later is not told, though its entries are at hand."""
    frozen: Competition = replace(COMPETITION, freeze_hours=24)
    book = Book(frozen)
    early = book.score("ada", 0.8, 0.8)
    book.score("ada", 0.9, 0.9, at=frozen.deadline - timedelta(hours=1))
    board = book.board(as_of=frozen.deadline)

    found = history.of(board, book.entries)[team_id("ada")]

    assert [one.number for one in found.sent] == [early]


def test_nothing_from_after_the_moment(book: Book) -> None:
    """What was recorded after the board's moment is not told."""
    early = book.score("ada", 0.8, 0.8)
    book.score("ada", 0.9, 0.9)

    found = history.of(book.board(as_of=START + timedelta(hours=2)), book.entries)[team_id("ada")]

    assert [one.number for one in found.sent] == [early]


def test_only_those_that_are_wanted(book: Book) -> None:
    """Baselines have no history, and of teams only the wanted ones are made."""
    book.submit("forest", 0.7, is_baseline=True)
    for team in ("ada", "bob"):
        book.score(team, 0.9, 0.9)
    board = book.board()

    assert set(history.of(board, book.entries)) == {team_id("ada"), team_id("bob")}
    assert set(history.of(board, book.entries, {team_id("bob")})) == {team_id("bob")}
