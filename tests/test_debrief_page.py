"""The debrief on the final board: what stands there, when, escaped, and as a browser shows it."""

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from test_page import HOSTILE, Text, seen
from test_page_browser import OVERFLOW, VIOLATIONS, browser  # noqa: F401 - a fixture
from test_standings import CLOSED, COMPETITION, Book

from grader.pictures import png
from leaderboard import debrief, page
from leaderboard.standings import Board

NAMES = ("T-shirt/top", "Ankle boot")
PICTURE = base64.b64encode(png(np.arange(64, dtype=np.uint8).reshape(8, 8), 63)).decode()
CONFUSION = {"right": 95, "labels": ["0", "1"], "counts": [[58, 2], [3, 37]]}
FOUND: dict[str, Any] = {
    "rows": 100,
    "teams": 4,
    "crowd": {"way": "majority", "score": 0.96},
    "confusion": {**CONFUSION, "largest": [["1", "0", 3, 40], ["0", "1", 2, 60]]},
    "hardest": [
        {"row_id": "17", "truth": "1", "right": 0, "said": [["0", 4]], "png": PICTURE},
        {"row_id": "3", "truth": "0", "right": 1, "said": [["1", 2]], "png": PICTURE},
    ],
}


@pytest.fixture
def book() -> Book:
    """Three teams and a baseline, revealed."""
    book = Book()
    for team, private in {"ada": 0.95, "bob": 0.9, "eve": 0.85}.items():
        book.submit(team, private - 0.1, private)
    book.submit("forest", 0.99, 0.99, is_baseline=True)
    book.reveal()
    return book


def tell(book: Book, **found: Any) -> Board:
    """Record a debrief of the ranking as it is; the final board."""
    board = book.board("private")
    book.add("debriefed", debrief.body(board, book.entries, {**FOUND, **found}), CLOSED)
    return book.board("private")


def html(book: Book, **found: Any) -> str:
    board = tell(book, **found)
    section = debrief.section(board, book.entries)
    assert section is not None
    return str(section.html)


def plain(text: str) -> str:
    return seen(f"<body>{text}").replace("\N{NO-BREAK SPACE}", " ").replace(" ,", ",").replace(" .", ".")


def table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in row] for row in Text(text).rows]


def test_confusion_matrix(book: Book) -> None:
    """A real table with a header for each label, counts, and the share that is right."""
    text = html(book)

    assert table(text) == [
        ["True", "Predicted", "Right"],
        ["0", "1"],
        ["0", "58", "2", "97\N{NO-BREAK SPACE}%"],
        ["1", "3", "37", "92\N{NO-BREAK SPACE}%"],
    ]
    assert text.count('scope="row"') == 2
    assert text.count('scope="col"') == 4
    assert text.count('scope="colgroup"') == 1


def test_largest_confusions_in_a_sentence(book: Book) -> None:
    """The largest come first, at most three, by the labels' names where there are any."""
    book.competition = replace(COMPETITION, label_names=NAMES)

    assert (
        "ada has 95 of 100 private rows right. Most often confused: Ankle boot taken for T-shirt/top (3 rows) and "
        "T-shirt/top taken for Ankle boot (2)."
    ) in plain(html(book))


@pytest.mark.parametrize(
    ("largest", "told"),
    [
        ([], "right."),
        ([["0", "1", 1, 9]], "right. Most often confused: 0 taken for 1 (1 row)."),
        (
            [["0", "1", 5, 9], ["1", "0", 4, 9], ["0", "1", 3, 9], ["1", "0", 2, 9]],
            "right. Most often confused: 0 taken for 1 (5 rows), 1 taken for 0 (4) and 0 taken for 1 (3).",
        ),
    ],
)
def test_one_confusion_and_none(book: Book, largest: list[Any], told: str) -> None:
    """Grammar holds for any number of confusions."""
    text = plain(html(book, confusion={**CONFUSION, "largest": largest}))

    assert f"rows {told}" in text


def test_many_labels(book: Book) -> None:
    """Without a table of counts the largest confusions are a list, with how many rows have the label."""
    confusion = {"right": 9, "labels": None, "counts": None, "largest": [["a", "b", 1200, 3400]]}
    text = html(book, confusion=confusion, hardest=None)

    assert table(text) == [["True", "Predicted", "Rows", "Of"], ["a", "b", "1,200", "3,400"]]


