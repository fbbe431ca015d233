"""`podium baselines`: reference rows for the board, by models that are trained on the kit."""

import time
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

import click

from commands.board import write_board
from commands.host import Session, in_competition
from commands.progress import following, working

if TYPE_CHECKING:
    from starter.dataset import Dataset

SEED = 7
Trained = tuple[str, str, bytes, float]  # what the board calls it, what it is, its file, the seconds it took
_NO_MODEL = "none of ours predicts rankings or several columns; podium submit --baseline takes in a file of your own"


@click.command
@click.option("--notebook/--no-notebook", default=True, show_default=True, help="Run the kit's notebook as well.")
@in_competition
def baselines(session: Session, notebook: bool) -> None:
    """Train the reference models on the kit, and put them on the board.

    From the simplest rule to the kit's own notebook, which is run from top to bottom. They are never ranked. Needs
    TensorFlow for the networks, and says so where it is missing.

    \b
    Example: podium baselines -C fashion-mnist
    """
    from starter import kit_data

    data = kit_data.read(session.folder.starter, session.competition)
    trained = chain(_models(data, session), _notebook(session) if notebook else ())
    try:
        for name, title, file, seconds in trained:
            click.echo(f"{submit_baseline(session, file, name):>8}  {seconds:>7.1f} s  {title}")
    finally:
        write_board(session, session.host.clock())
        click.echo(f"the board is written: {session.folder.leaderboard / 'index.html'}")


def submit_baseline(session: Session, file: bytes, name: str) -> str:
    """Hand a baseline's file in; its public score, as the board shows it."""
    from grader.grades import Grade
    from leaderboard import words

    marker = session.marker
    with session.desk() as desk:
        with desk.ledger.reading() as view:
            marker.demand(view, is_baseline=True)
        receipt = desk.receive(
            file,
            team=name,
            now=session.host.clock(),
            door="baselines",
            is_baseline=True,
            judge=marker.on_arrival,
        )
        with desk.ledger.reading() as view:
            *_, entry = view.entries("graded", submission=receipt.submission)
    public = Grade.from_json(entry.body).public
    return "no score" if public is None else words.score(public, marker.judge.metric)


def _models(data: "Dataset", session: Session) -> "Iterator[Trained]":
    from starter.baselines import baselines_for
    from starter.extras import ExtraMissing
    from starter.prediction_file import predictions_csv

    models = baselines_for(data, session.competition.kind)
    if not models:
        click.echo(f"left out: models: {_NO_MODEL}", err=True)
    for model in models:
        start = time.perf_counter()
        try:
            with working(f"training: {model.title_for(data)}"):
                values = model.predict(data, SEED)
        except ExtraMissing as missing:
            click.echo(f"left out: {model.title}: {missing}", err=True)
            continue
        file = predictions_csv(values, data, session.competition)
        yield model.title, model.title_for(data), file, time.perf_counter() - start


def _notebook(session: Session) -> "Iterator[Trained]":
    from starter import notebook_run
    from starter.extras import ExtraMissing
    from starter.notebook import FILE

    if not session.competition.is_plain and not (session.folder.starter / FILE).is_file():
        click.echo("left out: the notebook: the kit has none for this kind of prediction", err=True)
        return
    start = time.perf_counter()
    try:
        with following("running the notebook") as say:
            files = notebook_run.run(session.folder.starter, say)
    except ExtraMissing as missing:
        click.echo(f"left out: the notebook: {missing}", err=True)
        return
    seconds = time.perf_counter() - start
    for name, file in files.items():
        which = name.removeprefix("submission").removesuffix(".csv").strip("_").replace("_", " ")
        title = f"Notebook, {which}" if which else "Notebook"
        yield title, title, file, seconds
