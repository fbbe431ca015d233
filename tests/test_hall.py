"""The hall view: what it shows, in every state."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from test_page import HOSTILE, Text, seen
from test_standings import CLOSED, COMPETITION, START, Book

from leaderboard import hall, movement, sheet, templating
from leaderboard.standings import Board

LIVE = START + timedelta(days=6)


def book(count: int = 12, **rules: Any) -> Book:
    made = Book(replace(COMPETITION, **rules))
    for place in range(count):
        made.submit(f"team {place}", 0.9 - place / 100, at=START + timedelta(minutes=place))
    return made


def live(made: Book) -> Board:
    return made.board("public", LIVE)


def with_intervals(board: Board, half: float = 0.01) -> Board:
    rows = tuple(
        row if row.score is None else replace(row, interval=(row.score - half, row.score + half)) for row in board.rows
    )
    return replace(board, rows=rows)


def teams(text: str) -> list[str]:
    return [cells[-3] for cells in Text(text).rows[1:]]


def test_first_ten_in_order() -> None:
    """The first ten, in the board's order, each with rank and score; baselines are a line and not a row."""
    made = book()
    made.submit("forest", 0.85, is_baseline=True)
    rows = Text(hall.html(live(made))).rows[1:]

    assert rows == [[str(place + 1), f"team {place}", f"{0.9 - place / 100:.4f}", ""] for place in range(10)]


def test_teams_that_share_the_last_rank_are_counted() -> None:
    """Who is cut off by nothing but the tenth row is not passed over in silence."""
    made = book(9)
    for name in ("x", "y", "z"):
        made.submit(name, 0.5)
    text = hall.html(live(made))

    assert teams(text)[-1] == "x"
    assert "2 more teams share the last rank shown." in seen(text)


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (-1, "22 Nov 00:00 UTC opening"),
        (6, "8 Dec 11:59 UTC deadline"),
        (20, "Closed results pending"),
    ],
)
def test_states_without_script(days: int, says: str) -> None:
    """Upcoming, open and closed say so, with the moment in UTC, before any script has run."""
    text = hall.html(book().board("public", START + timedelta(days=days)))

    assert says in seen(text)


def test_final_board_is_called_final() -> None:
    """After the reveal it is the private board that hangs on the wall, and the public one points to it."""
    made = book(3)
    made.reveal()

    assert "Final closed 8 Dec 2026, 11:59:59 UTC" in seen(hall.html(made.board("private")))
    assert "Closed the final ranking is out" in seen(hall.html(made.board("public")))


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (-1, "The competition has not opened."),
        (6, "No team is ranked yet. The first one will stand here."),
        (20, "No team is ranked."),
    ],
)
def test_empty_hall(days: int, says: str) -> None:
    """With no team ranked there is a sentence and no table."""
    text = hall.html(book(0).board("public", START + timedelta(days=days)))

    assert says in seen(text)
    assert "<table" not in text


def test_late_and_unscored_teams_are_not_among_the_first() -> None:
    """Only ranked teams hang on the wall."""
    made = book(2)
    made.submit("tardy", 0.99, at=CLOSED)
    made.receive("unlucky", at=LIVE)

    assert teams(hall.html(made.board("public", CLOSED))) == ["team 0", "team 1"]


def test_intervals_and_baselines_stand_on_the_axis() -> None:
    """Every interval fits, the leader's is the band, a baseline near by is a line, and the legend names them."""
    made = book(10)
    made.submit("forest", 0.8, is_baseline=True)
    made.submit("majority class", 0.1, is_baseline=True)
    text = hall.html(with_intervals(live(made)))
    spans = [(int(low), int(high)) for low, high in re.findall(r'class="span" d="M(\d+) 50H(\d+)"', text)]

    assert len(spans) == 10
    assert all(0 < low < high < hall.axes.WIDTH for low, high in spans)
    assert len({high - low for low, high in spans}) <= 2
    assert text.count(f'class="band" x="{spans[0][0]}"') == 10
    assert text.count('class="stripe"') == 10
    assert "the leader’s 95 % interval. Brown line: forest 0.8000." in seen(text)


