"""The picture for social sites."""

import io
import struct
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from test_page import HOSTILE
from test_standings import CLOSED, COMPETITION, START, Book

from leaderboard import card
from leaderboard.card import NoPillow
from leaderboard.standings import Board

LIVE = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def pillow() -> None:
    """Drawing is an extra; where Podium is tested it is there."""
    pytest.importorskip("PIL")


@pytest.fixture
def book() -> Book:
    book = Book()
    for team, score in (("ada", 0.9), ("bob", 0.8), ("cyd", 0.7), ("dan", 0.6)):
        book.submit(team, score)
    return book


def colours(picture: bytes, box: tuple[int, int, int, int] = (0, 0, 1200, 630)) -> set[object]:
    """The colours within a box."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as image:
        return {colour for _, colour in image.convert("RGB").crop(box).getcolors(1200 * 630) or []}


def test_it_is_a_png_of_the_size_that_sites_take(book: Book) -> None:
    """A PNG of 1200 × 630 pixels, which social sites take, of less than 100 KB."""
    picture = card.png(book.board(as_of=LIVE))

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert len(picture) < 100_000


def test_same_board_same_bytes(book: Book) -> None:
    """It shows no time of its own: it changes only with what it shows."""
    before = card.png(book.board(as_of=LIVE))
    book.submit("dan", 0.5)
    assert card.png(book.board(as_of=LIVE.replace(hour=5))) == before

    book.submit("dan", 0.85)
    assert card.png(book.board(as_of=LIVE)) != before


def test_states_look_different(book: Book) -> None:
    """Not opened, open, frozen, closed and final each show."""
    book.reveal()
    pictures = [
        card.png(book.board(as_of=START.replace(year=2025))),
        card.png(book.board(as_of=LIVE)),
        card.png(replace(book.board(as_of=LIVE), frozen_at=LIVE)),
        card.png(book.board(as_of=CLOSED)),
        card.png(book.board("private", CLOSED)),
    ]

    assert len(set(pictures)) == len(pictures)


def test_discs_are_not_given_away(book: Book) -> None:
    """Gold is there for a first place, and not for four of them."""
    gold = (0xFF, 0xD9, 0x68)
    assert gold in colours(card.png(book.board(as_of=LIVE)))
    for team in ("bob", "cyd", "dan"):
        book.submit(team, 0.9)

    assert gold not in colours(card.png(book.board(as_of=LIVE)))


def shown_as(board: Board, team: str) -> bytes:
    return card.png(replace(board, rows=(replace(board.rows[0], team=team),)))


def test_a_name_without_letters_here_is_not_drawn(book: Book) -> None:
    """Where no font has a name's letters, the picture says where the name stands instead of drawing boxes."""
    board = book.board(as_of=LIVE)
    # Of the private use area no font says anything that a reader could know; \U0010fffd stands in none.
    unshown = shown_as(board, "\U0010fffd")

    assert unshown == shown_as(board, "\U0010fffc")
    assert unshown != shown_as(board, "ada")


@pytest.mark.parametrize("text", [*HOSTILE, "W" * 40, "lone\ud800", ""])
def test_any_name_and_title_can_be_drawn(text: str) -> None:
    """No text makes it fail or draws over the margins."""
    book = Book(replace(COMPETITION, title=text * 20 or "x", host=text * 20 or "x"))
    book.submit("ada", 0.9)
    board = book.board(as_of=LIVE)
    picture = shown_as(board, text or "x")

    paper = {(0xFB, 0xFB, 0xF8)}
    assert [colours(picture, box) for box in ((0, 0, 40, 630), (1160, 0, 1200, 630))] == [paper, paper]


def test_without_teams() -> None:
    """A competition without a ranked team has a picture too."""
    assert card.png(Book().board(as_of=LIVE)).startswith(b"\x89PNG")


def test_without_pillow(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, the message says how to install it."""
    monkeypatch.setitem(sys.modules, "PIL", None)

    with pytest.raises(NoPillow) as raised:
        card.png(book.board(as_of=LIVE))
    assert str(raised.value) == "the picture for social sites needs Pillow: pip install 'podium[card]'"
