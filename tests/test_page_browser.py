"""The page in a real browser: layout, console, policy, accessibility, hostile names, and what its script does."""

import hashlib
import os
import re
import shutil
import threading
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright
from test_page import HOSTILE
from test_standings import CLOSED, COMPETITION, START, Book

from benchmarks import boards
from leaderboard import page, words
from leaderboard.publish import publish
from leaderboard.standings import Board, BoardName, State

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = [
    *("public/index.html", "final/index.html", "final/final.html", "empty/index.html"),
    *("mixed/index.html", "paged/final.html"),
]
SCREENS = {
    "desktop-light": (1440, "light"),
    "desktop-dark": (1440, "dark"),
    "phone-light": (390, "light"),
    "phone-dark": (390, "dark"),
    "narrow": (320, "light"),
}
VIOLATIONS = "addEventListener('securitypolicyviolation', event => console.error('CSP: ' + event.violatedDirective))"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SHIFT = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => { for (const one of list.getEntries()) sum += one.value; })
    .observe({type: 'layout-shift', buffered: true});
  requestAnimationFrame(() => setTimeout(() => done(sum), 50));
})"""
ROWS = "[...document.querySelectorAll('#board tbody tr')].map(row => row.outerHTML)"
PLACES = """Object.fromEntries([...document.querySelectorAll('#board tbody tr')].map(
  row => [row.id, row.cells[0].textContent]))"""
IDS = "[...document.querySelectorAll('#board tbody tr')].map(row => row.id)"
HEADINGS = "[...document.querySelectorAll('#board thead th')].filter(th => th.offsetWidth).map(th => th.textContent)"


def executable(playwright: Playwright) -> str | None:
    named = os.environ.get("PODIUM_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    bundled = playwright.chromium.executable_path
    return found or (bundled if Path(bundled).exists() else None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = executable(playwright)
        if path is None:
            reason = "no Chromium: install one, or name it in PODIUM_CHROMIUM"
            if os.environ.get("PODIUM_REQUIRE_BROWSER") == "1":
                pytest.fail(reason)
            pytest.skip(reason)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        except Error as error:
            # A browser may be there without the system's libraries that it needs.
            if os.environ.get("PODIUM_REQUIRE_BROWSER") == "1":
                raise
            pytest.skip(f"{path} does not start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A public, a final and an empty site, all of hostile names."""
    folder = tmp_path_factory.mktemp("site")
    book = Book(replace(COMPETITION, title=f"Nets {HOSTILE[0]}", host=HOSTILE[1]))
    for place, name in enumerate(HOSTILE):
        book.submit(name, 0.9 - place / 100, 0.85 - place / 100, is_baseline=place % 9 == 8)
    book.submit("W" * 40, 0.9)
    book.submit("tardy", 0.9, at=CLOSED)
    book.receive("unlucky")
    for name in ("public", "final", "empty"):
        if name == "final":
            book.reveal()
        entries = [] if name == "empty" else book.entries
        as_of = START - timedelta(days=1) if name == "empty" else CLOSED
        publish(book.competition, entries, as_of, folder / name)
    lay(folder / "mixed", mixed(60))
    lay(folder / "paged", mixed(700, "private"))
    return folder


def mixed(teams: int, name: BoardName = "public") -> Board:
    """A board with a row of each kind: hostile names, off the axis, late, unscored, quoted, in groups, with moves."""
    board = boards.board(teams, name, phase="open" if name == "public" else "closed", is_revealed=name == "private")
    rows = list(board.rows)
    ranked = [place for place, row in enumerate(rows) if row.rank]
    for place, hostile in zip(ranked[3:], HOSTILE, strict=False):
        rows[place] = replace(rows[place], team=hostile, team_id=identity(hostile))
    rows[ranked[-1]] = replace(rows[ranked[-1]], score=0.1, interval=(0.09, 0.11))
    if name == "private":
        rows = [replace(row, ranks=(max(row.rank - 9, 1), row.rank + 9)) if row.rank else row for row in rows]
    human = replace(rows[0], team="Human", team_id="q" + identity("Human")[1:], rank=None, state="quoted", score=0.9)
    rows.append(replace(human, interval=None, ranks=None, submissions=0, last_at=None))
    rows.sort(key=lambda row: -(row.score or 0))
    outside: list[tuple[State, float | None]] = [("late", 0.99), ("unscored", None), ("disqualified", 0.95)]
    for state, score in outside:
        late = replace(rows[0], team=state, team_id=identity(state), rank=None, state=state, score=score)
        rows.append(replace(late, is_tied=False, interval=None, ranks=None, submissions=1_234))
    groups = {group: tuple(row.team for row in rows[start::3]) for start, group in enumerate(("Tartu", "<b>Köln</b>"))}
    competition = replace(board.competition, groups=groups, address="https://example.org/")
    return replace(board, rows=tuple(rows), competition=competition)


