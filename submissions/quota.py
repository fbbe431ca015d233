"""How many attempts a team has on a UTC day, and which submissions cost one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from submissions import moments
from submissions.errors import Refused
from submissions.receipts import Receipt
from submissions.record.view import View

COSTS_NOTHING = frozenset({"refused", "grader_error"})


class QuotaExceeded(Refused):
    """The team has used its attempts of that UTC day; the next opens at `next_at`."""

    def __init__(self, team: str, limit: int, next_at: datetime) -> None:
        self.limit, self.next_at = limit, next_at
        times = "attempt" if limit == 1 else "attempts"
        super().__init__(
            f"team {team!r} has used its {limit} {times} of the day; the next opens at {moments.shown(next_at)}"
        )


@dataclass(frozen=True, slots=True)
class Quota:
    """The daily limit of a competition; 0: none."""

    daily_limit: int

    def since(self, at: datetime) -> datetime | None:
        """From when what was recorded matters for the attempts of a UTC day; None: no limit."""
        # Nothing is recorded before it is received: what counts for a day was recorded on it or later.
        return datetime.combine(at.astimezone(UTC).date(), time(), UTC) if self.daily_limit else None

    def left(self, view: View, team: str, at: datetime) -> int | None:
        """The attempts left on the UTC day of this moment; None: no limit."""
        if (since := self.since(at)) is None:
            return None
        recorded = list(view.entries("received", "graded", team=team, since=since))
        graded = (entry for entry in recorded if entry.kind == "graded")
        free = {entry.submission: entry.body["verdict"] in COSTS_NOTHING for entry in graded}
        receipts = (Receipt.from_entry(entry) for entry in recorded if entry.kind == "received")
        used = sum(r.received_at.date() == since.date() and not free.get(r.submission, False) for r in receipts)
        return max(0, self.daily_limit - used)

    def use(self, view: View, team: str, at: datetime, grade: Mapping[str, Any] | None) -> int | None:
        """The attempts left after one more submission.

        Raises:
            QuotaExceeded: there was none left.
        """
        left = self.left(view, team, at)
        if left is None:
            return None
        if left == 0:
            next_day = at.astimezone(UTC).date() + timedelta(days=1)
            raise QuotaExceeded(team, self.daily_limit, datetime.combine(next_day, time(), UTC))
        return left if grade is not None and grade["verdict"] in COSTS_NOTHING else left - 1
