"""Grades for the ledger: what the judge finds, told as the live policy and the ledger so far have it."""

from collections.abc import Callable, Iterator
from typing import Any

from grader.grades import Grade
from grader.influence import Measured
from grader.judging import Judge
from grader.release import NoReference, Reference, Release
from submissions import predictions
from submissions.errors import OrganiserError
from submissions.predictions import Predictions
from submissions.reading.cells import Values
from submissions.receipts import Receipt
from submissions.record.entries import Entry
from submissions.record.view import View

_KEPT = 64
Told = Callable[[View, str, bool], Grade]


class StaleGrades(OrganiserError):
    """The solution, its split, the metric or the live policy is another one than the board was graded by."""

    def __init__(self) -> None:
        told = "the solution, its split or the scoring was changed after submissions had been graded"
        super().__init__(f"{told}; nothing more is graded until: podium regrade --because TEXT")


class Marker:
    """Grades submissions one by one, as the desk receives them."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._release: Release | None = None
        self._measured: dict[str, Measured | None] = {}

    def demand(self, view: View, *, is_baseline: bool = False) -> None:
        """Nothing, if a submission can be graded now.

        Raises:
            StaleGrades: what it would be graded by is not what the others were.
            NoReference: the live policy takes a baseline, and there is none; told of teams' submissions.
        """
        refuse_stale(view, self.judge)
        if not is_baseline:
            self._release_of(view).live  # noqa: B018 - it raises

    def on_arrival(self, read: Predictions) -> Callable[[View, str, bool], dict[str, Any] | None]:
        """The grade of predictions that the desk has checked, as the ledger will have it at that moment.

        The desk asks within the transaction that records it. There is none while `demand` raises: then the submission
        waits, and nothing is lost.
        """
        told = self._told(lambda: read.values)

        def grade(view: View, team: str, is_baseline: bool) -> dict[str, Any] | None:
            try:
                return told(view, team, is_baseline).to_json()
            except (StaleGrades, NoReference):
                return None

        return grade

    def waited(self, data: bytes) -> Told:
        """The same for a file that was received before; the function raises what `demand` does."""
        return self._told(self._reader(data))

    def _told(self, reading: Callable[[], Values]) -> Told:
        grade, values = self.judge.judge(reading)
        # Before the transaction, which others wait for.
        is_on_ladder = self.judge.competition.live == "ladder"
        measured = self.judge.measured(values) if values is not None and is_on_ladder else None

        def told(view: View, team: str, is_baseline: bool) -> Grade:
            refuse_stale(view, self.judge)
            if is_baseline:
                row_by_row = measured or (self.judge.measured(values) if values is not None else None)
                return Release(self.judge, None).baseline(grade, row_by_row)
            return self._release_of(view).team(grade, measured, lambda: self._best(view, team))

        return told

    def _reader(self, data: bytes) -> Callable[[], Values]:
        return lambda: predictions.read(data, self.judge.competition, self.judge.row_ids).values

    def _release_of(self, view: View) -> Release:
        if self._release is not None:
            return self._release
        found = _reference(view, higher_is_better=self.judge.metric.higher_is_better)
        release = Release(self.judge, self._reference(view, *found) if found else None)
        if next(_of_teams(view), None) is not None:  # until then another baseline may come
            self._release = release
        return release

    def _reference(self, view: View, receipt: Receipt, grade: Grade) -> Reference:
        assert grade.public is not None
        measured = None if self.judge.competition.live == "exact" else self._measured_file(view, receipt.digest)
        return Reference(grade.public, grade.standard_error, measured)

    def _best(self, view: View, team: str) -> Measured | None:
        """The team's submission that has moved it last: each that moves it is better than those before."""
        last = {entry.submission: Grade.from_json(entry.body) for entry in view.entries("graded", team=team)}
        moved = {number: grade.shown for number, grade in last.items() if grade.shown is not None and not grade.reason}
        if not moved:
            return None
        sign = 1 if self.judge.metric.higher_is_better else -1
        best = max(moved, key=lambda number: sign * moved[number])
        [received] = view.entries("received", submission=best)
        return self._measured_file(view, Receipt.from_entry(received).digest)

    def _measured_file(self, view: View, digest: str) -> Measured | None:
        if digest not in self._measured:
            if len(self._measured) >= _KEPT:
                self._measured.clear()
            self._measured[digest] = self.judge.measured(self._reader(view.file(digest))())
        return self._measured[digest]


def refuse_stale(view: View, judge: Judge) -> None:
    """StaleGrades if the last grade was given by another solution, split or metric than this judge's."""
    last = view.last("graded")
    if last and (last.body["solution"], last.body.get("scoring")) != (judge.solution.digest, judge.scoring):
        raise StaleGrades


def early_baselines(view: View) -> list[Receipt]:
    """The baselines that were graded before the first team was, or else before the last regrade, in order.

    They stay the same until the next regrade, which tells every team anew.
    """
    first = view.last("regraded") or next(_of_teams(view), None)
    return baselines(view, before=first.seq if first else None)


def baselines(view: View, *, before: int | None = None) -> list[Receipt]:
    """The baselines that were graded, in order; `before` this entry."""
    found: dict[int, Receipt] = {}
    for entry in view.entries("graded"):
        if before is not None and entry.seq >= before:
            break
        receipt = _receipt(view, entry)
        if receipt.is_baseline:
            found[receipt.submission] = receipt
    return list(found.values())


def _reference(view: View, *, higher_is_better: bool) -> tuple[Receipt, Grade] | None:
    """The best of the early baselines, and its grade in force."""
    sign = 1 if higher_is_better else -1
    in_force = [(receipt, _in_force(view, receipt)) for receipt in early_baselines(view)]
    graded = [(receipt, grade, sign * grade.public) for receipt, grade in in_force if grade.public is not None]
    best = max(graded, key=lambda one: (one[2], -one[0].submission), default=None)
    return best[:2] if best else None


def _of_teams(view: View) -> Iterator[Entry]:
    """The grades with a score that are not of baselines, in order."""
    for entry in view.entries("graded"):
        if entry.body["verdict"] == "graded" and not _receipt(view, entry).is_baseline:
            yield entry


def _receipt(view: View, entry: Entry) -> Receipt:
    return Receipt.from_entry(next(view.entries("received", submission=entry.submission)))


def _in_force(view: View, receipt: Receipt) -> Grade:
    *_, last = view.entries("graded", submission=receipt.submission)
    return Grade.from_json(last.body)
