"""The organiser's own metric over the solution of a competition."""

from pathlib import Path

from grader.own_metric.hidden import Columns, Hidden
from grader.own_metric.metric import OwnMetric
from grader.own_metric.process import Limits
from grader.solution import Solution
from submissions.competition import Competition
from submissions.row_ids import RowIds
from submissions.rules import OWN_METRIC

LIMITS = Limits()


def open_metric(folder: Path, competition: Competition, row_ids: RowIds, hidden: Solution) -> OwnMetric:
    """The metric in the grader's room; its process starts with the first score.

    Raises:
        BrokenMetric: it is missing, or cannot be a metric that takes the options of the rules.
    """
    solution, submission = _columns(competition)
    facts = Hidden(
        id_column=competition.id_column,
        row_ids=row_ids.texts,
        solution=solution,
        values=hidden.values,
        submission=submission,
        shares={"public": hidden.public, "private": hidden.private},
    )
    return OwnMetric(folder / Path(OWN_METRIC).name, facts, options=competition.options, limits=LIMITS)


def _columns(competition: Competition) -> tuple[Columns, Columns]:
    """Those of the solution and of a submission, which have the same names, as in Kaggle's competitions."""
    names, labels = competition.columns, competition.labels
    match competition.kind:
        case "probability":
            return Columns("indicator", names, labels), Columns("number", names)
        case "number":
            return Columns("number", names), Columns("number", names)
        case "ranking":
            return Columns("ranking", names, labels), Columns("ranking", names, labels)
    return Columns("label", names, labels), Columns("label", names, labels)
