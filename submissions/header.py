"""The first line of a submission: which column stands where, and what is wrong with their names."""

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from submissions.competition import Competition
from submissions.faults import FaultLog
from submissions.row_ids import RowIds
from submissions.shown import shown

_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column stands, from 0; None where a column is missing."""

    width: int
    id_column: str
    id_at: int | None
    columns: Mapping[str, int | None]


def read_header(
    first: tuple[int, list[str]], competition: Competition, row_ids: RowIds, log: FaultLog
) -> tuple[Header, tuple[int, list[str]] | None]:
    """The header, and the first row again if it turned out to be no header but data.

    Raises:
        InvalidSubmission: the columns are separated by something else than commas.
    """
    line, cells = first
    expected = (competition.id_column, *competition.columns)
    _refuse_other_delimiter(line, cells, log)
    if _is_data(cells, expected, row_ids):
        log.add("missing-header", line, f"the first row is data; expected the header {','.join(expected)}")
        return _locate(list(expected), competition), first
    _note_names(line, cells, expected, log)
    return _locate(cells, competition), None


def _refuse_other_delimiter(line: int, cells: list[str], log: FaultLog) -> None:
    if len(cells) > 1:
        return
    for delimiter, name in _DELIMITERS.items():
        if delimiter in cells[0]:
            raise log.refuse("wrong-delimiter", line, f"the columns are separated by {name}, not by commas")


def _is_data(cells: list[str], expected: tuple[str, ...], row_ids: RowIds) -> bool:
    has_names = any(cell.strip().casefold() == name.casefold() for cell in cells for name in expected)
    return not has_names and len(cells) == len(expected) and any(cell in row_ids.places for cell in cells)


def _note_names(line: int, cells: list[str], expected: tuple[str, ...], log: FaultLog) -> None:
    for name, times in Counter(cells).items():
        if name not in expected:
            # A header may have a million names: a guess is made only for those that will be shown.
            hint = _hint(name, cells, expected) if log.has_room("unknown-column") else ""
            log.add("unknown-column", line, f"column {shown(name)} is not expected{hint}")
        elif times > 1:
            log.add("repeated-column", line, f"column {shown(name)} stands {times} times")
    for name in expected:
        if name not in cells:
            log.add("missing-column", line, f"column {shown(name)} is missing; found {shown(','.join(cells))}")


def _hint(name: str, cells: list[str], expected: tuple[str, ...]) -> str:
    if cells[0] == name and (not name.strip() or name.startswith("Unnamed:") or name in {"index", "level_0"}):
        return "; it is the index that pandas writes: write it with index=False"
    near = {wanted.casefold(): wanted for wanted in expected}
    close = difflib.get_close_matches(name.strip().casefold(), near, n=1)
    return f"; did you mean {near[close[0]]!r}?" if close else ""


def _locate(cells: list[str], competition: Competition) -> Header:
    at = {name: place for place, name in reversed(list(enumerate(cells)))}
    columns = {name: at.get(name) for name in competition.columns}
    return Header(len(cells), competition.id_column, at.get(competition.id_column), columns)
