"""The submissions that wait for a grade."""

from collections.abc import Callable, Iterator
from datetime import datetime

from grader.grades import Grade
from grader.judging import Judge
from submissions.entries import Entry
from submissions.ledger import Ledger, View


def waiting(view: View, metric: str, *, retry: bool = False) -> list[Entry]:
    """The `received` entries without a grade.

    With `retry` also those whose last grade is a grader_error, or by another metric than the rules name now.
    """
    if not retry:
        return list(view.ungraded())
    last = _last_grades(view)
    return [entry for entry in view.entries("received") if _is_due(last.get(entry.submission), metric)]


def of_another_metric(view: View, metric: str) -> list[Entry]:
    """The last grades that are by another metric than this one: no board of this metric shows them."""
    return [entry for entry in _last_grades(view).values() if entry.body["metric"] != metric]


def grade_waiting(
    ledger: Ledger, judge: Judge, clock: Callable[[], datetime], *, retry: bool = False
) -> Iterator[tuple[Entry, Grade]]:
    """Grade what waits, in order of arrival, each in a transaction of its own; yields what was graded.

    Two graders at once do the work twice and record it once.
    """
    with ledger.reading() as view:
        entries = waiting(view, judge.metric.name, retry=retry)
    for entry in entries:
        assert entry.file is not None
        with ledger.reading() as view:
            data = view.file(entry.file)
        grade = judge.grade(data)
        if _record(ledger, entry, grade, clock(), retry=retry):
            yield entry, grade


def _record(ledger: Ledger, entry: Entry, grade: Grade, now: datetime, *, retry: bool) -> bool:
    with ledger.writing() as transaction:
        last = list(transaction.entries("graded", submission=entry.submission))[-1:]
        if last and not (retry and _is_due(last[0], grade.metric)):
            return False
        transaction.append("graded", now, grade.to_json(), team=entry.team, submission=entry.submission)
        return True


def _last_grades(view: View) -> dict[int | None, Entry]:
    return {entry.submission: entry for entry in view.entries("graded")}


def _is_due(last: Entry | None, metric: str) -> bool:
    return last is None or last.body["verdict"] == "grader_error" or last.body["metric"] != metric
