"""Several competitions as one: points for the ranks on their published boards, and the page that adds them up."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from leaderboard.templating import asset, digest, template
from submissions import moments, teams
from submissions.errors import OrganiserError

FULL = 100  # points of a first place


class BadBoard(OrganiserError):
    """A file that is no board of ours."""


@dataclass(frozen=True, slots=True)
class Place:
    """A team's rank in one competition."""

    team: str
    rank: int
    is_tied: bool


@dataclass(frozen=True, slots=True)
class Round:
    """One competition of the series, as its board was published.

    Attributes:
        state: "upcoming", "open", "frozen", "closed" or "final".
        as_of: the moment that the board shows.
        places: the ranked teams by the look of their names.
        teams: how many they are.
        link: where the board stands, from the page of the series.
    """

    slug: str
    title: str
    host: str
    state: str
    as_of: datetime
    places: Mapping[str, Place]
    teams: int
    link: str

    def points(self, rank: int) -> Fraction:
        """100 for the first of n, 100/n for the last, and equal steps between: (n + 1 - rank) / n of 100."""
        return Fraction(FULL * (self.teams + 1 - rank), self.teams)


@dataclass(frozen=True, slots=True)
class Result:
    """What a team got in one competition.

    Attributes:
        counts: whether it is among the team's best that make up its total.
    """

    place: Place
    points: Fraction
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Total:
    """One row of the series.

    Attributes:
        team: the name, as the first competition of the series that ranks the team spells it.
        results: one for each competition, in their order; None: the team is not ranked there.
    """

    rank: int
    is_tied: bool
    team: str
    points: Fraction
    results: tuple[Result | None, ...]


def read(text: str, link: str) -> Round:
    """The competition whose board this JSON is: a leaderboard.json or final.json of version 1.

    Args:
        text: the file.
        link: where the board stands, from the page of the series.

    Raises:
        BadBoard: it is none; the message says what is missing.
    """
    try:
        board = json.loads(text)
    except (ValueError, RecursionError):
        raise BadBoard("is not JSON") from None
    if not isinstance(board, dict) or board.get("version") != 1:
        raise BadBoard("is no board of version 1")
    try:
        slug, title, host = (_text(board["competition"][name]) for name in ("slug", "title", "host"))
        ranked = [_place(row) for row in board["standings"] if row["rank"] is not None]
        if any(place.rank > len(ranked) for place in ranked):
            raise BadBoard("has a rank that is higher than the number of its teams")
        # No desk takes two names of one look; were there two, the better one counts, which stands first.
        places = {teams.look(place.team): place for place in reversed(ranked)}
        in_order = dict(reversed(places.items()))
        return Round(slug, title, host, _state(board), moments.read(board["as_of"]), in_order, len(ranked), link)
    except KeyError as missing:
        raise BadBoard(f"has no {missing}") from None
    except (TypeError, AttributeError, ValueError):
        raise BadBoard("has a value of another type than a board's") from None


def add_up(rounds: Sequence[Round], best: int | None = None) -> list[Total]:
    """The teams of all competitions by the sum of their points, the best first.

    Where a team is not ranked it gets nothing. With `best`, only that many of a team's results count, those with the
    most points. Equal sums share a rank (1, 2, 2, 4), and among them the names are in the order of the alphabet.
    Teams are the same if their names look the same (`teams.look`), as within a competition.
    """
    names: dict[str, str] = {}
    found = defaultdict[str, list[Result | None]](lambda: [None] * len(rounds))
    for column, one in enumerate(rounds):
        for look, place in one.places.items():
            names.setdefault(look, place.team)
            found[look][column] = Result(place, one.points(place.rank))
    totals = [_total(names[look], results, best) for look, results in found.items()]
    totals.sort(key=lambda total: (-total.points, total.team.casefold(), total.team))
    return _ranked(totals)


def html(title: str, rounds: Sequence[Round], totals: Sequence[Total], best: int | None = None) -> str:
    """The page: one file without scripts, with the rule on it."""
    style = asset("base.css") + asset("series.css")
    ranks = [total.rank for total in totals]
    facts = {
        "title": title,
        "rounds": rounds,
        "totals": totals,
        "best": best,
        "full": FULL,
        "most": FULL * min(best or len(rounds), len(rounds)),
        "discs": [rank for rank in range(1, 4) if 0 < ranks.count(rank) <= 4 - rank],
        "style": Markup(style),  # noqa: S704 - our own file
        "digest": digest(style),
    }
    return template("series.html", shown=shown, bars=bars).render(facts)


def shown(points: Fraction) -> str:
    """With one decimal, rounded down: rounding promotes nobody."""
    tenths = math.floor(points * 10)
    return f"{tenths // 10:,}.{tenths % 10}"


def bars(total: Total, most: int) -> list[tuple[str, str]]:
    """The results that count as parts of one bar: left edge and width, in percent of the `most` there can be."""
    left, parts = Fraction(0), []
    for result in total.results:
        if result is not None and result.counts:
            width = 100 * result.points / most
            parts.append((f"{float(left):.2f}%", f"{float(width):.2f}%"))
            left += width
    return parts


def _place(row: Mapping[str, Any]) -> Place:
    rank = row["rank"]
    if not isinstance(rank, int) or rank < 1:
        raise TypeError
    return Place(_text(row["team"]), rank, row["is_tied"] is True)


def _state(board: Mapping[str, Any]) -> str:
    if board["board"] == "private":
        return "final"
    state = _text(board["phase"])
    return "frozen" if state == "open" and board.get("frozen_at") else state


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _total(team: str, results: Sequence[Result | None], best: int | None) -> Total:
    got = [(result.points, -column) for column, result in enumerate(results) if result is not None]
    counted = {-column for _, column in sorted(got, reverse=True)[:best]}
    kept = tuple(result and replace(result, counts=column in counted) for column, result in enumerate(results))
    points = sum((result.points for result in kept if result and result.counts), Fraction(0))
    return Total(0, False, team, points, kept)


def _ranked(totals: Iterable[Total]) -> list[Total]:
    ranked: list[Total] = []
    sharing = defaultdict[Fraction, int](int)
    for place, total in enumerate(totals, start=1):
        sharing[total.points] += 1
        is_level = ranked and ranked[-1].points == total.points
        ranked.append(replace(total, rank=ranked[-1].rank if is_level else place))
    return [replace(total, is_tied=sharing[total.points] > 1) for total in ranked]
