"""Pictures of every page at every width, light and dark, to be looked at: `make pictures`, into build/pictures.

`python tests/pictures.py build/pictures live hall` makes two views again, of those that `viewed` names. The pages are
those of a made-up competition as `publish` writes them. One PNG for each view, screen and scheme, and
one sheet for each view with all of its pictures side by side.
"""

import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from test_page_browser import ARGUMENTS, executable
from test_standings import COMPETITION, START, Book

from grader.grades import Grade
from grader.uncertainty import intervals
from leaderboard import data, page, series
from leaderboard.publish import publish, rehearse
from submissions.checks import Quoted

WIDTHS = {1440: 1000, 820: 1100, 390: 844, 320: 640}
WALL = {1920: 1080}
SCHEMES = ("light", "dark")
GROUPS = ("Oxford", "ETH Zürich", "IIT Bombay", "MIT", "Univ. of Nairobi", "UNAM", "TU Delft", "Tartu", "")
FIRST = ("Hidden", "Polar", "Noisy", "Bagged", "Deep", "Stochastic", "Quantum", "Greedy", "Boosted", "Curious")
SECOND = ("Herons", "Splines", "Wizards", "Foxes", "Walruses", "Magpies", "Kernels", "Turtles", "Pixels", "Leaves")
LONG = ("Donaudampfschifffahrtsgesellschaftskapit", "فريق التعلم العميق", "The team with the long name, in words")
TEAMS, PUBLIC_ROWS, PRIVATE_ROWS = 50, 3_000, 7_000
BASELINES = {"Logistic regression": 0.8446, "Starter CNN": 0.9010}
RULES = replace(
    COMPETITION,
    title="Fashion-MNIST Classroom Challenge",
    host="DATA-201",
    labels=tuple("0123456789"),
    daily_limit=5,
    quoted=(Quoted(name="Human", metric="accuracy", score=0.835, source="Xiao, Rasul and Vollgraf 2017"),),
)
MOMENTS = {
    "upcoming": START - timedelta(days=2, hours=3),
    "live": datetime(2026, 11, 28, 9, 20, 13, tzinfo=UTC),
    "frozen": datetime(2026, 12, 8, 2, 10, tzinfo=UTC),
    "closed": datetime(2026, 12, 8, 15, tzinfo=UTC),
    "final": datetime(2026, 12, 9, 18, tzinfo=UTC),
}
REVEALED = datetime(2026, 12, 9, 17, tzinfo=UTC)
PIN = "([name, id]) => localStorage.setItem(name, id)"


@dataclass(frozen=True, slots=True)
class View:
    """One picture: which file, at which place of its page, and when.

    Attributes:
        at: "" for the top; "#…" for what stands behind the address; "own" for a pinned row; "end" for the foot.
    """

    name: str
    file: Path
    now: datetime
    at: str = ""
    is_stage: bool = False


def main(root: Path, only: Sequence[str]) -> None:
    """Make the pages and the pictures of them, or of these views only; tells where the sheets are."""
    shutil.rmtree(root / "site" if only else root, ignore_errors=True)
    root.mkdir(parents=True, exist_ok=True)
    views = [view for view in viewed(root / "site") if not only or view.name in only]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(playwright), args=ARGUMENTS)
        for view in views:
            sheet(browser, root, view.name, list(pictures(browser, root, view)))
        browser.close()
    print(f"pictures: {len(views)} sheets in {root}")  # noqa: T201 - a script


def viewed(site: Path) -> Iterator[View]:
    """The views, of pages that are written into this folder."""
    book = competition(RULES)
    for name, now in MOMENTS.items():
        rules = replace(book.competition, freeze_hours=0 if name == "live" else 24)
        (site / name).mkdir(parents=True)
        publish(rules, book.entries, now, site / name)
        yield View(name, site / name / page.PAGES["private" if name == "final" else "public"], now)
    live, final = site / "live", site / "final"
    yield View("live_own", live / "index.html", MOMENTS["live"], "own")
    yield View("live_foot", live / "index.html", MOMENTS["live"], "end")
    yield View("final_foot", final / "final.html", MOMENTS["final"], "end")
    yield View("hall", live / "hall.html", MOMENTS["live"], is_stage=True)
    yield from ceremony(book, site)
    yield from papers(live, "live")
    yield from papers(final, "final")
    yield View("series", months(site), MOMENTS["final"])


def papers(folder: Path, name: str) -> Iterator[View]:
    """The rules, and the page of the team in the middle, where the site has them."""
    if (folder / "rules.html").exists():
        yield View(f"{name}_rules", folder / "rules.html", MOMENTS[name])
    board = sorted(folder.glob("teams/*.html"))
    if board:
        largest = max(board, key=lambda file: file.stat().st_size)
        yield View(f"{name}_team", largest, MOMENTS[name])


def ceremony(book: Book, site: Path) -> Iterator[View]:
    """The start, a pass over the last places, a name, an award, and the end."""
    file = rehearse(replace(book.competition, freeze_hours=24), book.entries, MOMENTS["closed"], site)
    text = file.read_text("utf-8")
    last = text.count('id="step-') - 1
    for name, step in {"start": 0, "pass": 2, "mid": last - 14, "card": last - 1, "end": last}.items():
        yield View(f"reveal_{name}", file, MOMENTS["closed"], f"#{step}", is_stage=True)


def months(site: Path) -> Path:
    """The page of a series of three competitions, of which two are over and one is live."""
    rounds = []
    for number, (title, state) in enumerate({"Titanic": "private", "Digits": "private", "Nets": "public"}.items()):
        book = competition(replace(RULES, title=title, slug=title.lower()), seed=number + 2, teams=30)
        board = book.board(
            "private" if state == "private" else "public", MOMENTS["final" if state == "private" else "live"]
        )
        rounds.append(series.read(data.as_json(board), f"../{title.lower()}/index.html"))
    file = site / "series.html"
    file.write_text(series.html("Machine Learning Month", rounds, series.add_up(rounds)), "utf-8")
    return file


