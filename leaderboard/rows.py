"""The rows of a page: each standing as the words and positions that are written, the same for HTML and for scripts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from leaderboard import words
from leaderboard.axis import Axis
from leaderboard.movement import Move
from leaderboard.standings import Board, Standing, State

MARKS: Mapping[State, str] = {
    "ranked": "",
    "baseline": "baseline",
    "quoted": "quoted",
    "late": "late",
    "unscored": "no score",
    "disqualified": "disqualified",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is shown; texts are plain, and "" stands for what there is not.

    Attributes:
        rank: None outside the ranking; `is_tied` puts "=" behind it.
        disc: 1 to 3 where the rank is drawn as a disc, else 0.
        move: how many ranks it rose in the board's time of comparison; see `movement`.
        is_far: drawn muted: clearly behind the first.
        score: rounded for the page.
        dot, low, high: positions on the axis of the score and of its interval; None: there is none.
        side: "below" or "above" where the score lies off the axis.
        ends: the interval's ends in words.
        ranks: the best and the worst rank that are not ruled out; None: not known.
        sent: how many submissions; None where nothing can be sent.
        last: the minute of the last of them, since 1970 in UTC.
    """

    id: str
    team: str
    state: State
    rank: int | None
    is_tied: bool
    disc: int
    move: Move
    is_far: bool
    score: str
    dot: int | None
    low: int | None
    high: int | None
    side: str
    ends: tuple[str, str] | None
    ranks: tuple[int, int] | None
    group: str
    sent: int | None
    last: int | None

    @property
    def place(self) -> str:
        """2, or 2= for a shared rank; nothing outside the ranking."""
        return "" if self.rank is None else f"{self.rank}=" if self.is_tied else str(self.rank)

    @property
    def mark(self) -> str:
        """The word for its state; nothing for a ranked team."""
        return MARKS[self.state]

    @property
    def last_at(self) -> datetime | None:
        """The minute of the last submission."""
        return None if self.last is None else datetime.fromtimestamp(self.last * 60, UTC)


def of(board: Board, axis: Axis | None, moves: Mapping[str, Move]) -> Iterator[Row]:
    """The rows of a board, in its order."""
    discs = words.discs(board)
    groups = {team: group for group, teams in board.competition.groups.items() for team in teams}
    leader = next((row for row in board.rows if row.rank == 1), None)
    # Many teams of a large board share a score.
    written, drawn = cache(partial(words.score, metric=board.metric)), cache(partial(_drawn, axis=axis))
    for row in board.rows:
        yield Row(
            id=row.team_id,
            team=row.team,
            state=row.state,
            rank=row.rank,
            is_tied=row.is_tied,
            disc=row.rank if row.rank is not None and row.rank in discs else 0,
            move=moves.get(row.team_id),
            is_far=_is_far(row, leader),
            score="" if row.score is None else written(row.score),
            **drawn(row.score, row.interval if row.is_team else None),
            ends=_ends(row, written),
            ranks=row.ranks,
            group=groups.get(row.team, "") if row.is_team else "",
            sent=row.submissions if row.is_team else None,
            last=int(row.last_at.timestamp() // 60) if row.is_team and row.last_at else None,
        )


def _drawn(score: float | None, interval: tuple[float, float] | None, axis: Axis | None) -> dict[str, Any]:
    if axis is None or score is None:
        return {"dot": None, "low": None, "high": None, "side": ""}
    low, high = (axis.at(end) for end in interval) if interval else (None, None)
    return {"dot": axis.at(score), "low": low, "high": high, "side": axis.side(score)}


def _ends(row: Standing, written: Callable[[float], str]) -> tuple[str, str] | None:
    if row.interval is None or not row.is_team:
        return None
    return written(row.interval[0]), written(row.interval[1])


def _is_far(row: Standing, leader: Standing | None) -> bool:
    """Where ranks are known they decide; else only what does not even touch the leader's interval is far.

    Intervals that overlap prove nothing: all teams are scored on the same rows.
    """
    if leader is None or row.rank is None:
        return False
    if leader.ranks is not None:
        return not row.may_be_first
    if leader.interval is None or row.interval is None:
        return False
    return row.interval[1] < leader.interval[0] or row.interval[0] > leader.interval[1]
