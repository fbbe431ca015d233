"""The course of the scores: where its lines and labels stand, and what its table says."""

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_page import ERROR, HOSTILE
from test_standings import START

from grader import metrics
from grader.metric import Metric
from leaderboard import course
from leaderboard.course import BASELINES, BOTTOM, TEAMS, TOP, UNITS, Course
from leaderboard.spacing import placed

ACCURACY = metrics.find("accuracy")
NOON = START + timedelta(days=8)
GAP = 18.0


def at(hours: float) -> timedelta:
    return timedelta(hours=hours)


def steady(name: str, *scores: float, is_baseline: bool = False) -> Course:
    """One score a day, from the first day on."""
    return Course(name, tuple((START + at(24 * day), one) for day, one in enumerate(scores, 1)), is_baseline)


def drawn(*courses: Course, metric: Metric = ACCURACY) -> str:
    return str(course.figure(courses, metric, START, NOON))


def paths(text: str, kind: str) -> list[str]:
    """The line of a course in the plot, and its way to the label."""
    return re.findall(f'<path class="{kind}" d="([^"]*)"', text)


def labels(text: str) -> dict[str, int]:
    found = re.findall(r'<text class="[^"]*" x="20" y="(\d+)">([^<]*)</text>', text)
    return {unescape(name): int(y) for y, name in found}


def test_steps_hold_until_the_next() -> None:
    """A score is a level from its moment to the next, and the last one to the end: nothing is joined by a slope."""
    (line, way) = paths(drawn(steady("a", 0.5, 0.6, 0.7)), "team1")

    assert re.fullmatch(rf"M1250 (\d+)H2500V(\d+)H3750V(\d+)H{UNITS}", line)
    assert way.startswith("M0 ")
    levels = [int(one) for one in re.findall(r"[ V](\d+)", line)]
    assert levels == sorted(levels, reverse=True)


def test_better_is_up_where_lower_is_better() -> None:
    """An error that falls is a line that rises."""
    (line, _) = paths(drawn(steady("a", 3.0, 2.0, 1.0), metric=ERROR), "team1")
    levels = [int(one) for one in re.findall(r"[ V](\d+)", line)]

    assert levels == sorted(levels, reverse=True)


def test_baseline_is_a_level_across() -> None:
    """A baseline is a reference: its score all the way, whenever it was sent."""
    (line, _) = paths(drawn(steady("a", 0.8), steady("forest", 0.6, 0.7, is_baseline=True)), "baseline")

    assert re.fullmatch(rf"M0 \d+H{UNITS}", line)


def test_labels_stand_apart() -> None:
    """Eleven names at nearly one score: every one is there, in the order of the scores, none over another."""
    teams = [steady(f"team {place}", 0.9 - place / 1e5) for place in range(TEAMS)]
    bases = [steady(f"base {place}", 0.85 + place / 1e5, is_baseline=True) for place in range(BASELINES)]
    found = labels(drawn(*teams, *bases))

    assert list(found)[:TEAMS] == [one.name for one in teams]
    heights = sorted(found.values())
    assert len(heights) == TEAMS + BASELINES
    assert all(b - a >= GAP - 1 for a, b in pairwise(heights))
    assert heights[0] - 4 >= TOP
    assert heights[-1] - 4 <= BOTTOM


def test_no_more_lines_than_can_be_told_apart() -> None:
    """Of many teams the first eight are drawn, of many baselines the first three; those without a score are not."""
    many = [steady(f"team {place}", 0.9) for place in range(20)]
    bases = [steady(f"base {place}", 0.5, is_baseline=True) for place in range(9)]

    found = course.chosen([Course("empty", ()), *many, *bases])

    assert [one.name for one in found] == [*(f"team {one}" for one in range(8)), "base 0", "base 1", "base 2"]


def test_a_baseline_far_below_is_named_at_the_edge() -> None:
    """It does not press the teams together: its line is off the plot, its label has an arrow, the table its score."""
    text = drawn(
        steady("a", 0.92, 0.93),
        steady("b", 0.91, 0.92),
        steady("forest", 0.9, is_baseline=True),
        steady("majority class", 0.1, is_baseline=True),
    )

    assert labels(text)["▾ majority class"] == BOTTOM + 4
    assert "0.1000" in text


def test_half_of_the_way_is_in_sight() -> None:
    """Two teams that end close together are not two flat lines: at least half of the scores are on the plot."""
    text = drawn(steady("a", 0.5, 0.6, 0.7, 0.8, 0.9), steady("b", 0.5, 0.6, 0.7, 0.8, 0.8999))
    (line, _) = paths(text, "team1")
    levels = [int(one) for one in re.findall(r"[ V](\d+)", line)]

    assert sum(level <= UNITS for level in levels) >= 3