def test_shades(book: Book) -> None:
    """An error is shaded in five steps by its share of the true label; what is right, and zeros, are not errors."""
    counts = [[1000, 19, 0], [20, 50, 30], [60, 90, 50]]
    confusion = {"right": 1, "labels": ["0", "1", "x"], "counts": counts, "largest": []}

    assert re.findall(r'<td class="(\w+)">', html(book, confusion=confusion)) == [
        *("hit", "s1", "nil", "share"),
        *("s5", "hit", "s5", "share"),
        *("s5", "s5", "hit", "share"),
    ]
    assert [debrief._shade(count, 1000) for count in (0, 1, 19, 20, 49, 50, 99, 100, 199, 200, 1000)] == [
        *("nil", "s1", "s1", "s2", "s2", "s3", "s3", "s4", "s4", "s5", "s5"),
    ]


def test_percents_round_to_no_extreme() -> None:
    """100 % is all, 0 % is none; a label without rows has no share."""
    shares = [debrief._percent(*one) for one in ((999, 1000), (1000, 1000), (1, 1000), (0, 1000), (0, 0), (1, 3))]

    assert [one.replace("\N{NO-BREAK SPACE}", " ") for one in shares] == ["99 %", "100 %", "1 %", "0 %", "", "33 %"]


@pytest.mark.parametrize(
    ("score", "told"),
    [
        (0.96, "It would be first: better than any team alone."),
        (0.95, "It would share the first rank."),
        (0.94, "It would have rank 2."),
        (0.1, "It would have rank 4."),
    ],
)
def test_all_teams_beside_the_winner(book: Book, score: float, told: str) -> None:
    """The vote's score stands beside the winner's, with the rank that it would have among the teams."""
    text = plain(html(book, crowd={"way": "majority", "score": score}))

    assert f"Majority vote of 4 teams {score:.4f} Winner, ada 0.9500 {told} Each ranked team has one vote" in text


def test_errors_are_better_when_lower(book: Book) -> None:
    """Where lower is better, a lower score is the better one."""
    board = tell(book, crowd={"way": "median", "score": 0.8})
    lower = replace(board, metric=replace(board.metric, higher_is_better=False), rows=board.rows[::-1])

    assert debrief._place(lower, 0.8) == "It would be first: better than any team alone."
    assert debrief._place(lower, 0.91) == "It would have rank 3."


def test_numbers_are_told_without_a_vote(book: Book) -> None:
    """Of other kinds there is the comparison alone."""
    text = plain(html(book, crowd={"way": "median", "score": 0.9}, confusion=None, hardest=None))

    assert text == (
        "Debrief All teams together Median of 4 teams 0.9000 Winner, ada 0.9500 It would have rank 2. It is taken over "
        "the predictions of all ranked teams, row by row."
    )


def test_hardest_images(book: Book) -> None:
    """Each image with its truth, what teams said, how many said something else, and how many were right."""
    text = html(book)
    shown = plain(text)

    assert (
        "The 2 private test images that the most teams got wrong, with the true label and how many of 4 teams" in shown
    )
    assert shown.endswith("said what. 1 4 0 0 right 0 2 1 1 others 1 right")
    images = [attributes for tag, attributes in Text(text).tags if tag == "img"]
    assert [one["alt"] for one in images] == ["Test image 17", "Test image 3"]
    assert {one["src"] for one in images} == {f"data:image/png;base64,{PICTURE}"}


def test_nothing_to_tell(book: Book) -> None:
    """Where nothing was found there is no section."""
    board = tell(book, crowd=None, confusion=None, hardest=None)

    assert debrief.section(board, book.entries) is None
    assert not debrief.is_due(board, book.entries)


def test_only_on_the_final_board(book: Book) -> None:
    """The public board has no debrief, nor has any board before the reveal, whatever the ledger holds."""
    board = tell(book)
    unrevealed = replace(board, is_revealed=False)

    assert debrief.section(board, book.entries) is not None
    assert debrief.section(book.board("public"), book.entries) is None
    assert debrief.section(unrevealed, book.entries) is None
    assert not debrief.is_due(book.board("public"), [])
    assert not debrief.is_due(unrevealed, [])


