"""How the ranks have moved: a board beside an earlier one of the same competition."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal

from leaderboard.standings import Board, gather
from submissions.record.entries import Entry

DAY = timedelta(hours=24)
Move = int | Literal["new"] | None


def day_before(board: Board, entries: Iterable[Entry]) -> Board:
    """The same board 24 hours earlier, or before its freeze, from the entries that this one was gathered from.

    Raises:
        InvalidCompetition: the rules name a metric that is not offered.
    """
    return gather(board.competition, entries, (board.frozen_at or board.as_of) - DAY, board.board)


def moves(board: Board, before: Board | None) -> Mapping[str, Move]:
    """By how many ranks each ranked team is higher than before, by its id: below 0 it fell; "new": it had no rank.

    Nothing for a board without an earlier one, and where nobody had a rank then: all would be new.
    """
    then = {row.team_id: row.rank for row in before.rows if row.rank is not None} if before else {}
    if not then:
        return {}
    return {
        row.team_id: then[row.team_id] - row.rank if row.team_id in then else "new"
        for row in board.rows
        if row.rank is not None
    }
