"""What can be wrong with a submission: the closed list of faults, and what is told of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from submissions.errors import Refused

SHOWN_OF_EACH_CODE = 20

MENDS: Mapping[str, str] = {
    "empty-file": "write one row for each row of the sample submission",
    "too-large": "keep only the columns of the sample submission, or ask the organiser for a higher max_bytes",
    "not-text": "export the table as CSV: 'Save as CSV' in a spreadsheet, to_csv(path, index=False) in pandas",
    "not-utf8": "save the file as UTF-8: in a spreadsheet 'CSV UTF-8'; pandas does so by itself",
    "wrong-delimiter": "separate the columns with commas: 'Save as CSV' in a spreadsheet, no sep= in pandas",
    "bad-quoting": "close every quotation mark, and write a quotation mark inside a cell twice",
    "missing-header": "write the header of the sample submission as the first line",
    "missing-column": "name the columns as the sample submission does, capitals and all",
    "unknown-column": "write only the columns of the sample submission, and no index: index=False",
    "repeated-column": "write each column once",
    "field-count": "write as many cells in each row as the header has",
    "missing-row-id": "give a prediction for every row id of the sample submission",
    "unknown-row-id": "use the row ids of the sample submission; if all are unknown, the file is for another kit",
    "duplicate-row-id": "give each row id once",
    "blank-value": "fill every cell",
    "not-a-number": "write each number with the digits 0 to 9 and a decimal point: 1234.5",
    "not-finite": "replace NaN and infinities by a number: df.isna().sum() in pandas counts them",
    "out-of-range": "send numbers of the size that the training rows have; a probability is one from 0 to 1",
    "does-not-sum-to-one": "divide the probabilities of each row by their sum",
    "too-many-labels": "name the likeliest labels only, separated by single spaces",
    "undefined-score": "send predictions for which the metric is defined",
    "refused-by-metric": "do as the organiser's metric says, or ask the organiser",
    "unknown-label": "write each label as the sample submission does; .astype(int) for numbers, .str.strip() for texts",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: its stable code, the line it stands on (None: no single line), and what was expected."""

    code: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.message} [{self.code}]"


@dataclass(frozen=True, slots=True)
class Faults:
    """All faults of one file: the first of each code in line order, and how many more there are of each."""

    shown: tuple[Fault, ...]
    more: Mapping[str, int]

    def lines(self) -> Iterator[str]:
        """The faults as text, each on a line, and after the last of a code how many were left out."""
        last = {fault.code: index for index, fault in enumerate(self.shown)}
        for index, fault in enumerate(self.shown):
            yield str(fault)
            if last[fault.code] == index and fault.code in self.more:
                yield f"… and {self.more[fault.code]:,} more [{fault.code}]"

    def mends(self) -> dict[str, str]:
        """How to mend each code that occurs, in the order of `lines`."""
        return {fault.code: MENDS[fault.code] for fault in self.shown}

    def to_json(self) -> dict[str, Any]:
        """The faults as JSON values; `from_json` takes them back."""
        shown = [{"code": fault.code, "line": fault.line, "message": fault.message} for fault in self.shown]
        return {"shown": shown, "more": dict(self.more)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Faults":
        """The faults that `to_json` wrote."""
        return cls(tuple(Fault(**fault) for fault in values["shown"]), values["more"])


class InvalidSubmission(Refused):
    """A file that breaks at least one rule."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        super().__init__("\n".join(faults.lines()))


@dataclass(slots=True)
class FaultLog:
    """Collects the faults of one file while it is read, and keeps no more than it will show."""

    kept: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, code: str, line: int | None, message: str | Callable[[], str]) -> None:
        """Note one fault; its code must be on the closed list.

        A file may have a million faults, of which few are shown: a message that is a function is made for those only.
        """
        assert code in MENDS, code
        self.counts[code] += 1
        if self.counts[code] <= SHOWN_OF_EACH_CODE:
            self.kept.append(Fault(code, line, message if isinstance(message, str) else message()))

    def raise_if_any(self) -> None:
        """Raise InvalidSubmission if a fault was noted."""
        if self.counts:
            raise InvalidSubmission(self.faults())

    def refuse(self, code: str, line: int | None, message: str) -> InvalidSubmission:
        """The exception for a fault after which nothing else can be read."""
        self.add(code, line, message)
        return InvalidSubmission(self.faults())

    def faults(self) -> Faults:
        """What was noted, in line order; faults of no single line come last."""
        shown = sorted(self.kept, key=lambda fault: (fault.line is None, fault.line or 0))
        more = {code: n - SHOWN_OF_EACH_CODE for code, n in self.counts.items() if n > SHOWN_OF_EACH_CODE}
        return Faults(tuple(shown), more)
