"""A corrected solution: what is graded by it is known before it takes the old one's place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from grader import solution
from grader.judging import Judge, judge_by
from submissions.competition import Competition
from submissions.row_ids import RowIds


@contextmanager
def corrected(
    folder: Path, competition: Competition, row_ids: RowIds, file: Path
) -> Iterator[tuple[Judge, Callable[[], None]]]:
    """The judge by the solution in `file`, and what puts that file into the grader's room.

    If the block fails after that, the old solution is put back.

    Raises:
        BrokenSolution: the file is no solution of this competition.
        InvalidCompetition: its split is not the one of the rules.
    """
    data = file.read_bytes()
    judge = judge_by(folder, competition, row_ids, solution.parse(file, data, competition, row_ids))
    try:
        with solution.replacing(folder, data) as put:
            yield judge, put
    finally:
        judge.close()
