"""The keys of `competition.toml`: what each may hold, and every fault where one does not."""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from submissions import checks
from submissions.checks import Check
from submissions.errors import OrganiserError

_FEWEST_LABELS = 2
OWN_METRIC = "grader/metric.py"


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


def _of_the_kind(
    values: Mapping[str, Any], kind: str, columns: tuple[str, ...], labels: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if kind == "number" and labels:
        yield "[submission] labels", "kind 'number' has none: delete the key"
    if kind != "number" and len(labels) < _FEWEST_LABELS:
        yield "[submission] labels", f"kind {kind!r} needs at least two labels"
    if kind == "ranking" and len(columns) > 1:
        yield "[submission] columns", "kind 'ranking' has one column"
    if kind == "ranking" and (spaced := [label for label in labels if " " in label]):
        yield "[submission] labels", f"{spaced[0]!r} holds a space, which separates labels in kind 'ranking'"
    is_binary = len(columns) == 1 and len(labels) == _FEWEST_LABELS
    if kind == "probability" and len(columns) != len(labels) and not is_binary:
        yield "[submission] columns", "kind 'probability' needs a column for each label, or one where there are two"
    if kind == "probability" and values["label_column"] == values["id_column"]:
        yield "[kit] label_column", "is the id_column: take another name"
    if kind != "probability" and values["label_column"] != DEFAULTS["label_column"]:
        yield "[kit] label_column", "is for kind 'probability': delete the key"


def _of_the_metric(values: Mapping[str, Any], *, is_own: bool) -> Iterator[tuple[str, str]]:
    if not is_own:
        for key in ("metric_title", "higher_is_better", "options"):
            if values[key] != DEFAULTS[key]:
                yield f"[scoring] {key}", f"is for a metric of your own, {OWN_METRIC}: delete the key"
        if values["metric"].endswith(".py"):
            yield "[scoring] metric", f"a metric of your own is {OWN_METRIC}, and nowhere else"
        return
    if values["higher_is_better"] is None:
        yield "[scoring] higher_is_better", f"is missing: {OWN_METRIC} needs true or false"
    if values["live"] != DEFAULTS["live"]:
        yield (
            "[scoring] live",
            f"{values['live']!r} needs the standard error of a score, which your own metric lacks: write 'exact'",
        )


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
                values[NAMES.get((section, key), key)] = check(given.get(key, DEFAULTS.get(key)))
            except ValueError as error:
                yield f"[{section}] {key}: {error}"


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if values["opens"] >= values["deadline"]:
        yield "[schedule] deadline", "must be later than 'opens'"
    if values["deadline"] - timedelta(hours=values["freeze_hours"]) <= values["opens"] < values["deadline"]:
        yield "[schedule] freeze_hours", "the board would be frozen before the competition opens: give fewer"
    if values["id_column"] in values["columns"]:
        yield "[submission] columns", f"holds the id_column {values['id_column']!r}: name the predictions only"
    yield from _of_the_kind(values, values["kind"], values["columns"], values["labels"])
    yield from _of_the_metric(values, is_own=values["metric"] == OWN_METRIC)
    if values["label_names"] and len(values["label_names"]) != len(values["labels"]):
        count = len(values["label_names"])
        yield "[kit] label_names", f"holds {count} names for {len(values['labels'])} labels: give one for each, or none"


def _guess(word: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f", did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"


def _places(text: str) -> Iterator[tuple[int, str]]:
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if head := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
            section = head[1]
            yield number, f"[{section}]"
        elif table := re.match(r"\s*\[\s*([\w-]+)\s*\.\s*([\w-]+)\s*\]", line):
            section = f"{table[1]}.{table[2]}"
            yield number, f"[{table[1]}] {table[2]}"
        elif key := re.match(r"\s*([\w-]+)\s*=", line):
            yield number, f"[{section}] {key[1]}"


def _with_line(fault: str, lines: Mapping[str, int]) -> str:
    line = lines.get(fault.partition(":")[0])
    return f"line {line}: {fault}" if line else fault


KEYS: Mapping[str, Mapping[str, Check]] = {
    "competition": {
        "slug": checks.slug,
        "title": checks.text,
        "host": checks.text,
        "description": checks.optional(checks.lines),
    },
    "schedule": {
        "opens": checks.moment,
        "deadline": checks.moment,
        "grace_seconds": checks.whole(0, 31 * 86_400),
        "late": checks.one_of("unranked", "refused"),
        "freeze_hours": checks.whole(0, 24 * 365),
    },
    "submission": {
        "id_column": checks.column,
        "columns": checks.columns,
        "kind": checks.one_of("label", "number", "probability", "ranking"),
        "labels": checks.texts,
        "max_bytes": checks.whole(1, 1_000_000_000),
        "daily_limit": checks.whole(0, 1_000_000),
        "final_selections": checks.whole(1, 1_000_000),
    },
    "scoring": {
        "metric": checks.text,
        "public_share": checks.share,
        "metric_title": checks.optional(checks.text),
        "higher_is_better": checks.direction,
        "options": checks.table,
        "live": checks.one_of("exact", "rounded", "ladder"),
        "quoted": checks.quoted,
        "k": checks.whole(1, 100),
    },
    "kit": {
        "dataset": checks.slug,
        "label_names": checks.texts,
        "label_column": checks.column,
        "source": checks.optional(checks.text),
        "zip_address": checks.optional(checks.web_address),
    },
    "board": {
        "groups": checks.groups,
        "address": checks.optional(checks.folder_address),
    },
    "desk": {
        "address": checks.optional(checks.folder_address),
    },
}
# What the value of a key is called where the key's own name is another's.
NAMES: Mapping[tuple[str, str], str] = {("desk", "address"): "desk"}
DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "grace_seconds": 0,
    "labels": [],
    "metric_title": "",
    "higher_is_better": None,
    "options": {},
    "live": "exact",
    "quoted": [],
    "k": 5,
    "dataset": "own",
    "label_names": [],
    "label_column": "label",
    "source": "",
    "zip_address": "",
    "groups": {},
    "address": "",
    "late": "unranked",
    "freeze_hours": 0,
    "max_bytes": 10_000_000,
    "daily_limit": 0,
    "final_selections": 2,
}
