"""The one path from bytes to receipt, whatever the door: open? well-formed? attempts left?"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from submissions import predictions, teams
from submissions.competition import Competition
from submissions.errors import Refused
from submissions.ledger import Ledger, Transaction, View
from submissions.predictions import Predictions
from submissions.quota import Quota
from submissions.receipts import Receipt
from submissions.row_ids import RowIds

# Grades predictions on arrival. The desk records the grade, and knows of it only whether it costs an attempt.
Judge = Callable[[Predictions], Mapping[str, Any]]


class CompetitionClosed(Refused):
    """Not open at that moment, and the rules refuse what comes outside."""

    def __init__(self, competition: Competition, received_at: datetime) -> None:
        self.deadline, self.received_at = competition.deadline, received_at
        if competition.has_opened(received_at):
            message = f"the competition is closed: the deadline was {competition.deadline.isoformat()}"
        else:
            message = f"the competition is not open yet: it opens at {competition.opens.isoformat()}"
        super().__init__(f"{message}; the file was received at {received_at.isoformat(timespec='seconds')}")


class InvalidVouch(Refused):
    """The organiser vouches for a moment that has not come yet."""


@dataclass(frozen=True, slots=True)
class Vouch:
    """The organiser's word that a file was there at a moment the desk did not see, and why."""

    received_at: datetime
    reason: str


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
            InvalidTeam, InvalidVouch, CompetitionClosed, InvalidSubmission, QuotaExceeded: nothing was recorded.
        """
        team = teams.parse(team)
        look = teams.look(team)
        received_at = _received_at(now, vouch)
        digest = hashlib.sha256(data).hexdigest()
        with self.ledger.reading() as view:
            if (earlier := _earlier(view, team, digest, is_baseline)) is not None:
                return earlier
        if not is_baseline:
            self._refuse_if_closed(received_at)
        read = predictions.read(data, self.competition, self.row_ids)
        grade = judge(read) if judge else None

        with self.ledger.writing() as ledger:
            if (earlier := _earlier(ledger, team, digest, is_baseline)) is not None:
                return earlier
            ledger.claim(team, look)
            quota = Quota(self.competition.daily_limit)
            receipt = Receipt(
                submission=ledger.next_seq,
                team=team,
                digest=digest,
                size=len(data),
                received_at=received_at,
                in_time=self.competition.is_open(received_at),
                attempts_left=None if is_baseline else quota.use(ledger, team, received_at, grade),
                door=door,
                vouched=vouch.reason if vouch else None,
                is_baseline=is_baseline,
            )
            return _record(ledger, receipt, data, now, grade)

    def _refuse_if_closed(self, received_at: datetime) -> None:
        is_refused = self.competition.late == "refused" and not self.competition.is_open(received_at)
        if is_refused or not self.competition.has_opened(received_at):
            raise CompetitionClosed(self.competition, received_at)


def _received_at(now: datetime, vouch: Vouch | None) -> datetime:
    if vouch is None:
        return now.astimezone(UTC)
    if vouch.received_at > now:
        raise InvalidVouch(f"{vouch.received_at.isoformat()} is in the future: only a past moment can be vouched for")
    return vouch.received_at.astimezone(UTC)


def _earlier(view: View, team: str, digest: str, is_baseline: bool) -> Receipt | None:
    first = next(view.entries("received", team=team), None)
    if first is not None and Receipt.from_entry(first).is_baseline != is_baseline:
        raise teams.InvalidTeam(team, "is a team's name" if is_baseline else "is the name of a baseline")
    same = next(view.entries("received", team=team, file=digest), None)
    return Receipt.from_entry(same) if same else None


def _record(
    ledger: Transaction, receipt: Receipt, data: bytes, now: datetime, grade: Mapping[str, Any] | None
) -> Receipt:
    ledger.keep(data, receipt.digest)
    append = partial(ledger.append, team=receipt.team, submission=receipt.submission)
    entry = append("received", now, receipt.to_json(), file=receipt.digest)
    if grade is not None:
        append("graded", now, grade)
    return Receipt.from_entry(entry)