def test_table_has_every_number() -> None:
    """Whoever cannot see the lines reads the same in a table, with the moments in UTC."""
    text = drawn(steady("ada", 0.5, 0.612345), steady("forest", 0.4, is_baseline=True))
    cells = [re.sub(r"<[^>]*>", "|", row) for row in re.findall(r"<tr>(.*?)</tr>", text)]

    assert [re.sub(r"\|+", "|", row).strip("|") for row in cells] == [
        "Team|From, UTC|Score",
        "ada|23 Nov 00:00|0.5000",
        "ada|24 Nov 00:00|0.6123",
        "forest| |baseline|23 Nov 00:00|0.4000",
    ]


def test_numbers_of_the_drawing_are_whole() -> None:
    """No coordinate can be taken for a score by the scan for private scores."""
    text = drawn(steady("a", 0.5, 0.612345), steady("forest", 0.4, is_baseline=True))
    attributes = " ".join(re.findall(r'="([^"]*)"', text.partition("<details")[0]))

    assert not re.search(r"\d\.\d", attributes)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    """In the drawing, its description and its table a name is what it says, and makes no element."""
    plain = drawn(steady("ada", 0.5))
    text = drawn(steady(name, 0.5))

    assert text.count("<") == plain.count("<")
    assert " style=" not in text
    assert name in [unescape(one) for one in re.findall(r"<bdi>([^<]*)</bdi>", text)]


def test_long_names_are_cut_between_letters() -> None:
    """A label holds sixteen letters as people count them: an accent stays with its letter."""
    (name,) = labels(drawn(steady("e\u0301" * 40, 0.5)))

    assert name == "e\u0301" * 15 + "…"


def test_nothing_scored_is_nothing() -> None:
    """Without a score there is no figure: the page says so in its own words."""
    assert drawn() == ""
    assert drawn(Course("a", ())) == ""


@pytest.mark.parametrize("scores", [(0.5,), (0.0,), (1e300, 1.0), (0.1 + 0.2, 0.3), (-1e-300,), (5e-320, 1e-319)])
def test_any_scores_can_be_drawn(scores: tuple[float, ...]) -> None:
    """One score, none above another, huge and tiny ones: the lines stay within the drawing."""
    for metric in (ACCURACY, ERROR):
        best = course.running(steady("a", *scores).points, higher_is_better=metric.higher_is_better)
        text = drawn(Course("a", best), Course("b", best), metric=metric)
        numbers = [int(one) for line in paths(text, "team1") for one in re.findall(r"\d+", line)]
        assert all(0 <= one <= 2 * UNITS for one in numbers)


@pytest.mark.parametrize(
    ("days", "first", "count"), [(0.1, "22 Nov 00:00", 3), (2, "22 Nov 00:00", 5), (6, "22 Nov", 7), (90, "30 Nov", 6)]
)
def test_time_is_told_in_round_moments(days: float, first: str, count: int) -> None:
    """Hours, days or weeks, no more than seven or so."""
    text = str(course.figure([steady("a", 0.5)], ACCURACY, START, START + timedelta(days=days)))
    dates = re.findall(r'<text class="date[^"]*" x="\d+%" y="\d+">([^<]*)<', text)

    assert (dates[0], len(dates)) == (first, count)


def test_running_keeps_what_bettered_all_before() -> None:
    """Of a team's scores, in whatever order they come, those that raised its best."""
    points = [(START + at(3), 0.7), (START + at(1), 0.5), (START + at(2), 0.4), (START + at(3), 0.9), (START, 0.5)]

    assert course.running(points, higher_is_better=True) == ((START, 0.5), (START + at(3), 0.9))
    assert course.running(points, higher_is_better=False) == ((START, 0.5), (START + at(2), 0.4))


@given(st.lists(st.floats(-50, 150), max_size=12), st.floats(1, 30))
def test_places_keep_order_distance_and_bounds(wanted: list[float], gap: float) -> None:
    """Whatever is wanted: the order stays, neighbours are `gap` apart or share the room evenly, nothing is outside."""
    found = placed(wanted, gap, 0, 100)
    order = sorted(range(len(wanted)), key=lambda one: wanted[one])
    room = min(gap, 100 / max(len(wanted) - 1, 1))

    assert all(found[b] - found[a] >= room - 1e-9 for a, b in pairwise(order))
    assert all(-1e-9 <= one <= 100 + 1e-9 for one in found)


@given(st.lists(st.integers(0, 10), min_size=1, max_size=8, unique=True))
def test_places_with_room_stay(tens: list[int]) -> None:
    """A label that touches no other stands where it wants."""
    wanted = [10.0 * one for one in tens]

    assert placed(wanted, 10, 0, 100) == pytest.approx(wanted)
