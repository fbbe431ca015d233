"""The careful path: a file read row by row, so that every fault in it is named with its line."""

import csv
import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from submissions.competition import Competition
from submissions.faults import FaultLog
from submissions.header import Header, read_header
from submissions.kinds import BadCell, Kind, without_zero_decimals
from submissions.row_ids import RowIds
from submissions.shown import shown

Row = tuple[int, list[str]]

# What the csv module says, and what it means to who wrote the file.
_WHY = {
    "unexpected end of data": "a quotation mark is never closed",
    "expected after": "a quotation mark stands inside a cell",
    "field limit": "a cell is longer than 131,072 characters",
}


def read(text: str, competition: Competition, row_ids: RowIds, kind: Kind) -> NDArray[np.int32]:
    """The values, shape (rows, columns), in the order of `row_ids`.

    Raises:
        InvalidSubmission: with every fault of the text.
    """
    log = FaultLog()
    rows = _rows(text, log)
    first = next(rows, None)
    if first is None:
        raise log.refuse("empty-file", None, "the file holds blank lines only")
    header, first = read_header(first, competition, row_ids, log)
    reading = _Reading(header, row_ids, kind, log)
    if first is not None:
        reading.take(*first)
    for line, cells in rows:
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
        why = next((ours for theirs, ours in _WHY.items() if theirs in str(error)), str(error))
        raise log.refuse("bad-quoting", line, f"the row that begins here cannot be split into cells: {why}") from None


class _Reading:
    """What has been read of one file so far."""

    def __init__(self, header: Header, row_ids: RowIds, kind: Kind, log: FaultLog) -> None:
        self._header, self._row_ids, self._kind, self._log = header, row_ids, kind, log
        self._lines: dict[str, int] = {}
        self.values = np.zeros((len(row_ids), len(header.columns)), dtype=np.int32)

    def take(self, line: int, cells: list[str]) -> None:
        """Read one row, and note what is wrong with it."""
        if len(cells) != self._header.width:
            count = f"{len(cells)} cell{'s' if len(cells) > 1 else ''}"
            self._log.add("field-count", line, f"{count}, but the header has {self._header.width}")
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
                where = f"line {place + 2} of the sample submission"
                self._log.add("missing-row-id", None, f"row id {shown(row_id)} is missing ({where})")

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
            message = f"row id {shown(row_id)} is not one of the competition's{self._hint(row_id)}"
            self._log.add("unknown-row-id", line, message)
        elif row_id in self._lines:
            message = f"row id {shown(row_id)} was already given on line {self._lines[row_id]}"
            self._log.add("duplicate-row-id", line, message)
        else:
            self._lines[row_id] = line
            return place
        return None

    def _take_values(self, line: int, cells: list[str], place: int | None) -> None:
        for index, (name, at) in enumerate(self._header.columns.items()):
            if at is None:
                continue
            if not cells[at].strip():
                self._log.add("blank-value", line, f"column {shown(name)} is blank")
                continue
            try:
                value = self._kind.parse(cells[at])
            except BadCell as fault:
                self._log.add(fault.code, line, str(fault))
                continue
            if place is not None:
                self.values[place, index] = value

    def _hint(self, row_id: str) -> str:
        if without_zero_decimals(row_id) in self._row_ids.places:
            return "; row ids were written as floats: .astype(int)"
        return "; there are spaces around it" if row_id.strip() in self._row_ids.places else ""
