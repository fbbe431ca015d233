"""The one path from bytes to receipt, whatever the door: open? well-formed? attempts left?"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from submissions import keys, moments, predictions, schedule, teams
from submissions.arrivals import AlreadyReceived, Arrival, CompetitionClosed, Judge, Recorded
from submissions.competition import Competition
from submissions.errors import OrganiserError, Refused
from submissions.membership import accounts
from submissions.quota import Quota
from submissions.receipts import Receipt
from submissions.record.ahead import Wanted
from submissions.record.entries import Entry
from submissions.record.ledger import Ledger
from submissions.record.transaction import Transaction
from submissions.record.view import View
from submissions.row_ids import RowIds
from submissions.teams import InvalidTeam
from submissions.vouches import Vouch, moment_of


@dataclass(frozen=True, slots=True)
class Desk:
    """Where submissions are received.

    Attributes:
        competition: its rules, as they were before the deadline was moved or extended.
    """

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
        found = self.examine(data, team=team, now=now, door=door, vouch=vouch, is_baseline=is_baseline, judge=judge)
        if isinstance(found, Recorded):
            return found.receipt
        with self.ledger.writing() as ledger:
            return self._record(ledger, found, self._begin(ledger, [found])).receipt

    def in_force(self, view: View) -> Competition:
        """The rules that hold, with the deadline as it was moved and extended."""
        return schedule.now_in_force(self.competition, view)

    def examine(
        self,
        data: bytes,
        *,
        team: str,
        now: datetime,
        door: str,
        vouch: Vouch | None = None,
        is_baseline: bool = False,
        judge: Judge | None = None,
        key: str | None = None,
    ) -> Arrival | Recorded:
        """All of the work on a file that needs no transaction of its own; or what the ledger holds of the same bytes.

        Raises what `receive` does, but for QuotaExceeded.
        """
        name = teams.parse(team)
        arrival = Arrival(
            data=data,
            digest=hashlib.sha256(data).hexdigest(),
            team=name,
            now=now,
            received_at=moment_of(now, vouch),
            door=door,
            vouch=vouch,
            is_baseline=is_baseline,
            key=key,
            mark=_wait,
        )
        try:
            if _is_closed(self.competition, arrival):  # as far as the file goes: before any work
                _refuse_if_closed(self.ledger.glance(self.in_force), arrival)
            read = predictions.read(data, self.competition, self.row_ids)
        except Refused:
            # What was received stays received, whatever the rules say by now.
            with self.ledger.reading() as view:
                rules = self.in_force(view)
                _, earlier = _before(view, arrival, rules)
            if earlier is not None:
                return earlier
            _refuse_if_closed(rules, arrival)
            raise
        return replace(arrival, mark=judge(read)) if judge else arrival

    def record(self, ledger: Transaction, arrivals: Sequence[Arrival]) -> list[Recorded | Refused | OrganiserError]:
        """Add the entries of these arrivals, in order, at the end of this transaction; what becomes of each.

        A receipt is one only once the transaction is committed. Of what is refused, nothing was added: it is one of
        InvalidTeam, AlreadyReceived, KeyReused, CompetitionClosed, QuotaExceeded.
        """
        rules = self._begin(ledger, arrivals)
        recorded = list[Recorded | Refused | OrganiserError]()
        for arrival in arrivals:
            try:
                recorded.append(self._record(ledger, arrival, rules))
            except (Refused, OrganiserError) as refusal:
                recorded.append(refusal.with_traceback(None))  # a traceback would hold all of the arrivals
        return recorded

    def _begin(self, ledger: Transaction, arrivals: Sequence[Arrival]) -> Competition:
        """Fetch what is going to be asked of these; the rules in force."""
        quota = Quota(self.competition.daily_limit)
        days = filter(None, (quota.since(arrival.received_at) for arrival in arrivals))
        wanted = Wanted(
            looks={arrival.team: teams.look(arrival.team) for arrival in arrivals},
            files={arrival.digest for arrival in arrivals},
            since=min(map(moments.write, days), default=None),
            kinds=schedule.KINDS,
        )
        ledger.fetch(wanted)
        return self.in_force(ledger)

    def _record(self, ledger: Transaction, arrival: Arrival, rules: Competition) -> Recorded:
        """Add the entries of one; where it raises one of ours it has added nothing, and others may follow."""
        first, earlier = _before(ledger, arrival, rules)
        if earlier is not None:
            if arrival.key is not None:
                keys.keep(ledger, arrival.team, arrival.key, arrival.digest)
            return earlier
        _refuse_if_closed(rules, arrival)
        if first is None:
            accounts.refuse_lookalike(ledger, arrival.team, teams.look(arrival.team), is_baseline=arrival.is_baseline)
        grade = arrival.mark(ledger, arrival.team, arrival.is_baseline)
        quota = Quota(rules.daily_limit)
        left = None if arrival.is_baseline else quota.use(ledger, arrival.team, arrival.received_at, grade)
        receipt = Receipt(
            submission=ledger.next_submission,
            team=arrival.team,
            digest=arrival.digest,
            size=len(arrival.data),
            received_at=arrival.received_at,
            in_time=rules.is_open(arrival.received_at, arrival.team),
            attempts_left=left,
            door=arrival.door,
            vouched=arrival.vouch.reason if arrival.vouch else None,
            is_baseline=arrival.is_baseline,
        )
        if first is None:
            ledger.claim(arrival.team, teams.look(arrival.team))
        ledger.keep(arrival.data, arrival.digest)
        if arrival.key is not None:
            keys.keep(ledger, arrival.team, arrival.key, arrival.digest)
        append = partial(ledger.append, at=arrival.now, team=receipt.team, submission=receipt.submission)
        entry = append("received", body=receipt.to_json(), file=receipt.digest)
        if grade is not None:
            append("graded", body=grade)
        return Recorded(Receipt.from_entry(entry), grade, rules, is_known=False)


def _before(view: View, arrival: Arrival, rules: Competition) -> tuple[Entry | None, Recorded | None]:
    """The first that was received from this team, and what the ledger holds of the same bytes from it.

    Raises:
        InvalidTeam: a team has a baseline's name, or the reverse.
        AlreadyReceived, KeyReused: as they say.
    """
    if arrival.key is not None:
        keys.refuse_reused(view, arrival.team, arrival.key, arrival.digest)
    first, same = view.sent(arrival.team, arrival.digest)
    if first is not None and Receipt.from_entry(first).is_baseline != arrival.is_baseline:
        raise InvalidTeam(arrival.team, "is a team's name" if arrival.is_baseline else "is the name of a baseline")
    if same is None:
        return first, None
    if arrival.vouch is not None:
        raise AlreadyReceived(Receipt.from_entry(same))
    *_, last = None, *view.entries("graded", submission=same.submission)
    return first, Recorded(Receipt.from_entry(same), last.body if last else None, rules, is_known=True)


def _is_closed(rules: Competition, arrival: Arrival) -> bool:
    at = arrival.received_at
    is_refused = rules.late == "refused" and not rules.is_open(at, arrival.team)
    return not arrival.is_baseline and (is_refused or not rules.has_opened(at))


def _refuse_if_closed(rules: Competition, arrival: Arrival) -> None:
    if _is_closed(rules, arrival):
        raise CompetitionClosed(rules, arrival.received_at, arrival.team)


def _wait(_view: View, _team: str, _is_baseline: bool) -> None:
    """No grade yet."""
