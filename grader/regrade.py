"""Every submission graded again, after a corrected label, another metric or another split: all new grades, or none."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from grader.grades import Grade
from grader.influence import Measured
from grader.judging import Judge
from grader.marking import early_baselines
from grader.matrix import Matrix
from grader.release import Reference, Release
from grader.spread import spread
from submissions import predictions
from submissions.cells import Values
from submissions.entries import Entry
from submissions.ledger import Ledger, Transaction, View
from submissions.receipts import Receipt

_CHUNK = 256  # submissions that a worker is given at once
Grades = Mapping[int, Grade]
Sent = Sequence[Receipt]


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


@dataclass(frozen=True)
class Work:
    """Grades the submissions of teams; it is sent to other processes, and to other machines.

    Attributes:
        ledger: where the files lie.
        is_held: whether their predictions are in the matrix.
    """

    judge: Judge
    reference: Reference | None
    ledger: Path
    is_held: bool

    def __call__(self, teams: Sequence[Sent]) -> list[tuple[int, Grade]]:
        """The new grades of all submissions of these teams, each team's in order of arrival."""
        judge, release = self.judge, Release(self.judge, self.reference)
        with ExitStack() as opened:
            opened.callback(judge.close)
            view = opened.enter_context(opened.enter_context(Ledger(self.ledger)).reading())
            matrix = opened.enter_context(_matrix(judge)) if self.is_held else None

            def read(digest: str) -> Values:
                values = matrix.values(digest) if matrix else None
                return _parse(judge, view, digest) if values is None else values

            return [graded for team in teams for graded in _team(release, team, read)]


def plan(
    ledger: Ledger,
    path: Path,
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
        OrganiserError: the workers cannot be reached, or were lost.
    """
    with ledger.reading() as view:
        teams, before, head = _by_team(view), _in_force(view), view.head()
        reference = _reference(view, judge)
    Release(judge, reference).live  # noqa: B018 - it raises
    if cluster is None:
        with _matrix(judge) as matrix:
            for _ in matrix.extend(path, [receipt.digest for team in teams for receipt in team]):
                pass
    work = Work(judge, reference, path, is_held=cluster is None)
    after: dict[int, Grade] = {}
    for graded in spread(work, _chunks(teams), cluster=cluster):
        after.update(graded)
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


def _team(release: Release, sent: Sent, read: Callable[[str], Values]) -> Iterator[tuple[int, Grade]]:
    """The grades of one team's submissions, one after the other."""
    judge, best = release.judge, None
    is_on_ladder = judge.competition.live == "ladder"
    for receipt in sent:
        grade, values = judge.judge(_reading(read, receipt.digest))
        is_measured = values is not None and (is_on_ladder or receipt.is_baseline)
        measured = judge.measured(values) if is_measured and values is not None else None
        if receipt.is_baseline:
            yield receipt.submission, release.baseline(grade, measured)
            continue
        grade = release.team(grade, measured, _given(best))
        if grade.public is not None and not grade.reason:
            best = measured
        yield receipt.submission, grade


def _matrix(judge: Judge) -> Matrix:
    return Matrix.open(judge.folder, judge.competition, judge.row_ids)


def _reading(read: Callable[[str], Values], digest: str) -> Callable[[], Values]:
    return lambda: read(digest)


def _given(best: Measured | None) -> Callable[[], Measured | None]:
    return lambda: best


def _parse(judge: Judge, view: View, digest: str) -> Values:
    return predictions.read(view.file(digest), judge.competition, judge.row_ids).values


def _reference(view: View, judge: Judge) -> Reference | None:
    """The baseline that the live board is measured by, graded by this judge."""
    sign = 1 if judge.metric.higher_is_better else -1
    found = None
    for receipt in early_baselines(view):
        grade, values = judge.judge(_reading(lambda digest: _parse(judge, view, digest), receipt.digest))
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
    new = [team for team in _by_team(transaction) if team[-1].submission not in made.after]
    release = Release(judge, _reference(transaction, judge))
    more = dict(
        graded for team in new for graded in _team(release, team, lambda digest: _parse(judge, transaction, digest))
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
