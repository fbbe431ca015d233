"""A file at the desk: what it brings, what the ledger holds of it, and why it may not be taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from submissions import moments
from submissions.competition import Competition
from submissions.errors import Refused
from submissions.predictions import Predictions
from submissions.receipts import Receipt
from submissions.record.view import View
from submissions.vouches import Vouch

# Grades predictions on arrival. The grade may depend on what the ledger holds, and is asked for within the transaction
# that records it, with the team and whether it is a baseline; None: the submission waits for its grade. The desk knows
# of a grade only whether it costs an attempt.
Grade = Mapping[str, Any]
Judge = Callable[[Predictions], Callable[[View, str, bool], Grade | None]]


class CompetitionClosed(Refused):
    """Not open at that moment, and the rules refuse what comes outside."""

    def __init__(self, competition: Competition, received_at: datetime, team: str) -> None:
        self.deadline, self.received_at = competition.ends_for(team), received_at
        if competition.has_opened(received_at):
            message = f"the competition is closed: the deadline was {moments.shown(self.deadline)}"
        else:
            message = f"the competition is not open yet: it opens at {moments.shown(competition.opens)}"
        super().__init__(f"{message}; the file was received at {moments.shown(received_at)}")


class AlreadyReceived(Refused):
    """The organiser vouches for bytes that the desk has received by itself; a receipt is never changed."""

    def __init__(self, receipt: Receipt) -> None:
        at = moments.shown(receipt.received_at)
        super().__init__(f"team {receipt.team!r} has a receipt for this file: submission {receipt.submission}, at {at}")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file at the desk, checked and judged, and not yet recorded.

    Attributes:
        team: the one spelling of its name.
        now: the desk's clock at the last byte.
        received_at: the same, or what the organiser vouches for.
        key: the sender's name for this attempt to send (an Idempotency-Key); None: it gave none.
        mark: what its grade is, asked within the transaction that records it.
    """

    data: bytes
    digest: str
    team: str
    now: datetime
    received_at: datetime
    door: str
    vouch: Vouch | None
    is_baseline: bool
    key: str | None
    mark: Callable[[View, str, bool], Grade | None]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the ledger holds of a file.

    Attributes:
        grade: its last grade; None: it waits for one.
        rules: those that held.
        is_known: the team sent the same bytes before, and this is the receipt that they had.
    """

    receipt: Receipt
    grade: Grade | None
    rules: Competition
    is_known: bool
