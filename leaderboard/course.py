"""The course of the scores: step lines of the leading teams and the baselines, as SVG, and the same in a table."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import regex
from markupsafe import Markup

from grader.metric import Metric
from leaderboard import ticks, words
from leaderboard.spacing import placed
from leaderboard.templating import asset

TEAMS, BASELINES = 8, 3  # lines at most
HEIGHT, TOP, BOTTOM = 380, 12, 340  # of the figure and of its plot, in CSS pixels
UNITS = 10_000  # across the plot and down, whole: the leak scan takes a number with decimals for a score
_GAP = 18  # between two labels, in CSS pixels
_LETTERS = 16  # of a label
_DEEP = 2  # times the spread of the last scores: so far below them the plot goes at most
_DAY = timedelta(days=1)
_LEAST = 1e-9  # of a score's size: a smaller difference is none to the eye


@dataclass(frozen=True, slots=True)
class Course:
    """How a team's score went.

    Attributes:
        points: (moment, best score shown so far), in order of time; the last score holds until now.
    """

    name: str
    points: tuple[tuple[datetime, float], ...]
    is_baseline: bool = False


@dataclass(frozen=True, slots=True)
class _Plot:
    """From moments and scores to places: `low` is the worst score drawn, as a merit."""

    start: datetime
    end: datetime
    low: float
    high: float
    sign: int

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """The scores of the scale, each with its text."""
        return ticks.scores(*sorted((self.sign * self.low, self.sign * self.high)))

    def across(self, at: datetime) -> int:
        """In units from the left."""
        return round(UNITS * min(max((at - self.start) / (self.end - self.start), 0), 1))

    def down(self, score: float) -> int:
        """In units from the top; beyond `UNITS` where the score lies below the plot."""
        return min(round(UNITS * (self.high - self.sign * score) / (self.high - self.low)), 2 * UNITS)

    def pixels(self, score: float) -> float:
        """In CSS pixels from the top of the figure."""
        return TOP + (BOTTOM - TOP) * min(self.down(score), UNITS) / UNITS


def running(points: Iterable[tuple[datetime, float]], *, higher_is_better: bool) -> tuple[tuple[datetime, float], ...]:
    """Of the scores of a team's submissions, those that bettered all before them, in order of time."""
    sign = 1 if higher_is_better else -1
    best: list[tuple[datetime, float]] = []
    for at, score in sorted(points, key=lambda point: (point[0], -sign * point[1])):
        if not best or sign * score > sign * best[-1][1]:
            best.append((at, score))
    return tuple(best)


def figure(courses: Sequence[Course], metric: Metric, start: datetime, end: datetime) -> Markup:
    """The figure, for a page with `style` in its own; nothing where nothing is scored.

    The first eight teams and the first three baselines that are given are drawn. A baseline is a level: its last
    score, all the way. Scores far below the last ones leave the plot at the bottom; the table has them.

    Args:
        courses: the leading teams and the baselines, best first.
        metric: how the scores are read and written.
        start: where time begins.
        end: where it ends: now, the freeze, or when nobody could send any more.
    """
    drawn = chosen(courses)
    if not drawn:
        return Markup()
    plot = _plot(drawn, metric, start, end)
    ends = placed([plot.pixels(one.points[-1][1]) for one in drawn], _GAP, TOP, BOTTOM)
    kinds = list(_kinds(drawn))
    return Markup("").join(
        [
            Markup('<figure class="course"><figcaption>Best score so far</figcaption><div class="chart">'),
            _scale(plot),
            _lines(plot, drawn, kinds),
            _ends(plot, drawn, kinds, ends),
            Markup("</div>"),
            _table(drawn, metric),
            Markup("</figure>"),
        ]
    )


def scale(courses: Sequence[Course], metric: Metric, start: datetime, end: datetime) -> tuple[str, ...]:
    """The texts of the figure's scale, which are scores that nobody has."""
    drawn = chosen(courses)
    return tuple(text for _, text in _plot(drawn, metric, start, end).ticks) if drawn else ()


def style() -> str:
    """The rules of style that the figure needs beside those of the board's page."""
    return asset("course.css")


def chosen(courses: Iterable[Course]) -> tuple[Course, ...]:
    """Those of the courses that are drawn."""
    scored = [one for one in courses if one.points]
    teams = [one for one in scored if not one.is_baseline][:TEAMS]
    return (*teams, *[one for one in scored if one.is_baseline][:BASELINES])


def _plot(drawn: Sequence[Course], metric: Metric, start: datetime, end: datetime) -> _Plot:
    sign = 1 if metric.higher_is_better else -1
    merits = [[sign * score for _, score in one.points] for one in drawn if not one.is_baseline]
    levels = [sign * one.points[-1][1] for one in drawn if one.is_baseline]
    core = [*(one[-1] for one in merits), *levels[:1]]
    high, bottom = max(core), min(core)
    size = max(abs(high), abs(bottom))
    spread = high - bottom if high - bottom > _LEAST * size else size / 10 or 1.0
    # The last scores are what it is about, but half of the way to them should be in sight.
    every = [merit for one in merits for merit in one] or levels
    low = min(bottom, max(min(every), min(bottom - _DEEP * spread, statistics.median(every))))
    margin = 0.04 * ((high - low) or spread)
    return _Plot(start, max(end, start + timedelta(minutes=1)), low - margin, high + margin, sign)


