"""The ceremony: the final order, from the last place to the first, one step at a press of the clicker.

The page holds every private score: it is for the private room, and for the screen of whoever hands out the prizes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from leaderboard import sheet, words
from leaderboard.standings import Board, Standing

PAGE = "reveal.html"
TOP = 10  # places that are told one by one
NEAR = 50  # places down to here pass twenty at a time
FAR = 290  # and down to here forty at a time; those behind pass in one step, by number
_ROWS = 10
_NAMES = ("", "First place", "Second place", "Third place")

Kind = Literal["start", "pass", "rest", "score", "name", "card", "end"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a press of the clicker brings.

    Attributes:
        kind: "start": the public board beside empty places; "pass": some places at once; "rest": places that are only
            counted; "score" and "name" of one place; "card": its award; "end": everything.
        places: those that it is about, counted from 1 whatever the ties; empty for "start" and "end".
    """

    kind: Kind
    places: range


@dataclass(frozen=True, slots=True)
class Place:
    """A team in the final order.

    Attributes:
        place: counted from 1: where the team stands on the screen.
        rank: what it has won, such as "2" or "2=".
        disc: 1 to 3 for a disc and an award; 0: neither.
        before: its public rank; None: it had none.
        gained: ranks gained since; None: it had no rank.
        seat: its row on the public side, from 1; 0: below that.
    """

    team: str
    group: str
    place: int
    rank: str
    disc: int
    score: str
    before: int | None
    gained: int | None
    seat: int

    @property
    def award(self) -> str:
        """First place; "shared" behind it for a tie."""
        return _NAMES[self.disc] + (", shared" if self.rank.endswith("=") else "")

    @property
    def way(self) -> str:
        """Up 2 from public rank 3."""
        if self.before is None or self.gained is None:
            return "not on the public board"
        if not self.gained:
            return f"held public rank {self.before}"
        return f"{'up' if self.gained > 0 else 'down'} {abs(self.gained)} from public rank {self.before}"


def html(public: Board, private: Board) -> str:
    """The page; it works from a folder, and keeps its step in the address: `reveal.html#7`.

    Teams that are late, disqualified or without a score have no place in it, and baselines neither.

    Args:
        public: the board as it was last shown.
        private: the final one.
    """
    order = places(public, private)
    told = steps([place.disc > 0 for place in order])
    seats = [row for row in public.rows if row.rank is not None][:TOP]
    final = {row.team_id: row for row in private.rows if row.rank is not None}
    position = {team_id: place for place, team_id in enumerate(final, start=1)}
    return sheet.fill(
        "reveal.html",
        ["stage.css", "reveal.css"],
        "reveal.js",
        competition=private.competition,
        metric=private.metric,
        frozen_at=public.frozen_at,
        order=order,
        top=order[:TOP],
        steps=list(enumerate(told)),
        rows=_ROWS,
        at=_at(told),
        seats=[(row, final.get(row.team_id), position.get(row.team_id, 0)) for row in seats],
    )


def places(public: Board, private: Board) -> tuple[Place, ...]:
    """The ranked teams of the private board, in its order."""
    before = [row for row in public.rows if row.rank is not None]
    ranks = {row.team_id: row.rank for row in before}
    seats = {row.team_id: seat for seat, row in enumerate(before[:TOP], start=1)}
    discs = words.discs(private)
    groups = {team: group for group, teams in private.competition.groups.items() for team in teams}

    def place(number: int, row: Standing) -> Place:
        was = ranks.get(row.team_id)
        return Place(
            team=row.team,
            group=groups.get(row.team, ""),
            place=number,
            rank=words.rank(row),
            disc=row.rank if row.rank in discs else 0,
            score="" if row.score is None else words.score(row.score, private.metric),
            before=was,
            gained=None if was is None or row.rank is None else was - row.rank,
            seat=seats.get(row.team_id, 0),
        )

    ranked = [row for row in private.rows if row.rank is not None]
    return tuple(place(number, row) for number, row in enumerate(ranked, start=1))


def steps(awarded: Sequence[bool]) -> tuple[Step, ...]:
    """The steps for so many places, of which some have an award; the first is what stands before any press."""
    nothing = range(0)
    return (Step("start", nothing), *_passing(len(awarded)), *_one_by_one(awarded[:TOP]), Step("end", nothing))


def _passing(count: int) -> Iterator[Step]:
    """Those behind the first ten, the last ones first."""
    if count > FAR:
        yield Step("rest", range(FAR + 1, count + 1))
    for low, high, size in ((NEAR, FAR, 4 * _ROWS), (TOP, NEAR, 2 * _ROWS)):
        for start in reversed(range(low + 1, min(count, high) + 1, size)):
            yield Step("pass", range(start, min(start + size, count + 1, high + 1)))


def _one_by_one(awarded: Sequence[bool]) -> Iterator[Step]:
    for place in range(len(awarded), 0, -1):
        only = range(place, place + 1)
        yield Step("score", only)
        yield Step("name", only)
        if awarded[place - 1]:
            yield Step("card", only)


def _at(told: Sequence[Step]) -> dict[str, dict[int, int]]:
    """At which step a place's score and name are told, and the last that is about it."""
    score: dict[int, int] = {}
    name: dict[int, int] = {}
    last: dict[int, int] = {}
    for number, step in enumerate(told):
        for place in step.places:
            score.setdefault(place, number)
            last[place] = number
            if step.kind != "score":
                name.setdefault(place, number)
    return {"score": score, "name": name, "last": last}
