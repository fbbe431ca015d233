"""The page in a real browser: its layout, its console, its policy, its accessibility, and hostile names."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright
from test_page import HOSTILE
from test_standings import CLOSED, COMPETITION, START, Book

from leaderboard.publish import publish

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = ["public/index.html", "final/index.html", "final/final.html", "empty/index.html"]
SCREENS = {
    "desktop-light": (1440, "light"),
    "desktop-dark": (1440, "dark"),
    "phone-light": (390, "light"),
    "phone-dark": (390, "dark"),
    "narrow": (320, "light"),
}
VIOLATIONS = "addEventListener('securitypolicyviolation', event => console.error('CSP: ' + event.violatedDirective))"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
HEADINGS = "[...document.querySelectorAll('thead th')].filter(th => th.offsetWidth).map(th => th.textContent)"


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
    return folder


def on_screen(browser: Browser, screen: str, **options: Any) -> BrowserContext:
    width, scheme = SCREENS[screen]
    return browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)


@pytest.fixture(params=SCREENS)
def visit(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page on each screen, which tells its console of what the policy forbids."""
    with on_screen(browser, request.param) as context:
        context.add_init_script(VIOLATIONS)
        yield context.new_page()


@pytest.fixture
def desktop(browser: Browser) -> Iterator[Page]:
    with on_screen(browser, "desktop-light") as context:
        yield context.new_page()


def test_pages_are_quiet_and_fit(visit: Page, site: Path) -> None:
    """From a folder, on every screen: no message, no request, no dialog, no violation, nothing to scroll sideways."""
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

    assert heard == []
    assert [url for url in requests if not url.startswith("data:")] == addresses


def test_columns_fold(visit: Page, site: Path) -> None:
    """A phone shows rank, team and score, and the rest under the team's name."""
    visit.goto((site / "public/index.html").as_uri())
    is_wide = visit.viewport_size is not None and visit.viewport_size["width"] == 1440

    assert visit.evaluate(HEADINGS) == ["Rank", "Team", "Score", *(["Submissions", "Last, UTC"] if is_wide else [])]
    assert visit.locator(".ranked .meta").first.is_visible() != is_wide


def test_names_are_text(desktop: Page, site: Path) -> None:
    """A hostile name is shown as it is written, in its row; no name makes an element of its own."""
    desktop.goto((site / "public/index.html").as_uri())

    shown = desktop.locator("tbody bdi").all_text_contents()
    assert sorted(shown) == sorted([*(name.replace("\r", "\n") for name in HOSTILE), "W" * 40, "tardy", "unlucky"])
    assert desktop.locator("bdi *").count() == 0
    assert desktop.locator("script, img, h1 ~ h1, table table").count() == 0


def test_permanent_link_marks_its_row(desktop: Page, site: Path) -> None:
    """The address of a row shows that row, marked."""
    desktop.goto((site / "public/index.html").as_uri())
    row = desktop.locator("tbody tr").last
    plain = desktop.locator("tbody tr").first.evaluate("row => getComputedStyle(row).backgroundColor")

    desktop.goto(f"{(site / 'public/index.html').as_uri()}#{row.get_attribute('id')}")

    assert row.evaluate("row => getComputedStyle(row).backgroundColor") != plain
    assert row.evaluate("row => row.getBoundingClientRect().top < innerHeight")


def test_injected_script_does_not_run(browser: Browser, site: Path, tmp_path: Path) -> None:
    """Were a name not escaped, the policy would still stop its script: the page itself allows none."""
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
        assert page.locator("tbody tr").last.is_visible()
        assert not page.locator("nav").is_visible()
