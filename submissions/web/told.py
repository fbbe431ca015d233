"""What the web desk is given to work with, and what it may tell a team."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from submissions.arrivals import Judge, Recorded
from submissions.competition import Competition
from submissions.decisions import UnknownSubmission
from submissions.intake import Desk
from submissions.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Told:
    """What a team may be told of a submission's grade.

    Attributes:
        verdict: "graded", "refused", "grader_error" or "waiting".
        score: as much of the public score as the rules reveal; None: nothing.
        shown: the same as text, with the metric.
        reason: what is told in place of a score.
        would_rank: the rank of that score on the published board; None: there is none.
        text: the whole receipt.
        faults: what the metric found wrong with a file that was recorded and refused.
    """

    verdict: str
    score: float | None
    shown: str
    reason: str
    would_rank: int | None
    text: str
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """One submission of a team, with all that the team may know of it.

    Attributes:
        is_in_time: whether it counts.
        deadline: until when the team may send.
        next_attempt_at: when the attempt after it opens; None: it is open.
    """

    receipt: Receipt
    told: Told
    is_in_time: bool
    deadline: datetime
    next_attempt_at: datetime | None
    is_known: bool = False
    is_selected: bool = False
    is_withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Own:
    """What a team has sent, and what it may still do.

    Attributes:
        sent: all of it, or the one submission that was asked for.
        rules: those that hold, with the deadline as it is.
        attempts_left: on this UTC day; None: no limit.
        selected: the numbers of those that the team has chosen for the private board.
        is_revealed: whether the private board is public.
    """

    team: str
    rules: Competition
    attempts_left: int | None
    sent: Sequence[Sent]
    selected: Sequence[int]
    is_revealed: bool

    def only(self, submission: int) -> Sent:
        """The submission of this number.

        Raises:
            UnknownSubmission: the team has none.
        """
        found = next((one for one in self.sent if one.receipt.submission == submission), None)
        if found is None:
            raise UnknownSubmission(f"team {self.team!r} has no submission {submission}")
        return found


@dataclass(frozen=True, slots=True)
class Parts:
    """What the web desk is given by the stages above, and by the machine.

    Attributes:
        tell: what a team may be told of what the ledger holds.
        site: the public folder with the board.
        styles: the board's style sheet, for pages that look the same.
        metric: the metric's name on the board.
        higher_is_better: the metric's direction.
    """

    desk: Desk
    judge: Judge
    clock: Callable[[], datetime]
    tell: Callable[[Recorded], Told]
    site: Path
    styles: str
    metric: str
    higher_is_better: bool = True


def next_attempt_at(attempts_left: int | None, at: datetime, now: datetime) -> datetime | None:
    """When the next attempt opens for a team that had so many left on the UTC day of `at`; None: it is open."""
    if attempts_left is None or attempts_left > 0:
        return None
    opens = datetime.combine(at.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return opens if opens > now else None
