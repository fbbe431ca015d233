"""`podium extend` and `podium deadline move`: more time for one team, or another deadline for all."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from commands.host import Moment, Session, in_competition
from submissions import moments, schedule

if TYPE_CHECKING:
    from submissions.competition import Competition
    from submissions.record.entries import Entry

_NEXT = "the rules page shows it, with the reason, after: podium publish (podium serve does that by itself)"


@click.command
@click.argument("team")
@click.option("--until", required=True, type=Moment(), help="The last second that counts for it; the deadline ends it.")
@click.option("--because", required=True, metavar="TEXT", help="Why; shown on the rules page.")
@in_competition
def extend(session: Session, team: str, until: datetime, because: str) -> None:
    """Give one team more time than the others.

    It may send and select until then, and the reveal waits for it. The last extension of a team counts: give it again
    to change it, or with the deadline itself to end it. What has a receipt in time stays in time. Everybody can read
    the name, the moment and the reason on the rules page.

    \b
    Example: podium extend Ada --until 2026-12-10T23:59:59-12:00 --because "was ill" -C fashion-mnist
    """
    with session.ledger() as ledger:
        now = session.host.clock()
        name, rules = schedule.extend(ledger, session.competition, team, until, because=because, now=now)
    extension = rules.extensions.get(name)
    if extension is None:
        click.echo(f"team {name}: the extension is ended; the deadline holds, {moments.shown(rules.deadline)}")
    else:
        click.echo(f"team {name} has time until {moments.shown(extension)}")
        click.echo(f"the reveal waits until {moments.shown(rules.last_end)}")
    click.echo(_NEXT)


@click.group
def deadline() -> None:
    """Move the deadline of all.

    \b
    Example: podium deadline move 2026-12-09T23:59:59-12:00 --because "the server was down" -C fashion-mnist
    """


@deadline.command("move")
@click.argument("to", metavar="ISO", type=Moment())
@click.option("--because", required=True, metavar="TEXT", help="Why; shown on the rules page.")
@in_competition
def move(session: Session, to: datetime, because: str) -> None:
    """Move the deadline, later or earlier.

    It holds from now on, whatever competition.toml says. A later deadline lets more submissions count; an earlier one
    takes nothing back: what was in time when it was received stays in time.

    \b
    Example: podium deadline move 2026-12-09T23:59:59-12:00 --because "the server was down" -C fashion-mnist
    """
    with session.ledger() as ledger:
        now = session.host.clock()
        rules = schedule.move(ledger, session.competition, to, because=because, now=now)
        with ledger.reading() as view:
            note = stray_note(rules, view.entries(*schedule.KINDS))
    click.echo(f"the deadline is {moments.shown(rules.deadline)}")
    for line in filter(None, (_freeze_told(rules, now), *_extensions_told(rules), note, _NEXT)):
        click.echo(line)


def stray_note(competition: "Competition", entries: "Iterable[Entry]") -> str:
    """What is told of a deadline in the file that no longer holds and was edited since; nothing if all is well."""
    entries = list(entries)
    if not schedule.is_strayed(competition, entries):
        return ""
    rules = schedule.in_force(competition, entries)
    assert rules.written_deadline is not None
    return (
        f"competition.toml says {moments.shown(rules.written_deadline)}, but the deadline was moved and is "
        f"{moments.shown(rules.deadline)}: to change it, run podium deadline move"
    )


def _freeze_told(rules: "Competition", now: datetime) -> str:
    """What becomes of the freeze that the rules say; nothing if they say none."""
    at = rules.freezes_at
    if at is None:
        return ""
    return f"the board is frozen {'since' if at <= now else 'from'} {moments.shown(at)}"


def _extensions_told(rules: "Competition") -> list[str]:
    """The teams that have more time than the new deadline gives."""
    return [f"team {team} has time until {moments.shown(at)}" for team, at in sorted(rules.extensions.items())]