def test_without_intervals_there_are_dots_only() -> None:
    """No band, no bars, and no word of them."""
    text = hall.html(live(book()))

    assert text.count('<circle class="dot"') == 10
    assert 'class="band"' not in text
    assert 'class="span"' not in text
    assert "interval." not in seen(text)


def test_a_score_off_the_axis_is_an_arrow() -> None:
    """One team far behind does not press the others together."""
    made = book(9)
    made.submit("far", 0.1)
    text = hall.html(live(made))

    assert text.count('<path class="dot" d="M2 50') == 1
    assert text.count('<circle class="dot"') == 9


def test_movement_beside_the_rank() -> None:
    """Who rose or fell in the last day has an arrow, a number and a word; who did not has nothing."""
    made = book(3)
    made.submit("team 2", 0.95, at=LIVE - timedelta(hours=1))
    board = live(made)
    text = hall.html(board, before=movement.day_before(board, made.entries))

    moves = [" ".join(cells[1].split()) for cells in Text(text).rows[1:]]
    assert moves == ["▲ 2up 2", "▼ 1down 1", "▼ 1down 1"]


def test_group_and_address() -> None:
    """A team's group stands behind its name, and the site's address in the footer."""
    text = hall.html(live(book(2, groups={"Tartu": ("team 1",)}, address="https://example.org/ml/")))

    assert teams(text) == ["team 0", "team 1Tartu"]
    assert "example.org/ml · updated" in seen(text)


def test_ties_over_the_medals_have_no_discs() -> None:
    """Twenty teams at rank 1 are not twenty gold discs."""
    made = Book()
    for place in range(20):
        made.submit(f"team {place}", 0.9)
    text = hall.html(live(made))

    assert "disc1" not in text.partition("<body>")[2]
    assert [cells[0] for cells in Text(text).rows[1:]] == ["1="] * 10


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    """A name makes no element and no attribute."""
    made, plain = book(0), book(0)
    made.submit(name, 0.9)
    plain.submit("ada", 0.9)
    text = hall.html(live(made))

    assert Text(text).names == [name]
    assert text.count("<") == hall.html(live(plain)).count("<")


def test_policy_names_style_and_script() -> None:
    """The policy allows what the page holds, by digest, and nothing else; no attribute holds style or script."""
    text = hall.html(live(book()))
    policy = unescape(re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)[0])
    found = {
        tag: base64.b64encode(hashlib.sha256(re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)[0].encode()).digest())
        for tag in ("style", "script")
    }

    assert policy == (
        f"default-src 'none'; script-src 'sha256-{found['script'].decode()}'; "
        f"style-src 'sha256-{found['style'].decode()}'; img-src data:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert not [name for _, attributes in Text(text).tags for name in attributes if name == "style" or name[:2] == "on"]


def test_numbers_of_the_drawing_are_whole() -> None:
    """No coordinate can be taken for a score by the scan for private scores."""
    text = hall.html(with_intervals(live(book())))

    assert not re.findall(r'(?:\sx|\sd|cx|width)="[^"]*\d\.\d', text.partition("<main>")[2])


def test_it_reloads_without_a_script() -> None:
    """Where no script runs, the browser itself reloads every minute."""
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in hall.html(live(book()))


@pytest.mark.parametrize("script", ["hall.js", "reveal.js"])
def test_scripts_have_no_sinks(script: str) -> None:
    """No script can turn a text into elements or code."""
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(|\.src\b|setAttribute|srcdoc"

    assert re.findall(sinks, templating.asset(script)) == []


@pytest.mark.parametrize(
    ("name", "long"), [("W" * 22, False), ("W" * 23, True), ("統" * 12, True), ("e\u0301" * 22, False)]
)
def test_long_names_have_two_lines(name: str, *, long: bool) -> None:
    """A name's width decides: a wide sign counts twice, an accent not at all."""
    assert sheet.is_long(name) is long
