"""The board's commands: publish what stands, and reveal what was hidden."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.final import measure_final
from commands.host import Moment, Session, in_competition
from submissions import moments, schedule
from submissions.errors import OrganiserError, Refused

if TYPE_CHECKING:
    from leaderboard.standings import Board
    from submissions.competition import Competition
    from submissions.record.entries import Entry
    from submissions.record.view import View


class TooEarly(Refused):
    """The private board is asked for before it may be shown."""


@click.command
@click.option("--as-of", type=Moment(), help="The moment to show [default: now].")
@in_competition
def publish(session: Session, as_of: datetime | None) -> None:
    """Write the board into leaderboard/.

    The same moment gives the same bytes.

    \b
    Example: podium publish -C fashion-mnist --as-of 2026-12-01T12:00:00Z
    """
    now = session.host.clock()
    if as_of is not None and as_of > now:
        raise click.UsageError(f"--as-of {as_of.isoformat()} lies in the future: a board shows what has happened")
    written = write_board(session, as_of) if as_of else write_now(session)
    click.echo(f"{session.folder.leaderboard}: {len(written)} files written")


@click.command
@click.option("--rehearse", is_flag=True, help="Write the ceremony's page only, and show nothing yet.")
@in_competition
def reveal(session: Session, rehearse: bool) -> None:
    """Show the private board, after the deadline.

    Every submission must have its grade. For a hall, begin with --rehearse: grader/reveal.html shows the ranking from
    the last place to the first, a key press at a time; then reveal.

    \b
    Example: podium reveal -C fashion-mnist
    """
    from leaderboard import words

    if rehearse:
        click.echo(f"the ceremony: {_rehearse(session, session.host.clock())}; it holds the final scores")
        return
    board = reveal_board(session)
    for row in board.rows[:3]:
        if row.rank is not None and row.score is not None:
            click.echo(f"{words.rank(row):>3}  {words.score(row.score, board.metric)}  {row.team}")
    click.echo(f"the private board is public: {session.folder.leaderboard / 'final.html'}")


def reveal_board(session: Session) -> "Board":
    """Record the reveal, once, and publish; the private board."""
    from leaderboard.standings import gather
    from leaderboard.visible import is_revealed

    now = session.host.clock()
    _rehearse(session, now)
    with session.ledger() as ledger, ledger.writing() as transaction:
        rules = _refuse_early(session, transaction, now)
        if not is_revealed(rules, transaction.entries("revealed")):
            transaction.append("revealed", now, {})
    write_now(session)
    return gather(session.competition, entries_of(session), session.host.clock(), "private")


def _rehearse(session: Session, now: datetime) -> Path:
    """Write the ceremony's page into the private room."""
    from leaderboard.publish import rehearse

    with session.ledger() as ledger, ledger.reading() as view:
        _refuse_early(session, view, now)
        entries = list(view.entries())
    return rehearse(session.competition, entries, now, session.folder.grader)


def _renew_ceremony(session: Session) -> None:
    """The ceremony's page, if there is one, is of the standings as they are now; or there is none."""
    from leaderboard.ceremony import PAGE

    path = session.folder.grader / PAGE
    if path.exists():
        try:
            _rehearse(session, session.host.clock())
        except (OrganiserError, Refused):
            path.unlink()


def _refuse_early(session: Session, view: "View", now: datetime) -> "Competition":
    """The rules in force; TooEarly while anybody may send, or a grade is missing."""
    from grader.marking import refuse_stale

    rules = schedule.now_in_force(session.competition, view)
    if not rules.is_over(now):
        end = "the end of the last extension" if rules.extensions else "the deadline"
        raise TooEarly(f"the private board is shown after {end}, {moments.shown(rules.last_end)}")
    if waiting := len(list(view.ungraded())):
        raise TooEarly(f"not every submission has its grade ({waiting} wait): run podium grade first")
    refuse_stale(view, session.judge)
    return rules


def write_now(session: Session, desk: str = "") -> list[Path]:
    """Write the site as it is now, with how sure the final board is; the files that changed.

    `desk`: where the web desk stands, seen from the site; "": where the rules say, if they do.
    """
    measure_final(session)
    _renew_ceremony(session)
    with session.ledger() as ledger, ledger.reading() as view:
        head = view.head()
    now = session.host.clock()
    # Where the clock was set back, nothing that was recorded before leaves the board.
    return write_board(session, max(now, head.at) if head else now, desk)


def write_board(session: Session, as_of: datetime, desk: str = "") -> list[Path]:
    """Write the site as of this moment; the files that changed. `desk` as in `write_now`."""
    from leaderboard.publish import publish as write

    return write(session.competition, entries_of(session), as_of, session.folder.leaderboard, desk=desk)


def entries_of(session: Session) -> "list[Entry]":
    """All entries of the ledger."""
    with session.ledger() as ledger, ledger.reading() as view:
        return list(view.entries())
