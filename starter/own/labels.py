"""The labels of an organiser's tables: classes or numbers, and everything that is wrong with them."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from starter.dataset import Values
from starter.own.faults import FaultLog
from starter.own.table import Table
from submissions.checks import MOST_LABELS
from submissions.reading.cells import BadCell
from submissions.reading.numbers import Numbers
from submissions.shown import shown

LABEL, NUMBER = "label", "number"
MOST_WHOLE = 20  # so many different whole numbers may be classes
# What pandas reads as a missing value, unless it is told otherwise (its documentation of read_csv, na_values).
MISSING = {"#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A"}
MISSING |= {"NA", "NULL", "NaN", "None", "n/a", "nan", "null"}
_WHOLE = re.compile(r"[+-]?[0-9]+(\.0*)?")
_PARSER = Numbers()


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """The labels of some tables.

    Attributes:
        labels: the classes, sorted; none for numbers.
        values: of each table: codes int64 (rows,), or numbers float64 (rows,).
    """

    labels: tuple[str, ...]
    values: tuple[Values, ...]


def read(tables: Sequence[Table], column: str, predict: str | None, log: FaultLog) -> Labelled | None:
    """The labels in this column of the tables, of which the first has the rows to learn from.

    Args:
        tables: each with the column.
        column: its name.
        predict: "label" or "number", where the organiser says so; None: they are numbers if each is one and some has
            decimals, or there are more than 20 different ones.
        log: hears of what is wrong. What only all rows can tell is told if every row is sound.

    Returns:
        None if there was a fault.
    """
    before = log.total
    parts = [_sound(table, column, log) for table in tables]
    texts = sum(parts, Counter[str]())
    what = predict or _decide(tables, column, texts, log)
    if what == NUMBER:
        _note_no_numbers(tables, column, texts, log)
    if log.total == before and texts and all(table.is_whole for table in tables):
        note = _note_numbers if what == NUMBER else _note_classes
        note(tables, column, parts, log)
        if log.total == before:
            return _encoded([table.column(column).tolist() for table in tables], texts, what == NUMBER)
    return None


def _sound(table: Table, column: str, log: FaultLog) -> Counter[str]:
    """How often each label occurs that can be taken as it is; what is wrong with the others goes into the log."""
    counts = Counter[str](table.column(column).tolist())
    blank, odd = {}, {}
    for text in counts:
        if not text.strip():
            blank[text] = "the label is blank"
        elif text in MISSING:
            blank[text] = f"label {shown(text)} is what pandas reads as a missing value"
        elif text != text.strip():
            odd[text] = f"label {shown(text)} has spaces around it"
        elif not text.isprintable():
            odd[text] = f"label {shown(text)} holds a character that cannot be shown"
    _note_rows("blank-label", table, column, blank, log)
    _note_rows("odd-label", table, column, odd, log)
    return Counter({text: count for text, count in counts.items() if text not in blank and text not in odd})


def _note_rows(kind: str, table: Table, column: str, messages: Mapping[str, str], log: FaultLog) -> None:
    """Note a fault for each row that has one of these labels."""
    if messages:
        texts = table.column(column).tolist()
        places = [place for place, text in enumerate(texts) if text in messages]
        log.add_rows(kind, table.path, table.lines, places, lambda place: messages[texts[place]])


def _decide(tables: Sequence[Table], column: str, texts: Counter[str], log: FaultLog) -> str | None:
    """Classes or numbers; None, with a fault, if some labels are numbers and some are words."""
    words, numbers = dict[str, str](), dict[str, str]()
    for text in texts:
        code, message = _fault(text)
        if code == "not-a-number":
            words[text] = f"label {message}"
        elif code != "not-finite":
            numbers[text] = f"label {shown(text)} is a number, and most labels are words"
    if not numbers:
        return LABEL
    if not words:
        return LABEL if all(map(_WHOLE.fullmatch, texts)) and len(set(map(float, texts))) <= MOST_WHOLE else NUMBER
    are_words = sum(texts[text] for text in words) * 2 > texts.total() and len(words) <= MOST_WHOLE
    for table in tables:
        _note_rows("mixed-labels", table, column, numbers if are_words else words, log)
    return None


def _note_no_numbers(tables: Sequence[Table], column: str, texts: Collection[str], log: FaultLog) -> None:
    messages = {text: f"label {message}" for text in texts if (message := _fault(text)[1])}
    for table in tables:
        _note_rows("bad-number", table, column, messages, log)


def _fault(text: str) -> tuple[str, str]:
    """Why a text is no number that can be predicted: the fault's code and message; nothing if it is one."""
    try:
        _PARSER.parse(text)
    except BadCell as fault:
        return fault.code, fault.message()
    return "", ""


def _note_numbers(tables: Sequence[Table], column: str, parts: Sequence[Counter[str]], log: FaultLog) -> None:
    for table, texts in zip(tables, parts, strict=True):
        if len(set(map(float, texts))) == 1:
            _note_one(table, column, texts, log)


def _note_classes(tables: Sequence[Table], column: str, parts: Sequence[Counter[str]], log: FaultLog) -> None:
    texts = sum(parts, Counter[str]())
    path = tables[0].path
    if 1 < len(texts) > min(MOST_LABELS, texts.total() / 2):
        message = f"column {shown(column)} holds {len(texts):,} different labels in {texts.total():,} rows"
        limit = f": {MOST_LABELS:,} are allowed" if len(texts) > MOST_LABELS else ": it looks like ids or free text"
        log.add("many-labels", path, None, message + limit)
        return
    for table, some in zip(tables, parts, strict=True):
        if len(some) == 1:
            _note_one(table, column, some, log)
    for one, other in _same_numbers(texts):
        log.add("same-number", path, None, f"labels {shown(one)} and {shown(other)} are one number, written twice")
    unknown = {text: f"label {shown(text)} occurs in no training row" for text in texts if text not in parts[0]}
    for table in tables[1:]:
        _note_rows("unlearnable-label", table, column, unknown, log)


def _note_one(table: Table, column: str, texts: Counter[str], log: FaultLog) -> None:
    log.add("one-label", table.path, None, f"column {shown(column)} holds {shown(next(iter(texts)))} in every row")


def _same_numbers(texts: Collection[str]) -> Iterator[tuple[str, str]]:
    first: dict[float, str] = {}
    for text in sorted(texts):
        if not _fault(text)[0] and (earlier := first.setdefault(_value(text), text)) != text:
            yield earlier, text


def _value(text: str) -> float:
    # A whole number exactly: long ones are equal as floats.
    return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else float(text)


def _encoded(columns: Sequence[Sequence[str]], texts: Collection[str], are_numbers: bool) -> Labelled:
    if are_numbers:
        return Labelled((), tuple(np.array(list(map(float, column)), dtype=np.float64) for column in columns))
    are_plain = not any(_fault(text)[0] for text in texts)
    labels = tuple(sorted(texts, key=_value) if are_plain else sorted(texts))
    codes = {label: code for code, label in enumerate(labels)}
    return Labelled(labels, tuple(np.array([codes[text] for text in column], dtype=np.int64) for column in columns))