def test_it_is_of_this_ranking(book: Book) -> None:
    """A debrief of another ranking, or by other grades, is not shown; the next is due."""
    tell(book)
    number = book.receive("late find")
    book.grade(number, 0.9, 0.97)
    board = book.board("private")

    assert debrief.is_due(board, book.entries)
    assert debrief.section(board, book.entries) is None


def test_it_is_by_the_grades_in_force(book: Book) -> None:
    """Another solution makes another debrief due, though every score stays as it was."""
    tell(book)
    last = next(entry for entry in reversed(book.entries) if entry.kind == "graded" and entry.team == "ada")
    book.add("graded", {**last.body, "solution": "t" * 64}, CLOSED, "ada", last.submission)

    assert debrief.is_due(book.board("private"), book.entries)


def test_it_is_of_this_moment(book: Book) -> None:
    """A board of an earlier moment does not show what was found later."""
    board = book.board("private")
    book.add("debriefed", debrief.body(board, book.entries, FOUND), CLOSED + timedelta(seconds=1))

    assert debrief.section(book.board("private"), book.entries) is None
    assert debrief.section(book.board("private", CLOSED + timedelta(seconds=1)), book.entries) is not None


def test_nothing_is_due_where_nobody_is_ranked() -> None:
    """Without a ranked team there is nobody to speak of."""
    book = Book()
    book.submit("forest", 0.9, is_baseline=True)
    book.reveal()

    assert not debrief.is_due(book.board("private"), book.entries)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str) -> None:
    """A team's name, a label or its name adds no tag to the section."""
    tags = []
    for text in (name, "plain"):
        competition = replace(COMPETITION, labels=("0", "1", text), label_names=(text, "b", f"{text}!"))
        book = Book(competition)
        book.submit(text, 0.9)
        book.reveal()
        row = {**FOUND["hardest"][0], "row_id": text, "truth": text, "said": [[text, 3]]}
        confusion = {**FOUND["confusion"], "largest": [[text, "1", 3, 4]]}
        tags.append([tag for tag, _ in Text(html(book, hardest=[row], confusion=confusion)).tags])

    assert tags[0] == tags[1]


def test_no_style_attribute_and_no_foreign_address(book: Book) -> None:
    """The section lives under the page's policy: no style attributes, no scripts, images within the page only."""
    tags = Text(html(book)).tags

    assert not any("style" in attributes or tag in {"script", "style", "link"} for tag, attributes in tags)
    assert all((attributes.get("src") or "data:").startswith("data:") for _, attributes in tags)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A final page with ten labels of long names, and twenty images."""
    labels = tuple("0123456789")
    names = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
    book = Book(replace(COMPETITION, labels=labels, label_names=names))
    for place, team in enumerate(["W" * 40, *HOSTILE[:6]]):
        book.submit(team, 0.8, 0.9 - place / 100)
    book.reveal()
    counts = [[600 if one == other else (one * other * 7) % 211 for other in range(10)] for one in range(10)]
    confusion = {"right": 6000, "labels": [*labels], "counts": counts, "largest": [["6", "0", 210, 700]]}
    board = tell(book, confusion=confusion, hardest=[*FOUND["hardest"] * 10])
    section = debrief.section(board, book.entries)
    assert section is not None
    made = tmp_path_factory.mktemp("debrief") / "final.html"
    made.write_text(page.html(board, sections=[section]), "utf-8")
    return made


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What the console says, which is to be nothing."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark"), (320, "light")])
def test_in_a_browser(browser: Browser, path: Path, heard: list[str], width: int, scheme: Any) -> None:  # noqa: F811
    """Pictures load under the page's policy, nothing is wider than the window, and axe finds no fault."""
    with browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme) as context:
        context.add_init_script(VIOLATIONS)
        opened = context.new_page()
        opened.on("console", lambda message: heard.append(message.text))
        opened.on("pageerror", lambda error: heard.append(str(error)))
        opened.goto(path.as_uri())

        assert opened.evaluate("[...document.images].map(one => one.naturalWidth)") == [8] * 20
        assert opened.evaluate(OVERFLOW) == 0
        found = Axe().run(opened).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in found] == []
