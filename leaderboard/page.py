"""A board as a page: one file in HTML, which works from a folder, without scripts, in print and in the dark."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from leaderboard import axis as axes
from leaderboard import columns, data, movement, rows, words
from leaderboard.axis import Axis
from leaderboard.standings import Board, BoardName
from leaderboard.templating import asset, digest, template
from submissions import moments

PAGES: dict[BoardName, str] = {"public": "index.html", "private": "final.html"}
SCRIPTS: dict[BoardName, str] = {"public": "board-data.js", "private": "final-data.js"}
WHOLE, FIRST, INLINE = (
    150,
    100,
    10_000,
)  # teams: all in the HTML; else so many; the rest in the page up to here

_LONG = 7  # digits of a score that fit into its column


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page that another module has made, beneath the table: its HTML and its style."""

    html: Markup
    style: str = ""


def html(
    board: Board, *, before: Board | None = None, beside: Collection[str] = (), sections: Sequence[Section] = ()
) -> str:
    """The page alone; `files` has the arguments, and what else belongs to it."""
    return files(board, before=before, beside=beside, sections=sections)[PAGES[board.board]]


def files(
    board: Board, *, before: Board | None = None, beside: Collection[str] = (), sections: Sequence[Section] = ()
) -> dict[str, str]:
    """The page, which asks for nothing from elsewhere; of a very large board also its rows as a script, which is first.

    Args:
        board: what it shows.
        before: what its ranks are compared with: on the public board that of 24 hours ago (`movement.day_before`), on
            the private one the public board.
        beside: which other files stand in the same folder, to be linked: "rules.html", "hall.html", "feed.xml",
            "card.png", and "teams/" for a page of each team by its id.
        sections: parts for beneath the table.
    """
    assert board.frozen_at is None or board.frozen_at <= board.as_of, "a board is not frozen before its time"
    share, axis = board.competition.public_share, axes.of(board)
    shown = list(rows.of(board, axis, movement.moves(board, before)))
    is_whole = board.teams <= WHOLE
    stamp = hashlib.sha256(f"{board.head} {moments.write(board.as_of)}".encode()).hexdigest()[:16]
    rest = "" if is_whole else columns.write(shown, stamp)
    is_inline = board.teams <= INLINE
    facts = {
        "board": board,
        "competition": board.competition,
        "frozen_at": board.frozen_at,
        "state": words.state(board),
        "share": words.percent(share if board.board == "public" else 1 - share),
        "axis": axis,
        "rows": shown if is_whole else shown[:FIRST],
        "groups": sorted({row.group for row in shown if row.group}),
        "has_moves": any(row.move is not None for row in shown),
        "is_long": any(len(row.score) > _LONG for row in shown),
        "has_ranks": any(row.ranks for row in shown),
        "beside": beside,
        "sections": sections,
        "stamp": stamp,
        "data": Markup(rest) if is_inline else "",  # noqa: S704 - columns.write leaves nothing that HTML reads
        "lazy": "" if is_inline else SCRIPTS[board.board],
        **_assets(axis, sections, is_lazy=not is_inline),
    }
    page = {PAGES[board.board]: template("board.html", percent=percent, PAGES=PAGES, DATA=data.FILES).render(facts)}
    return page if is_inline else {SCRIPTS[board.board]: f"boardData({rest});\n"} | page


def _assets(axis: Axis | None, sections: Sequence[Section], *, is_lazy: bool) -> dict[str, str | Markup]:
    """Style and scripts, and the policy that allows these and no others: by their digests."""
    ours = asset("base.css") + asset("board.css") + (stripes(axis) if axis else "")
    style = ours + "".join(one.style for one in sections)
    early, script = "document.documentElement.classList.add('js')", asset("board.js")
    allowed = " ".join([*(["'self'"] if is_lazy else []), *(f"'{digest(text)}'" for text in (early, script))])
    policy = (
        f"default-src 'none'; script-src {allowed}; style-src '{digest(style)}'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
    texts = {"style": style, "early": early, "script": script, "policy": policy}
    return {name: Markup(text) for name, text in texts.items()}  # noqa: S704 - our own files and numbers


def stripes(axis: Axis) -> str:
    """The style that draws the baselines and the leader's interval through all rows."""
    line = "linear-gradient(90deg,transparent calc({0} - .5px),var(--baseline) 0,calc({0} + .5px),transparent 0)"
    layers = [line.format(percent(at)) for at in axis.stripes]
    if axis.band:
        low, high = map(percent, axis.band)
        layers.append(f"linear-gradient(90deg,transparent {low},var(--band) 0,{high},transparent 0)")
    return f"tbody .plot,.mini{{background-image:{','.join(layers)};background-repeat:no-repeat}}\n" if layers else ""


def percent(at: int) -> str:
    """A position for CSS and SVG. The zero in front is for the search for leaks: no score is written so."""
    return f"{at / 10:05.1f}%"
