"""A board for programs: JSON and CSV.

The JSON, version 1, is one object; moments are ISO 8601 in UTC, null stands for what there is not:

    version       1; a later version may add keys, a new number may change them
    competition   {slug, title, host, opens, deadline}
    board         "public" or "private": the share of the test rows that the scores are of
    as_of         the moment that the board shows
    phase         "upcoming", "open" or "closed"
    is_revealed   whether the private board may be seen
    metric        {name, title, higher_is_better, decimals}
    teams         how many, baselines and quoted scores left out
    submissions   how many those teams sent
    frozen_at     since when no new score is shown; null: the board is not frozen
    ledger_head   the digest of the ledger's last entry, in hex
    standings     the rows in the board's order, each with the columns of the CSV, on a line of its own

The columns of the CSV, one row for each standing:

    rank          1, 2, 2, 4; empty outside the ranking
    is_tied       whether another team shares the rank
    team          the name; in the CSV an apostrophe stands before one that a spreadsheet would take for a formula
    team_id       "t-" and 12 hex digits; the row's id in the page
    state         "ranked", "baseline", "quoted" (a score reported elsewhere), "late", "unscored" or "disqualified"
    score         at full precision
    low, high     the ends of the score's 95 % interval; empty where there is none
    best_rank     the best rank that the scores do not rule out, on the private board only; empty where not known
    worst_rank    the worst one
    submissions   how many were received
    last_at       arrival of the last of them; empty for a quoted score
    counted_at    arrival of the one that counts
    submission    its number
    group         the team's group; empty where it has none
    source        where a quoted score was reported
"""

import json
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import Any

from leaderboard.standings import Board, BoardName
from submissions import moments

FILES: dict[BoardName, str] = {"public": "leaderboard", "private": "final"}
COLUMNS = (
    *("rank", "is_tied", "team", "team_id", "state", "score", "low", "high", "best_rank", "worst_rank"),
    *("submissions", "last_at", "counted_at", "submission", "group", "source"),
)

# ASVS 1.2.10, with the line ends and full-width forms that OWASP's page on CSV injection adds.
FORMULA_STARTS = tuple("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")

_QUOTED = re.compile(r'[,"\r\n]')
_LINES = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False)
_BEGINS = f'{{"{min(COLUMNS)}": '  # each record of the JSON


def as_json(board: Board) -> str:
    """The board as JSON; the module's docstring has the keys."""
    rules, metric = board.competition, board.metric
    document = {
        "version": 1,
        "competition": {
            "slug": rules.slug,
            "title": rules.title,
            "host": rules.host,
            "opens": moments.write(rules.opens),
            "deadline": moments.write(rules.deadline),
        },
        "board": board.board,
        "as_of": moments.write(board.as_of),
        "phase": board.phase,
        "is_revealed": board.is_revealed,
        "metric": {
            "name": metric.name,
            "title": metric.title,
            "higher_is_better": metric.higher_is_better,
            "decimals": metric.decimals,
        },
        "teams": board.teams,
        "submissions": board.submissions,
        "frozen_at": moments.write(board.frozen_at) if board.frozen_at else None,
        "ledger_head": board.head or None,
        "standings": [],
    }
    text = json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    lines = _LINES.encode([dict(zip(COLUMNS, record, strict=True)) for record in _records(board)])[1:-1]
    # Within a text a quotation mark has a backslash before it: no name can hold what stands between two records.
    lines = lines.replace(f", {_BEGINS}", f",\n  {_BEGINS}")
    # No text can hold a line's end of its own: this place is the only one.
    return (
        text.replace('\n "standings": []', f'\n "standings": [\n  {lines}\n ]' if lines else '\n "standings": []')
        + "\n"
    )


def as_csv(board: Board) -> str:
    """The rows as CSV (RFC 4180, but with "\\n"); the module's docstring has the columns."""
    lines = [COLUMNS, *_records(board)]
    return "".join(",".join(map(_cell, line)) + "\n" for line in lines)


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value).lower()
    text = f"'{value}" if value.startswith(FORMULA_STARTS) else value
    # Python's csv leaves a lone "\r" unquoted in some versions only: the bytes would depend on it.
    return '"{}"'.format(text.replace('"', '""')) if _QUOTED.search(text) else text


def _records(board: Board) -> Iterator[tuple[Any, ...]]:
    """The values of each row, in the order of `COLUMNS`."""
    groups = {team: group for group, teams in board.competition.groups.items() for team in teams}
    plain = attrgetter("rank", "is_tied", "team", "team_id", "state", "score")
    for row in board.rows:
        last, counted = row.last_at, row.counted_at
        yield (
            *plain(row),
            *(row.interval or (None, None)),
            *(row.ranks or (None, None)),
            row.submissions,
            written := moments.write(last) if last else None,
            written if counted is last else moments.write(counted) if counted else None,
            row.submission,
            groups.get(row.team, "") if row.is_team else "",
            row.source,
        )
