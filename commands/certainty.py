"""How sure the final board is: measured by the grader, kept in the ledger, shown by the board."""

from typing import TYPE_CHECKING

import click

from commands.host import Session
from commands.progress import following
from submissions.errors import OrganiserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leaderboard.standings import Board
    from submissions.entries import Entry


def measure_final(session: Session) -> None:
    """Measure the intervals and ranks of the final board, if that was not done for its standings as they are now.

    Where it cannot be done, that is told, and the board is shown without.
    """
    from leaderboard import certainty
    from leaderboard.standings import gather

    with session.ledger() as ledger, ledger.reading() as view:
        entries = list(view.entries())
    board = gather(session.competition, entries, session.host.clock(), "private")
    if not board.is_revealed or session.competition.has_own_metric or not certainty.is_due(board, entries):
        return
    try:
        _measure(session, board, entries)
    except OrganiserError as trouble:
        click.echo(f"the final board has no intervals: {trouble}", err=True)


def _measure(session: Session, board: "Board", entries: "Sequence[Entry]") -> None:
    from grader.certainty import certainty_of
    from grader.marking import refuse_stale

    ranked = [row for row in board.rows if row.state == "ranked"]
    digests = {entry.submission: entry.file for entry in entries if entry.kind == "received"}
    with session.ledger() as ledger:
        with ledger.reading() as view:
            refuse_stale(view, session.judge)
        files, scores = [digests[row.submission] or "" for row in ranked], [row.score or 0.0 for row in ranked]
        with following("measuring how sure the final ranks are") as tell:

            def progress(done: int, total: int) -> None:
                tell(f"{100 * done // max(total, 1)} %")

            rows = certainty_of(session.judge, session.folder.ledger, files, scores, progress)
        told = [[row.submission, row.score, *one] for row, one in zip(ranked, rows, strict=True)]
        with ledger.writing() as transaction:
            transaction.append("measured", session.host.clock(), {"standings": told})
