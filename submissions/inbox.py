"""The inbox door: CSV files that somebody laid into `inbox/<team>/`."""

import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from submissions import predictions
from submissions.errors import Refused
from submissions.intake import Desk, Vouch
from submissions.receipts import Receipt

RECEIVED = "received"  # where a file goes once the ledger holds it; a reserved word among team names


class UnreadableFile(Refused):
    """A file in the inbox that is no plain file, cannot be read, or is still being written."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file: a receipt, and the file moved; or the reason why it stays where it is."""

    path: Path
    team: str
    outcome: Receipt | Refused


def take(
    files: Iterable[Path], desk: Desk, clock: Callable[[], datetime], *, vouch: Vouch | None = None
) -> Iterator[Taken]:
    """Receive these files of the inbox, one after the other; `waiting` says which there are.

    A file's own times are not looked at: what counts is the desk's clock when it has read the last byte.
    """
    for path in files:
        team = path.parent.name
        try:
            data = _read(path, desk)
            receipt = desk.receive(data, team=team, now=clock(), door="inbox", vouch=vouch)
        except Refused as why:
            yield Taken(path, team, why)
        else:
            _put_away(path, receipt)
            yield Taken(path, team, receipt)


def waiting(inbox: Path) -> list[Path]:
    """The CSV files in the inbox, in order of team and name."""
    return sorted(path for path in inbox.glob("*/*") if path.suffix.lower() == ".csv" and path.name[0] != ".")


def _read(path: Path, desk: Desk) -> bytes:
    try:
        before = path.lstat()
        if not stat.S_ISREG(before.st_mode):
            raise UnreadableFile("it is not a plain file; a link, a folder or a pipe is not followed")
        data = predictions.read_bytes(path, desk.competition)
        after = path.lstat()
    except OSError as error:
        raise UnreadableFile(f"it cannot be read: {error.strerror}") from None
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (after.st_size, after.st_mtime_ns, after.st_ino):
        raise UnreadableFile("it is still being written, and is taken at the next look")
    return data


def _put_away(path: Path, receipt: Receipt) -> None:
    folder = path.parent / RECEIVED
    folder.mkdir(exist_ok=True)
    path.replace(folder / f"{receipt.submission:06}-{path.name}")
