"""A team's rank and score as a small picture (SVG), for its own page or repository."""

from xml.etree import ElementTree as Xml

from leaderboard import names, words
from leaderboard.standings import Board, Standing

FOLDER = "badge"

_HEIGHT, _ROUND, _PADDING, _LONGEST = 20, 3, 8, 32
_INK, _PLAIN, _MUTED = ("#ffffff", "#14181d"), ("#ffffff", "#0b57c2"), ("#ffffff", "#555d67")
_DISCS = {1: ("#6b4a00", "#ffd968"), 2: ("#3c444c", "#d5dbe1"), 3: ("#6f3610", "#efc19a")}
_FONT = {
    "font-family": "Verdana,'DejaVu Sans',Geneva,sans-serif",
    "font-size": "11",
    "text-anchor": "middle",
    "text-rendering": "geometricPrecision",
}
# Widths at 11 px of the letters that both texts may hold; textLength then fits them to any font.
_NARROW, _WIDE = frozenset(" ijlft.,:;|'-·"), frozenset("mw#=%")
_WIDTHS = (4.2, 7.0, 9.6)


def badges(board: Board) -> dict[str, str]:
    """A badge for each team of the board, by the name of its file; baselines and quoted scores have none.

    It says the rank and the score, or why there is none, and "final" on the private board.
    """
    discs = words.discs(board)
    return {f"{FOLDER}/{row.team_id}.svg": _badge(board, row, discs) for row in board.rows if row.is_team}


def _badge(board: Board, row: Standing, discs: frozenset[int]) -> str:
    slug = board.competition.slug
    left = slug if len(slug) <= _LONGEST else slug[: _LONGEST - 1] + "…"
    if board.board == "private":
        left += " · final"
    right = _said(board, row)
    colours = _MUTED if row.rank is None else _DISCS[row.rank] if row.rank in discs else _PLAIN
    return _drawn(left, right, colours, f"{names.plain(row.team)}: {right}")


def _said(board: Board, row: Standing) -> str:
    state = {"unscored": "no score"}.get(row.state, row.state) if row.rank is None else f"#{words.rank(row)}"
    return state if row.score is None else f"{state} · {words.score(row.score, board.metric)}"


def _drawn(left: str, right: str, colours: tuple[str, str], label: str) -> str:
    first, second = _width(left), _width(right)
    size = {"width": str(first + second), "height": str(_HEIGHT)}
    drawing = Xml.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "aria-label": label})
    Xml.SubElement(drawing, "title").text = label
    # Without a clip path: its id would stand twice in a page that holds two badges.
    rounded = f"M{_ROUND} 0h{first - _ROUND}v{_HEIGHT}H{_ROUND}a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z"
    Xml.SubElement(drawing, "rect", {**size, "rx": str(_ROUND), "fill": colours[1]})
    Xml.SubElement(drawing, "path", {"d": rounded, "fill": _INK[1]})
    letters = Xml.SubElement(drawing, "g", _FONT)
    for text, start, width, ink in ((left, 0, first, _INK[0]), (right, first, second, colours[0])):
        middle = {"x": str(start + width // 2), "y": "14", "textLength": str(width - 2 * _PADDING), "fill": ink}
        Xml.SubElement(letters, "text", middle).text = text
    return Xml.tostring(drawing, encoding="unicode") + "\n"


def _width(text: str) -> int:
    return round(sum(_WIDTHS[1 - (c in _NARROW) + (c in _WIDE)] for c in text)) + 2 * _PADDING
