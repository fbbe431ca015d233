"""Rules of grader/judging.py, grader/scoring.py, grader/grades.py and grader/queue.py."""

import json
import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import CASES, GOOD_FILE, NOW, good_file
from grader import queue
from grader.grades import Grade
from grader.judging import Judge, open_judge
from grader.marking import Marker
from grader.metric import Metric
from submissions.competition import Competition
from submissions.intake import Desk
from submissions.row_ids import RowIds

SECRET = "7"


@pytest.fixture
def judge(tmp_path: Path, competition: Competition, row_ids: RowIds) -> Judge:
    """Labels 7 7 7 | 7 8 8: the first three public, the others private."""
    (tmp_path / "solution.csv").write_text(
        "id,label,Usage\n1,7,Public\n2,7,Public\n3,7,Public\n4,7,Private\n5,8,Private\n6,8,Private\n"
    )
    return open_judge(tmp_path, competition, row_ids)


def failing(judge: Judge) -> Judge:
    def fail(*_: object) -> float:
        raise RuntimeError(f"true labels are {SECRET}")

    return replace(judge, metric=Metric("accuracy", "Accuracy", "label", higher_is_better=True, whole=fail))


def test_public_and_private_scores(judge: Judge) -> None:
    """Each share is scored on its own rows."""
    grade = judge.grade(GOOD_FILE)

    assert (grade.verdict, grade.public, grade.private) == ("graded", 1.0, 1 / 3)


def test_zero_is_a_score(judge: Judge) -> None:
    """A file that is wrong everywhere is graded 0.0."""
    grade = judge.grade(good_file(0))

    assert (grade.verdict, grade.public, grade.private) == ("graded", 0.0, 0.0)


def test_row_order_changes_nothing(judge: Judge) -> None:
    """Predictions meet the solution by row id."""
    header, *rows = good_file(8, 7, 7, 7).splitlines(keepends=True)

    assert judge.grade(header + b"".join(reversed(rows))) == judge.grade(good_file(8, 7, 7, 7))


def test_a_faulty_file_is_refused_with_its_faults(judge: Judge) -> None:
    """The participant's fault is told as faults, and has no score."""
    grade = judge.grade(b"id,label\n1,7\n2,7\n2,7\n4,7\n5,7\n6,7\n")

    assert (grade.verdict, grade.public, grade.private) == ("refused", None, None)
    assert grade.faults is not None
    assert [fault.code for fault in grade.faults.shown] == ["duplicate-row-id", "missing-row-id"]


def test_a_failing_metric_is_our_fault(judge: Judge) -> None:
    """A crash in the metric is a grader_error: kept for the organiser, never a score."""
    grade = failing(judge).grade(GOOD_FILE)

    assert (grade.verdict, grade.public, grade.private) == ("grader_error", None, None)
    assert grade.error == "RuntimeError: true labels are 7"


def of_numbers(folder: Path, competition: Competition, row_ids: RowIds, metric: str, true: str) -> Judge:
    """A judge of numbers; of six rows the odd ones are public."""
    shares = ("Private", "Public")
    rows = "".join(f"{row},{value},{shares[row % 2]}\n" for row, value in enumerate(true.split(), start=1))
    (folder / "solution.csv").write_text(f"id,label,Usage\n{rows}")
    return open_judge(folder, replace(competition, kind="number", labels=(), metric=metric), row_ids)


def test_predictions_without_a_score_are_refused(tmp_path: Path, competition: Competition, row_ids: RowIds) -> None:
    """Where the metric has no value for a file, and has one for the solution, it is the file's fault, told as such."""
    judge = of_numbers(tmp_path, competition, row_ids, "pearson", "1 2 3 4 5 6")
    case = CASES / "refused" / "undefined-score.csv"
    grade = judge.grade(case.read_bytes())

    assert (grade.verdict, grade.public, grade.private) == ("refused", None, None)
    assert grade.faults is not None
    assert "\n".join(grade.faults.lines()) + "\n" == case.with_suffix(".txt").read_text()
    assert judge.grade(b"id,label\n1,2\n2,4\n3,6\n4,8\n5,10\n6,13\n").public == pytest.approx(1)


