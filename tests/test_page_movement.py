"""How ranks have moved."""

from dataclasses import replace
from datetime import timedelta

from test_page import Text, seen
from test_standings import START, Book

from leaderboard import movement, page

DAY = timedelta(hours=24)


def two_days() -> Book:
    """Ada led until bob passed her; cyd and dan came on the second day, dan too late for a score."""
    book = Book()
    book.submit("ada", 0.8, at=START + timedelta(hours=1))
    book.submit("bob", 0.7, at=START + timedelta(hours=2))
    book.submit("eve", 0.6, at=START + timedelta(hours=3))
    book.submit("forest", 0.65, at=START + timedelta(hours=3), is_baseline=True)
    book.submit("bob", 0.9, at=START + timedelta(hours=30))
    book.submit("cyd", 0.65, at=START + timedelta(hours=31))
    book.receive("dan", at=START + timedelta(hours=32))
    return book


def test_moves_of_a_day() -> None:
    """A team that rose has a positive move, one that fell a negative, a new one is new; others have none."""
    book = two_days()
    board = book.board(as_of=START + timedelta(hours=34))
    names = {row.team_id: row.team for row in board.rows}

    moves = movement.moves(board, movement.day_before(board, book.entries))

    assert {names[team]: move for team, move in moves.items()} == {"bob": 1, "ada": -1, "cyd": "new", "eve": -1}


def test_the_day_before_sees_only_what_was_recorded_then() -> None:
    """The earlier board is that of exactly 24 hours before, of the same share of the test rows."""
    book = two_days()
    board = book.board("private", as_of=START + timedelta(hours=26))

    before = movement.day_before(board, book.entries)

    assert before == book.board("private", as_of=START + timedelta(hours=2))
    assert [row.team for row in before.rows] == ["ada", "bob"]


def test_a_tie_that_is_broken_moves_one_team() -> None:
    """Moves are between ranks as they were, ties and all."""
    book = Book()
    book.submit("ada", 0.8, at=START + timedelta(hours=1))
    book.submit("bob", 0.8, at=START + timedelta(hours=2))
    book.submit("bob", 0.9, at=START + timedelta(hours=30))
    board = book.board(as_of=START + timedelta(hours=31))

    moves = movement.moves(board, movement.day_before(board, book.entries))

    assert list(moves.values()) == [0, -1]


def test_no_moves_without_an_earlier_ranking() -> None:
    """On the first day nobody is new, and the page has no column for it."""
    book = two_days()
    board = book.board(as_of=START + timedelta(hours=20))

    assert movement.moves(board, None) == {}
    assert movement.moves(board, movement.day_before(board, book.entries)) == {}
    assert "24 h" not in seen(page.html(board, before=movement.day_before(board, book.entries)))


def test_moves_on_the_page() -> None:
    """A move is an arrow and a number, and words for those who do not see it."""
    book = two_days()
    board = book.board(as_of=START + timedelta(hours=34))
    rows = Text(page.html(board, before=movement.day_before(board, book.entries))).rows

    assert rows[0][:3] == ["Rank", "24 h", "Team"]
    moved = {"bob": "▲ 1up 1", "ada": "▼ 1down 1", "cyd": "new", "eve": "▼ 1down 1", "forest": "", "dan": ""}
    assert [row[1] for row in rows[1:]] == [moved[standing.team] for standing in board.rows]


def test_the_final_board_is_beside_the_public_one() -> None:
    """On the private board the column says that it compares with the public one; who kept the rank has a dash."""
    book = Book()
    book.submit("ada", 0.8, 0.9)
    book.submit("bob", 0.9, 0.8)
    book.submit("cyd", 0.7, 0.7)
    public, private = book.board(), replace(book.board("private"), is_revealed=True)

    rows = Text(page.html(private, before=public)).rows

    assert rows[0][1] == "vspublic"
    assert [row[1] for row in rows[1:]] == ["▲ 1up 1", "▼ 1down 1", "–"]
