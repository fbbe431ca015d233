"""The options by which an organiser vouches for a moment."""

from collections.abc import Callable
from datetime import datetime
from functools import update_wrapper
from typing import TYPE_CHECKING, Any

import click

from commands.host import Moment

if TYPE_CHECKING:
    from submissions.vouches import Vouch


def with_vouch(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command --vouch and --because, and what they say as `vouch`."""

    def with_one(*arguments: Any, vouched_at: datetime | None, because: str | None, **options: Any) -> Any:
        return command(*arguments, vouch=_vouch(vouched_at, because), **options)

    at = click.option("--vouch", "vouched_at", type=Moment(), help="When the file was there, on the organiser's word.")
    why = click.option("--because", metavar="TEXT", help="Why the organiser vouches for it; goes into the ledger.")
    return at(why(update_wrapper(with_one, command)))


def _vouch(at: datetime | None, because: str | None) -> "Vouch | None":
    from submissions.vouches import Vouch

    reason = " ".join((because or "").split())
    if (at is None) != (not reason):
        raise click.UsageError("--vouch and --because go together: a moment, and the reason to believe it")
    return Vouch(at, reason) if at is not None else None
