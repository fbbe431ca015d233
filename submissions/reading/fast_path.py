"""The fast path: a perfect file, read whole. It never says what is wrong; it only declines."""

from typing import TYPE_CHECKING

import numpy as np

from submissions.competition import Competition
from submissions.reading.cells import Kind, Values
from submissions.reading.text import BOM
from submissions.row_ids import RowIds

if TYPE_CHECKING:
    import pyarrow as pa

_BLOCK = 1 << 20


def read(data: bytes, competition: Competition, row_ids: RowIds, kind: Kind) -> Values | None:
    """The values, shape (rows, columns), in the order of `row_ids`; None on any doubt.

    Quotation marks are a doubt: readers of CSV differ on stray ones, and the careful path decides.
    """
    if row_ids.template is not None and kind.table is not None:
        filled = row_ids.template.read(data, kind.table)
        if filled is not None:
            return filled
    names = (competition.id_column, *competition.columns)
    if b'"' in data or not _has_header(data, names):
        return None
    table = _parse(data, names, competition.columns if kind.is_number else ())
    if table is None:
        return None
    places = row_ids.locate(table[competition.id_column].combine_chunks())
    if places is None:
        return None
    given = _values(table, competition, kind)
    if given is None or isinstance(places, slice):
        return given
    values: Values = np.empty_like(given)
    values[places] = given
    return values


def _values(table: "pa.Table", competition: Competition, kind: Kind) -> Values | None:
    columns = []
    for name in competition.columns:
        column = kind.convert(table[name].combine_chunks())
        if column is None:
            return None
        columns.append(column)
    rows: Values = np.column_stack(columns)
    return rows if kind.accepts(rows) else None


def _has_header(data: bytes, names: tuple[str, ...]) -> bool:
    longest = sum(len(name.encode()) + len(",") for name in names) + len("\r\n") + len(BOM)
    line = data.removeprefix(BOM)[:longest].splitlines()[0]
    return sorted(line.split(b",")) == sorted(name.encode() for name in names)


def _parse(data: bytes, names: tuple[str, ...], numbers: tuple[str, ...]) -> "pa.Table | None":
    """The table, all of texts; but `numbers` are floats where no blank makes it a question what they are."""
    try:
        import pyarrow as pa  # a file that follows the template is read without it, twice as soon
        import pyarrow.csv
    except ImportError:  # a participant's machine may lack it: the careful path does not
        return None
    types = dict.fromkeys(names, pa.string())
    if not (b" " in data or b"\t" in data):  # pyarrow would read " 7" as 7
        types |= dict.fromkeys(numbers, pa.float64())
    converting = pyarrow.csv.ConvertOptions(column_types=types, null_values=[])
    # In one block there is nothing to share out, and to wake the other threads takes longer than to do without.
    reading = pyarrow.csv.ReadOptions(use_threads=len(data) > _BLOCK, block_size=_BLOCK)
    try:
        return pyarrow.csv.read_csv(pa.BufferReader(data), read_options=reading, convert_options=converting)
    except pa.ArrowInvalid:
        return None
