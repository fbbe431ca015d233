"""The last look at the public outputs: no private score may stand in them."""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping

from grader.grades import Grade
from leaderboard import axis, visible, words
from leaderboard.standings import Board
from submissions.errors import OrganiserError
from submissions.record.entries import Entry

# None says a score: a style has lengths, XML's first line its version, 1.0, and an axis its end.
_NO_SCORES = re.compile(r"<style>.*?</style>|^<\?xml .*?\?>|\b100\.0%", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?!\w|\.\d)")


class LeakFound(OrganiserError):
    """A public output shows what is private; the message says which one, and not what."""

    def __init__(self, file: str, what: str) -> None:
        self.file = file
        super().__init__(f"{file} would show {what}: nothing was published")


def scan(
    outputs: Mapping[str, str | bytes], entries: Iterable[Entry], board: Board, scales: Iterable[str] = ()
) -> None:
    """Read these texts by file name, as whoever fetches them could, and find no private score.

    Nor a public one of which the live policy shows less, or that was made after the freeze. A number that is also
    shown, stands in a name that people chose or on a scale (`scales`), proves nothing and is let pass. Pictures are not
    read.

    Raises:
        LeakFound: a text holds such a score, at full precision or as the page rounds it, or a field for one.
    """
    recorded, quoted = tuple(entries), board.competition.quoted
    grades = _grades(visible.entries_at(board.competition, recorded, board.as_of))
    intervals = [end for grade in grades for end in grade.interval or ()]
    public = _written([*(grade.shown for grade in grades), *intervals, *(one.score for one in quoted)], board)
    rules = board.competition
    told = [*scales, rules.title, rules.host, rules.source, rules.zip_address, rules.metric_title]
    told += [*(one.source for one in quoted), *rules.columns, *rules.labels, *rules.label_names, *rules.groups]
    scale = axis.of(board)
    told += [text for _, text in scale.ticks] if scale else []
    told += [text for one in board.changes for text in (one.team or "", one.because)]
    named = _numbers(" ".join([*told, *(row.team for row in board.rows)]))
    every = _grades(recorded)
    hidden = [score for one in every for score in (one.private, one.public, one.shown, *(one.interval or ()))]
    secret = _written(hidden, board) - public - named
    for file, text in outputs.items():
        if isinstance(text, bytes):
            continue
        if field := next((field for field in _fields(file, text) if "private" in field), None):
            raise LeakFound(file, f"the field {field!r}")
        if secret & _numbers(_NO_SCORES.sub("", text)):
            raise LeakFound(file, "a score that is still hidden")


def _grades(entries: Iterable[Entry]) -> list[Grade]:
    return [Grade.from_json(entry.body) for entry in entries if entry.kind == "graded"]


def _written(scores: Iterable[float | None], board: Board) -> set[str]:
    texts = {text for one in scores if one is not None for text in (repr(one), words.score(one, board.metric))}
    # A whole number may be a count, a year or a rank.
    return {text for text in texts if not text.lstrip("-").isdigit()}


def _numbers(text: str) -> set[str]:
    return set(_NUMBER.findall(text))


def _fields(file: str, text: str) -> list[str]:
    if file.endswith(".csv"):
        return next(csv.reader(io.StringIO(text)), [])
    fields: list[str] = []
    if file.endswith(".json"):
        json.loads(text, object_pairs_hook=lambda pairs: fields.extend(key for key, _ in pairs))
    return fields
