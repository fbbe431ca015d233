"""The submissions of teams, replayed: each team's files in the order of their arrival, graded one after the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from grader.grades import Grade
from grader.influence import Measured
from grader.judging import Judge
from grader.matrix import Matrix
from grader.release import Reference, Release
from submissions import predictions
from submissions.reading.cells import Values
from submissions.receipts import Receipt
from submissions.record.database import Place
from submissions.record.ledger import Ledger
from submissions.record.view import View

Sent = Sequence[Receipt]


@dataclass(frozen=True)
class Work:
    """Grades the submissions of teams; it is sent to other processes, and to other machines.

    Attributes:
        ledger: where the files lie.
        is_held: whether their predictions are in the matrix.
    """

    judge: Judge
    reference: Reference | None
    ledger: Place
    is_held: bool

    def __call__(self, teams: Sequence[Sent]) -> list[tuple[int, Grade]]:
        """The new grades of all submissions of these teams, each team's in order of arrival."""
        judge, release = self.judge, Release(self.judge, self.reference)
        with ExitStack() as opened:
            opened.callback(judge.close)
            view = opened.enter_context(opened.enter_context(Ledger(self.ledger)).reading())
            matrix = opened.enter_context(matrix_of(judge)) if self.is_held else None

            def read(digest: str) -> Values:
                values = matrix.values(digest) if matrix else None
                return parse(judge, view, digest) if values is None else values

            return [one for team in teams for one in graded(release, team, read)]


def graded(release: Release, sent: Sent, read: Callable[[str], Values]) -> Iterator[tuple[int, Grade]]:
    """The grades of one team's submissions, one after the other."""
    judge, best = release.judge, None
    is_on_ladder = judge.competition.live == "ladder"
    for receipt in sent:
        grade, values = judge.judge(reading(read, receipt.digest))
        is_measured = values is not None and (is_on_ladder or receipt.is_baseline)
        measured = judge.measured(values) if is_measured and values is not None else None
        if receipt.is_baseline:
            yield receipt.submission, release.baseline(grade, measured)
            continue
        grade = release.team(grade, measured, _given(best))
        if grade.public is not None and not grade.reason:
            best = measured
        yield receipt.submission, grade


def matrix_of(judge: Judge) -> Matrix:
    """The predictions that are kept of a competition's files."""
    return Matrix.open(judge.folder, judge.competition, judge.row_ids)


def reading(read: Callable[[str], Values], digest: str) -> Callable[[], Values]:
    """What reads the file of this digest."""
    return lambda: read(digest)


def _given(best: Measured | None) -> Callable[[], Measured | None]:
    return lambda: best


def parse(judge: Judge, view: View, digest: str) -> Values:
    """The predictions in a file of the ledger."""
    return predictions.read(view.file(digest), judge.competition, judge.row_ids).values
