"""`podium kit`: what participants get, made again from the data files and the rules."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from commands.host import Session, in_competition
from commands.linting import Allowance, refuse_leaks, with_allowance
from submissions import files

if TYPE_CHECKING:
    from starter.kit import Kit
    from submissions.competition import Competition
    from submissions.folder import Folder


@click.command
@with_allowance
@in_competition
def kit(session: Session, allowance: Allowance) -> None:
    """Make the starter kit again, and its zip.

    After competition.toml or a file in starter/ was changed. The data files stay as they are, and so does what you
    have edited yourself; the zip takes in every file of starter/. Stops where a public file gives hidden labels away.

    \b
    Example: podium kit -C fashion-mnist
    """
    from starter.kit import zip_name

    refuse_leaks(session, allowance)
    made = write_kit(session.folder, session.in_force())
    for path in made.kept:
        kept = "kept as you edited it, whatever the rules say now; delete it, and the next podium kit makes it anew"
        click.echo(f"{path.name}: {kept}")
    names = ", ".join(path.name for path in made.written) or "nothing: the kit was up to date"
    click.echo(f"written: {names}")
    click.echo(f"give participants {session.folder.starter / zip_name(session.competition)}")


def write_kit(folder: "Folder", competition: "Competition") -> "Kit":
    """Write the kit, and keep in the grader's room which of its files are as Podium made them."""
    from starter import kit as kits

    written = kits.write(folder.starter, competition, folder.rules.read_bytes(), _made(folder))
    files.place(folder.kit_record, (json.dumps(dict(written.made), indent=1, sort_keys=True) + "\n").encode())
    return written


def _made(folder: "Folder") -> Mapping[str, str]:
    try:
        record = json.loads(folder.kit_record.read_bytes())
    except (OSError, ValueError):
        return {}  # without it every file counts as edited: nothing of the organiser's is lost
    return record if isinstance(record, dict) else {}
