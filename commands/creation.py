"""`podium new`: a competition's folder, whole or not at all."""

import secrets
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.board import write_board
from commands.host import Host, Moment, Session
from submissions import competition as competitions
from submissions import moments, rules_text
from submissions.folder import RULES, Folder

if TYPE_CHECKING:
    from starter.datasets import Dataset
    from submissions.competition import Competition

DATASETS = ("fashion-mnist", "titanic", "digits")
_IGNORED = "# The hidden labels and the submissions stay out of git.\n/submissions/\n/grader/\n"


@click.command
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--dataset", type=click.Choice(DATASETS), default=DATASETS[0], show_default=True)
@click.option(
    "--deadline", type=Moment(), help="The last second that counts [default: the end of the next 7 December]."
)
@click.option("--title", metavar="TEXT", help="The competition's title [default: the data set's].")
@click.option("--metric", default="accuracy", show_default=True, metavar="NAME", help="How submissions are scored.")
@click.option("--host", "organiser", default="Machine Learning Month", show_default=True, help="Who runs it.")
@click.pass_obj
def new(
    host: Host,
    directory: Path,
    dataset: str,
    deadline: datetime | None,
    title: str | None,
    metric: str,
    organiser: str,
) -> None:
    """Make a competition's folder.

    Its rules, the starter kit, the hidden labels, the ledger and the rooms for all of them.

    \b
    Example: podium new fashion-mnist --dataset fashion-mnist --deadline 2026-12-07T23:59:59-12:00
    """
    from grader import metrics

    refuse_unless_empty(directory)
    now = host.clock()
    last_second = deadline or datetime.fromisoformat(rules_text.next_deadline(now))
    if last_second <= now:
        raise click.UsageError(f"--deadline {last_second.isoformat()} has passed")
    opens = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    metrics.find(metric)
    data = load(dataset, host)
    wanted = Wanted(title or data.title, organiser, opens, last_second, metric)
    made = create(directory, data, wanted, key=secrets.token_bytes(32))
    write_board(Session(Folder(directory.absolute()), host), now)
    click.echo(_next_steps(directory, made))


def refuse_unless_empty(directory: Path) -> None:
    """A usage error if there is anything in the folder: nothing is written over."""
    if directory.exists() and any(directory.iterdir()):
        raise click.UsageError(f"{directory} is not empty: name a folder that is empty or not there yet")


def load(name: str, host: Host) -> "Dataset":
    """A data set; says on standard error what takes long."""
    from starter import datasets

    return datasets.load(name, data_dir=host.data_dir, say=lambda text: click.echo(text, err=True))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the organiser decides of a new competition."""

    title: str
    host: str
    opens: datetime
    deadline: datetime
    metric: str = "accuracy"


def create(directory: Path, data: "Dataset", wanted: Wanted, *, key: bytes) -> "Competition":
    """Make the folder beside its place and move it there: a run that is cut off leaves nothing half made."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        made = _fill(Folder(beside), data, wanted, key)
        _move(beside, directory)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return made


def _move(beside: Path, directory: Path) -> None:
    if not directory.exists():
        beside.chmod(0o755)
        beside.replace(directory)
        return
    # An empty folder stays the same folder: a shell may stand in it. What makes it a competition comes last.
    for child in sorted(beside.iterdir(), key=lambda child: child.name == RULES):
        child.replace(directory / child.name)


def _fill(folder: Folder, data: "Dataset", wanted: Wanted, key: bytes) -> "Competition":
    from grader import split
    from starter import datasets, kit
    from submissions.ledger import Ledger

    text = rules_text.write(
        slug=data.name,
        title=wanted.title,
        host=wanted.host,
        opens=wanted.opens,
        deadline=wanted.deadline,
        labels=data.labels,
        metric=wanted.metric,
    )
    made = competitions.parse(text)
    hidden = datasets.shuffled(data, key)
    for room in (folder.starter, folder.inbox, folder.grader, folder.leaderboard):
        room.mkdir(parents=True)
    for private in (folder.inbox.parent, folder.grader):
        private.chmod(0o700)
    folder.rules.write_text(text, encoding="utf-8", newline="\n")
    (folder.root / ".gitignore").write_text(_IGNORED, encoding="utf-8", newline="\n")
    kit.write(hidden, made, folder.starter, text.encode())
    labels = [data.labels[code] for code in hidden.test_labels]
    split.hide(folder.grader, made, datasets.row_ids(hidden), labels, key)
    Ledger.create(folder.ledger).close()
    return made


def _next_steps(directory: Path, made: "Competition") -> str:
    return f"""\
{made.title}
open until {moments.shown(made.deadline)}

{directory}/
  {RULES:<16}  public   the rules; edit them, podium checks every key
  starter/          public   the kit; {made.slug}-kit.zip is what participants get
  submissions/      private  inbox/TEAM/*.csv, ledger.db
  grader/           private  the hidden labels
  leaderboard/      public   the board

next:
  podium check {directory}/starter/sample_submission.csv -C {directory}     try it: this records nothing
  give participants {directory}/starter/{made.slug}-kit.zip
  podium run --watch -C {directory}     receive what is laid into submissions/inbox/TEAM/, grade it, publish"""
