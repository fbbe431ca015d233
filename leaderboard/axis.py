"""The axis of a board: which scores it spans, its ticks, and the stripes that run through all rows.

Positions are tenths of a per cent of the column's width, 0 to 1000, as whole numbers: what a row needs fits into a few
bytes, and no number among them can be taken for a score.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf, isfinite, log10, nextafter
from statistics import median
from sys import float_info
from typing import Literal

from leaderboard.standings import Board, Standing

WIDTH = 1000
_REACH = 2.5  # a score so many times as far from the best as the median is lies off the axis
_MARGIN = 0.04  # of the span, left free at each end
_TICKS = 6  # at most
_STRIPES = 8  # at most: of more baselines the best ones
_LETTER = 21  # the width of a letter of a label, where the column is at its narrowest
_LONGEST = 22  # letters of a label
_EDGE = 30  # a tick nearer than that to an end would stand in the next column
_LINES = 2  # of labels

Side = Literal["", "below", "above"]


@dataclass(frozen=True, slots=True)
class Label:
    """A text above the axis.

    Attributes:
        at: the position that it names.
        centre: where its middle stands, so that it stays within the column.
        line: 0 or 1, from above.
        side: whether what it names lies off the axis.
        kind: "baseline" or "leader".
        is_over: another label stands between it and the axis.
    """

    text: str
    at: int
    centre: int
    line: int
    side: Side
    kind: str
    is_over: bool = False

    @property
    def half(self) -> float:
        """Half its width."""
        return _LETTER * len(self.text) / 2

    def touches(self, other: "Label") -> bool:
        """Whether the two would run into each other on one line."""
        return abs(self.centre - other.centre) < self.half + other.half + _LETTER


@dataclass(frozen=True, slots=True)
class Axis:
    """What maps scores to positions.

    Attributes:
        low, high: the scores at 0 and at 1000.
        ticks: position and text of each.
        stripes: positions of the baselines and quoted scores that lie on the axis.
        band: the ends of the leader's interval; None: it has none.
        labels: names of the stripes and of the band, as many as fit without touching.
    """

    low: float
    high: float
    ticks: tuple[tuple[int, str], ...]
    stripes: tuple[int, ...]
    band: tuple[int, int] | None
    labels: tuple[Label, ...]

    def side(self, score: float) -> Side:
        """Whether a score lies off the axis, and where."""
        return "below" if score < self.low else "above" if score > self.high else ""

    def at(self, score: float) -> int:
        """The position of a score; of one off the axis, the end beside it."""
        return _at(score, self.low, self.high)


def of(board: Board) -> Axis | None:
    """The axis of a board; None while nothing on it is scored."""
    rows = [row for row in board.rows if row.score is not None and row.state not in {"late", "disqualified"}]
    if not rows:
        return None
    leader = next((row for row in rows if row.rank == 1), None)
    low, high = _span(board, rows, leader)
    references = [row for row in rows if not row.is_team][:_STRIPES]
    band = None
    if leader and leader.interval:
        band = (_at(leader.interval[0], low, high), _at(leader.interval[1], low, high))
    bare = Axis(low, high, tuple(_ticks(low, high)), (), band, ())
    stripes = {bare.at(row.score) for row in references if row.score is not None and not bare.side(row.score)}
    labels = tuple(_placed(_labels(bare, references, leader)))
    return Axis(low, high, bare.ticks, tuple(sorted(stripes)), band, labels)


def _at(score: float, low: float, high: float) -> int:
    # Halves first: the span of two scores may be more than a float can hold.
    share = (score / 2 - low / 2) / (high / 2 - low / 2)
    return round(WIDTH * min(max(share, 0.0), 1.0))


def _span(board: Board, rows: Sequence[Standing], leader: Standing | None) -> tuple[float, float]:
    sign = 1 if board.metric.higher_is_better else -1
    teams = [sign * row.score for row in rows if row.is_team and row.score is not None]
    merits = teams or [sign * row.score for row in rows if row.score is not None]
    best, interval = max(merits), _ends(leader)
    reach = max(_REACH * (best - median(merits)), *(2 * abs(end - sign * best) for end in interval), 0.0)
    # A baseline far behind is named at the edge; one just behind the last team widens the axis.
    others = [best - sign * row.score for row in rows if row.score is not None and not row.is_team]
    wide = _REACH * reach if reach else 2 * min(map(abs, others), default=0.0)
    near = [one for one in merits if best - one <= reach]
    near += [sign * row.score for row in rows if row.score is not None and best - sign * row.score <= wide]
    ends = [*(sign * one for one in near), *interval]
    return _widened(min(ends), max(ends), board.metric.range)


def _ends(leader: Standing | None) -> tuple[float, ...]:
    return leader.interval if leader and leader.interval else ()


def _widened(low: float, high: float, within: tuple[float, float]) -> tuple[float, float]:
    span = high - low
    if not isfinite(span):
        return low, high
    least = 1e-6 * max(abs(low), abs(high), 1e-9)
    margin = _MARGIN * span if span > least else max(0.05 * max(abs(low), abs(high)), 1e-9)
    # At the end of the metric's range there is nothing to leave room for but half a dot.
    low = max(low - margin, within[0] - _MARGIN * (span or margin))
    high = min(high + margin, within[1] + _MARGIN * (span or margin))
    low, high = max(low, -float_info.max), min(high, float_info.max)
    return (low, high) if low < high else (low, nextafter(low, inf))


def _ticks(low: float, high: float) -> Iterator[tuple[int, str]]:
    step = _step(low, high)
    if not step:
        return
    decimals = max(-floor(log10(step)), 0)
    first, last = ceil(low / step), floor(high / step)
    for number in range(first, last + 1):
        at = _at(number * step, low, high)
        if _EDGE <= at <= WIDTH - _EDGE:
            yield at, _number(number * step, decimals)


def _step(low: float, high: float) -> float:
    """1, 2 or 5 times a power of ten; 0 where floats are too coarse or too large for any."""
    span = high - low
    if not isfinite(span) or span <= 1e-12 * max(abs(low), abs(high)):
        return 0.0
    exponent = floor(log10(span / _TICKS))
    if not -300 < exponent < 300:  # noqa: PLR2004
        return 0.0
    return next(step for digit in (1, 2, 5, 10) if span / (step := digit * 10.0**exponent) <= _TICKS)


def _number(value: float, decimals: int) -> str:
    is_plain = decimals <= 6 and abs(value) < 1e7  # noqa: PLR2004
    return f"{value:z.{decimals}f}" if is_plain else f"{value:.4g}"


def _labels(axis: Axis, references: Iterable[Standing], leader: Standing | None) -> Iterator[Label]:
    """The leader first, then the baselines, best first."""
    if leader is not None and leader.score is not None:
        yield _label("Leader", sum(axis.band) // 2 if axis.band else axis.at(leader.score), "", "leader")
    for row in references:
        if row.score is not None:
            yield _label(_short(row.team), axis.at(row.score), axis.side(row.score), "baseline")


def _label(text: str, at: int, side: Side, kind: str) -> Label:
    text = f"◂ {text}" if side == "below" else f"{text} ▸" if side == "above" else text
    half = ceil(_LETTER * len(text) / 2)
    return Label(text, at, min(max(at, half), WIDTH - half), 0, side, kind)


def _placed(labels: Iterable[Label]) -> Iterator[Label]:
    """The labels on the first line where they touch no other; one that fits on none is left out: its row names it."""
    lines: list[list[Label]] = [[] for _ in range(_LINES)]
    for label in labels:
        free = (line for line, others in enumerate(lines) if not any(map(label.touches, others)))
        if (line := next(free, None)) is not None:
            lines[line].append(replace(label, line=line))
    for label in lines[0]:
        yield replace(label, is_over=any(abs(label.at - other.centre) <= other.half for other in lines[1]))
    yield from lines[1]


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"
