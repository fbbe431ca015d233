"""The submissions that wait for a grade."""

from collections.abc import Callable, Iterator
from datetime import datetime

from grader.grades import Grade
from grader.judging import Judge
from submissions.entries import Entry
from submissions.ledger import Ledger, View


def waiting(view: View, *, retry: bool = False) -> list[Entry]:
    """The `received` entries without a grade; with `retry` also those whose last grade is a grader_error."""
    if not retry:
        return list(view.ungraded())
    last = {entry.submission: entry.body["verdict"] for entry in view.entries("graded")}
    return [entry for entry in view.entries("received") if last.get(entry.submission) in {None, "grader_error"}]


def grade_waiting(
    ledger: Ledger, judge: Judge, clock: Callable[[], datetime], *, retry: bool = False
) -> Iterator[tuple[Entry, Grade]]:
    """Grade what waits, in order of arrival, each in a transaction of its own; yields what was graded.

    Two graders at once do the work twice and record it once.
    """
    with ledger.reading() as view:
        entries = waiting(view, retry=retry)
    for entry in entries:
        assert entry.file is not None
        with ledger.reading() as view:
            data = view.file(entry.file)
        grade = judge.grade(data)
        if _record(ledger, entry, grade, clock(), retry=retry):
            yield entry, grade


def _record(ledger: Ledger, entry: Entry, grade: Grade, now: datetime, *, retry: bool) -> bool:
    with ledger.writing() as transaction:
        grades = list(transaction.entries("graded", submission=entry.submission))
        if grades and not (retry and grades[-1].body["verdict"] == "grader_error"):
            return False
        transaction.append("graded", now, grade.to_json(), team=entry.team, submission=entry.submission)
        return True
