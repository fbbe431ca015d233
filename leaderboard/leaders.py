"""When first place on the public board changed hands: one pass over the entries, not a board for each of them."""

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Generic, TypeVar

from grader import metrics
from grader.grades import Grade
from grader.metric import Metric
from submissions.competition import Competition
from submissions.receipts import Receipt
from submissions.record.entries import Entry

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class Lead:
    """A moment at which a team came to stand first, or was left there alone.

    Attributes:
        at: when it was recorded.
        seq, digest: of the ledger's entry that began the moment.
        team: who came; of several, the one that the board shows first.
        score: what the public board shows for it.
        sharing: how many teams stand first with that score; 1: it leads alone.
        other: who shares first place with it, where that is one team; else "".
        over: who stood first alone before; "" where nobody did, or several.
    """

    at: datetime
    seq: int
    digest: str
    team: str
    score: float
    sharing: int
    other: str = ""
    over: str = ""


def leads(competition: Competition, entries: Iterable[Entry], as_of: datetime) -> list[Lead]:
    """Every lead up to this moment, oldest first, by the rules as they are now.

    The last one agrees with rank 1 of `standings.gather` at the same moment. A submission counts from the moment of
    its grade on, and with a new grade from the moment of that; entries of one moment count together. Baselines and
    late submissions never lead. A tie is a lead of the team that draws level; where one of several leaders falls
    back, it is one only if a single team is left.

    Args:
        competition: the rules.
        entries: in ledger order, without those that the public may not see yet.
        as_of: entries recorded later are not seen.

    Raises:
        InvalidCompetition: the rules name a metric that is not offered.
    """
    race = _Race(competition, metrics.of(competition))
    seen = (entry for entry in entries if entry.at <= as_of)
    moments = (race.advance(list(moment)) for _, moment in groupby(seen, key=lambda entry: entry.at))
    return [lead for lead in moments if lead is not None]


@dataclass(slots=True)
class _Best(Generic[Key]):
    """The least merit of many that come and go: a heap from which the outdated ones are dropped when they surface."""

    merits: dict[Key, float] = field(default_factory=dict)
    heap: list[tuple[float, Key]] = field(default_factory=list)

    def put(self, key: Key, merit: float | None) -> None:
        if merit is None:
            self.merits.pop(key, None)
        elif self.merits.get(key) != merit:
            self.merits[key] = merit
            heapq.heappush(self.heap, (merit, key))

    def least(self) -> float | None:
        while self.heap and self.merits.get(self.heap[0][1]) != self.heap[0][0]:
            heapq.heappop(self.heap)
        return self.heap[0][0] if self.heap else None


@dataclass(slots=True)
class _Race:
    """Where everybody stands after the entries so far; a merit is a score turned so that less is better."""

    competition: Competition
    metric: Metric
    baselines: dict[str, bool] = field(default_factory=dict)
    receipts: dict[int, Receipt] = field(default_factory=dict)
    graded: dict[int, float | None] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    disqualified: set[str] = field(default_factory=set)
    teams: dict[str, _Best[int]] = field(default_factory=dict)
    ranking: _Best[str] = field(default_factory=_Best)
    by_merit: dict[float, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def advance(self, entries: list[Entry]) -> Lead | None:
        top = self.ranking.least()
        sharing, sole = (0, "") if top is None else (len(self.by_merit[top]), self._sole(top))
        before: dict[str, float | None] = {}
        for entry in entries:
            for team in self._take(entry):
                before.setdefault(team, self.ranking.merits.get(team))
                self._place(team)
        now = self.ranking.least()
        if now is None:
            return None
        candidates = before if now == top else self.by_merit[now]
        came = [
            team for team in candidates if team in self.by_merit[now] and (top is None or before.get(team, now) != top)
        ]
        if came or (sharing > 1 and self._sole(now)):
            team = min(came or [self._sole(now)], key=self._counted)
            return self._lead(entries[0], team, now, over=sole)
        return None

    def _take(self, entry: Entry) -> Iterator[str]:
        """The teams that this entry may move."""
        match entry.kind:
            case "received":
                receipt = Receipt.from_entry(entry)
                # As in `standings`, what a name sent first says whose it is.
                is_baseline = self.baselines.setdefault(receipt.team, receipt.is_baseline)
                if receipt.counts(self.competition) and not is_baseline:
                    self.receipts[receipt.submission] = receipt
            case "graded" if entry.submission in self.receipts:
                self.graded[entry.submission] = self._merit(Grade.from_json(entry.body))
                yield self._count(entry.submission)
            case "withdrawn" | "restored" if entry.submission in self.receipts:
                (self.withdrawn.add if entry.kind == "withdrawn" else self.withdrawn.discard)(entry.submission)
                yield self._count(entry.submission)
            case "disqualified" | "reinstated" if entry.team is not None:
                (self.disqualified.add if entry.kind == "disqualified" else self.disqualified.discard)(entry.team)
                yield entry.team

    def _count(self, submission: int) -> str:
        team = self.receipts[submission].team
        self.teams.setdefault(team, _Best()).put(
            submission, None if submission in self.withdrawn else self.graded.get(submission)
        )
        return team

    def _place(self, team: str) -> None:
        old = self.ranking.merits.get(team)
        new = self.teams[team].least() if team in self.teams and team not in self.disqualified else None
        if old is not None and old != new:
            del self.by_merit[old][team]
        if new is not None:
            self.by_merit[new][team] = None
        self.ranking.put(team, new)

    def _merit(self, grade: Grade) -> float | None:
        """As `standings` has it: a score of another metric, or one of which a half is missing, stands on no board."""
        is_whole = grade.public is not None and grade.private is not None
        if not is_whole or grade.metric != self.metric.name:
            return None
        shown = grade.shown
        if shown is None or not all(map(math.isfinite, (shown, grade.public or 0.0, grade.private or 0.0))):
            return None
        return -shown if self.metric.higher_is_better else shown

    def _sole(self, merit: float) -> str:
        first = self.by_merit[merit]
        return next(iter(first)) if len(first) == 1 else ""

    def _counted(self, team: str) -> tuple[datetime, int]:
        """When the submission that counts arrived, and its number: the board's order of equal scores."""
        best = self.teams[team].least()
        numbers = (number for number, merit in self.teams[team].merits.items() if merit == best)
        return min((self.receipts[number].received_at, number) for number in numbers)

    def _lead(self, entry: Entry, team: str, merit: float, over: str) -> Lead:
        first = self.by_merit[merit]
        other = next(other for other in first if other != team) if len(first) == 2 else ""  # noqa: PLR2004
        score = -merit if self.metric.higher_is_better else merit
        return Lead(
            entry.at,
            entry.seq,
            entry.digest,
            team,
            score + 0.0,  # no minus zero
            len(first),
            other,
            "" if over == team else over,
        )
