"""The picture that social sites show beside a link to the board (Open Graph), as PNG: they take no SVG."""

import io
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from leaderboard import names, words
from leaderboard.standings import Board, Standing
from submissions.errors import OrganiserError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

FILE = "card.png"
WIDTH, HEIGHT = 1200, 630

_PAPER, _INK, _MUTED, _LINE = "#fbfbf8", "#14181d", "#555d67", "#d9dcdf"
_DISCS = {1: ("#6b4a00", "#ffd968"), 2: ("#3c444c", "#d5dbe1"), 3: ("#6f3610", "#efc19a")}
_LEFT, _RIGHT, _INDENT = 72, WIDTH - 72, 88
_TOP, _TABLE, _ROW, _BOTTOM = 88, 296, 78, 580
_SMALL, _BODY = 26, 40
_TITLES = ((96, 1), (68, 2), (56, 2), (46, 2))  # sizes, and on how many lines
_DISC = 27
_TOLD = 3
_LONGEST_TITLE = 200  # letters; two lines hold fewer
# Looked for by name where the system keeps its fonts. Pillow's own, the last resort, holds little more than ASCII.
_FONTS = {
    "regular": ("NotoSans-Regular.ttf", "DejaVuSans.ttf", "segoeui.ttf", "Arial.ttf"),
    "bold": ("NotoSans-Bold.ttf", "DejaVuSans-Bold.ttf", "segoeuib.ttf", "Arial Bold.ttf", "arialbd.ttf"),
}
_MORE_FONTS = (
    "NotoSansCJK-Bold.ttc",
    "msyhbd.ttc",
    "PingFang.ttc",
    "NotoSansDevanagari-Bold.ttf",
    "NotoSansThai-Bold.ttf",
)
_UNSHOWN = "(name on the board)"
_NO_GLYPH, _NO_BREAK = "\U0010ffff", "\N{NO-BREAK SPACE}"
_FIRST_SHAPED, _LAST_SHAPED = "\u0590", "\u1cff"  # Hebrew to Vedic: drawn rightly with libraqm only


class NoPillow(OrganiserError):
    """The library that draws is not installed."""

    def __init__(self) -> None:
        super().__init__("the picture for social sites needs Pillow: pip install 'podium[card]'")


def drawn(board: Board) -> bytes | None:
    """The picture; None where the extra `card` is not installed."""
    try:
        return png(board)
    except NoPillow:
        return None


def png(board: Board) -> bytes:
    """The title, the first three teams and the state of the board, 1200 × 630 pixels.

    It changes only when one of these does. A name for which this machine has no letters is not drawn.

    Args:
        board: the public board; the private one once it is revealed.

    Raises:
        NoPillow: the extra `card` is not installed.
    """
    try:
        from PIL import Image, ImageDraw
    except ImportError:
        raise NoPillow from None
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    _draw_head(draw, board)
    rows = [row for row in board.rows if row.rank is not None][:_TOLD]
    discs = words.discs(board)
    for place, row in enumerate(rows):
        _draw_row(draw, _TABLE + place * _ROW, row, board, discs)
    if not rows:
        draw.text((_LEFT, _TABLE + _ROW), "No team is ranked yet.", _MUTED, _font("No", _BODY), "ls")
    _draw_foot(draw, f"{_described(board)} · {_state(board, is_frozen=board.frozen_at is not None)}")
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _described(board: Board) -> str:
    direction = "higher" if board.metric.higher_is_better else "lower"
    return f"{words.count(board.teams, 'team')} · {board.metric.title}, {direction} is better"


def _state(board: Board, *, is_frozen: bool) -> str:
    competition = board.competition
    if board.board == "private":
        return "final"
    if board.phase == "upcoming":
        return f"opens {words.moment(competition.opens)}"
    if board.phase == "closed":
        return "closed"
    return f"{'frozen, ' if is_frozen else ''}open until {words.moment(competition.deadline)}"


