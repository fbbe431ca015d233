"""The inbox door: CSV files that somebody laid into `inbox/<team>/`."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from submissions.errors import OrganiserError, Refused
from submissions.faults import InvalidSubmission
from submissions.intake import Desk
from submissions.receipts import Receipt
from submissions.vouches import Vouch

RECEIVED = "received"  # where a file goes once the ledger holds it; a reserved word among team names

Identity = tuple[int, int, int]


class NoInbox(OrganiserError):
    """The inbox is not there."""


class UnreadableFile(Refused):
    """A file in the inbox that is no plain file, cannot be read, or is still being written."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file.

    Attributes:
        outcome: the receipt; or the reason why there is none, and the file stays where it is.
        note: why a received file could not be put away; None: it was.
        is_news: False if the last look already ended so.
    """

    path: Path
    team: str
    outcome: Receipt | Refused
    note: str | None = None
    is_news: bool = True


class Inbox:
    """The folder, and what the last look at each of its files ended in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ends: dict[Path, tuple[Identity | None, type]] = {}

    def waiting(self, team: str | None = None) -> list[Path]:
        """The CSV files, of all teams or of one, in order of team and name.

        Raises:
            NoInbox: there is no such folder.
        """
        if not self._folder.is_dir():
            raise NoInbox(f"{self._folder} is missing: make the folder, with one folder in it for each team")
        files = (path for path in self._folder.glob("*/*") if path.suffix.lower() == ".csv" and path.name[0] != ".")
        return sorted(path for path in files if team in (None, path.parent.name))

    def take(
        self, files: list[Path], desk: Desk, clock: Callable[[], datetime], *, vouch: Vouch | None = None
    ) -> Iterator[Taken]:
        """Receive these files, one after the other; whatever becomes of one, the next is taken.

        A file's own times are not believed: what counts is the desk's clock when it has read the last byte. A file
        that the last look received or found faults in is not read again until it changes.
        """
        for path in files:
            identity, (before, end) = _identity_of(path), self._ends.get(path, (None, type(None)))
            if identity == before and issubclass(end, Receipt | InvalidSubmission):
                continue
            taken = _take(path, desk, clock, vouch)
            self._ends[path] = (identity, type(taken.outcome))
            is_news = (before, end) != self._ends[path]
            yield Taken(path, path.parent.name, taken.outcome, taken.note, is_news)


def _take(path: Path, desk: Desk, clock: Callable[[], datetime], vouch: Vouch | None) -> Taken:
    team = path.parent.name
    try:
        data, identity = _read(path, desk.competition.max_bytes)
        receipt = desk.receive(data, team=team, now=clock(), door="inbox", vouch=vouch)
    except Refused as why:
        return Taken(path, team, why)
    return Taken(path, team, receipt, _put_away(path, identity, receipt))


def _read(path: Path, max_bytes: int) -> tuple[bytes, Identity]:
    """The bytes of a plain file, no more than one above the limit, and which file it was."""
    if path.parent.is_symlink():
        raise UnreadableFile("the team's folder is a link, which is not followed")
    try:
        with open(path, "rb", opener=_opener) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise UnreadableFile("it is not a plain file")
            data = file.read(max_bytes + 1)
            after = os.fstat(file.fileno())
    except OSError as error:
        raise UnreadableFile(f"it cannot be read: {error.strerror}") from None
    if _identity(before) != _identity(after):
        raise UnreadableFile("it is still being written, and is taken at the next look")
    return data, _identity(after)


def _opener(path: str, flags: int) -> int:
    # A link is not followed and a pipe not waited for, even one that takes the file's place at this moment.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _put_away(path: Path, identity: Identity, receipt: Receipt) -> str | None:
    """Move a file that the ledger holds; it is received whether this succeeds or not."""
    folder = path.parent / RECEIVED
    try:
        folder.mkdir(exist_ok=True)
        if folder.is_symlink():
            return f"it stays where it is: {RECEIVED}/ is a link"
        if _identity(path.lstat()) != identity:
            return "another file has taken its place meanwhile, and is taken at the next look"
        path.replace(folder / f"{receipt.submission:06}.csv")
    except FileNotFoundError:
        return None  # another desk received the same bytes, and has moved them
    except OSError as error:
        return f"it stays where it is: {error.strerror}"
    return None


def _identity_of(path: Path) -> Identity | None:
    try:
        return _identity(path.lstat())
    except OSError:
        return None


def _identity(status: os.stat_result) -> Identity:
    return status.st_ino, status.st_size, status.st_mtime_ns
