"""`podium run`: the desk's work, once or again and again."""

import time

import click

from commands.board import entries_of, write_now
from commands.desk import grade_all, receive_all
from commands.edits import stamp
from commands.exits import DONE, ORGANISER, REFUSED
from commands.host import Session, in_competition
from commands.keeper import BESIDE, keep_beside
from commands.schedule import stray_note
from submissions import moments, schedule
from submissions.errors import OrganiserError
from submissions.folder import RULES


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
@click.option("--beside", type=int, hidden=True, help="End when the process of this number, which began us, is gone.")
@in_competition
@click.pass_context
def run(context: click.Context, session: Session, watch: bool, every: float, beside: int | None) -> None:
    """Receive, grade and publish; once, or continuously.

    \b
    Example: podium run -C fashion-mnist --watch
    """
    watched = _Watch(session, BESIDE if beside else "")
    if not watch:
        context.exit(watched.once())
    click.echo(f"watching {session.folder.inbox}; Ctrl-C ends it")
    try:
        if beside is not None:
            keep_beside(watched.look, session.folder, beside, every)
        while beside is None:
            watched.look()
            time.sleep(every)
    except KeyboardInterrupt:
        click.echo("\nended; what has a receipt is kept")


class _Watch:
    """The desk's work again and again: what was told is not told again, what did not change is not written again."""

    def __init__(self, session: Session, desk: str = "") -> None:
        from submissions.inbox import Inbox

        self._session, self._inbox, self._desk = session, Inbox(session.folder.inbox), desk
        self._stamp = stamp(session.folder)
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
            head, rules = view.head(), schedule.now_in_force(self._session.competition, view)
        now = self._session.host.clock()
        is_frozen = rules.freezes_at is not None and now >= rules.freezes_at
        state = (head.seq if head else 0, rules.phase(now), is_frozen)
        if state != self._shown:
            write_now(self._session, self._desk)
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
        now = stamp(folder)
        if now == self._stamp:
            return
        folder.competition()
        what = RULES if now.rules != self._stamp.rules else "the solution or the metric"
        click.echo(f"{moments.shown(self._session.host.clock())}: {what} was edited, and holds from now on")
        self._session, self._inbox = Session(folder, self._session.host), Inbox(folder.inbox)
        self._stamp, self._shown = now, None
        if note := stray_note(self._session.competition, entries_of(self._session)):
            click.echo(note)

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
