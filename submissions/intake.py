"""The one path from bytes to receipt, whatever the door: open? well-formed? attempts left?"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from submissions import moments, predictions, teams
from submissions.competition import Competition
from submissions.errors import Refused
from submissions.ledger import Ledger, View
from submissions.predictions import Predictions
from submissions.quota import Quota
from submissions.receipts import Receipt
from submissions.row_ids import RowIds
from submissions.teams import InvalidTeam
from submissions.vouches import Vouch, moment_of

# Grades predictions on arrival. The grade may depend on what the ledger holds, and is asked for within the transaction
# that records it, with the team and whether it is a baseline; None: the submission waits for its grade. The desk knows
# of a grade only whether it costs an attempt.
Grade = Mapping[str, Any]
Judge = Callable[[Predictions], Callable[[View, str, bool], Grade | None]]


class CompetitionClosed(Refused):
    """Not open at that moment, and the rules refuse what comes outside."""

    def __init__(self, competition: Competition, received_at: datetime) -> None:
        self.deadline, self.received_at = competition.deadline, received_at
        if competition.has_opened(received_at):
            message = f"the competition is closed: the deadline was {moments.shown(competition.deadline)}"
        else:
            message = f"the competition is not open yet: it opens at {moments.shown(competition.opens)}"
        super().__init__(f"{message}; the file was received at {moments.shown(received_at)}")


class AlreadyReceived(Refused):
    """The organiser vouches for bytes that the desk has received by itself; a receipt is never changed."""

    def __init__(self, receipt: Receipt) -> None:
        at = moments.shown(receipt.received_at)
        super().__init__(f"team {receipt.team!r} has a receipt for this file: submission {receipt.submission}, at {at}")


@dataclass(frozen=True, slots=True)
class Desk:
    """Where submissions are received."""

    competition: Competition
    row_ids: RowIds
    ledger: Ledger

    def receive(
        self,
        data: bytes,
        *,
        team: str,
        now: datetime,
        door: str = "submit",
        vouch: Vouch | None = None,
        is_baseline: bool = False,
        judge: Judge | None = None,
    ) -> Receipt:
        """The receipt for these bytes, given once the ledger holds them, and their grade if there is a judge.

        The same bytes from the same team get the receipt they had, and cost nothing: a sender that saw no answer
        may send again. `now` is the desk's clock at the last byte.

        Raises:
            InvalidTeam, InvalidVouch, AlreadyReceived, CompetitionClosed, InvalidSubmission, QuotaExceeded:
                nothing was recorded.
        """
        arrival = _Arrival(
            data, hashlib.sha256(data).hexdigest(), teams.parse(team), now, moment_of(now, vouch), vouch, is_baseline
        )
        with self.ledger.reading() as view:
            if (earlier := arrival.earlier(view)) is not None:
                return earlier
        if not is_baseline:
            self._refuse_if_closed(arrival.received_at)
        read = predictions.read(data, self.competition, self.row_ids)
        return self._record(arrival, door, judge(read) if judge else _wait)

    def _record(self, arrival: "_Arrival", door: str, mark: Callable[[View, str, bool], Grade | None]) -> Receipt:
        quota = Quota(self.competition.daily_limit)
        look = teams.look(arrival.team)
        with self.ledger.writing() as ledger:
            if (earlier := arrival.earlier(ledger)) is not None:
                return earlier
            ledger.claim(arrival.team, look)
            grade = mark(ledger, arrival.team, arrival.is_baseline)
            left = None if arrival.is_baseline else quota.use(ledger, arrival.team, arrival.received_at, grade)
            receipt = Receipt(
                submission=ledger.next_submission,
                team=arrival.team,
                digest=arrival.digest,
                size=len(arrival.data),
                received_at=arrival.received_at,
                in_time=self.competition.is_open(arrival.received_at),
                attempts_left=left,
                door=door,
                vouched=arrival.vouch.reason if arrival.vouch else None,
                is_baseline=arrival.is_baseline,
            )
            ledger.keep(arrival.data, arrival.digest)
            append = partial(ledger.append, at=arrival.now, team=receipt.team, submission=receipt.submission)
            entry = append("received", body=receipt.to_json(), file=receipt.digest)
            if grade is not None:
                append("graded", body=grade)
            return Receipt.from_entry(entry)

    def _refuse_if_closed(self, received_at: datetime) -> None:
        is_refused = self.competition.late == "refused" and not self.competition.is_open(received_at)
        if is_refused or not self.competition.has_opened(received_at):
            raise CompetitionClosed(self.competition, received_at)


@dataclass(frozen=True, slots=True)
class _Arrival:
    """Bytes at the desk, before anything is recorded."""

    data: bytes
    digest: str
    team: str
    now: datetime
    received_at: datetime
    vouch: Vouch | None
    is_baseline: bool

    def earlier(self, view: View) -> Receipt | None:
        """The receipt that this team has for the same bytes."""
        first = next(view.entries("received", team=self.team), None)
        if first is not None and Receipt.from_entry(first).is_baseline != self.is_baseline:
            raise InvalidTeam(self.team, "is a team's name" if self.is_baseline else "is the name of a baseline")
        same = next(view.entries("received", team=self.team, file=self.digest), None)
        if same is not None and self.vouch is not None:
            raise AlreadyReceived(Receipt.from_entry(same))
        return Receipt.from_entry(same) if same else None


def _wait(_view: View, _team: str, _is_baseline: bool) -> None:
    """No grade yet."""