def test_a_share_without_a_score_does_not_tell_the_split(
    tmp_path: Path, competition: Competition, row_ids: RowIds
) -> None:
    """Predictions that are constant on one share only correlate with nothing there: 0, where a refusal would tell."""
    judge = of_numbers(tmp_path, competition, row_ids, "pearson", "1 2 3 4 5 6")
    public = {row_ids.texts[place] for place in judge.solution.public}
    file = "id,label\n" + "".join(f"{row},{row if row in public else 7}\n" for row in row_ids.texts)
    grade = judge.grade(file.encode())

    assert (grade.verdict, grade.private) == ("graded", 0)
    assert grade.public == pytest.approx(1)


def test_a_metric_that_the_solution_does_not_allow_is_our_fault(
    tmp_path: Path, competition: Competition, row_ids: RowIds
) -> None:
    """Where not even the truth has a score, no participant is to blame: a grader_error, for the organiser."""
    judge = of_numbers(tmp_path, competition, row_ids, "r2", "1 1 1 4 1 6")
    grade = judge.grade(b"id,label\n1,2\n2,4\n3,6\n4,8\n5,10\n6,13\n")

    assert (grade.verdict, grade.public, grade.private) == ("grader_error", None, None)
    assert grade.error == "UndefinedScore: r2 is undefined: the true numbers must not be all the same"


def test_probabilities_are_graded_by_label(tmp_path: Path, competition: Competition, row_ids: RowIds) -> None:
    """Columns may stand in any order; each probability counts for the label of its column."""
    labels = ("a", "b", "c")
    rules = replace(competition, kind="probability", columns=labels, labels=labels, metric="log_loss")
    usage = "".join(f"{row},{labels[row % 3]},{('Private', 'Public')[row % 2]}\n" for row in range(1, 7))
    (tmp_path / "solution.csv").write_text(f"id,label,Usage\n{usage}")
    judge = open_judge(tmp_path, rules, row_ids)
    sent = "".join(
        f"{row},{','.join(('.25', '.5')[column == row % 3] for column in (2, 0, 1))}\n" for row in range(1, 7)
    )
    grade = judge.grade(f"id,c,a,b\n{sent}".encode())

    assert (grade.public, grade.private) == (pytest.approx(math.log(2)), pytest.approx(math.log(2)))


@pytest.mark.parametrize("data", [GOOD_FILE, b"", b"id,label\n1,cat\n"])
def test_a_grade_survives_json(judge: Judge, data: bytes) -> None:
    """A grade comes back from JSON as it was, to the last digit."""
    grade = judge.grade(data)

    assert Grade.from_json(json.loads(json.dumps(grade.to_json()))) == grade


def test_what_waits_is_graded_once(desk: Desk, judge: Judge) -> None:
    """Each receipt gets one grade, in order of arrival; a second run finds nothing to do."""
    for label in range(3):
        desk.receive(good_file(label), team="ada", now=NOW + timedelta(minutes=label))
    first = list(queue.grade_waiting(desk.ledger, Marker(judge), lambda: NOW))

    assert [entry.submission for entry, _ in first] == [1, 2, 3]
    assert list(queue.grade_waiting(desk.ledger, Marker(judge), lambda: NOW)) == []


def test_two_graders_at_once_record_one_grade(desk: Desk, judge: Judge) -> None:
    """A grader that comes second to the commit adds nothing."""
    desk.receive(GOOD_FILE, team="ada", now=NOW)
    slow = queue.grade_waiting(desk.ledger, Marker(judge), lambda: NOW)
    other = queue.grade_waiting(desk.ledger, Marker(judge), lambda: NOW)

    assert len(list(other)) + len(list(slow)) == 1
    with desk.ledger.reading() as view:
        assert len(list(view.entries("graded"))) == 1


def test_a_grader_error_is_graded_again_on_request(desk: Desk, judge: Judge) -> None:
    """What our own failure left without a score is tried again with `retry`, and the last grade counts."""
    desk.receive(GOOD_FILE, team="ada", now=NOW)
    [(_, failed)] = queue.grade_waiting(desk.ledger, Marker(failing(judge)), lambda: NOW)
    assert failed.verdict == "grader_error"
    assert list(queue.grade_waiting(desk.ledger, Marker(judge), lambda: NOW)) == []

    [(_, mended)] = queue.grade_waiting(desk.ledger, Marker(judge), lambda: NOW, retry=True)
    assert mended.verdict == "graded"
    assert list(queue.grade_waiting(desk.ledger, Marker(judge), lambda: NOW, retry=True)) == []
