"""The ceremony: who is told when, and what of it."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from test_page import HOSTILE, Text, seen
from test_standings import CLOSED, COMPETITION, START, Book

from leaderboard import ceremony
from leaderboard.ceremony import Step


def book(*scores: tuple[float, float], **rules: Any) -> Book:
    """Teams 1, 2, 3 … with these public and private scores."""
    made = Book(replace(COMPETITION, **rules))
    for place, (public, private) in enumerate(scores, start=1):
        made.submit(f"team {place}", public, private, at=START + timedelta(minutes=place))
    return made


def many(count: int) -> Book:
    return book(*[(0.9 - place / 10_000, 0.8 - place / 10_000) for place in range(count)])


def places(made: Book) -> tuple[ceremony.Place, ...]:
    return ceremony.places(made.board("public"), made.board("private"))


def html(made: Book) -> str:
    return ceremony.html(made.board("public"), made.board("private"))


def script(text: str) -> list[str]:
    """What the page says of each step, in order."""
    rows = re.findall(r'<tr id="step-(\d+)"><th scope="row">\d+</th><td>(.*?)</td></tr>', text, re.DOTALL)
    assert [int(number) for number, _ in rows] == list(range(len(rows)))
    return [" ".join(unescape(re.sub(r"<[^>]*>", "", said)).split()) for _, said in rows]


def kinds(count: int, awarded: int = 3) -> list[tuple[str, int, int]]:
    """Kind, first and last place of each step between the first and the last."""
    told = ceremony.steps([place < awarded for place in range(count)])
    assert (told[0].kind, told[-1].kind) == ("start", "end")
    return [(step.kind, step.places[0], step.places[-1]) for step in told[1:-1]]


def test_three_teams_from_last_to_first() -> None:
    """Each place: its score, then its name, then its award; the first place comes last."""
    assert script(html(book((0.9, 0.7), (0.8, 0.8), (0.7, 0.75)))) == [
        "The public board, and 3 teams to come",
        "Place 3: 0.7000",
        "Rank 3: team 1, 0.7000 · down 2 from public rank 1",
        "Third place: team 1",
        "Place 2: 0.7500",
        "Rank 2: team 3, 0.7500 · up 1 from public rank 3",
        "Second place: team 3",
        "Place 1: 0.8000",
        "Rank 1: team 2, 0.8000 · up 1 from public rank 2",
        "First place: team 2",
        "The final board",
    ]


@pytest.mark.parametrize(
    ("count", "passing"),
    [
        (0, []),
        (1, []),
        (10, []),
        (11, [("pass", 11, 11)]),
        (50, [("pass", 31, 50), ("pass", 11, 30)]),
        (53, [("pass", 51, 53), ("pass", 31, 50), ("pass", 11, 30)]),
        (291, [("rest", 291, 291), *[("pass", low, low + 39) for low in range(251, 50, -40)]]),
        (2000, [("rest", 291, 2000), *[("pass", low, low + 39) for low in range(251, 50, -40)]]),
    ],
)
def test_the_last_ones_pass_in_groups(count: int, passing: list[tuple[str, int, int]]) -> None:
    """Behind the first ten places pass together, the last ones first; then ten are told one by one."""
    found = kinds(count)
    groups = [step for step in found if step[0] in {"pass", "rest"}]

    assert groups[: len(passing)] == passing
    assert groups[len(passing) :] == ([("pass", 31, 50), ("pass", 11, 30)] if count > 53 else [])
    assert found[: len(groups)] == groups
    assert [step[1] for step in found if step[0] == "name"] == list(range(min(count, 10), 0, -1))


@pytest.mark.parametrize("count", [1, 9, 10, 11, 50, 51, 290, 291, 2000])
def test_every_place_is_told_once(count: int) -> None:
    """Whatever the number of teams, no place is left out, and none is told before all behind it."""
    told = [step for step in ceremony.steps([False] * count) if step.kind in {"rest", "pass", "name"}]

    assert [place for step in reversed(told) for place in step.places] == list(range(1, count + 1))


def test_two_thousand_teams_are_told_in_minutes() -> None:
    """The presses do not grow with the teams, and the page stays small."""
    assert len(ceremony.steps([True] * 3 + [False] * 1997)) == 34
    text = html(many(2000))

    assert len(text) < 150_000
    assert "Places 291 to 2,000: 1,710 teams, not by name" in script(text)[1]


def test_nobody_ranked() -> None:
    """Without a ranked team the page says that there is nothing to reveal."""
    assert "No team is ranked: there is nothing to reveal." in seen(html(Book()))


def test_ties_share_an_award() -> None:
    """Two teams at rank 1: both have the first award, shared, and nobody is second."""
    found = places(book((0.9, 0.8), (0.8, 0.8), (0.7, 0.7)))

    assert [(one.rank, one.award) for one in found] == [
        ("1=", "First place, shared"),
        ("1=", "First place, shared"),
        ("3", "Third place"),
    ]


def test_a_tie_is_not_told_before_its_name() -> None:
    """An empty place shows its number on the screen, not the rank that would tell of a tie."""
    text = html(book((0.9, 0.8), (0.8, 0.8)))

    assert re.findall(r'class="seat">([^<]*)<', text) == ["1", "2"]


def test_too_many_firsts_have_no_award() -> None:
    """Four teams at rank 1 are no award: nobody is singled out."""
    found = places(book(*[(0.9, 0.8)] * 4))

    assert [one.disc for one in found] == [0, 0, 0, 0]
    assert [step.kind for step in ceremony.steps([one.disc > 0 for one in found])] == [
        "start",
        *["score", "name"] * 4,
        "end",
    ]


def test_only_ranked_teams_have_a_place() -> None:
    """Late, disqualified and unscored teams, and baselines, are not in the ceremony at all."""
    made = book((0.9, 0.8), (0.8, 0.7))
    made.submit("forest", 0.95, 0.95, is_baseline=True)
    made.submit("tardy", 0.99, 0.99, at=CLOSED)
    made.receive("unlucky")
    public, private = made.board("public"), made.board("private")
    outside = replace(private.rows[1], team="cheat", team_id="t-cheat", rank=None, score=None, state="disqualified")
    text = ceremony.html(public, replace(private, rows=(*private.rows, outside)))

    assert set(Text(text).names) == {"team 1", "team 2"}


def test_who_comes_from_below_and_who_goes_there() -> None:
    """A team from outside the public first ten comes in from below; one that left them is marked with its rank."""
    scores = [(0.9 - place / 100, 0.9 - place / 100) for place in range(11)]
    scores[3] = (0.87, 0.1)
    text = html(book(*scores))
    lines = re.findall(r'd="M0 (\d+)C45 \d+ 55 (\d+) 100 \d+"', text)

    assert lines[-1] == ("104", "95")
    assert lines[3] == ("45", "35")
    assert unescape(re.sub(r"<[^>]*>", "", re.findall(r'class="below down">(.*?)</li>', text)[0])) == "▼ now 11"
    assert [one.seat for one in places(book(*scores))] == [1, 2, 3, 5, 6, 7, 8, 9, 10, 0, 4]


def test_a_team_without_public_rank_says_so() -> None:
    """A team that the public board did not rank has no way to show."""
    made = book((0.9, 0.8), (0.8, 0.7))
    public = made.board("public")
    (found, *_) = ceremony.places(replace(public, rows=public.rows[1:]), made.board("private"))

    assert (found.before, found.gained, found.seat, found.way) == (None, None, 0, "not on the public board")


def test_nothing_is_to_be_seen_before_its_step() -> None:
    """Every final score and name on the screen stands in a part that a step shows, at the step that tells it."""
    made = book((0.9, 0.7), (0.8, 0.8), (0.7, 0.75))
    text = html(made)
    private = text.partition('<ol class="private">')[2].partition("</ol>")[0]

    told = re.findall(r'<span class="(who|score|move)" data-from="(\d+)">', private)
    assert told == [
        (part, str(step)) for name in (8, 5, 2) for part, step in (("who", name), ("score", name - 1), ("move", name))
    ]
    assert "[data-from]:not(.on) { visibility: hidden }" in text


def test_group_on_the_card() -> None:
    """The award names the team's group where it has one."""
    text = html(book((0.9, 0.8), (0.8, 0.7), groups={"Tartu": ("team 1",)}))

    assert re.findall(r'<p class="group"><bdi>(.*?)</bdi>', text) == ["Tartu"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    """A name makes no element, wherever it stands, and no attribute."""
    made, plain = Book(), Book()
    made.submit(name, 0.9)
    plain.submit("ada", 0.9)
    text = html(made)

    assert set(Text(text).names) == {name}
    assert text.count("<") == html(plain).count("<")
    assert not [key for _, attributes in Text(text).tags for key in attributes if key == "style" or key[:2] == "on"]


def test_same_boards_give_the_same_page() -> None:
    """The page holds no moment of its making."""
    assert html(many(12)) == html(many(12))


def test_a_step_is_what_it_says() -> None:
    """The first step shows nothing of the final board, whatever the number of teams."""
    assert ceremony.steps([True])[0] == Step("start", range(0))