def competition(rules: Any, seed: int = 1, teams: int = TEAMS) -> Book:
    """A competition of so many teams from its first to its last day: ties, late and refused ones and a freeze in it."""
    chance = random.Random(seed)
    names = named(teams, chance)
    groups = {
        group: tuple(name for place, name in enumerate(names) if place % len(GROUPS) == at)
        for at, group in enumerate(GROUPS)
    }
    book = Book(replace(rules, groups={group: members for group, members in groups.items() if group}))
    sent = [(START + timedelta(hours=2), name, score, True) for name, score in BASELINES.items()]
    for name in names:
        sent += attempts(name, chance)
    for at, team, public, is_baseline in sorted(sent):
        grade(book, team, public, at, chance, is_baseline=is_baseline)
    closed = MOMENTS["closed"] - timedelta(hours=1)
    grade(book, "Tardy Tigers", 0.9171, closed, chance)
    book.receive("Unlucky Unicorns", closed - timedelta(hours=4))
    measure(book)
    book.reveal(REVEALED)
    return book


def named(teams: int, chance: random.Random) -> Sequence[str]:
    """Names of two words, and a few that are hard to set; no two the same."""
    names = [f"{first} {second}" for first in FIRST for second in SECOND]
    chance.shuffle(names)
    return [*LONG, *names][:teams]


def attempts(team: str, chance: random.Random) -> Iterator[tuple[datetime, str, float, bool]]:
    """The submissions of a team: each a little better or worse than its best so far."""
    level = 0.93 - 0.09 * chance.random() ** 2 - 0.01 * chance.random()
    for _ in range(chance.randint(1, 24)):
        at = START + chance.random() * (MOMENTS["closed"] - START - timedelta(hours=4))
        yield at, team, round(PUBLIC_ROWS * (level - 0.04 * chance.random() ** 3)) / PUBLIC_ROWS, False


def grade(
    book: Book, team: str, public: float, at: datetime, chance: random.Random, *, is_baseline: bool = False
) -> None:
    """One more submission, received and graded."""
    number = book.receive(team, at, is_baseline=is_baseline)
    private = round(PRIVATE_ROWS * (public - 0.004 + 0.006 * chance.gauss(0, 1))) / PRIVATE_ROWS
    shown = None if is_baseline else intervals.wilson(public, PUBLIC_ROWS)
    made = Grade("graded", "accuracy", "s" * 64, public=public, private=private, shown=public, interval=shown)
    book.add("graded", made.to_json(), at, team, number)


def measure(book: Book) -> None:
    """The intervals and likely ranks of the final board, as if they had been measured."""
    ranked = [row for row in book.board("private", REVEALED).rows if row.state == "ranked"]
    ends = [intervals.wilson(row.score or 0, 2 * PRIVATE_ROWS) for row in ranked]
    told = []
    for place, row in enumerate(ranked):
        better = sum(low > ends[place][1] for low, _ in ends)
        worse = sum(high < ends[place][0] for _, high in ends)
        told.append([row.submission, row.score, [*ends[place]], [better + 1, len(ranked) - worse]])
    book.add("measured", {"standings": told}, REVEALED - timedelta(minutes=1))


def pictures(browser: Browser, root: Path, view: View) -> Iterator[Path]:
    """The pictures of a view, on each screen, light and dark."""
    for width, height in ({**WALL, **WIDTHS} if view.is_stage else WIDTHS).items():
        for scheme in SCHEMES:
            with browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=1 if width > 820 else 2,
                color_scheme=scheme,
                reduced_motion="reduce",
                timezone_id="Europe/Tallinn",
            ) as context:
                shown = context.new_page()
                shown.clock.set_fixed_time(view.now)
                go(shown, view, scheme)
                file = root / f"{view.name}_{width}_{scheme}.png"
                shown.screenshot(path=file)
                yield file


def go(shown: Page, view: View, scheme: str) -> None:
    """Open the page where the view wants it."""
    address = view.file.as_uri()
    if view.is_stage:
        shown.goto(address + (view.at or ("#light" if scheme == "light" else "")))
        if view.at and scheme == "light":
            shown.keyboard.press("l")
        return
    shown.goto(address)
    if view.at == "own":
        own = shown.locator("tbody tr.ranked").nth(13).get_attribute("id")
        folder = shown.evaluate("location.pathname.replace(/[^/]*$/, '')")
        shown.evaluate(PIN, [f"podium:{folder}:team", own])
        shown.reload()
        shown.evaluate("scrollTo(0, 560)")
    elif view.at == "end":
        shown.evaluate("document.querySelector('tbody tr:nth-last-child(4)').scrollIntoView()")


def sheet(browser: Browser, root: Path, name: str, files: Sequence[Path]) -> None:
    """All pictures of a view side by side, in one."""
    with browser.new_context(viewport={"width": 2600, "height": 800}) as context:
        shown = context.new_page()
        shown.goto(files[0].as_uri())
        cells = "".join(f'<img src="{file.name}" height="700">' for file in files)
        (page_ := root / f"sheet_{name}.html").write_text(f"<!doctype html><body style='background:#888'>{cells}")
        shown.goto(page_.as_uri())
        shown.screenshot(path=root / f"sheet_{name}.png", full_page=True)
        page_.unlink()


if __name__ == "__main__":
    folder, *names = sys.argv[1:] or ["build/pictures"]
    main(Path(folder).resolve(), names)
