"""The shake-up: how far the private board's order lies from the public one's."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from leaderboard.standings import Board

TOP = 10
_FARTHEST = 3


@dataclass(frozen=True, slots=True)
class Move:
    """A team's way from its public to its private rank."""

    team: str
    team_id: str
    before: int
    after: int

    @property
    def places(self) -> int:
        """How many ranks it gained; negative: lost."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Shake:
    """The figures of a shake-up, over the teams that both boards rank.

    Attributes:
        teams: how many both boards rank.
        tau: Kendall's tau-b of the two orders, 1 for the same and -1 for the reverse; None where fewer than two teams
            are ranked, or a board ranks them all the same.
        distance: how many ranks a team moved, on average.
        top: how many stood in the public board's first ten.
        kept: how many of these stand in the private board's first ten.
        risers, fallers: those that gained and lost the most ranks, the farthest first; three at most.
    """

    teams: int
    tau: float | None
    distance: float
    top: int
    kept: int
    risers: tuple[Move, ...]
    fallers: tuple[Move, ...]


def moves(public: Board, private: Board) -> tuple[Move, ...]:
    """The way of each team that both boards rank, in the private board's order."""
    before = {row.team_id: row.rank for row in public.rows if row.rank is not None}
    return tuple(
        Move(row.team, row.team_id, before[row.team_id], row.rank)
        for row in private.rows
        if row.rank is not None and row.team_id in before
    )


def shake(public: Board, private: Board) -> Shake:
    """The figures for the two boards of a competition."""
    made = moves(public, private)
    top = [move for move in made if move.before <= TOP]
    return Shake(
        teams=len(made),
        tau=_tau([(move.before, move.after) for move in made]),
        distance=sum(abs(move.places) for move in made) / len(made) if made else 0.0,
        top=len(top),
        kept=sum(move.after <= TOP for move in top),
        risers=_farthest([move for move in made if move.places > 0]),
        fallers=_farthest([move for move in made if move.places < 0]),
    )


def sentences(figures: Shake) -> tuple[str, ...]:
    """The figures in words, for the final board; none for fewer than two teams."""
    if figures.teams < 2:  # noqa: PLR2004 - one team has no order
        return ()
    said = [f"From the public to the private board a team moved {figures.distance:.1f} ranks on average."]
    if figures.tau is not None:
        said.append(
            f"Kendall's τ of the two orders is {_written(figures.tau)}, where 1 is the same order, 0 is chance and "
            "−1 is the reverse."
        )
    if figures.teams > TOP:
        said.append(f"Of the {figures.top} teams in the public first ten, {figures.kept} are in the final one.")
    return tuple(said)


def _tau(ranks: Sequence[tuple[int, int]]) -> float | None:
    from scipy.stats import kendalltau

    if len(ranks) < 2:  # noqa: PLR2004 - one team has no order
        return None
    tau = float(kendalltau(*zip(*ranks, strict=True)).statistic)
    return None if math.isnan(tau) else tau


def _written(tau: float) -> str:
    """To two decimals, but 1.00 and -1.00 only for what is just that."""
    is_exact = math.isclose(abs(tau), 1, abs_tol=1e-12)
    bounded = tau if is_exact else max(-0.99, min(0.99, tau))
    return f"{bounded:z.2f}".replace("-", "−")


def _farthest(made: Sequence[Move]) -> tuple[Move, ...]:
    return tuple(sorted(made, key=lambda move: (-abs(move.places), move.after))[:_FARTHEST])
