"""`podium freeze`: the public board stands still until the reveal."""

import click

from commands.board import write_now
from commands.host import Session, in_competition
from submissions import moments, schedule
from submissions.errors import Refused


class CannotFreeze(Refused):
    """The board is frozen already, or is not; or the competition is revealed."""


@click.command
@click.option("--undo", is_flag=True, help="Let the board move again.")
@in_competition
def freeze(session: Session, undo: bool) -> None:
    """Freeze the public board until the reveal, and write it.

    What arrives from now on is received, graded and answered as before, and shown by no page until podium reveal. The
    rules can say it beforehand: freeze_hours under [schedule].

    \b
    Example: podium freeze -C fashion-mnist
    """
    from leaderboard import visible

    with session.ledger() as ledger, ledger.writing() as transaction:
        # The clock after the lock: whatever was recorded before the freeze is not from after it.
        entries, now = list(transaction.entries("frozen", "thawed", "revealed")), session.host.clock()
        rules = schedule.now_in_force(session.competition, transaction)
        if visible.is_revealed(rules, entries):
            raise CannotFreeze("the private board is public: there is nothing to freeze")
        since = visible.frozen_at(rules, entries, now)
        if not undo and since is not None:
            raise CannotFreeze(f"the board is frozen since {moments.shown(since)}")
        if undo and (since is None or since == rules.freezes_at):
            told = "by the rules: change freeze_hours in competition.toml" if since else "not frozen"
            raise CannotFreeze(f"the board is {told}")
        entries.append(transaction.append("thawed" if undo else "frozen", now, {}))
    write_now(session)
    since = visible.frozen_at(rules, entries, now)
    click.echo(f"the board is frozen since {moments.shown(since)}" if since else "the board moves again")
