"""A page for each team: where it stands and why, and every submission of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from leaderboard import axis as axes
from leaderboard import history, movement, paper, rows, words
from leaderboard.axis import WIDTH, Axis, Label
from leaderboard.history import History, State
from leaderboard.page import PAGES, percent
from leaderboard.reasons import Place, places, sentences
from leaderboard.rows import Row
from leaderboard.standings import Board
from submissions import moments
from submissions.record.entries import Entry

FOLDER = "teams"
_MARKS: Mapping[State, str] = {
    "counts": "counts",
    "late": "late",
    "refused": "refused",
    "waits": "waits",
    "withdrawn": "withdrawn",
    "failed": "grader failed",
}
_NONE = '<span aria-hidden="true">–</span><span class="hidden">no score</span>'


def pages(
    board: Board,
    entries: Iterable[Entry],
    final: Board | None = None,
    *,
    beside: Collection[str] = (),
    only: Collection[str] | None = None,
) -> dict[str, str]:
    """The page of each team by its file's name, "teams/t-….html"; baselines and quoted scores have none.

    Nothing on them is of the moment that they were made at: the bytes change when what they say does.

    Args:
        board: the public board.
        entries: the ledger's, in its order: those that the public may see, or all, of which no others are read.
        final: the private board, once it is revealed; then each page tells the private scores too.
        beside: which other files the site has: "rules.html", to be linked.
        only: the ids of the teams whose pages are wanted; None: all.
    """
    assert board.board == "public", "a team's page begins with the public board"
    assert final is None or final.board == "private", "a team's page ends with the private board"
    newest = final or board
    scale = axes.of(newest)
    frame = _Frame(newest, scale, _drawn(scale), _shared(newest, scale, beside))
    before = {place.row.team_id: place for place in places(board)} if final else {}
    drawn = {row.id: row for row in rows.of(newest, scale, movement.moves(newest, board if final else None))}
    sent = history.of(newest, entries, only)
    return {
        f"{FOLDER}/{place.row.team_id}.html": frame.page(place, drawn, sent, before.get(place.row.team_id))
        for place in places(newest)
        if place.row.team_id in sent
    }


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all pages share.

    Attributes:
        figure: the axis with its labels and stripes, for all teams the same.
    """

    board: Board
    axis: Axis | None
    figure: Markup
    facts: Mapping[str, Any]

    def page(self, place: Place, drawn: Mapping[str, Row], sent: Mapping[str, History], before: Place | None) -> str:
        row, own = drawn[place.row.team_id], sent[place.row.team_id]
        return paper.template("team.html").render(
            self.facts,
            row=row,
            standing=place.row,
            lines=_lines(own, self.board),
            before=before and before.row,
            sentences=list(sentences(self.board, place, own, before)),
            figure=self.figure if row.dot is not None else "",
            others=self._others(own, row),
        )

    def _others(self, own: History, row: Row) -> Sequence[int]:
        """Where on the axis the team's other scores lie."""
        if self.axis is None:
            return ()
        scores = (one.private if self.board.board == "private" else one.shown for one in own.sent)
        found = {self.axis.at(score) for score in scores if score is not None and not self.axis.side(score)}
        return sorted(found - {row.dot})


def _shared(board: Board, axis: Axis | None, beside: Collection[str]) -> dict[str, Any]:
    facts = {**paper.dress("team.css"), "board": board, "competition": board.competition, "up": "../", "current": ""}
    shared = paper.template("paper.html").make_module({**facts, "beside": beside})
    return {
        **{name: getattr(shared, name)() for name in ("head", "tabs", "state")},
        "board_page": f"../{PAGES[board.board]}",
        "has_band": axis is not None and axis.band is not None,
        "has_stripes": axis is not None and bool(axis.stripes),
        "board": board,
        "competition": board.competition,
        "is_final": board.board == "private",
    }


def _lines(own: History, board: Board) -> Markup:
    """The rows of the table, the newest first; in Python, for a template takes five times as long."""
    is_final, metric = board.board == "private", board.metric
    lines = []
    for one in reversed(own.sent):
        mark = f"<b>{_MARKS[one.state]}</b> " if one.state in _MARKS else ""
        told = escape(f"{one.why}; {one.told}" if one.told else one.why)
        scores = [one.shown, one.private] if is_final else [one.shown]
        cells = "".join(f'<td class="score">{_NONE if s is None else words.score(s, metric)}</td>' for s in scores)
        at = f'<time datetime="{moments.write(one.received_at)}">{words.brief(one.received_at)}</time>'
        lines.append(
            f'<tr class="{one.state}"><th scope="row" class="number">{one.number}</th><td class="at">{at}</td>{cells}'
            f'<td class="what">{mark}<span>{told}</span></td></tr>'
        )
    # Our own words, numbers and moments; what a grade says is escaped.
    return Markup("\n".join(lines))  # noqa: S704


def _drawn(axis: Axis | None) -> Markup:
    return Markup("").join(_marks(axis)) if axis else Markup()


def _marks(axis: Axis) -> Iterator[Markup]:
    """The leader's interval, the baselines and their names, and the ticks."""
    if axis.band:
        low, high = axis.band
        rect = Markup('<rect class="band" x="{}" width="{}" y="34" height="40"/>')
        yield rect.format(percent(low), percent(high - low))
    for at in axis.stripes:
        yield Markup('<line class="stripe" x1="{0}" x2="{0}" y1="34" y2="74"/>').format(percent(at))
    for label in axis.labels:
        yield _name(label)
        if label.kind == "baseline" and not label.side:
            line = Markup('<line class="stripe" x1="{0}" x2="{0}" y1="{1}" y2="34"/>')
            yield line.format(percent(label.at), 31 if label.line or label.is_over else 18)
    for at, text in axis.ticks:
        yield Markup('<text x="{}" y="90" text-anchor="middle">{}</text>').format(percent(at), text)


def _name(label: Label) -> Markup:
    """The text of a label: one that was moved to stay on the axis begins, or ends, where that does."""
    # The room that the axis reckons with is a narrow column's: in a wide one it would stand far from its stripe.
    is_left, is_right = label.at < label.centre, label.at > label.centre
    at, anchor = (0, "start") if is_left else (WIDTH, "end") if is_right else (label.centre, "middle")
    text = Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>')
    return text.format(label.kind, percent(at), 13 + 14 * label.line, anchor, label.text)
