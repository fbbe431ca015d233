"""`podium backup` and `podium restore`: a copy of the ledger, and a ledger of a copy."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.host import Session, in_competition
from commands.progress import counting

if TYPE_CHECKING:
    from submissions.record.backup import Copy

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command
@click.argument("path", metavar="FILE", type=_FILE)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@in_competition
def backup(session: Session, path: Path, force: bool) -> None:
    """Copy the ledger to FILE, while the competition goes on.

    FILE is a ledger of SQLite, wherever the ledger lies, with all that the ledger holds: who may come in, too. So keep
    it as you keep the ledger. It is proved before it gets its name.

    \b
    Example: podium backup ~/backups/fashion-mnist.db -C fashion-mnist
    """
    from submissions.record import backup as copies

    if path.exists() and not force:
        raise click.UsageError(f"{path} is there already; another name, or --force to replace it")
    with session.ledger() as ledger:
        with ledger.reading() as view:
            rows = copies.size(view)
        with counting("copying", rows) as tell:
            made = copies.back_up(ledger, path, tell, replace=force)
    click.echo(f"{path}: {_told(made)}")


@click.command
@click.argument("path", metavar="FILE", type=_FILE)
@in_competition
def restore(session: Session, path: Path) -> None:
    """Put the copy in FILE where the ledger is to lie.

    FILE is a copy by `podium backup`, or a ledger's file itself, of this podium or an older one. It is proved first,
    and what is there already is never written over. With PODIUM_DATABASE set, the ledger is put into that database.

    \b
    Example: podium restore ~/backups/fashion-mnist.db -C fashion-mnist
    """
    from contextlib import ExitStack

    from submissions.record import backup as copies

    session.demand_desk()
    with ExitStack() as bars:
        made = copies.restore(path, session.place, lambda rows: bars.enter_context(counting("copying", rows)))
    click.echo(f"restored: {_told(made)}")


def _told(made: "Copy") -> str:
    return f"{made.entries:,} entries, and all hold; the head is {made.head or 'empty'}"