def _draw_head(draw: "ImageDraw", board: Board) -> None:
    host = names.visible(board.competition.host)
    _draw_text(draw, (_LEFT, _TOP), host, _MUTED, _font(host, _SMALL), _RIGHT - _LEFT)
    title = names.visible(board.competition.title)[:_LONGEST_TITLE]
    for size, most in _TITLES:
        font = _font(title, size, "bold")
        lines = _wrapped(title, font)
        if len(lines) <= most and all(font.getlength(line) <= _RIGHT - _LEFT for line in lines):
            break
    # What is too long for the smallest letters is cut in the last line.
    shown = [*lines[: most - 1], " ".join(lines[most - 1 :])]
    for place, line in enumerate(shown, start=1):
        _draw_text(draw, (_LEFT, _TOP + 8 + round(place * size * 1.2)), line, _INK, font, _RIGHT - _LEFT)


def _draw_row(draw: "ImageDraw", top: int, row: Standing, board: Board, discs: frozenset[int]) -> None:
    assert row.rank is not None and row.score is not None
    draw.line((_LEFT, top, _RIGHT, top), _LINE, 2)
    middle = top + _ROW // 2 + 1
    ink = _INK
    if row.rank in discs:
        ink, paper = _DISCS[row.rank]
        draw.bitmap((_LEFT, middle - _DISC), _disc(), paper)
    draw.text((_LEFT + _DISC, middle), words.rank(row), ink, _font("1", 30, "bold"), "mm")
    score = words.score(row.score, board.metric)
    digits = _font(score, _BODY, "bold")
    draw.text((_RIGHT, middle), score, _INK, digits, "rm")
    team = names.visible(row.team)
    font, colour = _font(team, _BODY, "bold"), _INK
    if _missing(font, team):
        team, font, colour = _UNSHOWN, _font(_UNSHOWN, _BODY), _MUTED
    room = _RIGHT - _LEFT - _INDENT - digits.getlength(score) - 32
    _draw_text(draw, (_LEFT + _INDENT, middle), team, colour, font, room, "lm")


@cache
def _disc() -> "Image":
    """A round mask with a smooth edge, which Pillow's own circles have not: drawn large, then made small."""
    from PIL import Image, ImageDraw

    large = Image.new("L", (8 * _DISC, 8 * _DISC))
    ImageDraw.Draw(large).ellipse((0, 0, 8 * _DISC - 1, 8 * _DISC - 1), 255)
    return large.resize((2 * _DISC, 2 * _DISC), Image.Resampling.LANCZOS)


def _draw_foot(draw: "ImageDraw", text: str) -> None:
    for place, height in enumerate((16, 28, 10)):
        left = _LEFT + place * 12
        draw.rectangle((left, _BOTTOM - height, left + 8, _BOTTOM), "#0b57c2")
    _draw_text(draw, (_LEFT + 52, _BOTTOM), text, _MUTED, _font(text, _SMALL), _RIGHT - _LEFT - 52)


def _draw_text(
    draw: "ImageDraw",
    at: tuple[float, float],
    text: str,
    colour: str,
    font: "FreeTypeFont",
    room: float,
    anchor: str = "ls",
) -> None:
    """One line, cut where it would leave its room."""
    if font.getlength(text) > room:
        longest = max(range(len(text)), key=lambda n: (font.getlength(text[:n] + "…") <= room) * n)
        text = text[:longest].rstrip() + "…"
    draw.text(at, text, colour, font, anchor)


def _wrapped(text: str, font: "FreeTypeFont") -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= _RIGHT - _LEFT or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _font(text: str, size: int, weight: str = "regular") -> "FreeTypeFont":
    """The first font that has letters for the whole text; where none has, the first of all."""
    fonts = _fonts(size, weight)
    return next((font for font in fonts if not _missing(font, text)), fonts[0])


@cache
def _fonts(size: int, weight: str) -> "tuple[FreeTypeFont, ...]":
    from PIL import ImageFont

    found = []
    for name in (*_FONTS[weight], *_MORE_FONTS):
        with suppress(OSError):
            found.append(ImageFont.truetype(name, size))
    last = ImageFont.load_default(size)
    return (*found, last) if isinstance(last, ImageFont.FreeTypeFont) else tuple(found)


def _missing(font: "FreeTypeFont", text: str) -> bool:
    """True if the font would draw a box, or letters that belong together apart."""
    from PIL import features

    if not features.check("raqm") and any(_FIRST_SHAPED <= c <= _LAST_SHAPED for c in text):
        return True
    box = bytes(font.getmask(_NO_GLYPH))
    return any(bytes(font.getmask(c)) == box for c in set(text) - {" ", _NO_BREAK})
