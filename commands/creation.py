"""`podium new`: a competition's folder, whole or not at all."""

import secrets
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.board import write_board
from commands.data import Source, slug, with_source
from commands.host import Host, Moment, Session
from commands.kits import write_kit
from commands.linting import NOTHING, Allowance, refuse_leaks, with_allowance
from submissions import competition as competitions
from submissions import moments, rules_text
from submissions.folder import RULES, Folder
from submissions.rules_text import Draft

if TYPE_CHECKING:
    from starter.dataset import Original
    from submissions.competition import Competition

_NOTES = 10
_IGNORED = "# The hidden labels and the submissions stay out of git.\n/submissions/\n/grader/\n"


@click.command
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@with_source
@click.option(
    "--deadline", type=Moment(), help="The last second that counts [default: the end of the next 7 December]."
)
@click.option("--title", metavar="TEXT", help="The competition's title [default: the data set's].")
@click.option("--metric", metavar="NAME", help="How submissions are scored [default: accuracy; rmse for numbers].")
@click.option("--host", "organiser", default="Machine Learning Month", show_default=True, help="Who runs it.")
@with_allowance
@click.pass_obj
def new(
    host: Host,
    directory: Path,
    source: Source,
    deadline: datetime | None,
    title: str | None,
    metric: str | None,
    organiser: str,
    allowance: Allowance,
) -> None:
    """Make a competition's folder.

    Its rules, the starter kit, the hidden labels, the ledger and the rooms for all of them; of one of our data sets,
    or of your own rows.

    \b
    Example: podium new fashion-mnist --deadline 2026-12-07T23:59:59-12:00
             podium new houses --data houses.csv --label-column price --drop-columns agent,sold_on
             podium new iris --train train.csv --test test.csv --solution solution.csv \\
                        --id-column id --label-column species
    """
    from grader import metrics

    refuse_unless_empty(directory)
    now = host.clock()
    last_second = deadline or datetime.fromisoformat(rules_text.next_deadline(now))
    if last_second <= now:
        raise click.UsageError(f"--deadline {last_second.isoformat()} has passed")
    opens = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if metric:
        metrics.find(metric)  # a slip is told before anything is downloaded
    original = source.load(host)
    is_own = original.dataset.name == "own"
    wanted = Wanted(
        slug=slug(directory.absolute().name) if is_own else original.dataset.name,
        title=title or original.dataset.title,
        host=organiser,
        opens=opens,
        deadline=last_second,
        metric=metric or ("rmse" if original.dataset.predicts_numbers else "accuracy"),
    )
    made = create(directory, original, wanted, key=secrets.token_bytes(32), host=host, allowance=allowance)
    write_board(Session(Folder(directory.absolute()), host), now)
    if is_own:
        _tell_of(original)
    if not made.is_plain:
        click.echo(f"note: the kit has no notebook: ours predict one label or number for each row, not a {made.kind}")
    click.echo(_next_steps(directory, made, is_on_server=bool(host.database)))
    click.echo(f"\n{how_many_rows(original)}")