def identity(team: str) -> str:
    return "t-" + hashlib.sha256(team.encode()).hexdigest()[:12]


def lay(folder: Path, board: Board) -> Path:
    folder.mkdir()
    for name, text in page.files(board, before=boards.earlier(board)).items():
        (folder / name).write_text(text, "utf-8")
    return folder / page.PAGES[board.board]


def fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.category(c).startswith("M")).lower()


def in_order(board: Board, key: str, *, is_down: bool) -> list[str]:
    """The ids of the rows as Python sorts them: what has no value stands last either way, equals as on the board."""
    is_outside = {"late", "unscored", "disqualified"}
    keys = {
        "rank": lambda at, row: None if row.state in is_outside or row.score is None else at,
        "score": lambda at, row: None if row.state in is_outside or row.score is None else (row.score, -at),
        "team": lambda _, row: re.sub(r"[0-9]+", lambda run: run[0].zfill(20), fold(row.team)).encode("utf-16-be"),
        "sent": lambda _, row: row.submissions if row.is_team else None,
        "last": lambda _, row: int(row.last_at.timestamp() // 60) if row.is_team and row.last_at else None,
    }
    valued = [(keys[key](at, row), row.team_id) for at, row in enumerate(board.rows)]
    there = [one for one in valued if one[0] is not None]
    there.sort(key=lambda one: one[0], reverse=is_down)
    return [name for _, name in [*there, *(one for one in valued if one[0] is None)]]


def on_screen(browser: Browser, screen: str, **options: Any) -> BrowserContext:
    width, scheme = SCREENS[screen]
    return browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)


@pytest.fixture(params=SCREENS)
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page on each screen, which tells its console of what the policy forbids."""
    with on_screen(browser, request.param, timezone_id="UTC") as context:
        context.add_init_script(VIOLATIONS)
        yield context.new_page()


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    with on_screen(browser, "desktop-light", timezone_id="UTC") as context:
        yield context.new_page()


def test_pages_are_quiet_and_fit(visit: Page, site: Path) -> None:
    """From a folder, on every screen: no message, request, dialog, violation or shift, nothing to scroll sideways."""
    heard: list[str] = []
    requests: list[str] = []
    visit.on("console", lambda message: heard.append(message.text))
    visit.on("pageerror", lambda error: heard.append(str(error)))
    visit.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
    visit.on("request", lambda request: requests.append(request.url))
    addresses = [(site / path).as_uri() for path in PAGES]

    for address in addresses:
        visit.goto(address)
        visit.mouse.move(100, 400)
        assert visit.evaluate(OVERFLOW) == 0, address
        assert visit.evaluate(SHIFT) < 0.01, address

    assert heard == []
    assert [url for url in requests if not url.startswith("data:")] == addresses


def test_columns_fold(visit: Page, site: Path) -> None:
    """A phone shows rank, team and score, and the rest under the team's name."""
    visit.goto((site / "public/index.html").as_uri())
    is_wide = visit.viewport_size is not None and visit.viewport_size["width"] == 1440

    wide = ["Submissions", "Last, UTC"]
    shown = [text for text in visit.evaluate(HEADINGS) if not text.startswith("95")]
    moves = ["24 h"] if is_wide else []
    assert shown == ["Rank", *moves, "Team", "Score", *(wide if is_wide else [])]
    assert visit.locator("#board tbody .plot").first.is_visible() == is_wide
    assert visit.locator(".mini").first.is_visible() != is_wide
    assert visit.locator(".ranked .meta").first.is_visible() != is_wide


def test_names_are_text(desktop: Page, site: Path) -> None:
    """A hostile name is shown as it is written, in its row; no name makes an element of its own."""
    desktop.goto((site / "public/index.html").as_uri())

    shown = desktop.locator("#board tbody bdi").all_text_contents()
    assert sorted(shown) == sorted([*(name.replace("\r", "\n") for name in HOSTILE), "W" * 40, "tardy", "unlucky"])
    assert desktop.locator("bdi *").count() == 0
    assert desktop.locator("main script, img, h1 ~ h1, table table").count() == 0


