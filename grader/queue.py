"""The submissions that wait for a grade."""

from collections.abc import Callable, Iterator
from datetime import datetime

from grader.grades import Grade
from grader.marking import Marker
from submissions.receipts import Receipt
from submissions.record.entries import Entry
from submissions.record.ledger import Ledger
from submissions.record.transaction import Transaction
from submissions.record.view import View


def waiting(view: View, *, retry: bool = False) -> list[Entry]:
    """The `received` entries without a grade; with `retry` also those whose last grade is a grader_error.

    Baselines come first, for the live board may be measured by one; then the order of arrival.
    """
    entries = list(view.ungraded())
    if retry:
        last = {entry.submission: entry for entry in view.entries("graded")}
        entries = [entry for entry in view.entries("received") if _is_due(last.get(entry.submission))]
    return sorted(entries, key=lambda entry: not Receipt.from_entry(entry).is_baseline)


def grade_waiting(
    ledger: Ledger, marker: Marker, clock: Callable[[], datetime], *, retry: bool = False
) -> Iterator[tuple[Entry, Grade]]:
    """Grade what waits, each in a transaction of its own; yields what was graded.

    Two graders at once do the work twice and record it once.

    Raises:
        StaleGrades, NoReference: it cannot be graded now; what was graded before that stays.
    """
    with ledger.reading() as view:
        entries = waiting(view, retry=retry)
    for entry in entries:
        assert entry.file is not None
        with ledger.reading() as view:
            data = view.file(entry.file)
        told = marker.waited(data)
        with ledger.writing() as transaction:
            grade = _record(transaction, entry, told, clock(), retry=retry)
        if grade:
            yield entry, grade


def _record(
    transaction: Transaction,
    entry: Entry,
    told: Callable[[View, str, bool], Grade],
    now: datetime,
    *,
    retry: bool,
) -> Grade | None:
    last = list(transaction.entries("graded", submission=entry.submission))[-1:]
    if last and not (retry and _is_due(last[0])):
        return None
    receipt = Receipt.from_entry(entry)
    grade = told(transaction, receipt.team, receipt.is_baseline)
    transaction.append("graded", now, grade.to_json(), team=receipt.team, submission=receipt.submission)
    return grade


def _is_due(last: Entry | None) -> bool:
    return last is None or last.body["verdict"] == "grader_error"
