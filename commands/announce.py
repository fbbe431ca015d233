"""`podium announce`: the news of the board, to a Discord channel."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.host import Session, in_competition
from submissions import files
from submissions.errors import Refused

if TYPE_CHECKING:
    from leaderboard.announce import Memory
    from leaderboard.news import News
    from leaderboard.standings import Board
    from leaderboard.webhook import Webhook

VARIABLE = "PODIUM_DISCORD"
_MEMORY, _LOCK = "announced.json", "announced.lock"


class AtWork(Refused):
    """Another announcement is on its way."""


@click.command
@click.option("--dry-run", is_flag=True, help="Print the messages; send and remember nothing.")
@in_competition
def announce(session: Session, dry_run: bool) -> None:
    """Tell a Discord channel what is new.

    A new leader, another deadline, the last 24 hours, the freeze, the final ranking; each of them once. The first run
    tells nothing: it remembers how things stand. Run it every few minutes, or after `podium publish`.

    The webhook's address is a secret: the environment variable PODIUM_DISCORD holds it.

    \b
    Example: podium announce -C fashion-mnist --dry-run
    """
    from leaderboard.webhook import Webhook

    path = session.folder.grader / _MEMORY
    if dry_run:
        _tell(*_news(session), path, None)
        return
    address = os.environ.get(VARIABLE, "")
    if not address:
        raise click.UsageError(f"{VARIABLE} is not set: it holds the webhook's address; --dry-run needs none")
    webhook, (public, told) = Webhook.parse(address), _news(session)
    with _alone(session.folder.grader / _LOCK):
        _tell(public, told, path, webhook)


def _tell(public: "Board", told: "list[News]", path: Path, webhook: "Webhook | None") -> None:
    """Send what is due; without a webhook print it, and remember nothing."""
    from leaderboard import announce as announcements

    memory = _recall(path)
    if memory is None:
        click.echo(f"nothing announced: on the first run all news is old, {len(told)} so far")
        due, memory = [], announcements.Memory()
    else:
        due = announcements.due(told, memory)
    for one in due:
        message = announcements.message(one, public)
        if webhook is None:
            click.echo(json.dumps(message, indent=2, ensure_ascii=False))
            continue
        _send(webhook, message, path, before=memory, after=memory.and_also([one]))
        memory = memory.and_also([one])
        click.echo(f"announced: {message['embeds'][0]['title']}")
    if webhook is not None:
        # Also what was overtaken before it could be told.
        _remember(path, memory.and_also(told))


def _send(webhook: "Webhook", message: dict[str, object], path: Path, *, before: "Memory", after: "Memory") -> None:
    from leaderboard.webhook import NotSent

    # Remembered first: what is sent and then forgotten, by a crash, would be sent twice.
    _remember(path, after)
    try:
        webhook.send(message)
    except NotSent:
        _remember(path, before)
        raise


def _news(session: Session) -> "tuple[Board, list[News]]":
    from leaderboard import announce as announcements
    from leaderboard import news
    from leaderboard.standings import gather

    now = session.host.clock()
    with session.ledger() as ledger, ledger.reading() as view:
        entries = list(view.entries())
    public = gather(session.competition, entries, now, "public")
    final = gather(session.competition, entries, now, "private") if public.is_revealed else None
    return public, announcements.gather(public, news.gather(public, entries, final=final))


def _recall(path: Path) -> "Memory | None":
    """What was announced; None before the first run."""
    from leaderboard.announce import BadMemory, Memory

    if not path.exists():
        return None
    try:
        return Memory.from_json(path.read_text("utf-8"))
    except (BadMemory, UnicodeDecodeError):
        raise BadMemory(
            f"{path} is no record of announcements: delete it, and the next run takes all news for old"
        ) from None


def _remember(path: Path, memory: "Memory") -> None:
    if files.place(path, memory.to_json().encode()):
        path.chmod(0o600)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One announcement at a time; the system lets the lock go with the process. Windows has no such lock."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AtWork("another podium announce is at work: it tells what there is to tell") from None
        yield