@pytest.mark.parametrize("screen", ["desktop-light", "narrow"])
def test_hostile_names_stay_in_their_rows(browser: Browser, site: Path, screen: str) -> None:
    """No name is drawn over another row, makes its own much higher, or gets the look of another state."""
    with on_screen(browser, screen) as context:
        shown = context.new_page()
        shown.goto((site / "mixed/index.html").as_uri())
        boxes = shown.evaluate("""() => [...document.querySelectorAll('#board tbody tr')].map(row => {
          const name = row.querySelector('bdi'), cell = name.closest('th'), around = row.getBoundingClientRect();
          return [name.textContent, row.className, around.height,
            cell.getBoundingClientRect().height <= around.height + 1 && getComputedStyle(cell).overflow === 'hidden'];
        })""")

    hostile = [box for box in boxes if box[0] in {name.replace("\r", "\n") for name in HOSTILE}]
    assert len(hostile) == len(HOSTILE)
    assert {box[1].split()[0] for box in hostile} == {"ranked"}
    assert all(height < 150 and is_inside for _, _, height, is_inside in boxes)


def test_permanent_link_marks_its_row(desktop: Page, site: Path) -> None:
    """The address of a row shows that row, marked."""
    desktop.goto((site / "public/index.html").as_uri())
    row = desktop.locator("#board tbody tr").last
    plain = desktop.locator("#board tbody tr").first.evaluate("row => getComputedStyle(row).backgroundColor")

    desktop.goto(f"{(site / 'public/index.html').as_uri()}#{row.get_attribute('id')}")

    assert row.evaluate("row => getComputedStyle(row).backgroundColor") != plain
    assert row.evaluate("row => row.getBoundingClientRect().top < innerHeight")