def refuse_unless_empty(directory: Path) -> None:
    """A usage error if there is anything in the folder: nothing is written over."""
    if directory.exists() and any(directory.iterdir()):
        raise click.UsageError(f"{directory} is not empty: name a folder that is empty or not there yet")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the organiser decides of a new competition."""

    slug: str
    title: str
    host: str
    opens: datetime
    deadline: datetime
    metric: str = "accuracy"


def create(
    directory: Path, original: "Original", wanted: Wanted, *, key: bytes, host: Host, allowance: Allowance = NOTHING
) -> "Competition":
    """Make the folder beside its place and move it there: a run that is cut off leaves nothing half made.

    Raises:
        LabelsLeak: the kit gives the hidden labels away, and the organiser does not allow it.
    """
    from submissions.record import ledger as ledgers

    directory.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        made = _fill(Folder(beside), original, wanted, key)
        with ledgers.made(Folder(beside).place(host.database)):
            refuse_leaks(Session(Folder(beside), host), allowance)
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


def _fill(folder: Folder, original: "Original", wanted: Wanted, key: bytes) -> "Competition":
    from grader import metrics, split
    from starter import kit
    from starter.dataset import shuffled

    hidden = shuffled(original, key)
    text = rules_text.write(_draft(hidden, wanted))
    made = competitions.parse(text)
    metrics.of(made)
    for room in (folder.starter, folder.inbox, folder.grader, folder.leaderboard):
        room.mkdir(parents=True)
    for private in (folder.inbox.parent, folder.grader):
        private.chmod(0o700)
    folder.rules.write_text(text, encoding="utf-8", newline="\n")
    (folder.root / ".gitignore").write_text(_IGNORED, encoding="utf-8", newline="\n")
    kit.write_data(hidden.dataset, folder.starter)
    write_kit(folder, made)
    labels = hidden.dataset.texts(hidden.test_labels)
    split.hide(folder.grader, made, hidden.dataset.row_ids, labels, key, shares=hidden.usage)
    return made


def _draft(hidden: "Original", wanted: Wanted) -> Draft:
    from grader import metrics

    data, kind = hidden.dataset, metrics.find(wanted.metric).kind
    scored = [share for share in hidden.usage if share != "Ignored"]
    return Draft(
        slug=wanted.slug,
        title=wanted.title,
        host=wanted.host,
        opens=wanted.opens,
        deadline=wanted.deadline,
        metric=wanted.metric,
        # A metric of the other sort is refused when the rules are read, with those that fit.
        kind=kind if data.labels and kind != "number" else "",
        labels=data.labels,
        id_column=data.id_column,
        label_column=data.label_column,
        public_share=round(scored.count("Public") / len(scored), 3) if scored else 0.3,
        quoted=data.quoted,
        dataset=data.name,
        label_names=data.label_names,
        source=data.source,
    )


def _tell_of(original: "Original") -> None:
    """What Podium took the organiser's data for, and what may surprise about it."""
    from starter.own.notes import notes

    data = original.dataset
    what, other = ("a number", "label") if data.predicts_numbers else (f"one of {len(data.labels):,} labels", "number")
    click.echo(f"{data.label_column!r} is predicted as {what}; if it is not, --predict {other}")
    told = notes(original)
    for note in told[:_NOTES]:
        click.echo(f"note: {note}", err=True)
    if len(told) > _NOTES:
        click.echo(f"note: … and {len(told) - _NOTES:,} more", err=True)


def _next_steps(directory: Path, made: "Competition", *, is_on_server: bool) -> str:
    ledger = "; the ledger is on the database server" if is_on_server else ", ledger.db"
    place = shlex.quote(str(directory))
    return f"""\
{made.title}
open until {moments.shown(made.deadline)}

{directory}/
  {RULES:<16}  public   the rules; edit them, podium checks every key
  starter/          public   the kit; {made.slug}-kit.zip is what participants get
  submissions/      private  inbox/TEAM/*.csv{ledger}
  grader/           private  the hidden labels
  leaderboard/      public   the board

next:
  podium check {place}/starter/sample_submission.csv -C {place}     try it: this records nothing
  give participants {directory}/starter/{made.slug}-kit.zip
  podium run --watch -C {place}     receive what is laid into submissions/inbox/TEAM/, grade it, publish
  podium serve -C {place}     or take files by web pages, too (needs podium[web])"""


def how_many_rows(original: "Original") -> str:
    """What the number of test rows can tell, in words."""
    from grader import power

    numbers = original.dataset.predicts_numbers
    rows_for, unit, condition = (
        (power.rows_for_numbers, "% of the error", f"their squared errors correlate by {power.CORRELATED:g}")
        if numbers
        else (
            power.rows_for_labels,
            "points",
            f"one of them is right and the other wrong on {100 * power.DISCORDANT:g} % of the rows",
        )
    )
    head = f"{len(original.dataset.row_ids):,} test rows. Two teams are told apart (paired test, 80 % power, α 0.05)"
    sizes = [f"  {by:<3g} {unit:<14}  with {rows_for(by):>8,} rows" for by in (0.5, 1, 2)]
    least = power.least_difference(rows_for, len(original.dataset.row_ids))
    noise = f"With these rows a lead of less than {least:.2g} {unit} is noise."
    return "\n".join([f"{head} that differ by", *sizes, f"if {condition}. {noise}"])
