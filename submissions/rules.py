"""The keys of `competition.toml`: what each may hold, and every fault where one does not."""

import difflib
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

from submissions import moments
from submissions.errors import OrganiserError

MOST_LABELS = 1_000  # a metric counts every pair of them
Check = Callable[[Any], Any]


class InvalidCompetition(OrganiserError):
    """A competition.toml that breaks its rules; `faults` holds a sentence for each, with its line and key."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"competition.toml {fault}" for fault in self.faults))


def parse(text: str) -> dict[str, Any]:
    """The checked values of a competition.toml by key.

    Raises:
        InvalidCompetition: with every fault of the text (of broken TOML, the first: nothing after it can be read).
    """
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        # Beside its own error, tomllib lets those of a number or a nesting without end through.
        hint = "texts need quotation marks, and a date-time looks like 2026-12-07T23:59:59-12:00"
        raise InvalidCompetition([f"is not TOML: {error}; {hint}"]) from None
    values: dict[str, Any] = {}
    faults = [*_unknown(document), *_fill(document, values)]
    if not faults:
        faults = [f"{place}: {message}" for place, message in _contradictions(values)]
    if faults:
        lines = {place: number for number, place in _places(text)}
        faults.sort(key=lambda fault: lines.get(fault.partition(":")[0], len(text)))
        raise InvalidCompetition([_with_line(fault, lines) for fault in faults])
    return values


def _unknown(document: Mapping[str, Any]) -> Iterator[str]:
    for section, table in document.items():
        if section not in KEYS:
            yield f"[{section}]: unknown section {section!r}{_guess(section, KEYS)}"
        elif not isinstance(table, dict):
            yield f"[{section}]: must be a section with keys, not a value"
        else:
            for key in table.keys() - KEYS[section].keys():
                yield f"[{section}] {key}: unknown key {key!r}{_guess(key, KEYS[section])}"


def _fill(document: Mapping[str, Any], values: dict[str, Any]) -> Iterator[str]:
    for section, keys in KEYS.items():
        table = document.get(section, {})
        given = table if isinstance(table, dict) else {}
        for key, check in keys.items():
            if key not in given and key not in DEFAULTS:
                yield f"[{section}] {key}: is missing"
                continue
            try:
                values[key] = check(given.get(key, DEFAULTS.get(key)))
            except ValueError as error:
                yield f"[{section}] {key}: {error}"


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if values["opens"] >= values["deadline"]:
        yield "[schedule] deadline", "must be later than 'opens'"
    if values["id_column"] in values["columns"]:
        yield "[submission] columns", f"holds the id_column {values['id_column']!r}: name the predictions only"
    if values["kind"] == "label" and len(values["labels"]) < len(("one", "other")):
        yield "[submission] labels", "kind 'label' needs at least two labels"


def _guess(word: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f", did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _places(text: str) -> Iterator[tuple[int, str]]:
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            section = head[1]
            yield number, f"[{section}]"
        elif key := re.match(r"\s*([\w-]+)\s*=", line):
            yield number, f"[{section}] {key[1]}"


def _with_line(fault: str, lines: Mapping[str, int]) -> str:
    line = lines.get(fault.partition(":")[0])
    return f"line {line}: {fault}" if line else fault


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be a text that is not blank, not {value!r}")
    if not value.isprintable():
        raise ValueError(f"holds a character that cannot be shown: {value!r}")
    return value.strip()


def _slug(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError(f"must be small letters, digits and single hyphens, such as 'fashion-mnist', not {value!r}")
    return value


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return moments.checked(value)
    shown = value.isoformat() if isinstance(value, date | time) else repr(value)
    raise ValueError(f"must be a date-time with an offset, such as 2026-12-07T23:59:59-12:00, not {shown}")


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError(f'must be a list of texts, such as ["0", "1"], not {value!r}')
    for item in value:
        if item != _text(item):
            raise ValueError(f"{item!r} has spaces around it")
    if len(value) > MOST_LABELS:
        raise ValueError(f"holds {len(value):,} texts; {MOST_LABELS:,} are allowed")
    item, times = Counter(value).most_common(1)[0] if value else ("", 0)
    if times > 1:
        raise ValueError(f"{item!r} is given twice")
    return tuple(value)


def _columns(value: object) -> tuple[str, ...]:
    names = _texts(value)
    if len(names) != 1:
        raise ValueError(f"must name one prediction column, not {len(names)}")
    return (_column(names[0]),)


def _column(value: object) -> str:
    name = _text(value)
    if name.casefold() == "usage":
        raise ValueError(f"{name!r} is the solution's own column: take another name")
    return name


def _whole(lowest: int, highest: int) -> Check:
    def check(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not lowest <= value <= highest:
            raise ValueError(f"must be a whole number from {lowest} to {highest:,}, not {value!r}")
        return value

    return check


def _share(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, float) or not 0 < value < 1:
        raise ValueError(f"must be a share between 0 and 1, such as 0.3, not {value!r}")
    return value


def _one_of(*offered: str) -> Check:
    def check(value: object) -> str:
        if value not in offered:
            raise ValueError(f"must be {' or '.join(repr(word) for word in offered)}, not {value!r}")
        return str(value)

    return check


KEYS: Mapping[str, Mapping[str, Check]] = {
    "competition": {"slug": _slug, "title": _text, "host": _text},
    "schedule": {
        "opens": _moment,
        "deadline": _moment,
        "grace_seconds": _whole(0, 31 * 86_400),
        "late": _one_of("unranked", "refused"),
    },
    "submission": {
        "id_column": _column,
        "columns": _columns,
        "kind": _one_of("label"),
        "labels": _texts,
        "max_bytes": _whole(1, 1_000_000_000),
        "daily_limit": _whole(0, 1_000_000),
        "final_selections": _whole(1, 1_000_000),
    },
    "scoring": {"metric": _text, "public_share": _share},
}
DEFAULTS: Mapping[str, Any] = {
    "grace_seconds": 0,
    "late": "unranked",
    "max_bytes": 10_000_000,
    "daily_limit": 0,
    "final_selections": 2,
}
