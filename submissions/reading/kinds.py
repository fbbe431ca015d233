"""The kinds of predictions a competition can ask for, and of the truth they are held against."""

from submissions.competition import Competition
from submissions.reading.cells import Kind
from submissions.reading.labels import Labels
from submissions.reading.numbers import Numbers
from submissions.reading.probabilities import Probabilities
from submissions.reading.rankings import Rankings

MOST_TRUE_LABELS = 100


def kind_of(competition: Competition) -> Kind:
    """The kind of prediction that a competition asks for."""
    match competition.kind:
        case "label":
            return Labels(competition.labels)
        case "number":
            return Numbers()
        case "probability":
            return Probabilities(len(competition.columns))
    return Rankings(competition.labels, competition.k)


def truth_of(competition: Competition) -> tuple[tuple[str, ...], Kind]:
    """The solution's columns beside row id and Usage, and what is in them."""
    match competition.kind:
        case "probability":
            return competition.true_columns, Labels(competition.labels)
        case "ranking":
            return competition.true_columns, Rankings(competition.labels, MOST_TRUE_LABELS)
    return competition.true_columns, kind_of(competition)
