"""A board as text: a page in HTML, and JSON and CSV for programs.

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
    ledger_head   the digest of the ledger's last entry, in hex
    standings     the rows in the board's order, each with the columns of the CSV

The columns of the CSV, one row for each standing:

    rank          1, 2, 2, 4; empty outside the ranking
    is_tied       whether another team shares the rank
    team          the name; in the CSV an apostrophe stands before one that a spreadsheet would take for a formula
    team_id       "t-" and 12 hex digits; the row's id in the page
    state         "ranked", "baseline", "quoted" (a score reported elsewhere), "late", "unscored" or "disqualified"
    score         at full precision
    submissions   how many were received
    last_at       arrival of the last of them; empty for a quoted score
    counted_at    arrival of the one that counts
    submission    the number of the one that counts
    low, high     the ends of the score's 95 % interval; empty where there is none
    best_rank, worst_rank  the ranks that the scores do not rule out, final board only; empty where they are not known
    source        where a quoted score was reported
"""

import base64
import hashlib
import json
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from leaderboard import words
from leaderboard.standings import Board, BoardName, Standing
from submissions import moments

PAGES: dict[BoardName, str] = {"public": "index.html", "private": "final.html"}
DATA: dict[BoardName, str] = {"public": "leaderboard", "private": "final"}
COLUMNS = (
    *("rank", "is_tied", "team", "team_id", "state", "score", "low", "high", "best_rank", "worst_rank"),
    *("submissions", "last_at", "counted_at", "submission", "source"),
)

# ASVS 1.2.10, with the line ends and full-width forms that OWASP's page on CSV injection adds.
FORMULA_STARTS = tuple("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20")


def html(board: Board) -> str:
    """The page: one file without scripts that asks for nothing else."""
    style = resources.files("leaderboard").joinpath("assets/board.css").read_text("utf-8")
    share = board.competition.public_share
    facts = {
        "board": board,
        "competition": board.competition,
        "discs": words.discs(board),
        "share": words.percent(share if board.board == "public" else 1 - share),
        "style": style,
        "style_digest": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    }
    return _environment().get_template("board.html").render(facts)


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
        "ledger_head": board.head or None,
        "standings": [_columns(row) for row in board.rows],
    }
    return json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(board: Board) -> str:
    """The rows as CSV (RFC 4180, but with "\\n"); the module's docstring has the columns."""
    rows = [COLUMNS, *(tuple(_columns(row).values()) for row in board.rows)]
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows)


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return repr(value).lower()
    text = f"'{value}" if value.startswith(FORMULA_STARTS) else value
    # Python's csv leaves a lone "\r" unquoted in some versions only: the bytes would depend on it.
    return '"{}"'.format(text.replace('"', '""')) if any(mark in text for mark in ',"\r\n') else text


def _columns(row: Standing) -> dict[str, Any]:
    low, high = row.interval or (None, None)
    best, worst = row.ranks or (None, None)
    known = {
        "low": low,
        "high": high,
        "best_rank": best,
        "worst_rank": worst,
        "last_at": moments.write(row.last_at) if row.last_at else None,
        "counted_at": moments.write(row.counted_at) if row.counted_at else None,
    }
    return {name: known[name] if name in known else getattr(row, name) for name in COLUMNS}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("leaderboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(words=words, moments=moments, PAGES=PAGES, DATA=DATA)
    return environment
