"""What the public may see while the board is frozen: one filter on the entries, before any output is made of them.

All of it goes by the rules in force: see `schedule`. A team's extension moves neither the freeze nor anybody else; the
reveal waits for it.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import takewhile

from submissions import schedule
from submissions.competition import Competition
from submissions.record.entries import Entry


def entries_at(competition: Competition, entries: Iterable[Entry], as_of: datetime) -> tuple[Entry, ...]:
    """The entries that the public board of this moment may be made from, in ledger order.

    Those recorded by then; while the board is frozen, those from before the freeze: in the ledger's order, so that a
    clock that is set back shows nothing, and what was there at the very moment of `podium freeze` stays.
    """
    seen = tuple(entry for entry in entries if entry.at <= as_of)
    if frozen_at(competition, seen, as_of) is None:
        return seen
    by_hand, scheduled = _by_hand(seen), competition.freezes_at
    before = takewhile(lambda one: one is not by_hand and (scheduled is None or one.at < scheduled), seen)
    return tuple(one for one in before if by_hand is None or one.at <= by_hand.at)


def frozen_at(competition: Competition, entries: Iterable[Entry], as_of: datetime) -> datetime | None:
    """Since when the public board stands still at this moment; None: it does not. The reveal ends it."""
    seen = [entry for entry in entries if entry.at <= as_of]
    return None if is_revealed(competition, seen) else freeze(competition, seen, as_of)


def freeze(competition: Competition, entries: Iterable[Entry], as_of: datetime) -> datetime | None:
    """When the public board was frozen, as far as this moment knows, whether or not the reveal has ended it.

    That is `freeze_hours` before the deadline, or when the organiser said so, whichever is earlier. What the organiser
    thaws again before the scheduled moment moves on until then.
    """
    by_hand = _by_hand(entry for entry in entries if entry.at <= as_of)
    moments = [by_hand.at if by_hand else None, competition.freezes_at]
    return min((at for at in moments if at is not None and at <= as_of), default=None)


def is_revealed(competition: Competition, entries: Iterable[Entry]) -> bool:
    """Whether the private board may be seen; a reveal made before a deadline that was moved back shows nothing."""
    return any(schedule.is_reveal(entry, competition) for entry in entries)


def _by_hand(entries: Iterable[Entry]) -> Entry | None:
    """The organiser's freeze that is in force after these entries; None: there is none."""
    frozen = None
    for entry in entries:
        if entry.kind == "frozen":
            frozen = frozen or entry
        elif entry.kind == "thawed":
            frozen = None
    return frozen
