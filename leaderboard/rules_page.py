"""The rules of a competition as a page: what competition.toml says, in words, and how the dates were changed."""

from collections.abc import Collection, Sequence
from typing import Any

from leaderboard import metric_words, names, paper, words
from leaderboard.standings import Board
from submissions.competition import Competition

PAGE = "rules.html"
_LABELS = 30  # labels that are listed; of more, how many there are
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_SIZES = ((10**9, "GB"), (10**6, "MB"), (10**3, "KB"))


def html(board: Board, beside: Collection[str] = ()) -> str:
    """The page: one file without scripts, in UTC and in the deadline's own offset.

    Nothing on it is of the moment that it was made at but the phase: the bytes change when the rules do.

    Args:
        board: the public board.
        beside: which other files stand in the same folder; linked are "feed.xml" and "hall.html".
    """
    rules = board.competition
    facts: dict[str, Any] = {
        "board": board,
        "competition": rules,
        "beside": {PAGE, *beside},
        "current": "rules",
        "up": "",
        "opens": words.elsewhere(rules.opens),
        "closes": words.elsewhere(rules.deadline),
        "last_end": words.moment(rules.last_end) if rules.last_end > rules.deadline else "",
        "changes": [(one, names.visible(one.because)) for one in board.changes],
        "grace": span(rules.grace_seconds),
        "freeze": span(3_600 * rules.freeze_hours),
        "size": size(rules.max_bytes),
        "metric": metric_words.sentence(board.metric, rules),
        "direction": metric_words.direction(board.metric),
        "each": each(rules),
        "labels": labels(rules),
        "baselines": [row for row in board.rows if row.state == "baseline"],
        "quoted": [(one, _score(one.score, one.metric, board)) for one in rules.quoted],
    }
    return paper.template("rules.html").render({**paper.dress("rules.css"), **facts})


def span(seconds: int) -> str:
    """2 hours, 90 seconds: a length of time in the largest unit that has it whole."""
    unit = next((unit for unit in _UNITS if seconds and seconds % unit[0] == 0), (1, "second"))
    return words.count(seconds // unit[0], unit[1])


def size(count: int) -> str:
    """10 MB, in powers of ten; in bytes where that is not whole."""
    unit = next((unit for unit in _SIZES if count % unit[0] == 0), None)
    return words.count(count, "byte") if unit is None else f"{count // unit[0]:,}\N{NO-BREAK SPACE}{unit[1]}"


def each(competition: Competition) -> str:
    """What a line of a submission holds beside the row id."""
    many = len(competition.columns) > 1
    match competition.kind:
        case "number":
            return "a number in each of the other columns" if many else "a number"
        case "probability":
            return "the probability of each label" if many else f"the probability of the label {competition.labels[1]}"
        case "ranking":
            return f"up to {words.count(competition.k, 'label')}, the likeliest first, with spaces between them"
    return "a label in each of the other columns" if many else "a label"


def labels(competition: Competition) -> Sequence[tuple[str, str]]:
    """Each label and what it means; nothing where there are too many to list."""
    if len(competition.labels) > _LABELS:
        return ()
    meanings = competition.label_names or ("",) * len(competition.labels)
    return [(label, "" if name == label else name) for label, name in zip(competition.labels, meanings, strict=True)]


def _score(score: float, metric: str, board: Board) -> str:
    return words.score(score, board.metric) if metric == board.metric.name else f"{score!r} {metric}"
