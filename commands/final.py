"""What is found out about the final board: how sure it is, and what the predictions teach.

The grader finds it, the ledger keeps it, the board shows it.
"""

from typing import TYPE_CHECKING, Any

import click

from commands.host import Session
from commands.progress import following, working
from submissions.errors import OrganiserError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from leaderboard.standings import Board, Standing
    from submissions.record.entries import Entry


def measure_final(session: Session) -> None:
    """Find out what the final board tells, if that was not done for its standings as they are now.

    Where it cannot be done, that is told, and the board is shown without.
    """
    from leaderboard import certainty, debrief
    from leaderboard.standings import gather

    with session.ledger() as ledger, ledger.reading() as view:
        entries = list(view.entries())
    board = gather(session.competition, entries, session.host.clock(), "private")
    if not board.is_revealed:
        return
    if not session.competition.has_own_metric and certainty.is_due(board, entries):
        try:
            _measure(session, board, entries)
        except OrganiserError as trouble:
            click.echo(f"the final board has no intervals: {trouble}", err=True)
    if debrief.is_due(board, entries):
        try:
            _debrief(session, board, entries)
        except OrganiserError as trouble:
            click.echo(f"the final board has no debrief: {trouble}", err=True)


def _measure(session: Session, board: "Board", entries: "Sequence[Entry]") -> None:
    from grader.certainty import certainty_of

    _refuse_stale(session)
    ranked = _ranked(board)
    scores = [row.score or 0.0 for row in ranked]
    with following("measuring how sure the final ranks are") as tell:

        def progress(done: int, total: int) -> None:
            tell(f"{100 * done // max(total, 1)} %")

        files = _files(ranked, entries)
        rows = certainty_of(session.judge, session.place, files, scores, progress)
    told = [[row.submission, row.score, *one] for row, one in zip(ranked, rows, strict=True)]
    _record(session, "measured", {"standings": told})


def _debrief(session: Session, board: "Board", entries: "Sequence[Entry]") -> None:
    from grader.debrief import debrief
    from leaderboard.debrief import KIND, body

    _refuse_stale(session)
    with working("going through the predictions"):
        files = _files(_ranked(board), entries)
        found = debrief(session.judge, session.place, files, _images(session))
    _record(session, KIND, body(board, entries, found))


def _images(session: Session) -> "NDArray[np.uint8] | None":
    """The kit's test images in the order of the row ids; None if it has none, or they cannot be read, which is told."""
    import numpy as np

    from starter import kit_data

    if not (session.folder.starter / kit_data.TEST_IMAGES).exists():
        return None
    try:
        kit = kit_data.read(session.folder.starter, session.competition)
    except OrganiserError as trouble:
        click.echo(f"the debrief has no images: {trouble}", err=True)
        return None
    places = {row_id: place for place, row_id in enumerate(kit.row_ids)}
    if missing := [row_id for row_id in session.row_ids.texts if row_id not in places]:
        click.echo(f"the debrief has no images: {kit_data.TEST_IMAGES} lacks row id {missing[0]!r}", err=True)
        return None
    return np.asarray(kit.test_features)[[places[row_id] for row_id in session.row_ids.texts]]


def _ranked(board: "Board") -> "list[Standing]":
    return [row for row in board.rows if row.state == "ranked"]


def _files(ranked: "Sequence[Standing]", entries: "Sequence[Entry]") -> list[str]:
    """The digests of the files that count."""
    digests = {entry.submission: entry.file for entry in entries if entry.kind == "received"}
    return [digests[row.submission] or "" for row in ranked]


def _refuse_stale(session: Session) -> None:
    from grader.marking import refuse_stale

    with session.ledger() as ledger, ledger.reading() as view:
        refuse_stale(view, session.judge)


def _record(session: Session, kind: str, body: dict[str, Any]) -> None:
    with session.ledger() as ledger, ledger.writing() as transaction:
        transaction.append(kind, session.host.clock(), body)
