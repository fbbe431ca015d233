"""The careful path: a file read row by row, so that every fault in it is named with its line."""

import csv
import io
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np

from submissions.competition import Competition
from submissions.faults import FaultLog
from submissions.reading.cells import BadCell, Kind, Values, without_zero_decimals
from submissions.reading.header import Header, Row, read_header, refuse_other_delimiter
from submissions.row_ids import RowIds
from submissions.shown import shown

# A quotation mark that is never closed takes in the rest of the file, and is told as such whatever its size.
csv.field_size_limit(2**31 - 1)


def read(text: str, competition: Competition, row_ids: RowIds, kind: Kind) -> Values:
    """The values, shape (rows, columns), in the order of `row_ids`.

    Raises:
        InvalidSubmission: with every fault of the text.
    """
    log = FaultLog()
    refuse_other_delimiter(text, competition, log)
    rows = _rows(text, log)
    first = list(islice(rows, 2))
    if not first:
        raise log.refuse("empty-file", None, "the file holds blank lines only")
    header, data = read_header(first, competition, row_ids, log)
    reading = _Reading(header, row_ids, kind, log)
    for line, cells in chain(data, rows):
        reading.take(line, cells)
    reading.finish()
    log.raise_if_any()
    return reading.values


def _rows(text: str, log: FaultLog) -> Iterator[Row]:
    """Every row that is not blank, with the line it begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        is_open = "unexpected end of data" in str(error)
        why = "is never closed" if is_open else "stands inside a cell, where it must be written twice"
        raise log.refuse("bad-quoting", line, f"a quotation mark in the row that begins here {why}") from None


class _Reading:
    """What has been read of one file so far."""

    def __init__(self, header: Header, row_ids: RowIds, kind: Kind, log: FaultLog) -> None:
        self._header, self._row_ids, self._kind, self._log = header, row_ids, kind, log
        self._lines: dict[str, int] = {}
        self.values: Values = np.zeros((len(row_ids), len(header.columns) * kind.width), dtype=kind.dtype)

    def take(self, line: int, cells: list[str]) -> None:
        """Read one row, and note what is wrong with it."""
        if not any(map(str.strip, cells)):
            self._log.add("blank-value", line, "every cell is blank: delete the row")
            return
        if len(cells) != self._header.width:
            self._log.add("field-count", line, lambda: _count(cells, self._header.width))
        place = self._take_id(line, cells)
        if len(cells) == self._header.width:
            self._take_values(line, cells, place)

    def finish(self) -> None:
        """Note the row ids that no row gave, and say so if there were no rows at all."""
        if self._header.id_at is None:
            return
        if not self._lines and not self._log.counts:
            raise self._log.refuse("empty-file", None, "the file has a header and no rows")
        for place, row_id in enumerate(self._row_ids.texts):
            if row_id not in self._lines:
                self._log.add("missing-row-id", None, partial(_missing, row_id, place))

    def _take_id(self, line: int, cells: list[str]) -> int | None:
        at = self._header.id_at
        if at is None or at >= len(cells):
            return None
        row_id = cells[at]
        if not row_id.strip():
            self._log.add("blank-value", line, f"the row id in column {shown(self._header.id_column)} is blank")
            return None
        place = self._row_ids.places.get(row_id)
        if place is None:
            self._take_unknown_id(line, row_id)
            return None
        earlier = self._lines.setdefault(row_id, line)
        if earlier != line:
            message = f"row id {shown(row_id)} was already given on line {earlier}"
            self._log.add("duplicate-row-id", line, message)
            return None
        return place

    def _take_unknown_id(self, line: int, row_id: str) -> None:
        meant, why = self._meant_by(row_id)
        # A row id that is almost right is told once, and not as missing too.
        self._lines.setdefault(meant, line)
        self._log.add("unknown-row-id", line, lambda: f"row id {shown(row_id)} is not one of the competition's{why}")

    def _meant_by(self, row_id: str) -> tuple[str, str]:
        if (whole := without_zero_decimals(row_id)) in self._row_ids.places:
            return str(whole), "; row ids were written as floats: .astype(int)"
        if (bare := row_id.strip()) in self._row_ids.places:
            return bare, "; there are spaces around it"
        return row_id, "; the header stands here again" if row_id == self._header.id_column else ""

    def _take_values(self, line: int, cells: list[str], place: int | None) -> None:
        found = [self._parse(line, name, cells[at]) for name, at in self._header.columns.items() if at is not None]
        if len(found) < len(self._header.columns) or any(value is None for value in found):
            return
        try:
            self._kind.check_row(found)
        except BadCell as fault:
            self._log.add(fault.code, line, fault.message)
            return
        if place is not None:
            self.values[place] = np.ravel(found)

    def _parse(self, line: int, name: str, cell: str) -> Any:
        """The value of one cell; None, and its fault noted, if it has none."""
        if not cell.strip():
            self._log.add("blank-value", line, f"column {shown(name)} is blank")
            return None
        try:
            return self._kind.parse(cell)
        except BadCell as fault:
            self._log.add(fault.code, line, fault.message)
            return None


def _count(cells: list[str], width: int) -> str:
    return f"{len(cells)} cell{'s' if len(cells) > 1 else ''}, but the header has {width}"


def _missing(row_id: str, place: int) -> str:
    return f"row id {shown(row_id)} is missing (line {place + 2} of the sample submission)"
