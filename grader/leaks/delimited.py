"""Tables as text: CSV and its kin, with a header or without."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from grader.leaks.tables import Table, plain
from submissions.reading.cells import number

if TYPE_CHECKING:
    from grader.leaks.words import Vocabulary

_DELIMITERS = (",", "\t", ";", "|")
_MANY_COLUMNS = 1000
_PADDED = r"^[+-]?0\d"  # 007 is a text: as a number it would be another
_FIRST_BLOCK = 1 << 20


def table(text: str, suffix: str, vocabulary: Vocabulary) -> Table | None:
    """The table that a text is; None if it is none.

    Whether the first row is a header is decided by what is in it. It must be decided: the first row's cells become the
    columns' names, and a finding that names a column would tell a label if they were values.
    """
    import pyarrow as pa

    columns = _columns(text, _delimiter(text, suffix))
    if not columns or not len(columns[0]):
        return None
    first = [column[0].as_py() for column in columns]
    if not _is_header(first, columns, vocabulary):
        return Table([(f"{index}" if len(columns) > 1 else "", column) for index, column in enumerate(columns, 1)])
    rest = [pa.concat_arrays([column.slice(1)]) for column in columns]
    values = [_numbers(column) for column in rest] if len(rest) > _MANY_COLUMNS else rest
    return Table(list(zip((plain(cell) for cell in first), values, strict=True)))


def _delimiter(text: str, suffix: str) -> str:
    if suffix in {".tsv", ".tab"}:
        return "\t"
    line = text.lstrip().partition("\n")[0]
    return max(_DELIMITERS, key=line.count)


def _columns(text: str, delimiter: str) -> list[Any]:
    """The cells of each column as pyarrow texts, the first row's among them; rows of another length are passed over."""
    import pyarrow as pa
    import pyarrow.csv

    data = text.encode()
    reading = pyarrow.csv.ReadOptions(autogenerate_column_names=True, block_size=max(len(data), _FIRST_BLOCK))
    parsing = pyarrow.csv.ParseOptions(
        delimiter=delimiter, newlines_in_values='"' in text, invalid_row_handler=lambda _row: "skip"
    )
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        width = len(next((row for row in lines if row), []))
        texts = pyarrow.csv.ConvertOptions(column_types={f"f{index}": pa.string() for index in range(width)})
        read = pyarrow.csv.read_csv(pa.BufferReader(data), reading, parsing, texts)
    except (pa.ArrowInvalid, csv.Error):
        return []
    return [column.combine_chunks() for column in read.columns]


def _is_header(first: list[str], columns: list[Any], vocabulary: Vocabulary) -> bool:
    if any(plain(cell) in vocabulary.row_ids for cell in first):
        return False
    rows = len(columns[0])
    if (rows in vocabulary.lengths) != (rows - 1 in vocabulary.lengths):
        fits = rows - 1 in vocabulary.lengths
        return fits or not _looks_like_values(first, columns)
    return not _looks_like_values(first, columns)


def _looks_like_values(first: list[str], columns: list[Any]) -> bool:
    """True if the first row could be any other: a cell of it comes again below, or all its cells are numbers.

    Columns that are named 0, 1, 2 … are named all the same.
    """
    if first in ([str(index) for index in range(start, start + len(first))] for start in (0, 1)) and len(first) > 1:
        return False
    if all(number(cell) is not None for cell in first):
        return True
    import pyarrow.compute as pc

    return any(
        cell.strip() and pc.any(pc.equal(column.slice(1), cell)).as_py()
        for cell, column in zip(first, columns, strict=True)
    )


def _numbers(column: Any) -> Any:
    """A column of many as numbers, if it is mere numbers: texts would take ten times as long."""
    import pyarrow as pa
    import pyarrow.compute as pc

    is_blank = pc.equal(column, "")
    if pc.any(pc.match_substring_regex(column, _PADDED)).as_py() or pc.all(is_blank).as_py():
        return column
    try:
        numbers = pc.if_else(is_blank, None, column).cast(pa.float64())
    except pa.ArrowInvalid:
        return column
    return numbers.to_numpy(zero_copy_only=False)
