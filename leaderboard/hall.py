"""The hall view: the first ten, legible from the last row, on a page that reloads itself."""

from dataclasses import replace

from leaderboard import axis as axes
from leaderboard import movement, rows, sheet
from leaderboard.axis import Axis
from leaderboard.standings import Board, Standing

PAGE = "hall.html"
TOP = 10
RELOAD_SECONDS = 60
_MARGIN = 0.02


def html(board: Board, *, before: Board | None = None) -> str:
    """The page, of the public board, or of the private one once it is revealed.

    Dark; `hall.html#light` is light, for a bright room. It works from a folder, and reloads without JavaScript too.

    Args:
        board: all that it shows is what everybody may see.
        before: what its ranks are compared with: `movement.day_before`.
    """
    ranked = [row for row in board.rows if row.rank is not None]
    last = {row.team_id for row in ranked[TOP:]}
    kept = [row for row in board.rows if (row.rank and row.team_id not in last) or _is_baseline(row)]
    short = replace(board, rows=tuple(kept))
    axis = axis_of(short)
    shown = list(rows.of(short, axis, movement.moves(board, before)))
    first = next((row for row in shown if row.rank == 1), None)
    return sheet.fill(
        "hall.html",
        ["stage.css", "hall.css"],
        "hall.js",
        board=board,
        competition=board.competition,
        rows=[row for row in shown if row.rank is not None],
        stripes=[row for row in shown if row.state == "baseline" and not row.side],
        first=first,
        sharing=sum(row.rank == ranked[TOP - 1].rank for row in ranked[TOP:]),
        frozen_at=board.frozen_at,
        seconds=RELOAD_SECONDS,
    )


def axis_of(board: Board) -> Axis | None:
    """The axis of the board's page, widened to hold the intervals of all teams that stand on it; None: no scores."""
    found = axes.of(board)
    if found is None:
        return None
    teams = [row for row in board.rows if row.is_team and row.interval and row.score is not None]
    ends = [end for row in teams if row.score is not None and not found.side(row.score) for end in row.interval or ()]
    low, high = min([found.low, *ends]), max([found.high, *ends])
    margin = _MARGIN * (high - low)
    return Axis(
        low=low - margin if low < found.low else low,
        high=high + margin if high > found.high else high,
        ticks=(),
        stripes=(),
        band=None,
        labels=(),
    )


def _is_baseline(row: Standing) -> bool:
    return row.state == "baseline" and row.score is not None
