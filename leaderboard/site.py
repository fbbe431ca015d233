"""All files of a competition's site, by name: the public board's, what stands beside it, and the final board's."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from markupsafe import Markup

from grader.grades import Grade
from leaderboard import badge, card, course, data, debrief, feed, hall, page, rules_page, shake, team_page
from leaderboard.course import Course
from leaderboard.page import Section
from leaderboard.standings import Board
from submissions.decided import Decisions
from submissions.receipts import Receipt
from submissions.record.entries import Entry

Site = dict[str, str | bytes]
FOLDERS = ("badge", team_page.FOLDER)
MOST_PAGES = 500  # of more teams than these the board is all: it is to be there within a second of a grade


def public(
    board: Board, entries: Sequence[Entry], before: Board, beside: Collection[str]
) -> tuple[Site, tuple[str, ...]]:
    """The public board, which shows no private score even after the reveal; the page last, for it links to the rest.

    With it the numbers of its scales, which are nobody's scores.

    Args:
        board: the public board.
        entries: those that it was made from, and no others.
        before: the same board 24 hours earlier.
        beside: the names of what else is written.
    """
    courses, end = _courses(board, entries), _end(board)
    figure = course.figure(courses, board.metric, board.competition.opens, end)
    sections = [Section(figure, course.style())] if figure else []
    texts = course.scale(courses, board.metric, board.competition.opens, end)
    return {**_data(board), **page.files(board, before=before, beside=beside, sections=sections)}, texts


def around(board: Board, entries: Sequence[Entry], before: Board, final: Board | None) -> Site:
    """What shows the newest there is: the public board, or once it is revealed the final one.

    Up to 500 teams have a page and a badge each.
    """
    newest = final or board
    moved = None if final else before
    site: Site = {hall.PAGE: hall.html(newest, before=moved), feed.FILE: feed.atom(board, entries, final=final)}
    if board.competition.address and (picture := card.drawn(newest)):
        site[card.FILE] = picture
    if board.teams <= MOST_PAGES:
        site |= team_page.pages(board, entries, final, beside=[rules_page.PAGE]) | badge.badges(newest)
    return site | {rules_page.PAGE: rules_page.html(board, beside=[hall.PAGE, feed.FILE])}


def final(board: Board, revealed: Board, recorded: Sequence[Entry], beside: Collection[str]) -> Site:
    """The final board, the page last.

    Args:
        board: the public board.
        revealed: the private one.
        recorded: the entries that it was made from.
        beside: the names of what else is written.
    """
    told = Markup("").join(Markup("<p>{}</p>").format(text) for text in shake.sentences(shake.shake(board, revealed)))
    sections = [Section(Markup("<h2>From public to private</h2>") + told)] if told else []
    sections += [section] if (section := debrief.section(revealed, recorded)) else []
    return {**_data(revealed), **page.files(revealed, before=board, beside=beside, sections=sections)}


def _data(board: Board) -> Site:
    name = data.FILES[board.board]
    return {f"{name}.csv": data.as_csv(board), f"{name}.json": data.as_json(board)}


def _courses(board: Board, entries: Sequence[Entry]) -> tuple[Course, ...]:
    """The best score so far of the leading teams and the baselines."""
    points = _points(board, entries)
    better = board.metric.higher_is_better
    return course.chosen(
        Course(row.team, course.running(points[row.team], higher_is_better=better), row.state == "baseline")
        for row in board.rows
        if row.state in {"ranked", "baseline"}
    )


def _end(board: Board) -> datetime:
    """Where the time of the figure ends: now, the freeze, or when nobody could send any more."""
    return min(board.frozen_at or board.as_of, board.competition.last_end)


def _points(board: Board, entries: Sequence[Entry]) -> dict[str, list[tuple[datetime, float]]]:
    """When each team sent what, and what it counts as: of all that is in time and not withdrawn."""
    grades = {entry.submission: Grade.from_json(entry.body) for entry in entries if entry.kind == "graded"}
    withdrawn = Decisions.of(entries).withdrawn
    points: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for receipt in _received(entries):
        grade = grades.get(receipt.submission)
        is_in_time = receipt.is_baseline or receipt.counts(board.competition)
        if grade and grade.shown is not None and is_in_time and receipt.submission not in withdrawn:
            points[receipt.team].append((receipt.received_at, grade.shown))
    return points


def _received(entries: Sequence[Entry]) -> Iterator[Receipt]:
    return (Receipt.from_entry(entry) for entry in entries if entry.kind == "received")
