"""How sure the final board is: intervals and rank sets, which the grader measured and the ledger holds."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from submissions.record.entries import Entry

if TYPE_CHECKING:
    from leaderboard.standings import Board, Standing

KIND = "measured"


def is_due(board: "Board", entries: Iterable[Entry]) -> bool:
    """Whether nothing was measured yet of the standings as they are now on this board."""
    return bool(_ranked(board.rows)) and _fitting(board.rows, entries) is None


def attached(rows: "Sequence[Standing]", entries: Iterable[Entry]) -> "tuple[Standing, ...]":
    """The final board's rows with what was measured of them; as they are, if that was of other standings."""
    entry = _fitting(rows, entries)
    if entry is None:
        return tuple(rows)
    found = {submission: (interval, ranks) for submission, _, interval, ranks in entry.body["standings"]}
    return tuple(_with(row, *found[row.submission]) if row.state == "ranked" else row for row in rows)


def _with(row: "Standing", interval: list[float] | None, ranks: list[int] | None) -> "Standing":
    return replace(
        row,
        interval=(interval[0], interval[1]) if interval else None,
        ranks=(ranks[0], ranks[1]) if ranks else None,
    )


def _fitting(rows: "Sequence[Standing]", entries: Iterable[Entry]) -> Entry | None:
    last = None
    for entry in entries:
        last = entry if entry.kind == KIND else last
    if last is None:
        return None
    return last if [[*one[:2]] for one in last.body["standings"]] == _ranked(rows) else None


def _ranked(rows: "Sequence[Standing]") -> list[list[float | None]]:
    return [[row.submission, row.score] for row in rows if row.state == "ranked"]
