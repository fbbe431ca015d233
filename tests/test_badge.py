"""The badges of the teams."""

from dataclasses import replace
from xml.etree import ElementTree as Xml

import pytest
from test_page import ERROR, HOSTILE
from test_standings import CLOSED, COMPETITION, Book

from leaderboard import badge, names
from leaderboard.standings import Board
from submissions.checks import Quoted

SVG = "{http://www.w3.org/2000/svg}"


def texts(drawing: str) -> list[str]:
    return [element.text or "" for element in Xml.fromstring(drawing).iter(f"{SVG}text")]


def of(board: Board, team: str) -> str:
    return badge.badges(board)[f"badge/{names.team_id(team)}.svg"]


@pytest.fixture
def book() -> Book:
    book = Book()
    book.submit("ada", 0.9)
    book.submit("bob", 0.8)
    book.submit("cyd", 0.8)
    return book


def test_rank_and_score(book: Book) -> None:
    """A badge says the competition, the rank as the board has it, and the score as the board rounds it."""
    assert texts(of(book.board(), "ada")) == ["fashion-mnist", "#1 · 0.9000"]
    assert texts(of(book.board(), "bob")) == ["fashion-mnist", "#2= · 0.8000"]
    assert texts(of(book.board("private"), "ada")) == ["fashion-mnist · final", "#1 · 0.9000"]


def test_who_is_not_ranked(book: Book) -> None:
    """A late team and one without a score have a badge that says so; baselines and quoted scores have none."""
    book.submit("tardy", 0.95, at=CLOSED)
    book.receive("unlucky")
    book.submit("starter", 0.7, is_baseline=True)
    book.competition = replace(COMPETITION, quoted=(Quoted("Humans", 0.83, "accuracy", "a paper"),))
    board = book.board()

    assert texts(of(board, "tardy"))[1] == "late · 0.9500"
    assert texts(of(board, "unlucky"))[1] == "no score"
    assert sorted(badge.badges(board)) == sorted(
        f"badge/{names.team_id(team)}.svg" for team in ("ada", "bob", "cyd", "tardy", "unlucky")
    )


def test_a_disqualified_team_has_no_rank(book: Book) -> None:
    """A disqualified team's badge says that, and neither rank nor score."""
    board = book.board()
    row = replace(board.rows[0], state="disqualified", rank=None, score=None)

    assert texts(of(replace(board, rows=(row,)), "ada"))[1] == "disqualified"


def test_discs_are_not_given_away(book: Book) -> None:
    """A first place is gold, but not where more than three teams share it."""
    gold = "#ffd968"
    assert gold in of(book.board(), "ada")
    for place in range(4):
        book.submit(f"team {place}", 0.9)

    assert gold not in of(book.board(), "ada")


def test_zero_and_negative_scores_are_scores() -> None:
    """0.0 is shown as a score."""
    book = Book()
    book.submit("ada", 0.0)

    assert texts(of(book.board(), "ada"))[1] == "#1 · 0.0000"
    assert texts(of(replace(book.board(), metric=ERROR), "ada"))[1] == "#1 · 0.00"


def test_hostile_names_are_text() -> None:
    """A name stands in the title and the label only, as text; no badge holds a script, a handler or a link."""
    book = Book()
    for place, name in enumerate(HOSTILE):
        book.submit(name, place / 100)

    for name, drawing in zip(reversed(HOSTILE), badge.badges(book.board()).values(), strict=True):
        root = Xml.fromstring(drawing)
        assert (root.findtext(f"{SVG}title") or "").startswith(f"{names.plain(name)}: #")
        assert {element.tag.removeprefix(SVG) for element in root.iter()} == {
            *("svg", "title", "rect", "path", "g", "text")
        }
        assert not [key for element in root.iter() for key in element.attrib if key.startswith(("on", "href", "style"))]


def test_text_fits() -> None:
    """Both texts lie within their halves, however long the competition's short name is."""
    book = Book(replace(COMPETITION, slug="m" * 60))
    book.submit("ada", 0.9)

    root = Xml.fromstring(of(book.board(), "ada"))
    assert texts(of(book.board(), "ada"))[0] == "m" * 31 + "…"
    lengths = [int(text.get("textLength", "")) for text in root.iter(f"{SVG}text")]
    assert sum(lengths) + 4 * 8 == int(root.get("width", ""))


def test_same_board_same_bytes(book: Book) -> None:
    """The same board gives the same badges, in less than a kilobyte and a half each."""
    first, again = badge.badges(book.board()), badge.badges(book.board())

    assert first == again
    assert max(len(text.encode()) for text in first.values()) < 1500
