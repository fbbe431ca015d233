"""`podium series`: one page over several competitions."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from submissions import files
from submissions.errors import OrganiserError
from submissions.folder import Folder

if TYPE_CHECKING:
    from leaderboard.series import Round
    from leaderboard.standings import BoardName

PAGE = "index.html"


class NoBoard(OrganiserError):
    """There is no published board where one was looked for."""


@click.command
@click.argument(
    "folders",
    metavar="DIR...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option("--out", required=True, metavar="DIR", type=click.Path(file_okay=False, path_type=Path), help="Where to.")
@click.option("--title", metavar="TEXT", help="The page's title [default: who runs the competitions].")
@click.option(
    "--best",
    metavar="N",
    type=click.IntRange(min=1),
    help="Count only the N best results of a team [default: all].",
)
def series(folders: tuple[Path, ...], out: Path, title: str | None, best: int | None) -> None:
    """Make one page over several competitions.

    Each DIR is a competition's folder. What counts is its published board: the final one once it is revealed, the
    public one before. The first of n teams gets 100 points, the last 100/n; a team that is not ranked gets none. The
    page states these rules. It links to the boards at the addresses in their rules, else from folder to folder.

    \b
    Example: podium series titanic fashion-mnist --out month
    """
    from leaderboard import series as rounds_of

    if twice := next((folder for place, folder in enumerate(folders) if _is_in(folder, folders[:place])), None):
        raise click.UsageError(f"{twice} is given twice: a competition counts once")
    if out.exists() and _is_in(out, [room for folder in folders if (room := Folder(folder).leaderboard).exists()]):
        raise click.UsageError(f"{out} holds a board, which the page would overwrite: name another folder in --out")
    rounds = [_read(folder, out) for folder in folders]
    totals = rounds_of.add_up(rounds, best)
    hosts = {one.host for one in rounds}
    page = rounds_of.html(title or (hosts.pop() if len(hosts) == 1 else "All competitions"), rounds, totals, best)
    out.mkdir(parents=True, exist_ok=True)
    files.place(out / PAGE, page.encode())
    for total in totals[:3]:
        rank = f"{total.rank}{'=' if total.is_tied else ''}"
        click.echo(f"{rank:>3}  {rounds_of.shown(total.points)}  {total.team}")
    click.echo(f"series: {out / PAGE}")


def _is_in(folder: Path, others: Iterable[Path]) -> bool:
    return any(folder.samefile(other) for other in others)


def _read(root: Path, out: Path) -> "Round":
    """The competition in this folder, by its published board."""
    from leaderboard import data, page
    from leaderboard import series as rounds_of

    folder = Folder(root)
    boards: tuple[BoardName, ...] = ("private", "public")
    paths = {board: folder.leaderboard / f"{data.FILES[board]}.json" for board in boards}
    board = next((board for board, path in paths.items() if path.is_file()), None)
    if board is None:
        raise NoBoard(f"{folder.leaderboard} holds no board: run podium publish -C {root}")
    address = folder.competition().address
    link = address + page.PAGES[board] if address else _relative(folder.leaderboard / page.PAGES[board], out)
    try:
        return rounds_of.read(paths[board].read_bytes().decode(), link)
    except (rounds_of.BadBoard, UnicodeDecodeError) as error:
        reason = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        raise rounds_of.BadBoard(f"{paths[board]} {reason}: run podium publish -C {root}") from None


def _relative(page: Path, out: Path) -> str:
    """The link to a file from a page in another folder."""
    try:
        steps = os.path.relpath(page.resolve(), out.resolve())
    except ValueError:
        return page.resolve().as_uri()  # on another drive
    return quote(Path(steps).as_posix())