def _kinds(drawn: Sequence[Course]) -> Iterable[str]:
    for place, one in enumerate(drawn):
        yield "baseline" if one.is_baseline else f"team{place + 1}"


def _scale(plot: _Plot) -> Markup:
    texts = [
        Markup('<text x="100%" y="{}">{}</text>').format(round(plot.pixels(tick)) + 4, text)
        for tick, text in plot.ticks
    ]
    return _svg("scale", Markup("").join(texts), Markup('aria-hidden="true"'))


def _svg(name: str, inside: Markup, more: Markup) -> Markup:
    return Markup('<svg class="{}" height="{}" {}>{}</svg>').format(name, HEIGHT, more, inside)


def _lines(plot: _Plot, drawn: Sequence[Course], kinds: Sequence[str]) -> Markup:
    times = ticks.times(plot.start, plot.end)
    grid = "".join(f"M0 {plot.down(tick)}H{UNITS}" for tick, _ in plot.ticks)
    paths = [Markup('<path class="grid" d="{}"/>').format(grid)] if grid else []
    # The leader last: on top of all others.
    for one, kind in reversed(list(zip(drawn, kinds, strict=True))):
        paths.append(Markup('<path class="{}" d="{}"/>').format(kind, _path(plot, one)))
    inside = Markup(
        '<svg y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}</svg>{}'
    ).format(TOP, BOTTOM - TOP, UNITS, UNITS, Markup("").join(paths), Markup("").join(_dates(plot, times)))
    names = ", ".join(one.name for one in drawn)
    more = Markup('role="img" aria-label="Step lines of the best score so far: {}. The table beneath has the numbers."')
    return _svg("lines", inside, more.format(names))


def _dates(plot: _Plot, times: Sequence[datetime]) -> Iterable[Markup]:
    # In a viewport of a hundredth of the width, whole percents are hundredths: text that is not stretched, and
    # numbers without decimals.
    whole = all((at - ticks.MIDNIGHT) % _DAY == timedelta() for at in times)
    for place, at in enumerate(times):
        text = words.brief(at).rpartition(" ")[0] if whole else words.brief(at)
        name = "date other" if place % 2 else "date"
        yield Markup('<svg width="1%" overflow="visible"><text class="{}" x="{}%" y="{}">{}</text></svg>').format(
            name, plot.across(at), BOTTOM + 26, text
        )


def _path(plot: _Plot, one: Course) -> str:
    if one.is_baseline:
        return f"M0 {plot.down(one.points[-1][1])}H{UNITS}"
    (first, score), *_ = one.points
    steps = [f"M{plot.across(first)} {plot.down(score)}"]
    steps += [f"H{plot.across(at)}V{plot.down(score)}" for _, (at, score) in pairwise(one.points)]
    return "".join([*steps, f"H{UNITS}"])


def _ends(plot: _Plot, drawn: Sequence[Course], kinds: Sequence[str], ends: Sequence[float]) -> Markup:
    made = []
    for one, kind, at in zip(drawn, kinds, ends, strict=True):
        score = one.points[-1][1]
        is_below = plot.down(score) > UNITS
        if not is_below:
            path = Markup('<path class="{}" d="M0 {}L14 {}"/>')
            made.append(path.format(kind, round(plot.pixels(score)), round(at)))
        text = Markup('<text class="{}" x="20" y="{}">{}{}</text>')
        made.append(text.format(kind, round(at) + 4, "▾ " if is_below else "", _short(one.name)))
    return _svg("ends", Markup("").join(made), Markup('aria-hidden="true"'))


def _short(name: str) -> str:
    letters: list[str] = regex.findall(r"\X", name)
    return name if len(letters) <= _LETTERS else "".join(letters[: _LETTERS - 1]).rstrip() + "…"


def _table(drawn: Sequence[Course], metric: Metric) -> Markup:
    rows = [
        Markup('<tr><th scope="row"><bdi>{}</bdi>{}</th><td>{}</td><td>{}</td></tr>').format(
            one.name,
            Markup(" <small>baseline</small>") if one.is_baseline else "",
            words.brief(at),
            words.score(score, metric),
        )
        for one in drawn
        for at, score in one.points
    ]
    return Markup(
        '<details><summary>The numbers</summary><table><thead><tr><th scope="col">Team</th>'
        '<th scope="col">From, UTC</th><th scope="col">Score</th></tr></thead><tbody>{}</tbody></table></details>'
    ).format(Markup("").join(rows))
