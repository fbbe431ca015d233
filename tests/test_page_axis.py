"""The axis: what it spans, its ticks and stripes, and the names above it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_page import ERROR, small_board
from test_standings import Book

from grader import metrics
from grader.metric import Metric
from leaderboard import axis as axes
from leaderboard import page
from leaderboard.axis import Axis
from leaderboard.standings import Board

ACCURACY = metrics.find("accuracy")


def board_of(
    scores: Sequence[float],
    *,
    half: float | None = None,
    baselines: Sequence[float] = (),
    metric: Metric = ACCURACY,
) -> Board:
    """A board of teams with these scores, best first, each with an interval so wide to both sides."""
    first = small_board().rows[0]
    rows = [
        replace(
            first,
            team=f"team {place}",
            team_id=f"t-{place:012}",
            rank=place,
            score=score,
            interval=None if half is None else (score - half, score + half),
        )
        for place, score in enumerate(scores, start=1)
    ]
    plain = replace(first, rank=None, state="baseline")
    rows += [replace(plain, team=f"baseline {score}", team_id=f"t-b{score}", score=score) for score in baselines]
    return replace(small_board(), metric=metric, rows=tuple(rows), teams=len(scores))


def axis_of(scores: Sequence[float], **facts: object) -> Axis:
    made = axes.of(board_of(scores, **facts))  # type: ignore[arg-type]
    assert made is not None
    return made


def test_no_axis_without_scores() -> None:
    """A board on which nothing is scored, or only what is late, has no axis."""
    book = Book()
    book.receive("unlucky")
    assert axes.of(book.board()) is None
    late = replace(small_board().rows[0], state="late", rank=None)
    assert axes.of(replace(small_board(), rows=(late,))) is None


def test_spans_the_teams_and_the_leaders_interval() -> None:
    """All near scores and the whole interval of the first lie within the axis, with room at both ends."""
    axis = axis_of([0.9, 0.88, 0.85], half=0.03)

    assert axis.low < 0.85
    assert 0.93 < axis.high < 0.94
    assert axis.band == (axis.at(0.87), axis.at(0.93))
    assert [axis.side(score) for score in (0.9, 0.85, 0.1, 0.99)] == ["", "", "below", "above"]


def test_an_outlier_does_not_flatten_the_others() -> None:
    """One score far away lies off the axis, at its end; the others keep most of the width."""
    axis = axis_of([0.93, 0.92, 0.91, 0.90, 0.1])

    assert axis.side(0.1) == "below"
    assert axis.at(0.1) == 0
    assert axis.at(0.93) - axis.at(0.90) > 800


def test_the_axis_is_a_number_line_either_way() -> None:
    """Where lower is better small numbers stand left all the same, and the outlier lies above."""
    axis = axis_of([0.10, 0.12, 0.14, 0.9], metric=ERROR)

    assert axis.at(0.10) < axis.at(0.12) < axis.at(0.14)
    assert axis.side(0.9) == "above"


def test_baselines_are_stripes() -> None:
    """A baseline on the axis is a stripe with its name; one far behind is named at the edge."""
    axis = axis_of([0.93, 0.92, 0.90], half=0.01, baselines=[0.89, 0.1])

    assert axis.stripes == (axis.at(0.89),)
    assert [(label.text, label.side, label.kind) for label in sorted(axis.labels, key=lambda label: label.text)] == [
        ("Leader", "", "leader"),
        ("baseline 0.89", "", "baseline"),
        ("◂ baseline 0.1", "below", "baseline"),
    ]


def test_one_team_is_seen_beside_the_baselines() -> None:
    """A single team without an interval still has an axis that reaches a baseline."""
    axis = axis_of([0.9], baselines=[0.85])

    assert axis.stripes == (axis.at(0.85),)
    assert 0 < axis.at(0.85) < axis.at(0.9) < 1000


def test_stripes_are_bounded() -> None:
    """Of very many baselines the best eight are drawn."""
    axis = axis_of([0.9, 0.8, 0.7], baselines=[0.8 - place / 100 for place in range(30)])

    assert len(axis.stripes) == 8


@pytest.mark.parametrize(
    ("scores", "half", "ticks"),
    [
        ([0.93, 0.85], 0.01, ["0.86", "0.88", "0.90", "0.92", "0.94"]),
        ([1.0, 0.999], None, ["0.9990", "0.9992", "0.9994", "0.9996", "0.9998", "1.0000"]),
        ([1.2e-7, 1.0e-7], None, ["1e-07", "1.05e-07", "1.1e-07", "1.15e-07", "1.2e-07"]),
        ([25_300.0, 23_400.0], None, ["23500", "24000", "24500", "25000"]),
        ([0.5, -0.5], None, ["-0.4", "-0.2", "0.0", "0.2", "0.4"]),
    ],
)
def test_ticks_are_round_and_few(scores: list[float], half: float | None, ticks: list[str]) -> None:
    """Ticks stand at 1, 2 or 5 times a power of ten, with as many decimals as that takes, and none is cut off."""
    metric = replace(ACCURACY, range=(-1e9, 1e9))
    axis = axis_of(scores, half=half, metric=metric)

    assert [text for _, text in axis.ticks] == ticks
    assert all(30 <= at <= 970 for at, _ in axis.ticks)


scores = st.floats(allow_nan=False, allow_infinity=False)
several = st.lists(scores, max_size=6)


@settings(max_examples=60)
@given(teams=several.filter(bool), baselines=several, width=st.floats(0, 1e300))
def test_any_scores_have_an_axis(teams: list[float], baselines: list[float], width: float) -> None:
    """Whatever the scores are, positions lie within the column, in the order of the scores, and no two labels touch."""
    metric = replace(ACCURACY, range=(float("-inf"), float("inf")))
    halves = width if all(abs(team) + width < 1e308 for team in teams) else None
    board = board_of(sorted(teams, reverse=True), half=halves, baselines=baselines, metric=metric)
    axis = axes.of(board)

    assert axis is not None
    assert axis.low < axis.high
    at = [axis.at(score) for score in sorted(teams)]
    assert at == sorted(at)
    assert all(0 <= one <= 1000 for one in at)
    assert all(one.line != other.line or not one.touches(other) for one, other in combinations(axis.labels, 2))
    assert len(axis.ticks) <= 7
    assert "<tr" in page.html(board)


def test_labels_of_near_baselines_do_not_collide() -> None:
    """Names that would touch go to a second line; those that fit on neither are left to their rows."""
    axis = axis_of([0.93, 0.92, 0.90], baselines=[0.911, 0.910, 0.909, 0.908])
    named = [label for label in axis.labels if label.kind == "baseline"]

    assert [label.line for label in named] == [0, 1]
    assert len(axis.stripes) == 4
    assert all(label.half <= label.centre <= 1000 - label.half for label in axis.labels)
    assert [label.is_over for label in named] == [True, False]


def test_long_names_are_cut() -> None:
    """The name of a baseline above the axis has 22 letters at most; its row has all of it."""
    board = board_of([0.9, 0.8], baselines=[0.85])
    board = replace(board, rows=(*board.rows[:2], replace(board.rows[2], team="Random forest of a hundred trees")))
    made = axes.of(board)

    assert made is not None
    assert [label.text for label in made.labels if label.kind == "baseline"] == ["Random forest of a hu…"]


def test_stripes_of_the_style() -> None:
    """The style draws each stripe and the band where the rows have them; there is none without either."""
    axis = axis_of([0.93, 0.92, 0.90], half=0.01, baselines=[0.89])
    style = page.stripes(axis)

    assert style.count("var(--baseline)") == 1
    assert style.count("var(--band)") == 1
    assert page.percent(axis.stripes[0]) in style
    assert page.stripes(axis_of([0.9, 0.8])) == ""


@pytest.mark.parametrize(("at", "text"), [(0, "000.0%"), (5, "000.5%"), (753, "075.3%"), (1000, "100.0%")])
def test_a_position_is_not_written_as_a_score_is(at: int, text: str) -> None:
    """A position begins with a zero that no score has: the search for leaks cannot take it for one."""
    assert page.percent(at) == text
