"""The rows of a large board as columns of JSON, which the page's script turns into rows as they are asked for.

Of each row what the page shows, in the board's order; columns named in `GROWING` hold the difference to the number
before, which is small in a sorted board: a tenth of the bytes, after compression.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from leaderboard.rows import MARKS, Row

GROWING = ("rank", "dot", "low", "high", "best", "worst")
_STATES = tuple(MARKS)
_TIED, _FAR = 1, 2
# JSON as the text of a <script>: no tag, no entity, and nothing that old scripts take for a line's end can stand in it.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}

_COLUMNS: Mapping[str, Callable[[Row], Any]] = {
    "team": lambda row: row.team,
    "state": lambda row: _STATES.index(row.state),
    "flags": lambda row: _TIED * row.is_tied + _FAR * row.is_far,
    "rank": lambda row: row.rank,
    "move": lambda row: row.move,
    "score": lambda row: row.score,
    "dot": lambda row: row.dot,
    "side": lambda row: row.side[:1],
    "low": lambda row: row.low,
    "high": lambda row: row.high,
    "from": lambda row: row.ends[0] if row.ends else "",
    "to": lambda row: row.ends[1] if row.ends else "",
    "best": lambda row: row.ranks[0] if row.ranks else None,
    "worst": lambda row: row.ranks[1] if row.ranks else None,
    "group": lambda row: row.group,
    "sent": lambda row: row.sent,
    "last": lambda row: row.last,
}


def write(rows: Sequence[Row], stamp: str) -> str:
    """The JSON, safe as the text of a <script>.

    Args:
        rows: in the board's order.
        stamp: what the page that shows them has as well: of another page they would be the wrong rows.
    """
    columns: dict[str, Any] = {}
    for name, value in _COLUMNS.items():
        values = [value(row) for row in rows]
        if any(one not in (None, "", 0) for one in values):
            columns[name] = list(_differences(values)) if name in GROWING else values
    if "group" in columns:
        places = {name: place for place, name in enumerate(sorted(set(columns["group"])))}
        columns["groups"], columns["group"] = list(places), [places[one] for one in columns["group"]]
    columns["discs"] = [[index, row.disc] for index, row in enumerate(rows) if row.disc]
    columns["stamp"], columns["rows"] = stamp, len(rows)
    return json.dumps(columns, ensure_ascii=False, allow_nan=False, separators=(",", ":")).translate(_ESCAPES)


def _differences(values: Iterable[int | None]) -> Iterator[int | None]:
    last = 0
    for value in values:
        if value is None:
            yield None
        else:
            yield value - last
            last = value
