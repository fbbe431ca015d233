"""The board's commands: publish what stands, reveal what was hidden, and go on doing the desk's work."""

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.desk import grade_all, receive_all
from commands.exits import DONE, ORGANISER, REFUSED
from commands.final import measure_final
from commands.host import Moment, Session, in_competition
from submissions import moments
from submissions.errors import OrganiserError, Refused
from submissions.folder import RULES

if TYPE_CHECKING:
    from leaderboard.standings import Board
    from submissions.entries import Entry
    from submissions.ledger import View


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


@click.command
@click.option("--watch", is_flag=True, help="Go on until Ctrl-C.")
@click.option(
    "--every",
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    type=click.FloatRange(min=0.05, max=86_400),
    help="With --watch: how often to look.",
)
@in_competition
@click.pass_context
def run(context: click.Context, session: Session, watch: bool, every: float) -> None:
    """Receive, grade and publish; once, or continuously.

    \b
    Example: podium run -C fashion-mnist --watch
    """
    watched = _Watch(session)
    if not watch:
        context.exit(watched.once())
    click.echo(f"watching {session.folder.inbox}; Ctrl-C ends it")
    try:
        while True:
            watched.look()
            time.sleep(every)
    except KeyboardInterrupt:
        click.echo("\nended; what has a receipt is kept")


def reveal_board(session: Session) -> "Board":
    """Record the reveal, once, and publish; the private board."""
    from leaderboard.standings import gather
    from leaderboard.visible import is_revealed

    now = session.host.clock()
    _rehearse(session, now)
    with session.ledger() as ledger, ledger.writing() as transaction:
        _refuse_early(session, transaction, now)
        if not is_revealed(session.competition, transaction.entries("revealed")):
            transaction.append("revealed", now, {})
    write_now(session)
    return gather(session.competition, _entries(session), session.host.clock(), "private")


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


def _refuse_early(session: Session, view: "View", now: datetime) -> None:
    from grader.marking import refuse_stale

    if session.competition.phase(now) != "closed":
        raise TooEarly(f"the private board is shown after the deadline, {moments.shown(session.competition.deadline)}")
    if waiting := len(list(view.ungraded())):
        raise TooEarly(f"not every submission has its grade ({waiting} wait): run podium grade first")
    refuse_stale(view, session.judge)


def write_now(session: Session) -> list[Path]:
    """Write the site as it is now, with how sure the final board is; the files that changed."""
    measure_final(session)
    _renew_ceremony(session)
    return write_board(session, session.host.clock())


def write_board(session: Session, as_of: datetime) -> list[Path]:
    """Write the site as of this moment; the files that changed."""
    from leaderboard.publish import publish as write

    return write(session.competition, _entries(session), as_of, session.folder.leaderboard)


class _Watch:
    """The desk's work again and again: what was told is not told again, what did not change is not written again."""

    def __init__(self, session: Session) -> None:
        from submissions.inbox import Inbox

        self._session, self._inbox = session, Inbox(session.folder.inbox)
        self._rules, self._hidden = session.folder.rules.read_bytes(), _hidden(session)
        self._shown: tuple[int, str, bool] | None = None
        self._trouble = ""

    def receive(self) -> bool:
        return receive_all(self._session, self._inbox)

    def grade(self) -> bool:
        return grade_all(self._session)

    def publish(self) -> None:
        """Write the board if what it depends on has changed: the ledger's length, the phase, the freeze."""
        # The head before the clock: an entry that comes in between is shown now or at the next look, never missed.
        with self._session.ledger() as ledger, ledger.reading() as view:
            head = view.head()
        now = self._session.host.clock()
        rules = self._session.competition
        is_frozen = rules.freezes_at is not None and now >= rules.freezes_at
        state = (head.seq if head else 0, rules.phase(now), is_frozen)
        if state != self._shown:
            write_now(self._session)
            self._shown = state

    def once(self) -> int:
        """All three, and the exit code; what cannot be graded now does not keep the board from being written."""
        is_refused, trouble, is_failed = self.receive(), None, False
        try:
            is_failed = self.grade()
        except OrganiserError as error:
            trouble = error
        self.publish()
        click.echo(f"board: {self._session.folder.leaderboard / 'index.html'}")
        if trouble is not None:
            raise trouble
        return ORGANISER if is_failed else REFUSED if is_refused else DONE

    def _follow_rules(self) -> None:
        """Begin anew if rules, solution or metric were changed; until the rules are sound, the old ones hold."""
        from submissions.inbox import Inbox

        folder = self._session.folder
        rules, hidden = folder.rules.read_bytes(), _hidden(self._session)
        if (rules, hidden) == (self._rules, self._hidden):
            return
        folder.competition()
        what = RULES if rules != self._rules else "the solution or the metric"
        click.echo(f"{moments.shown(self._session.host.clock())}: {what} was edited, and holds from now on")
        self._session, self._inbox = Session(folder, self._session.host), Inbox(folder.inbox)
        self._rules, self._hidden, self._shown = rules, hidden, None

    def look(self) -> None:
        """All three; what stops one, such as a ledger that another program holds, stops neither the others nor us."""
        trouble = ""
        for step in (self._follow_rules, self.receive, self.grade, self.publish):
            try:
                step()
            except (OrganiserError, OSError) as error:
                trouble += f"{error}; trying again\n"
        if trouble and trouble != self._trouble:
            click.echo(f"{moments.shown(self._session.host.clock())}: {trouble}", nl=False, err=True)
        self._trouble = trouble


def _hidden(session: Session) -> list[tuple[str, int, int]]:
    """What shows that the solution or the organiser's metric is another one: names, times and sizes."""
    paths = [path for path in session.folder.grader.iterdir() if path.suffix in {".csv", ".py"}]
    return sorted((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in paths)


def _entries(session: Session) -> "list[Entry]":
    with session.ledger() as ledger, ledger.reading() as view:
        return list(view.entries())
