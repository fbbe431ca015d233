"""The debrief on the final board: what the grader found in the predictions, and the ledger holds."""

import hashlib
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from leaderboard.page import Section
from leaderboard.standings import Board, Standing
from leaderboard.templating import asset, template
from submissions.record.entries import Entry, canonical

KIND = "debriefed"
_KINDS = frozenset({"label", "number", "probability"})  # of a ranking there is nothing to say
_STEPS = (0.02, 0.05, 0.1, 0.2)  # shares of a row's label from which a confusion is shaded one step darker
_NAMED = 3  # confusions in the sentence
_SHORT = 3  # letters of a label that need not be turned
_WAYS = {"majority": "Majority vote", "mean": "Mean", "median": "Median"}


def is_due(board: Board, entries: Iterable[Entry]) -> bool:
    """Whether this board is revealed, and the predictions behind its ranking were not gone through yet."""
    if board.competition.kind not in _KINDS or not _is_final(board) or not _ranked(board):
        return False
    return _fitting(board, entries) is None


def body(board: Board, entries: Iterable[Entry], found: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger's entry says of what the grader found (see grader/debrief.py): of which ranking it is, too."""
    return {**found, "of": _key(board, entries)}


def section(board: Board, entries: Iterable[Entry]) -> Section | None:
    """The debrief for the page of a final board; None of any other, or while there is nothing to tell.

    Args:
        board: the private board.
        entries: those that it was made from.
    """
    entry = _fitting(board, entries) if _is_final(board) else None
    if entry is None:
        return None
    found = entry.body
    confusion, hardest, crowd = found["confusion"], found["hardest"], found["crowd"]
    if not (confusion or hardest or crowd):
        return None
    names = dict(zip(board.competition.labels, board.competition.label_names, strict=False))
    table = _table(confusion) if confusion and confusion["counts"] else []
    facts = {
        "found": found,
        "winner": _ranked(board)[0],
        "metric": board.metric,
        "names": names,
        "way": _WAYS[crowd["way"]] if crowd else "",
        "place": _place(board, crowd["score"]) if crowd else "",
        "table": table,
        "is_long": any(len(names.get(label, label)) > _SHORT for label, _, _ in table),
        "named": _NAMED,
    }
    html = template("debrief.html").render(facts)
    return Section(Markup(html), asset("debrief.css"))  # noqa: S704 - the template escapes what it is given


def _is_final(board: Board) -> bool:
    return board.board == "private" and board.is_revealed


def _ranked(board: Board) -> list[Standing]:
    return [row for row in board.rows if row.state == "ranked"]


def _fitting(board: Board, entries: Iterable[Entry]) -> Entry | None:
    """The last debrief, if it is of the ranking as it is now, by the grades in force."""
    seen = [entry for entry in entries if entry.at <= board.as_of]
    told = [entry for entry in seen if entry.kind == KIND]
    return told[-1] if told and told[-1].body["of"] == _key(board, seen) else None


def _key(board: Board, entries: Iterable[Entry]) -> str:
    """The digest of all that a debrief depends on: who counts with which score, by which solution and scoring."""
    grades = {entry.submission: entry.body for entry in entries if entry.kind == "graded" and entry.at <= board.as_of}
    ranked = [[row.submission, row.score] for row in _ranked(board)]
    counted = [grades[row.submission] for row in _ranked(board)]
    by = {(grade["solution"], grade.get("scoring", "")) for grade in counted}
    return hashlib.sha256(canonical([ranked, sorted(by)]).encode()).hexdigest()


def _place(board: Board, score: float) -> str:
    """Where all teams together would stand."""
    is_better = operator.gt if board.metric.higher_is_better else operator.lt
    scores = [row.score for row in _ranked(board) if row.score is not None]
    ahead = sum(is_better(one, score) for one in scores)
    if ahead:
        return f"It would have rank {ahead + 1:,}."
    return "It would share the first rank." if score in scores else "It would be first: better than any team alone."


def _table(confusion: Mapping[str, Any]) -> list[tuple[str, list[tuple[int, str]], str]]:
    """A label, its counts with the class of each cell, and the share that is right; for each label."""
    rows = enumerate(zip(confusion["labels"], confusion["counts"], strict=True))
    return [(label, _cells(place, counts), _percent(counts[place], sum(counts))) for place, (label, counts) in rows]


def _cells(own: int, counts: Sequence[int]) -> list[tuple[int, str]]:
    total = sum(counts)
    return [(count, "hit" if place == own else _shade(count, total)) for place, count in enumerate(counts)]


def _shade(count: int, total: int) -> str:
    return f"s{1 + sum(count >= step * total for step in _STEPS)}" if count else "nil"


def _percent(part: int, whole: int) -> str:
    """In whole percents, of which 0 and 100 stand for just that; nothing of nothing."""
    if not whole:
        return ""
    rounded = round(100 * part / whole)
    shown = rounded if part in {0, whole} else min(max(rounded, 1), 99)
    return f"{shown}\N{NO-BREAK SPACE}%"
