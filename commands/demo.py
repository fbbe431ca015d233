"""`podium demo`: a whole competition with real models as teams, in a simulated fortnight that has just ended."""

import hashlib
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.board import reveal_board
from commands.creation import Wanted, create, refuse_unless_empty
from commands.data import DATASETS, load
from commands.desk import receive_all
from commands.host import Host, Session
from commands.progress import working
from submissions import moments
from submissions.folder import Folder

if TYPE_CHECKING:
    from leaderboard.standings import Board
    from starter.dataset import Dataset, Original
    from starter.models import Model

SEED = 7
# The demo's labels are public; a fixed key makes two demos the same.
KEY = hashlib.sha256(b"podium demo").digest()
FALLBACK = "digits"
TEAM_NAMES = {
    "convolutional-network": "Conv & Order",
    "kernel-machine": "Kernel Panic",
    "extra-trees": "Barking Up Every Tree",
    "nearest-neighbours": "Good Neighbours",
    "small-network": "Vanishing Gradients",
    "linear-machine": "The Thin Line",
    "ridge": "Ridge Walkers",
    "naive-bayes": "Naive but Happy",
}
LATE_TEAM, REFUSED_TEAM = "Ridge Walkers", "Copy & Paste"


@click.command
@click.argument("directory", metavar="[DIR]", default="podium-demo", type=click.Path(file_okay=False, path_type=Path))
@click.option("--dataset", type=click.Choice(DATASETS), help=f"[default: {DATASETS[0]}, or {FALLBACK} without it]")
@click.pass_obj
def demo(host: Host, directory: Path, dataset: str | None) -> None:
    """Play a whole competition, and say where to look.

    Real models take part as teams. The desk's clock is simulated: a fortnight that ended yesterday. One team is
    late, and one file is refused.

    \b
    Example: podium demo --dataset digits
    """
    refuse_unless_empty(directory)
    from starter import kit_data

    original = _data(dataset, host)
    deadline = _yesterday_night(host.clock())
    opens = deadline + timedelta(seconds=1, days=-14)
    wanted = Wanted(original.dataset.name, original.dataset.title, "Podium demo", opens, deadline)
    create(directory, original, wanted, key=KEY, host=host)
    session = Session(Folder(directory.absolute()), host)
    data = kit_data.read(session.folder.starter, session.competition)
    play = _Play(session, data, opens, deadline)
    play.introduce()
    play.baselines()
    play.teams()
    play.refused_file()
    play.end()


@dataclass(frozen=True, slots=True)
class _Play:
    """The simulated fortnight."""

    session: Session
    data: "Dataset"
    opens: datetime
    deadline: datetime

    def introduce(self) -> None:
        rows = f"{len(self.data.train_labels):,} training rows, {len(self.data.row_ids):,} test rows"
        click.echo(f"{self.data.title}\n{rows}, {len(self.data.labels)} labels")
        click.echo(f"a simulated fortnight: {moments.shown(self.opens)} to {moments.shown(self.deadline)}\n")

    def baselines(self) -> None:
        from starter.baselines import baselines_for

        for model, file, seconds in self._predicted(baselines_for(self.data)):
            score = self._submit(file, model.title, self.opens, is_baseline=True)
            _tell("baseline", model.title_for(self.data), score, seconds)

    def teams(self) -> None:
        from starter import models

        chosen = models.teams_for(self.data)
        pause = (self.deadline - self.opens) / (len(chosen) + 1)
        first = TEAM_NAMES[chosen[0].name]
        sample = self.session.folder.sample.read_bytes()
        _tell("team", f"{first}: the sample submission, to try the desk", self._submit(sample, first, self.opens), 0)
        for number, (model, file, seconds) in enumerate(self._predicted(chosen), start=1):
            team = TEAM_NAMES[model.name]
            is_late = team == LATE_TEAM
            at = self.deadline + timedelta(hours=1) if is_late else self.opens + number * pause
            score = self._submit(file, team, at)
            _tell("late" if is_late else "team", f"{team}: {model.title_for(self.data)}", score, seconds)

    def refused_file(self) -> None:
        """A file that graders which compare by position accept: one row id twice, another missing."""
        lines = self.session.folder.sample.read_bytes().splitlines(keepends=True)
        lines[3] = lines[2]
        path = self.session.folder.inbox / REFUSED_TEAM / "submission.csv"
        path.parent.mkdir()
        path.write_bytes(b"".join(lines))
        click.echo("\nin the inbox lies a file with one row id twice and another missing:")
        receive_all(self.session)

    def end(self) -> None:
        from leaderboard import words

        board = reveal_board(self.session)
        click.echo(f"\nafter the deadline, the private board ({board.metric.title.lower()}):")
        for row in board.rows:
            place = words.rank(row) or row.state
            score = "" if row.score is None else words.score(row.score, board.metric)
            click.echo(f"  {place:>8}  {score:>6}  {row.team}")
        click.echo(_where_to_look(self.session.folder, board))

    def _predicted(self, models: "tuple[Model, ...]") -> "Iterator[tuple[Model, bytes, float]]":
        from starter.extras import ExtraMissing
        from starter.prediction_file import predictions_csv

        for model in models:
            start = time.perf_counter()
            try:
                with working(f"training: {model.title_for(self.data)}"):
                    codes = model.predict(self.data, SEED)
            except ExtraMissing as missing:
                click.echo(f"left out: {model.title}: {missing}", err=True)
                continue
            yield model, predictions_csv(codes, self.data, self.session.competition), time.perf_counter() - start

    def _submit(self, file: bytes, team: str, at: datetime, *, is_baseline: bool = False) -> float:
        with self.session.desk() as desk:
            receipt = desk.receive(
                file,
                team=team,
                now=at,
                door="demo",
                is_baseline=is_baseline,
                judge=self.session.marker.on_arrival,
            )
            with desk.ledger.reading() as view:
                [graded] = view.entries("graded", submission=receipt.submission)
        return float(graded.body["public"])


def _data(name: str | None, host: Host) -> "Original":
    from starter.dataset import DataUnavailable

    try:
        return load(name or DATASETS[0], host)
    except DataUnavailable as missing:
        if name is not None:
            raise
        click.echo(f"{missing}\nso the demo uses scikit-learn's bundled {FALLBACK} instead\n")
        return load(FALLBACK, host)


def _yesterday_night(now: datetime) -> datetime:
    yesterday = now.astimezone(UTC) - timedelta(days=1)
    return yesterday.replace(hour=23, minute=59, second=59, microsecond=0)


def _tell(what: str, who: str, public: float, seconds: float) -> None:
    click.echo(f"{what:<8}  public {public:.4f}  {f'{seconds:.1f} s' if seconds else '':>7}  {who}")


def _where_to_look(folder: Folder, board: "Board") -> str:
    place = _from_here(folder.root)
    # Who came by `make demo` has no podium on the PATH.
    program = "podium" if shutil.which("podium") else _from_here(Path(sys.argv[0]).absolute())
    return f"""
{board.teams} teams, {sum(row.state == "baseline" for row in board.rows)} baselines. Where to look:
  {place}/leaderboard/index.html   the public board
  {place}/leaderboard/final.html   the private board
  {place}/starter/                 what participants get; README.md is theirs
  {place}/competition.toml         the rules
and to go on:
  {program} status -C {place}
  {program} verify -C {place}"""


def _from_here(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
