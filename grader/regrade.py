"""Every submission graded again, after a corrected label, another metric or another split: all new grades, or none."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from grader import replay
from grader.grades import Grade
from grader.judging import Judge
from grader.marking import baselines
from grader.release import Reference, Release
from grader.replay import Sent
from grader.spread import spread
from submissions.errors import OrganiserError
from submissions.receipts import Receipt
from submissions.record.database import Place
from submissions.record.entries import Entry
from submissions.record.ledger import Ledger
from submissions.record.transaction import Transaction
from submissions.record.view import View

_CHUNK = 256  # submissions that a worker is given at once
Grades = Mapping[int, Grade]


class ScoresLost(OrganiserError):
    """The grader fails on a submission that has a score: it would lose its place by our fault."""

    def __init__(self, submission: int, grade: Grade) -> None:
        told = f"submission {submission} has a score, and now the grader fails on it: {grade.error}"
        super().__init__(f"{told}; nothing was recorded: mend the metric, and run it again")


@dataclass(frozen=True, slots=True)
class Regrade:
    """What a regrade would record.

    Attributes:
        before: the grades in force, by submission; a submission without one is not among them.
        after: the new ones, of every submission that was received.
        seq: the ledger's last entry when they were made.
    """

    before: Grades
    after: Grades
    seq: int

    @property
    def is_needed(self) -> bool:
        """Whether any grade differs from the one in force."""
        return self.before != self.after


def plan(
    ledger: Ledger,
    path: Place,
    judge: Judge,
    *,
    cluster: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Regrade:
    """The new grades of every submission; nothing is recorded.

    Args:
        ledger: the ledger, which lies at `path`: other processes open it there.
        path: the same.
        judge: by whom all are graded.
        cluster: the address of a Dask scheduler, whose workers do it; they must reach the same path.
        progress: told how many more are graded.

    Raises:
        NoReference: the live policy takes a baseline, and there is none.
        ScoresLost: the grader fails on a submission that has a score.
        OrganiserError: the workers cannot be reached, or were lost.
    """
    with ledger.reading() as view:
        teams, before, head = _by_team(view), _in_force(view), view.head()
        reference = _reference(view, judge)
    Release(judge, reference).live  # noqa: B018 - it raises
    _try_one(ledger, judge, teams, before)
    if cluster is None:
        with replay.matrix_of(judge) as matrix:
            for _ in matrix.extend(path, [receipt.digest for team in teams for receipt in team]):
                pass
    work = replay.Work(judge, reference, path, is_held=cluster is None)
    after: dict[int, Grade] = {}
    for graded in spread(work, _chunks(teams), cluster=cluster):
        after.update(graded)
        _refuse_lost(before, after)
        progress(len(graded))
    return Regrade(before, dict(sorted(after.items())), head.seq if head else 0)


def record(
    ledger: Ledger,
    judge: Judge,
    made: Regrade,
    *,
    because: str,
    now: datetime,
    last: Callable[[], None] = lambda: None,
) -> Regrade:
    """Put all new grades in force, in one transaction; with those of submissions that came meanwhile.

    Args:
        ledger: the ledger.
        judge: by whom they were graded.
        made: by `plan`.
        because: why.
        now: the desk's clock.
        last: what is done before the commit; if it raises, nothing is recorded.
    """
    with ledger.writing() as transaction:
        made = _brought_up(transaction, judge, made)
        body = {"because": because, "from": _standards(made.before.values()), "to": _standards(made.after.values())}
        transaction.append("regraded", now, {**body, "submissions": len(made.after)})
        received = map(Receipt.from_entry, transaction.entries("received"))
        new = ((one.team, one.submission, made.after[one.submission].to_json()) for one in received)
        transaction.append_all("graded", now, new)
        last()
    return made


def _try_one(ledger: Ledger, judge: Judge, teams: Sequence[Sent], before: Grades) -> None:
    """Grade one submission that has a score: a metric that fails on all of them is noticed at once."""
    every = (receipt for team in teams for receipt in team)
    first = next((one for one in every if _has_score(before.get(one.submission))), None)
    if first is not None:
        with ledger.reading() as view:
            grade, _ = judge.judge(replay.reading(lambda digest: replay.parse(judge, view, digest), first.digest))
        _refuse_lost(before, {first.submission: grade})


def _refuse_lost(before: Grades, after: Grades) -> None:
    for number, grade in after.items():
        if grade.verdict == "grader_error" and _has_score(before.get(number)):
            raise ScoresLost(number, grade)


def _has_score(grade: Grade | None) -> bool:
    return grade is not None and grade.public is not None


def _reference(view: View, judge: Judge) -> Reference | None:
    """The baseline that the live board is measured by, graded by this judge."""
    sign = 1 if judge.metric.higher_is_better else -1
    found = None
    for receipt in baselines(view):
        grade, values = judge.judge(replay.reading(lambda digest: replay.parse(judge, view, digest), receipt.digest))
        if grade.public is None or values is None or (found and sign * grade.public <= sign * found.score):
            continue
        measured = judge.measured(values)
        error = Release(judge, None).baseline(grade, measured).standard_error
        found = Reference(grade.public, error, None if judge.competition.live == "exact" else measured)
    return found


def _brought_up(transaction: Transaction, judge: Judge, made: Regrade) -> Regrade:
    """The same with the submissions that came after `plan`."""
    head = transaction.head()
    if head is None or head.seq == made.seq:
        return made
    late = (one for team in _by_team(transaction) for one in team if one.submission not in made.after)
    if any(one.is_baseline for one in late):
        raise OrganiserError("a baseline came meanwhile, by which all would be measured: run it again")
    new = [team for team in _by_team(transaction) if team[-1].submission not in made.after]
    release = Release(judge, _reference(transaction, judge))
    more = dict(
        graded
        for team in new
        for graded in replay.graded(release, team, lambda digest: replay.parse(judge, transaction, digest))
    )
    return replace(made, before=_in_force(transaction), after={**made.after, **more})


def _by_team(view: View) -> list[Sent]:
    teams = defaultdict[str, list[Receipt]](list)
    for receipt in map(Receipt.from_entry, view.entries("received")):
        teams[receipt.team].append(receipt)
    return list(teams.values())


def _in_force(view: View) -> Grades:
    return {_number(entry): Grade.from_json(entry.body) for entry in view.entries("graded")}


def _number(entry: Entry) -> int:
    assert entry.submission is not None
    return entry.submission


def _chunks(teams: Sequence[Sent]) -> list[list[Sent]]:
    """Whole teams, in groups of about 256 submissions."""
    chunks: list[list[Sent]] = []
    size = _CHUNK
    for team in teams:
        if size >= _CHUNK:
            chunks.append([])
            size = 0
        chunks[-1].append(team)
        size += len(team)
    return chunks


def _standards(grades: Any) -> list[dict[str, str]]:
    """By what these grades were given: each metric with its solution."""
    found = {(grade.metric, grade.solution, grade.scoring) for grade in grades}
    return [dict(zip(("metric", "solution", "scoring"), one, strict=True)) for one in sorted(found)]
