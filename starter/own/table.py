"""An organiser's CSV, read with care: every cell as it stands there, and the line of every row."""

import csv
import io
import re
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from starter.own.faults import FaultLog
from submissions.faults import FaultLog as FileLog
from submissions.faults import InvalidSubmission
from submissions.reading import text
from submissions.shown import shown

Cells = npt.NDArray[np.object_]
MOST_BYTES = 2_000_000_000  # in memory a table takes 10 to 20 times the room
BLOCK_CELLS = 1_000_000
DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_FIRST_LINE = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*([^\r\n]*)")
_LINE_END = re.compile(rb"\r\n?|\n")
_BARE_RETURN = re.compile(rb"\r(?!\n)")

# A quotation mark that is never closed takes in the rest of the file, and is told as such whatever its size.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of one file.

    Attributes:
        path: the file.
        header: the line on which the names stand.
        names: of the columns, in order.
        cells: their texts (rows, columns), "" where there is nothing.
        lines: the line on which each row begins (rows,), the first line being 1.
        is_whole: False if rows were left out, because they had faults.
    """

    path: Path
    header: int
    names: tuple[str, ...]
    cells: Cells
    lines: npt.NDArray[np.int64]
    is_whole: bool

    def column(self, name: str) -> Cells:
        """The cells of a column (rows,); ValueError if there is none of this name."""
        return self.cells[:, self.names.index(name)]


def read(path: Path, log: FaultLog) -> Table | None:
    """The table in a file; what is wrong with it goes into the log.

    Python's own reader is taken, not a faster one: it alone tells on which line each row begins, and there is no
    second reader that it could disagree with.

    Returns:
        The rows that are sound; None if nothing can be read.
    """
    data = _bytes(path, log)
    if data is None:
        return None
    try:
        text.refuse_unreadable(data, MOST_BYTES, FileLog())
        return _table(path, data, log)
    except UnicodeDecodeError:
        _note_no_utf8(path, data, log)
    except InvalidSubmission as refused:
        fault = refused.faults.shown[0]
        log.add(fault.code, path, fault.line, fault.message)
    return None


def _bytes(path: Path, log: FaultLog) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        log.add("unreadable", path, None, "is not there")
    except OSError as error:
        log.add("unreadable", path, None, f"cannot be read: {error.strerror}")
    return None


def _note_no_utf8(path: Path, data: bytes, log: FaultLog) -> None:
    try:
        text.decode(data, FileLog())
    except InvalidSubmission as refused:
        fault = refused.faults.shown[0]
        log.add("not-utf8", path, fault.line, fault.message)


def _table(path: Path, data: bytes, log: FaultLog) -> Table | None:
    begun = _FIRST_LINE.match(data)
    assert begun is not None
    header = 1 + len(_LINE_END.findall(data, 0, begun.start(1)))
    if (delimiter := _other_delimiter(begun[1])) is not None:
        log.add("wrong-delimiter", path, header, f"the columns are separated by {delimiter}, not by commas")
        return None
    rows = _Rows(path, data, log)
    header, names = next(iter(rows), (header, []))
    if not names:
        if rows.is_whole:
            log.add("empty-file", path, None, "the file holds blank lines only")
        return None
    _note_names(path, header, names, log)
    table = _with_rows(path, header, tuple(names), rows, _BARE_RETURN.search(data) is not None, log)
    if table.is_whole and not len(table.lines):
        log.add("empty-file", path, None, "the file has a header and no rows")
    return table


def _other_delimiter(line: bytes) -> str | None:
    return None if b"," in line else next((name for mark, name in DELIMITERS.items() if mark.encode() in line), None)


class _Rows:
    """Every row that is not a blank line, with the line it begins on; ends early at a stray quotation mark."""

    def __init__(self, path: Path, data: bytes, log: FaultLog) -> None:
        self._path, self._log = path, log
        self._reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8-sig", newline=""), strict=True)
        self.is_whole = True

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        line = self._reader.line_num + 1
        try:
            for cells in self._reader:
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield line, cells
                line = self._reader.line_num + 1
        except csv.Error as error:
            is_open = "unexpected end of data" in str(error)
            why = "is never closed" if is_open else "stands inside a cell, where it must be written twice"
            message = f"a quotation mark in the row that begins here {why}"
            self._log.add("bad-quoting", self._path, line, message)
            self.is_whole = False


def _note_names(path: Path, line: int, names: list[str], log: FaultLog) -> None:
    for place, name in enumerate(names, start=1):
        if not name.strip():
            log.add("column-name", path, line, f"column {place} has no name")
        elif name != name.strip() or not name.isprintable():
            what = "spaces around" if name != name.strip() else "a character that cannot be shown in"
            log.add("column-name", path, line, f"column {place}, {shown(name)}, has {what} its name")
    for name, times in Counter(names).items():
        if times > 1 and name.strip():
            log.add("repeated-column", path, line, f"column {shown(name)} stands {times} times")


def _with_rows(path: Path, header: int, names: tuple[str, ...], rows: _Rows, has_returns: bool, log: FaultLog) -> Table:
    width = len(names)
    size = max(1, BLOCK_CELLS // width)
    blocks: list[Cells] = []
    block: list[list[str]] = []
    lines, odd = array("q"), _Odd(path, width, log)
    for line, cells in rows:
        if len(cells) != width or not any(map(str.strip, cells)):
            odd.note(line, cells)
            continue
        if has_returns:
            _note_returns(path, line, names, cells, log)
        lines.append(line)
        block.append(cells)
        if len(block) == size:
            blocks.append(_array(block, width))
            block.clear()
    blocks.append(_array(block, width))
    is_whole = rows.is_whole and not odd.count
    return Table(path, header, names, np.concatenate(blocks), np.array(lines, dtype=np.int64), is_whole)


def _array(rows: list[list[str]], width: int) -> Cells:
    return np.array(rows, dtype=object).reshape(len(rows), width)


@dataclass(slots=True)
class _Odd:
    """Rows that are left out, and how many they are."""

    path: Path
    width: int
    log: FaultLog
    count: int = 0

    def note(self, line: int, cells: list[str]) -> None:
        """Say what is wrong with a row."""
        self.count += 1
        if not any(map(str.strip, cells)):
            self.log.add("blank-row", self.path, line, "every cell is blank")
            return
        message = f"{len(cells)} cell{'s' if len(cells) > 1 else ''}, but the first line has {self.width}"
        self.log.add("cell-count", self.path, line, message)


def _note_returns(path: Path, line: int, names: tuple[str, ...], cells: list[str], log: FaultLog) -> None:
    # Before Python 3.13 csv writes such a cell without quotation marks, and it is two rows when it is read.
    for name, cell in zip(names, cells, strict=True):
        if "\r" in cell.replace("\r\n", ""):
            log.add("carriage-return", path, line, f"column {shown(name)} has a carriage return inside a cell")
