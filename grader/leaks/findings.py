"""What the search found: a closed list of codes, each with its severity and how to mend it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Rule:
    """How bad a finding of one code is, and what mends it in general."""

    severity: Severity
    mend: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing in the public files that gives hidden labels away, or may.

    It tells places, counts and shares, and never the label of a particular row: reports are passed on.

    Attributes:
        code: one of `CODES`.
        where: the file, and the part of it: "starter/test.csv, column 'x'", "starter/kit.zip: a/test.csv, column 'x'".
        strength: how strong it is, in words and figures.
        advice: how to mend this very finding, where that says more than the rule does.
    """

    code: str
    where: str
    strength: str
    advice: str = ""

    @property
    def severity(self) -> Severity:
        """How bad it is: "error", labels are given away; "warning", they may be; "note", good to know."""
        return CODES[self.code].severity

    @property
    def place(self) -> str:
        """Where it was found first: without the archives that hold a copy."""
        return self.where.partition(", and in ")[0]

    @property
    def mend(self) -> str:
        """What to do about it."""
        return self.advice or CODES[self.code].mend

    def __str__(self) -> str:
        return f"{self.severity} {self.code}: {self.where}: {self.strength}; {self.mend}"


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, the worst first, then by place and code."""
    return sorted(
        set(findings), key=lambda one: (SEVERITIES.index(one.severity), one.where, one.code, one.strength, one.advice)
    )


_SHUFFLE = (
    "number the test rows anew, in an order that says nothing: podium new --data does so if you leave out --id-column "
    "and drop the ids"
)
_HINT = "look at it; if it is no part of what participants may know, leave it out"

CODES: Mapping[str, Rule] = MappingProxyType(
    {
        "labels-in-column": Rule(
            "error",
            "take it out of the public files (of your own data: --drop-columns NAME); if anybody has had them, count "
            "the labels as known",
        ),
        "labels-nearly-in-column": Rule("warning", _HINT),
        "labels-in-order": Rule("error", _SHUFFLE),
        "labels-hinted-by-order": Rule("warning", _SHUFFLE),
        "order-follows-column": Rule(
            "note", "nothing to do if participants may know this column: it says what the order says"
        ),
        "labels-in-row-ids": Rule("error", "give the test rows ids that say nothing: numbers in a shuffled order"),
        "labels-hinted-by-row-ids": Rule("warning", "give the test rows ids that say nothing"),
        "labels-in-file-names": Rule("error", "name the files by row id only, all in one folder"),
        "labels-nearly-in-file-names": Rule("warning", "name the files by row id only, all in one folder"),
        "test-rows-in-training": Rule(
            "error", "take these rows out of the training rows, or out of the test rows; then make a new competition"
        ),
        "some-test-rows-in-training": Rule("warning", "take these rows out of the training rows"),
        "outcome-column": Rule(
            "error",
            "leave the column out of training and test rows (of your own data: --drop-columns NAME): it was filled in "
            "after the outcome was known",
        ),
        "column-only-in-training": Rule(
            "warning", "leave it out, or add it to the test rows: what only training rows have is often an outcome"
        ),
        "column-decides-labels": Rule(
            "error",
            "leave the column out (of your own data: --drop-columns NAME), unless it is known before the outcome is",
        ),
        "column-nearly-decides-labels": Rule("warning", "make sure that it is known before the outcome is"),
        "private-bytes": Rule("error", "take the private file out, write the kit again, and count it as known"),
        "private-name": Rule("error", "if it is what its name says, take it out; otherwise rename it"),
        "shares-in-column": Rule("error", "take the column out: which rows are public and which private is secret"),
        "undefined-metric": Rule("error", "choose another metric, or a split in which every share has what it needs"),
        "metric-fails": Rule("error", "mend grader/metric.py; its words may hold hidden labels: keep them to yourself"),
        "metric-not-deterministic": Rule("error", "mend grader/metric.py: the same file must get the same score"),
        "metric-not-best": Rule("error", "mend grader/metric.py or higher_is_better in competition.toml"),
        "invalid-sample": Rule("error", "delete it, and let podium kit make it again"),
        "sample-scores-well": Rule("error", "delete it, and let podium kit make it again: it must say nothing"),
        "no-notebook": Rule("warning", "podium kit makes it again"),
        "stale-kit": Rule("warning", "podium kit makes it again"),
        "bad-quote": Rule("warning", "correct or delete it in competition.toml"),
        "public-labels": Rule("note", "for learning this does no harm; when a prize matters, use data of your own"),
        "not-looked-at": Rule("warning", "look at it yourself, or leave it out"),
    }
)
