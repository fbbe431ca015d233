"""The shake-up: how far the final order lies from the public one."""

from itertools import combinations
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_standings import CLOSED, Book

from leaderboard import shake
from leaderboard.shake import Move, Shake


def boards(*scores: tuple[float, float]) -> Shake:
    """The figures for teams a, b, c … with these public and private scores."""
    book = Book()
    for place, (public, private) in enumerate(scores):
        book.submit(f"team {place}", public, private)
    return shake.shake(book.board("public"), book.board("private"))


def naive_tau(pairs: list[tuple[int, int]]) -> float | None:
    """Kendall's tau-b by its definition (Kendall 1945), over all pairs of teams."""
    agreed, first, second = 0, 0, 0
    for (a, b), (c, d) in combinations(pairs, 2):
        agreed += (a > c) - (a < c) if b > d else (a < c) - (a > c) if b < d else 0
        first += a != c
        second += b != d
    return agreed / sqrt(first * second) if first and second else None


def test_same_order_is_one_and_reverse_is_minus_one() -> None:
    """Kendall's tau is 1 where nothing moved, and -1 where all was turned around."""
    same = boards((0.9, 0.8), (0.8, 0.7), (0.7, 0.6))
    turned = boards((0.9, 0.6), (0.8, 0.7), (0.7, 0.8))

    assert same.tau == pytest.approx(1)
    assert turned.tau == pytest.approx(-1)
    assert (same.distance, turned.distance) == (0, pytest.approx(4 / 3))


def test_farthest_risers_and_fallers() -> None:
    """Those who gained or lost the most ranks are named, the farthest first, and of equals the better one."""
    found = boards((0.9, 0.1), (0.8, 0.9), (0.7, 0.8), (0.6, 0.7), (0.5, 0.95), (0.4, 0.2))

    assert [(move.team, move.places) for move in found.risers] == [("team 4", 4), ("team 5", 1)]
    assert [(move.team, move.places) for move in found.fallers] == [("team 0", -5)]
    assert found.teams == 6


def test_three_risers_at_most() -> None:
    """More than three names say nothing; ties go to the better final rank."""
    found = boards((0.9, 0.1), (0.8, 0.9), (0.7, 0.8), (0.6, 0.7), (0.5, 0.6))

    assert [move.team for move in found.risers] == ["team 1", "team 2", "team 3"]
    assert found.fallers == (Move("team 0", found.fallers[0].team_id, 1, 5),)


def test_only_ranked_teams_count() -> None:
    """Baselines, late teams and teams without a score are not in the figures."""
    book = Book()
    book.submit("a", 0.9, 0.8)
    book.submit("b", 0.8, 0.9)
    book.submit("forest", 0.95, 0.1, is_baseline=True)
    book.submit("tardy", 0.99, 0.01, at=CLOSED)
    book.receive("unlucky")

    found = shake.shake(book.board("public"), book.board("private"))

    assert found.teams == 2
    assert found.tau == pytest.approx(-1)


@pytest.mark.parametrize("scores", [[], [(0.9, 0.8)], [(0.9, 0.8), (0.9, 0.7)]])
def test_no_order_has_no_tau(scores: list[tuple[float, float]]) -> None:
    """Nobody, one team, and teams that all share a rank give no number, and no nan that looks like one."""
    assert boards(*scores).tau is None


def test_first_ten_that_stayed() -> None:
    """How many of the public first ten are still there."""
    book = Book()
    for place in range(12):
        book.submit(f"team {place}", 0.9 - place / 100, 0.9 - place / 100 if place else 0.1)

    found = shake.shake(book.board("public"), book.board("private"))

    assert (found.top, found.kept) == (10, 9)
    assert shake.sentences(found) == (
        "From the public to the private board a team moved 1.8 ranks on average.",
        "Kendall's τ of the two orders is 0.67, where 1 is the same order, 0 is chance and −1 is the reverse.",
        "Of the 10 teams in the public first ten, 9 are in the final one.",
    )


@pytest.mark.parametrize(("tau", "text"), [(1.0, "1.00"), (0.9999, "0.99"), (-0.9999, "−0.99"), (-1.0, "−1.00")])
def test_rounding_promotes_nobody(tau: float, text: str) -> None:
    """1.00 is said of the same order only."""
    said = shake.sentences(Shake(3, tau, 1.0, 3, 3, (), ()))

    assert said[1].startswith(f"Kendall's τ of the two orders is {text},")


def test_one_team_has_no_sentence() -> None:
    """Where there is no order there is nothing to say of it."""
    assert shake.sentences(boards((0.9, 0.8))) == ()


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=2, max_size=12))
def test_tau_is_the_definition(scores: list[tuple[int, int]]) -> None:
    """With ties and without, tau is Kendall's tau-b of the ranks."""
    found = boards(*[(public / 10, private / 10) for public, private in scores])
    expected = naive_tau([(-public, -private) for public, private in scores])

    assert found.tau == (None if expected is None else pytest.approx(expected))