def test_injected_script_does_not_run(browser: Browser, site: Path, tmp_path: Path) -> None:
    """Were a name not escaped, the policy would still stop its script: the page allows none but its own."""
    text = (site / "public/index.html").read_text("utf-8")
    broken = tmp_path / "index.html"
    broken.write_text(text.replace("<main", "<script>document.title = 'run'</script><main"), "utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(broken.as_uri())

        assert page.title() != "run"


@pytest.mark.parametrize(
    ("path", "screen"),
    [
        *(("public/index.html", screen) for screen in SCREENS if screen != "narrow"),
        ("final/final.html", "desktop-dark"),
        ("final/index.html", "phone-light"),
        ("empty/index.html", "phone-dark"),
        ("mixed/index.html", "desktop-light"),
        ("paged/final.html", "phone-dark"),
    ],
)
def test_accessible(browser: Browser, site: Path, path: str, screen: str) -> None:
    """axe-core finds nothing, on a desktop and a phone, light and dark."""
    # axe is itself an injected script: it alone may pass the policy.
    with on_screen(browser, screen, bypass_csp=True) as context:
        page = context.new_page()
        page.goto((site / path).as_uri())
        results = Axe().run(page)

    assert results.violations_count == 0, results.generate_report()


def test_print_and_forced_colours_fit(browser: Browser, site: Path) -> None:
    """In forced colours and in print the table is all there."""
    with browser.new_context(viewport={"width": 800, "height": 900}, forced_colors="active") as context:
        page = context.new_page()
        page.goto((site / "public/index.html").as_uri())
        assert page.evaluate(OVERFLOW) == 0

        page.emulate_media(media="print", forced_colors="none")
        assert page.evaluate(OVERFLOW) == 0
        assert page.locator("#board tbody tr").last.is_visible()
        assert not page.locator("nav").is_visible()


def test_script_writes_the_rows_that_python_writes(
    desktop: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row made from the columns is, to the letter, the row that stands in the HTML: of each kind, hostile or not."""
    for name in ("public", "private"):
        board = mixed(180, name)
        # Late teams and others without a rank stand at the end: show them.
        board = replace(board, rows=(*board.rows[:60], *board.rows[-30:], *board.rows[60:-30]))
        monkeypatch.setattr(page, "FIRST", 100)
        desktop.goto(lay(tmp_path / f"{name}-python", board).as_uri())
        written = desktop.evaluate(ROWS)
        monkeypatch.setattr(page, "FIRST", 1)
        desktop.goto(lay(tmp_path / f"{name}-script", board).as_uri())

        assert len(written) == 100
        # An HTML parser makes "\n" of "\r", which no name that the desk takes can hold.
        assert [row.replace("\r", "\n") for row in desktop.evaluate(ROWS)] == written


@pytest.mark.parametrize("teams", [60, 400])
def test_each_sort_is_that_of_python(desktop: Page, tmp_path: Path, teams: int) -> None:
    """Each heading sorts as Python does, both ways, says so, and keeps every rank; nothing without a value is first."""
    board = mixed(teams)
    desktop.goto(lay(tmp_path / "site", board).as_uri())
    places = {row.team_id: "not ranked" if row.rank is None else words.rank(row) for row in board.rows}
    pages = 1 if teams <= page.WHOLE else -(-len(board.rows) // 100)

    clicks = [("rank", True), ("rank", False), ("team", False), ("team", True)]
    clicks += [(key, is_down) for key in ("score", "sent", "last") for is_down in (True, False)]
    for key, is_down in clicks:
        heading = desktop.locator(f"th[data-key={key}]")
        heading.locator("button").click()
        seen = desktop.evaluate(IDS)
        for _ in range(pages - 1):
            desktop.locator("#next").click()
            seen += desktop.evaluate(IDS)

        assert seen == in_order(board, key, is_down=is_down), (key, is_down)
        assert heading.get_attribute("aria-sort") == ("descending" if is_down else "ascending")
        assert desktop.locator("[aria-sort]").count() == 1
        assert desktop.evaluate(PLACES).items() <= places.items()


def test_lower_is_better(desktop: Page, tmp_path: Path) -> None:
    """Where lower is better, a first click on the score still puts the best first; the axis stays a number line."""
    board = mixed(60)
    low = replace(board.metric, higher_is_better=False)
    rows = sorted((row for row in board.rows if row.rank), key=lambda row: row.score or 0)
    board = replace(board, metric=low, rows=tuple(replace(row, rank=place) for place, row in enumerate(rows, start=1)))
    desktop.goto(lay(tmp_path / "site", board).as_uri())
    desktop.locator("th[data-key=score] button").click()

    assert desktop.evaluate(IDS) == [row.team_id for row in rows]
    assert desktop.locator("th[data-key=score]").get_attribute("aria-sort") == "ascending"


def test_search_group_and_own_row(desktop: Page, site: Path) -> None:
    """Search knows neither case nor accents; own row stays whatever is searched for; the address restores it all."""
    address = (site / "mixed/index.html").as_uri()
    desktop.goto(address)
    desktop.locator("#board tbody tr.ranked").nth(40).locator("a.name").click()
    desktop.get_by_role("button", name="Pin as your team").click()
    own = desktop.locator("tr.you").get_attribute("id")
    desktop.goto("about:blank")
    desktop.goto(address)
    assert desktop.locator("tr.you").get_attribute("id") == own
    assert desktop.locator("tr.you").evaluate("row => row.cells[0].getBoundingClientRect().bottom <= innerHeight")

    desktop.fill("#find", "FÓXES")
    expect(desktop.locator("#count")).to_contain_text(" of 63 teams")
    names = desktop.locator("#board tbody tr:not(.you) bdi:first-child").all_text_contents()
    assert names
    assert all("Foxes" in name or name in {"Tartu", "<b>Köln</b>"} for name in names)
    assert desktop.locator("#board tbody tr").first.get_attribute("id") == own
    assert desktop.url.endswith("#q=F%C3%93XES")

    desktop.select_option("#group", "<b>Köln</b>")
    desktop.locator("th[data-key=score] button").click()
    shown, count = desktop.evaluate(IDS), desktop.text_content("#count")
    desktop.reload()
    assert desktop.evaluate(IDS) == shown
    assert desktop.text_content("#count") == count
    assert desktop.input_value("#group") == "<b>Köln</b>"
    assert desktop.locator("th[data-key=score]").get_attribute("aria-sort") == "descending"

    desktop.get_by_role("button", name="Your team: unpin").click()
    assert desktop.locator(".you").count() == 0


def test_permanent_link_to_a_row_of_another_page(desktop: Page, site: Path) -> None:
    """The address of a row that is not in the HTML turns to its page and shows it; a wrong one is no fault."""
    board = mixed(700, "private")
    address = (site / "paged/final.html").as_uri()

    for row in (board.rows[650], board.rows[9], board.rows[20]):
        desktop.goto("about:blank")
        desktop.goto(f"{address}#{row.team_id}")
        assert desktop.locator(".hit").get_attribute("id") == row.team_id
        assert desktop.locator(".hit bdi").first.text_content() == row.team.replace("\r", "\n")
        assert desktop.locator(".hit").evaluate("row => row.getBoundingClientRect().bottom <= innerHeight")
    for fragment in ("t-000000000000", "s=-nothing&p=-4", "p=99999", "%zz", "s=__proto__", "g=none"):
        desktop.goto("about:blank")
        desktop.goto(f"{address}#{fragment}")
        assert desktop.locator("#board tbody tr").count() > 0, fragment


def test_clock_and_times(browser: Browser, site: Path) -> None:
    """Times are the viewer's, and say of which zone; the countdown ends in a closed board, by itself."""
    with on_screen(browser, "desktop-light", timezone_id="Asia/Kathmandu", locale="de-DE") as context:
        page_ = context.new_page()
        page_.clock.install(time="2026-12-08T11:58:00Z")
        page_.clock.pause_at("2026-12-08T11:59:00Z")
        page_.goto((site / "mixed/index.html").as_uri())
        assert page_.text_content("#clock") == "in 00:00:59"
        assert page_.text_content(".clock p:nth-child(2)") == "closes Tue 8 Dec, 17:44:59 GMT+5:45"
        assert page_.text_content(".state") == "Live · updated Sat 28 Nov, 15:05 GMT+5:45"
        assert page_.text_content(".clock time").count(":") == 3
        assert page_.get_attribute(".clock time", "title") == "8 Dec 2026, 11:59:59 UTC"
        assert page_.text_content("th.last") == "Last, GMT+5:45"
        numbers = page_.locator("td.sent").all_text_contents()
        assert "1,234" in numbers

        page_.clock.run_for(61_000)
        assert page_.text_content("#clock") == "Closed"
        assert page_.text_content("#state") == "Closed"


def test_without_scripts(browser: Browser, site: Path) -> None:
    """Without scripts there are all rows, times in UTC, and nothing that does not work."""
    with on_screen(browser, "desktop-light", java_script_enabled=False) as context:
        page_ = context.new_page()
        page_.goto((site / "mixed/index.html").as_uri())

        assert page_.locator("#board tbody tr").count() == len(mixed(60).rows)
        assert page_.locator("button:visible, input:visible, select:visible").count() == 0
        assert page_.text_content("#clock") == "Open"
        assert "UTC" in str(page_.text_content("th.last"))


def test_rows_beside_the_page(desktop: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a very large board come from a file beside the page; those of another board are not shown."""
    monkeypatch.setattr(page, "INLINE", 300)
    board = mixed(400)
    address = lay(tmp_path / "site", board).as_uri()
    desktop.goto(address)
    desktop.locator("#next").click()
    assert desktop.evaluate(IDS) == [row.team_id for row in board.rows[100:200]]

    later = page.files(replace(board, head="6a" * 32))["board-data.js"]
    (tmp_path / "site" / "board-data.js").write_text(later, "utf-8")
    desktop.goto("about:blank")
    desktop.goto(address)
    expect(desktop.locator("#count")).to_have_text("There is a newer board: reload the page")
    assert desktop.evaluate(IDS) == [row.team_id for row in board.rows[:100]]


@pytest.fixture
def address_of() -> Iterator[Callable[[Path], str]]:
    """What gives a folder's address on a server of its own."""
    servers: list[ThreadingHTTPServer] = []

    def serve(folder: Path) -> str:
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))))
        threading.Thread(target=servers[-1].serve_forever).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that writes no log."""

    def log_message(self, *_: object) -> None: ...


@pytest.mark.slow
@pytest.mark.parametrize("teams", [0, 1, 3, 50, 150, 2_000, 10_000, 50_000])
def test_boards_of_every_size(browser: Browser, tmp_path: Path, teams: int, address_of: Callable[[Path], str]) -> None:
    """From a folder and a server, on desktop and phone, light and dark: quiet, still, accessible, all rows there."""
    board = boards.board(teams)
    file = lay(tmp_path / "site", board)
    for screen in ("desktop-light", "desktop-dark", "phone-light", "phone-dark"):
        for address in (file.as_uri(), f"{address_of(tmp_path / 'site')}/index.html"):
            heard: list[str] = []
            requests: list[str] = []
            with on_screen(browser, screen) as context:
                context.add_init_script(VIOLATIONS)
                shown = context.new_page()
                shown.on("console", lambda message, heard=heard: heard.append(message.text))
                shown.on("pageerror", lambda error, heard=heard: heard.append(str(error)))
                shown.on("request", lambda request, requests=requests: requests.append(request.url))
                shown.goto(address)
                assert shown.evaluate(SHIFT) < 0.01
                assert shown.evaluate(OVERFLOW) == 0
                if teams:
                    expect(shown.locator("#count")).to_have_text(words.count(teams, "team"))
                if teams > page.WHOLE:
                    shown.locator("#next").click()
                    assert shown.evaluate(IDS) == [row.team_id for row in board.rows[100:200]]
            assert heard == []
            base = address.removesuffix("index.html")
            own = {address, f"{base}board-data.js"}
            assert {url for url in requests if not url.startswith("data:")} <= own
        with on_screen(browser, screen, bypass_csp=True) as context:
            shown = context.new_page()
            shown.goto(file.as_uri())
            results = Axe().run(shown)
        assert results.violations_count == 0, results.generate_report()
