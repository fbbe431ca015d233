"""From the ledger's entries to ranked standings."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from grader import metrics
from grader.grades import Grade
from grader.metric import Metric
from leaderboard import certainty, visible
from leaderboard.choice import Chooser, Rule
from submissions import schedule
from submissions.competition import Competition
from submissions.decided import Decisions
from submissions.receipts import Receipt
from submissions.record.entries import Entry
from submissions.schedule import Change

BoardName = Literal["public", "private"]
State = Literal["ranked", "baseline", "quoted", "late", "unscored", "disqualified"]
_STATES: Mapping[Rule, State] = {"selected": "ranked", "best": "ranked", "late": "late", "none": "unscored"}


@dataclass(frozen=True, slots=True)
class Standing:
    """One row of the board.

    Attributes:
        team_id: "t-" and the first 12 hex digits of the name's SHA-256: safe wherever a name is not.
        rank: from 1; None outside the ranking.
        is_tied: whether another team shares the rank.
        score: on the board's share of the test rows, at full precision; None: nothing was scored.
        submissions: how many were received, in time or late.
        last_at: arrival of the last of them; None: nothing was sent.
        counted_at: arrival of the one that counts; None: none does.
        state: "ranked"; "baseline": the organiser's; "quoted": a score reported elsewhere; "late": scored only after
            the deadline; "unscored"; "disqualified".
        source: where a quoted score was reported.
        submission: the number of the one that counts; None: none does.
        interval: the ends of the score's 95 % interval; None: there is none.
        ranks: the best and the worst rank that the scores do not rule out, final board only; None: not known.
    """

    team: str
    team_id: str
    rank: int | None
    is_tied: bool
    score: float | None
    submissions: int
    last_at: datetime | None
    counted_at: datetime | None
    state: State
    source: str = ""
    submission: int | None = None
    interval: tuple[float, float] | None = None
    ranks: tuple[int, int] | None = None

    @property
    def may_be_first(self) -> bool:
        """True where nobody is shown to be better: the team is not separable from the first."""
        return self.ranks is not None and self.ranks[0] == 1

    @property
    def is_team(self) -> bool:
        """False for baselines and quoted scores: they are outside the ranking whatever they score."""
        return self.state not in {"baseline", "quoted"}


@dataclass(frozen=True, slots=True)
class Board:
    """The leaderboard at one moment.

    Attributes:
        competition: the rules in force.
        board: the share of the test rows that the scores are of.
        phase: "upcoming", "open" or "closed", by the common deadline.
        is_revealed: whether the private board may be seen.
        rows: ranked teams, baselines and quoted scores by score, then late teams, then those without a score, then
            those that are disqualified.
        teams: how many there are, baselines and quoted scores left out.
        submissions: how many were received from those teams.
        head: the digest of the last entry seen; "" if there is none.
        frozen_at: since when the public board stands still; None: it does not.
        changes: how the deadline was moved and teams were given more time, in the ledger's order; a freeze hides none.
    """

    competition: Competition
    board: BoardName
    as_of: datetime
    phase: str
    is_revealed: bool
    metric: Metric
    rows: tuple[Standing, ...]
    teams: int
    submissions: int
    head: str
    frozen_at: datetime | None = None
    changes: tuple[Change, ...] = ()


def gather(
    competition: Competition,
    entries: Iterable[Entry],
    as_of: datetime,
    board: BoardName,
    *,
    is_frozen_seen: bool = False,
) -> Board:
    """The board of these entries, given in ledger order; those recorded after `as_of` are not seen.

    The deadline and the extensions are those of that moment: `schedule.in_force` of the entries seen.

    A team stands with its best public score in time; on the private board with the best private score of those it
    has selected, or else among its `final_selections` best public submissions (Kaggle's rule; see `choice`). Of equal
    submissions the earlier counts. Ranks are standard competition ranks (1, 2, 2, 4).

    Raises:
        InvalidCompetition: the rules name a metric that is not offered, or is for another kind of prediction.
    """
    metric = metrics.of(competition)
    recorded = [entry for entry in entries if entry.at <= as_of]
    competition = schedule.in_force(competition, recorded)
    is_whole = board == "private" or is_frozen_seen
    seen = recorded if is_whole else visible.entries_at(competition, recorded, as_of)
    rule = _Rule(Chooser(competition, metric, Decisions.of(seen), is_private=board == "private"))
    grades = {entry.submission: Grade.from_json(entry.body) for entry in seen if entry.kind == "graded"}
    sent = [rule.place(receipts, grades) for receipts in _by_team(seen)]
    placed = sorted([*sent, *rule.quoted()], key=lambda one: one.key)
    rows = tuple(_ranked([one.standing for one in placed]))
    teams = [one.standing for one in sent if one.standing.is_team]
    return Board(
        competition=competition,
        board=board,
        as_of=as_of,
        phase=competition.phase(as_of),
        is_revealed=visible.is_revealed(competition, recorded),
        metric=metric,
        rows=certainty.attached(rows, seen) if board == "private" else rows,
        teams=len(teams),
        submissions=sum(team.submissions for team in teams),
        head=seen[-1].digest if seen else "",
        frozen_at=None if is_whole else visible.frozen_at(competition, recorded, as_of),
        changes=tuple(schedule.changes(recorded)),
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A standing, and the key that puts it in its place."""

    key: tuple[int, float, bool, datetime, int]
    standing: Standing


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a board puts a team in its place."""

    chooser: Chooser

    def place(self, receipts: Sequence[Receipt], grades: Mapping[int | None, Grade]) -> _Placed:
        is_baseline = receipts[0].is_baseline
        choice = self.chooser.choose(receipts, grades)
        best, state = self.chooser.best(choice), _STATES[choice.rule]
        if receipts[0].team in self.chooser.decisions.disqualified and not is_baseline:
            best, state = None, "disqualified"
        standing = Standing(
            team=receipts[0].team,
            team_id="t-" + hashlib.sha256(receipts[0].team.encode()).hexdigest()[:12],
            rank=None,
            is_tied=False,
            score=best.score if best else None,
            submissions=len(receipts),
            last_at=max(one.received_at for one in receipts),
            counted_at=best.received_at if best else None,
            state="baseline" if is_baseline else state,
            submission=best.submission if best else None,
            interval=best.interval if best else None,
        )
        group = ("ranked", "late", "unscored", "disqualified").index(state)
        if best is None:
            first = min((one.received_at, one.submission) for one in receipts)
            return _Placed((group, 0, is_baseline, *first), standing)
        merit = self.chooser.merit(best.score)
        return _Placed((group, merit, is_baseline, best.received_at, best.submission), standing)

    def quoted(self) -> Iterator[_Placed]:
        """The scores from elsewhere that are in the board's metric; behind a team with the same score."""
        rules = self.chooser.competition
        for one in rules.quoted:
            if one.metric == self.chooser.metric.name:
                standing = Standing(
                    team=one.name,
                    team_id="q-" + hashlib.sha256(one.name.encode()).hexdigest()[:12],
                    rank=None,
                    is_tied=False,
                    score=one.score,
                    submissions=0,
                    last_at=None,
                    counted_at=None,
                    state="quoted",
                    source=one.source,
                )
                yield _Placed((0, self.chooser.merit(one.score), True, rules.opens, 0), standing)


def _by_team(entries: Iterable[Entry]) -> Iterable[Sequence[Receipt]]:
    teams = defaultdict[str, list[Receipt]](list)
    for entry in entries:
        if entry.kind == "received":
            receipt = Receipt.from_entry(entry)
            teams[receipt.team].append(receipt)
    return teams.values()


def _ranked(rows: Sequence[Standing]) -> Iterator[Standing]:
    sharing = Counter(row.score for row in rows if row.state == "ranked")
    rank, place, last = 0, 0, None
    for row in rows:
        if row.state != "ranked":
            yield row
            continue
        place += 1
        if row.score != last:
            rank, last = place, row.score
        yield replace(row, rank=rank, is_tied=sharing[row.score] > 1)
