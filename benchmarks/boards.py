"""What a board of up to 50,000 teams costs: to make, to fetch, and to sort in a browser."""

import gzip
import hashlib
import os
import random
import shutil
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure
from grader import metrics
from grader.uncertainty import intervals
from leaderboard import data, page
from leaderboard.standings import Board, BoardName, Standing
from submissions.competition import Competition

OPENS = datetime(2026, 11, 2, tzinfo=UTC)
AS_OF = datetime(2026, 11, 28, 9, 20, 13, tzinfo=UTC)
COMPETITION = Competition(
    slug="fashion-mnist",
    title="Fashion-MNIST Classroom Challenge",
    host="DATA-201",
    opens=OPENS,
    deadline=datetime(2026, 12, 7, 23, 59, 59, tzinfo=timezone(-timedelta(hours=12))),
    grace_seconds=0,
    late="unranked",
    id_column="id",
    columns=("label",),
    kind="label",
    labels=tuple("0123456789"),
    max_bytes=10_000_000,
    daily_limit=5,
    final_selections=2,
    metric="accuracy",
    public_share=0.3,
)
_FIRST = ("Hidden", "Polar", "Noisy", "Bagged", "Deep", "Stochastic", "Quantum", "Greedy", "Boosted", "Curious")
_SECOND = ("Herons", "Splines", "Wizards", "Foxes", "Walruses", "Magpies", "Kernels", "Turtles", "Pixels", "Leaves")
_BASELINES = {"Logistic regression": 0.8446, "Starter CNN": 0.9010}
_ROWS = 3_000
ACCURACY = metrics.find("accuracy")
_CLICK = """heading => new Promise(done => {
  const start = performance.now();
  document.querySelectorAll('thead button')[heading].click();
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
})"""


def board(teams: int, name: BoardName = "public", **facts: Any) -> Board:
    """A board of so many teams with two baselines, made up, the same each time; `facts` replace those of the Board.

    Names are like those of people's teams: of two words and a number, no two the same.
    """
    chance = random.Random(teams)  # noqa: S311 - a made-up board, not a secret
    scores = {_name(number, chance): _score(chance) for number in range(teams)}
    rows = [_row(team, score, chance) for team, score in scores.items()]
    rows += [_baseline(team, score) for team, score in _BASELINES.items()]
    rows.sort(key=lambda row: (-(row.score or 0), row.is_team, row.counted_at or OPENS))
    sent = sum(row.submissions for row in rows if row.is_team)
    made = Board(COMPETITION, name, AS_OF, "open", False, ACCURACY, tuple(_ranked(rows)), teams, sent, "5f" * 32)
    return replace(made, **facts)


def earlier(now: Board) -> Board:
    """The same board when some ranks were others."""
    chance = random.Random(now.teams)  # noqa: S311
    moved = (row if row.rank is None or chance.random() < 0.6 else _moved(row, now.teams, chance) for row in now.rows)  # noqa: PLR2004
    return replace(now, rows=tuple(moved))


def _moved(row: Standing, teams: int, chance: random.Random) -> Standing:
    return replace(row, rank=min(max((row.rank or 1) + chance.randint(-5, 5), 1), teams))


def _name(number: int, chance: random.Random) -> str:
    words = f"{chance.choice(_FIRST)} {chance.choice(_SECOND)}"
    return f"{words} {number * 7919 % 100_003}" if number % 3 else f"{words} {chr(65 + number % 26)}{number}"


def _score(chance: random.Random) -> float:
    return round(_ROWS * min(0.93 - 0.09 * chance.random() ** 2 - 0.01 * chance.random(), 0.99)) / _ROWS


def _row(team: str, score: float, chance: random.Random) -> Standing:
    last = OPENS + chance.random() * (AS_OF - OPENS)
    digest = hashlib.sha256(team.encode()).hexdigest()[:12]
    row = Standing(team, f"t-{digest}", None, False, score, chance.randint(1, 40), last, last, "ranked")
    return replace(row, interval=intervals.wilson(score, _ROWS), submission=chance.randint(1, 99_999))


def _baseline(team: str, score: float) -> Standing:
    digest = hashlib.sha256(team.encode()).hexdigest()[:12]
    return Standing(team, f"t-{digest}", None, False, score, 1, OPENS, OPENS, "baseline")


def _ranked(rows: Sequence[Standing]) -> Iterator[Standing]:
    sharing = Counter(row.score for row in rows if row.is_team)
    place, rank, last = 0, 0, None
    for row in rows:
        if row.is_team:
            place += 1
            rank, last = (rank, last) if row.score == last else (place, row.score)
            yield replace(row, rank=rank, is_tied=sharing[row.score] > 1)
        else:
            yield row


def figures() -> Iterator[Figure]:
    """Seconds to make all files of 50,000 teams; the page of 10,000, compressed; and a sort of it in Chromium."""
    large, many = board(50_000), board(10_000)
    before = earlier(large)
    seconds = min(_seconds(lambda: _site(large, before)) for _ in range(3))
    what = "page, rows, JSON and CSV of 50,000 teams, in seconds"
    yield Figure("board_50k_seconds", seconds, "<= 3.0", what)
    text = page.html(many, before=earlier(many))
    size = len(gzip.compress(text.encode(), 9)) / 1024
    yield Figure("board_10k_gz_kb", size, "<= 210", "the page of 10,000 teams, gzipped, in KB")
    for name, slower, wanted in (("board_sort_10k_ms", 1, "<= 100"), ("board_sort_10k_slow_ms", 4, "<= 200")):
        if (taken := _sorting(text, slower)) is not None:
            what = f"a click on a heading of that page until the rows are drawn, {slower} x CPU, in ms"
            yield Figure(name, taken, wanted, what)


def _site(now: Board, before: Board) -> None:
    data.as_csv(now)
    data.as_json(now)
    page.files(now, before=before)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _sorting(text: str, slower: int) -> float | None:
    """The median over the headings, each at its fastest of four clicks; None where no Chromium is found."""
    path = os.environ.get("PODIUM_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        return None
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        (file := Path(folder) / "index.html").write_text(text, "utf-8")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        shown = browser.new_page()
        shown.context.new_cdp_session(shown).send("Emulation.setCPUThrottlingRate", {"rate": slower})
        shown.goto(file.as_uri())
        taken = [min(float(shown.evaluate(_CLICK, heading)) for _ in range(4)) for heading in range(5)]
        browser.close()
    return statistics.median(taken)
