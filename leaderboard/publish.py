"""Writes a competition's site: each file beside its place, then moved into it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from leaderboard import card, ceremony, data, feed, hall, leaks, movement, page, rules_page, site, visible
from leaderboard.site import Site
from leaderboard.standings import gather
from submissions import files, schedule
from submissions.competition import Competition
from submissions.record.entries import Entry

FILES = (
    *(f"{name}{suffix}" for name in data.FILES.values() for suffix in (".csv", ".json")),
    *page.SCRIPTS.values(),
    *page.PAGES.values(),
    *(hall.PAGE, rules_page.PAGE, feed.FILE, card.FILE),
)


def publish(
    competition: Competition, entries: Iterable[Entry], as_of: datetime, folder: Path, *, desk: str = ""
) -> list[Path]:
    """Write the site as of this moment into the folder, and nothing else of it; the files that changed.

    The public board always, the private one once it is revealed. The same input gives the same bytes. `desk` is where
    its pages find the web desk: "./" where that shows the site itself; without it, what the rules say.

    Raises:
        InvalidCompetition: the rules name a metric that is not offered.
        LeakFound: a public file would show a private score, or one from after the freeze; nothing was written.
        OSError: the folder cannot be written; each file in it is whole, the old one or the new.
    """
    recorded = tuple(entries)
    competition = replace(competition, desk=desk or competition.desk)
    rules = schedule.in_force(competition, (entry for entry in recorded if entry.at <= as_of))
    seen = visible.entries_at(rules, recorded, as_of)
    public = gather(competition, recorded, as_of, "public")
    final = gather(competition, recorded, as_of, "private") if public.is_revealed else None
    before = movement.day_before(public, seen)
    around = site.around(public, seen, before, final)
    beside = {name.partition("/")[0] + "/" if "/" in name else name for name in around}
    board, scales = site.public(public, seen, before, beside)
    leaks.scan(board if final else board | around, recorded, public, scales)
    # Before the public page, which links to them.
    return _write(folder, (site.final(public, final, seen, beside) if final else {}) | around | board)


def rehearse(competition: Competition, entries: Iterable[Entry], as_of: datetime, room: Path) -> Path:
    """Write the ceremony of the reveal into a private room; it holds the final scores."""
    recorded = tuple(entries)
    public, private = (gather(competition, recorded, as_of, board) for board in ("public", "private"))
    path = room / ceremony.PAGE
    files.place(path, ceremony.html(public, private).encode(), mode=0o600)
    return path


def _write(folder: Path, made: Site) -> list[Path]:
    for place in (folder, *(folder / name for name in site.FOLDERS)):
        place.mkdir(exist_ok=True)
    for path in _ours(folder):
        name = path.relative_to(folder).as_posix()
        if name not in made:
            path.unlink(missing_ok=True)
    data_of = ((name, text.encode() if isinstance(text, str) else text) for name, text in made.items())
    return [folder / name for name, data in data_of if files.place(folder / name, data)]


def _ours(folder: Path) -> list[Path]:
    """The files that an earlier run may have written, whole or in part."""
    parts = [path for name in FILES for path in folder.glob(f".{name}.*{files.PART}")]
    names = ("t-*", f".t-*{files.PART}")
    inside = [path for room in site.FOLDERS for name in names for path in (folder / room).glob(name)]
    return [*parts, *inside, *(folder / name for name in FILES)]
