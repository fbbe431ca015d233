"""Writes a competition's site: each file beside its place, then moved into it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from leaderboard import data, leaks, page
from leaderboard.standings import Board, gather
from submissions import files
from submissions.competition import Competition
from submissions.entries import Entry

FILES = (
    *(f"{name}{suffix}" for name in data.FILES.values() for suffix in (".csv", ".json")),
    *page.SCRIPTS.values(),
    *page.PAGES.values(),
)


def publish(competition: Competition, entries: Iterable[Entry], as_of: datetime, folder: Path) -> list[Path]:
    """Write the site as of this moment into the folder, and nothing else of it; the files that changed.

    The public board always, the private one once it is revealed. The same input gives the same bytes.

    Raises:
        InvalidCompetition: the rules name a metric that is not offered.
        LeakFound: a public file would show a private score; nothing was written.
        OSError: the folder cannot be written; each file in it is whole, the old one or the new.
    """
    entries = tuple(entries)
    public = gather(competition, entries, as_of, "public")
    site = render(public)
    leaks.scan(site, entries, public)
    if public.is_revealed:
        # Before the public page, which links to it.
        site = render(gather(competition, entries, as_of, "private")) | site
    return _write(folder, site)


def render(board: Board) -> dict[str, str]:
    """The files of one board: name to text, the page last."""
    name = data.FILES[board.board]
    return {f"{name}.csv": data.as_csv(board), f"{name}.json": data.as_json(board), **page.files(board)}


def _write(folder: Path, site: Mapping[str, str]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name in FILES:
        for leftover in folder.glob(f".{name}.*{files.PART}"):
            leftover.unlink(missing_ok=True)
        if name not in site:
            (folder / name).unlink(missing_ok=True)
    return [folder / name for name, text in site.items() if files.place(folder / name, text.encode())]
