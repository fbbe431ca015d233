"""`podium check`: a participant's own look at a file, without labels."""

from pathlib import Path

import click

from commands.exits import REFUSED
from commands.host import Session, in_competition
from commands.reports import refusal
from submissions import predictions
from submissions.faults import InvalidSubmission
from submissions.shown import harmless


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@in_competition
@click.pass_context
def check(context: click.Context, session: Session, file: Path) -> None:
    """Find every fault in a submission, or say that it is ready.

    Needs competition.toml and the sample submission, no labels; nothing is sent.

    \b
    Example: podium check submission.csv -C fashion-mnist
    """
    data = predictions.read_bytes(file, session.competition)
    try:
        predictions.read(data, session.competition, session.row_ids)
    except InvalidSubmission as invalid:
        click.echo(refusal(file, invalid.faults))
        context.exit(REFUSED)
    click.echo(f"{harmless(str(file))}: ready to submit ({len(session.row_ids):,} predictions)")
