"""The first line of a submission: which column stands where, and what is wrong with their names."""

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from submissions.competition import Competition
from submissions.faults import FaultLog
from submissions.reading.cells import number
from submissions.row_ids import RowIds
from submissions.shown import shown

Row = tuple[int, list[str]]

_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_INDEX_NAMES = frozenset({"", "index", "level_0", "Unnamed: 0"})  # what pandas and R call the row names


@dataclass(frozen=True, slots=True)
class Header:
    """Where each column stands, from 0; None where a column is missing."""

    width: int
    id_column: str
    id_at: int | None
    columns: Mapping[str, int | None]


def refuse_other_delimiter(text: str, competition: Competition, log: FaultLog) -> None:
    """Raise InvalidSubmission if the first line is separated by something else than commas, quoted or not."""
    line = text.lstrip("\r\n").replace("\r", "\n").partition("\n")[0]
    names = {competition.id_column, *competition.columns}
    if "," in line:
        return
    name = next((name for delimiter, name in _DELIMITERS.items() if delimiter in line), None)
    if name is None and names == set(line.split()):
        name = "spaces"
    if name is not None:
        raise log.refuse("wrong-delimiter", 1, f"the columns are separated by {name}, not by commas")


def read_header(rows: list[Row], competition: Competition, row_ids: RowIds, log: FaultLog) -> tuple[Header, list[Row]]:
    """The header among the first two rows, or what it should have been, and those of them that are data."""
    (line, cells), *more = rows
    expected = [competition.id_column, *competition.columns]
    if set(expected) <= set(cells):
        return _header(cells, competition, _note_extra(line, cells, expected, log)), more
    if more and set(expected) <= set(more[0][1]):
        where, cells = more[0]
        log.add("missing-header", line, f"the header {','.join(expected)} is on line {where}; it must be the first")
        return _header(cells, competition, {name: cells.index(name) for name in expected}), []
    if _is_data(cells, expected, row_ids):
        has = "" if len(cells) == len(expected) else f" of {len(cells)} cells"
        log.add("missing-header", line, f"the first row is data{has}; expected the header {','.join(expected)}")
        at = {name: place for place, name in enumerate(expected)} if len(cells) == len(expected) else {}
        return _header(cells, competition, at), rows
    return _header(cells, competition, _note_names(line, cells, expected, log)), more


def _header(cells: list[str], competition: Competition, at: Mapping[str, int]) -> Header:
    columns = {name: at.get(name) for name in competition.columns}
    return Header(len(cells), competition.id_column, at.get(competition.id_column), columns)


def _note_extra(line: int, cells: list[str], expected: list[str], log: FaultLog) -> dict[str, int]:
    """All expected columns are there: note what else is."""
    for name, times in Counter(cells).items():
        if name in expected and times > 1:
            log.add("repeated-column", line, f"column {shown(name)} stands {times} times")
        elif name not in expected:
            log.add("unknown-column", line, partial(_extra, name, cells))
    return {name: cells.index(name) for name in expected}


def _extra(name: str, cells: list[str]) -> str:
    if cells[0] == name and name in _INDEX_NAMES:
        return f"column {shown(name)} is an index: write the file with index=False (in R: row.names=FALSE)"
    if not name and cells[-1] == name:
        return f"column {len(cells)} has no name: the line ends in a comma"
    return f"column {shown(name)} is not expected"


def _note_names(line: int, cells: list[str], expected: list[str], log: FaultLog) -> dict[str, int]:
    """Some expected columns are not there: note which, and which others were perhaps meant for them."""
    at = {name: cells.index(name) for name in expected if name in cells}
    for name in expected:
        meant = _meant_for(name, cells, expected)
        if name in at:
            continue
        if meant is None:
            log.add("missing-column", line, f"column {shown(name)} is missing; found {shown(','.join(cells[:99]))}")
            continue
        at[name] = meant
        if cells[meant] in _INDEX_NAMES:
            message = f"column {shown(name)} is missing; if the first column is it, name it: index_label={name!r}"
        else:
            message = f"column {shown(name)} is missing; rename {shown(cells[meant])}"
        log.add("missing-column", line, message)
    for place, name in enumerate(cells):
        if name not in expected and place not in at.values():
            log.add("unknown-column", line, partial(_extra, name, cells))
    return at


def _meant_for(name: str, cells: list[str], expected: list[str]) -> int | None:
    """The place of the column that was perhaps meant by this name: near it, or the first without a name of its own."""
    others = {cell.strip().casefold(): place for place, cell in enumerate(cells[:99]) if cell not in expected}
    if close := difflib.get_close_matches(name.casefold(), others, n=1):
        return others[close[0]]
    is_nameless = name == expected[0] and cells[0] in _INDEX_NAMES and len(cells) == len(expected)
    return 0 if is_nameless else None


def _is_data(cells: list[str], expected: list[str], row_ids: RowIds) -> bool:
    names = {name.casefold() for name in expected}
    if any(cell.strip().casefold() in names for cell in cells):
        return False
    some = cells[:99]
    return all(map(str.strip, some)) and (
        any(c in row_ids.places for c in some) or all(number(cell) is not None for cell in some)
    )
