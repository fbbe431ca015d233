"""The hall and the ceremony in a real browser: clicker, address, console, policy, accessibility, no spoilers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from test_page import HOSTILE
from test_page_browser import OVERFLOW, VIOLATIONS, browser  # noqa: F401 - a fixture
from test_standings import COMPETITION, START, Book

from leaderboard import ceremony, hall

WALL = {"width": 1920, "height": 1080}
SIZES = {"wall": (1920, 1080), "beamer": (1024, 768), "phone": (390, 844)}
SEEN = """() => [...document.querySelectorAll('.stage bdi, .stage .score')]
  .filter(one => one.checkVisibility({visibilityProperty: true})).map(one => one.textContent)"""
FINAL = """() => [...document.querySelectorAll('ol.private li')].map(li => ['who', 'score']
  .map(part => li.querySelector('.' + part))
  .map(one => one.checkVisibility({visibilityProperty: true}) ? one.textContent.trim() : '').join(' ').trim())"""
STEP = "document.querySelector('.where').textContent"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ceremony, one of hostile names, one of nobody, and a hall."""
    made = tmp_path_factory.mktemp("ceremony")
    small, hostile = Book(), Book(replace(COMPETITION, title=HOSTILE[0], host=HOSTILE[1]))
    for team, private in {"ada": 0.7, "bob": 0.9, "eve": 0.8}.items():
        small.submit(team, private - 0.1 if team == "bob" else private, private)
    for place, name in enumerate([*HOSTILE, "W" * 40, *(f"team {one}" for one in range(30))]):
        hostile.submit(name, 0.9 - place / 1000, 0.8 - place % 7 / 100, at=START + timedelta(minutes=place))
    for name, book in {"small": small, "hostile": hostile, "empty": Book()}.items():
        text = ceremony.html(book.board("public"), book.board("private"))
        (made / f"{name}.html").write_text(text, "utf-8")
    live = hostile.board("public", START + timedelta(days=5))
    (made / "hall.html").write_text(hall.html(live), "utf-8")
    return made


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:  # noqa: F811 - the fixture
    """A page on the wall of a hall that tells its console of what the policy forbids, and may say nothing else."""
    with browser.new_context(viewport=WALL, reduced_motion="reduce") as context:
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        heard: list[str] = []
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        yield page
        assert heard == []


def open_page(page: Page, path: Path, step: str = "") -> None:
    page.goto("about:blank")
    page.goto(path.as_uri() + step)


def test_a_clicker_leads_through_the_ceremony(page: Page, folder: Path) -> None:
    """Each press tells one thing more: nothing of the final board first, then score before name, last to first."""
    open_page(page, folder / "small.html")
    assert page.evaluate(FINAL) == ["", "", ""]
    told = []
    for key in ("PageDown", "ArrowRight", " ", "ArrowDown", "Enter"):
        page.keyboard.press(key)
        told.append(page.evaluate(FINAL))

    assert told == [
        ["", "", "0.7000"],
        ["", "", "ada 0.7000"],
        ["", "", "ada 0.7000"],
        ["", "0.8000", "ada 0.7000"],
        ["", "eve 0.8000", "ada 0.7000"],
    ]
    assert page.url.endswith("#5")
    for key in ("PageUp", "ArrowLeft", "ArrowUp", "Backspace"):
        page.keyboard.press(key)
    assert page.evaluate(FINAL) == told[0]


def test_the_award_fills_the_screen(page: Page, folder: Path) -> None:
    """The card of a place is all that is to be seen, and goes with the next press."""
    open_page(page, folder / "small.html", "#9")
    card = page.locator(".card.now")

    assert card.inner_text().split("\n") == ["First place", "", "bob", "", "0.9000 · held public rank 1"]
    assert card.bounding_box() == {"x": 0, "y": 0, **WALL}
    page.keyboard.press("PageDown")
    assert page.locator(".card.now").count() == 0
    assert page.evaluate(FINAL) == ["bob 0.9000", "eve 0.8000", "ada 0.7000"]


@pytest.mark.parametrize(
    ("address", "step"),
    [("", 0), ("#4", 4), ("#10", 10), ("#99", 10), ("#-3", 0), ("#x", 0), ("#1e9", 1), ("#99999999999999999999", 10)],
)
def test_the_address_has_the_step(page: Page, folder: Path, address: str, step: int) -> None:
    """A crash costs nothing: the page opens at the step in its address, and no address leads beside the steps."""
    open_page(page, folder / "small.html", address)

    assert page.evaluate(STEP) == f"Step {step} of 10"
    assert page.url.endswith(f"#{step}")


def test_jump_is_the_same_as_presses(page: Page, folder: Path) -> None:
    """A step reached by the address, by a reload, or press by press from either side shows the same."""
    open_page(page, folder / "small.html", "#7")
    jumped = page.evaluate(SEEN)
    page.reload()
    reloaded = page.evaluate(SEEN)
    page.evaluate("location.hash = '#10'")
    page.wait_for_function(f"{STEP} === 'Step 10 of 10'")
    for _ in range(3):
        page.keyboard.press("PageUp")
    backward = page.evaluate(SEEN)
    page.keyboard.press("Home")
    for _ in range(7):
        page.mouse.click(400, 400)

    assert page.evaluate(SEEN) == jumped == reloaded == backward


def test_slips_tell_nothing(page: Page, folder: Path) -> None:
    """A key held down is one press; End, letters and the browser's own shortcuts are none; B is a black screen."""
    open_page(page, folder / "small.html")
    page.keyboard.down("PageDown")
    page.keyboard.down("PageDown")
    page.keyboard.up("PageDown")
    for key in ("End", "q", "Escape", "Control+ArrowRight", "Tab"):
        page.keyboard.press(key)
    assert page.evaluate(STEP) == "Step 1 of 10"

    page.keyboard.press("b")
    assert page.locator(".black").bounding_box() == {"x": 0, "y": 0, **WALL}
    page.keyboard.press("b")
    assert not page.locator(".black").is_visible()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.keyboard.press("L")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != dark
    assert page.evaluate(STEP) == "Step 1 of 10"


def test_without_script_nothing_is_told(browser: Browser, folder: Path) -> None:  # noqa: F811 - the fixture
    """If the script does not run, no result is on the screen; the hall shows its board, and reloads all the same."""
    with browser.new_context(viewport=WALL, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((folder / "small.html").as_uri())
        assert not page.locator("ol.private .who").first.is_visible()
        assert page.locator(".card:visible, .wall:visible, .script:visible").count() == 0
        assert "with JavaScript" in page.locator(".where").inner_text()

        page.goto((folder / "hall.html").as_uri())
        assert page.locator("tbody tr").count() == 10
        assert "8 Dec 11:59 UTC" in page.locator(".clock").inner_text()
        assert page.locator("head meta[http-equiv=refresh]").count() == 1


def test_paper_has_the_whole_script(page: Page, folder: Path) -> None:
    """In print the ceremony is a list of its steps, for whoever speaks; the stage is not on it."""
    open_page(page, folder / "small.html")
    page.emulate_media(media="print")

    assert page.locator(".script tbody tr").count() == 11
    assert page.locator(".script tbody tr").last.is_visible()
    assert not page.locator(".stage").is_visible()


def test_screen_readers_are_told(page: Page, folder: Path) -> None:
    """Each step is spoken in a live region."""
    open_page(page, folder / "small.html", "#2")

    assert page.locator("[role=status]").text_content() == "Rank 3: ada, 0.7000 · held public rank 3"


@pytest.mark.parametrize("size", SIZES)
def test_everything_fits(page: Page, folder: Path, size: str) -> None:
    """On a wall, an old beamer and a phone nothing runs out of the screen, whatever the names."""
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    for name, step in (("hall", ""), ("hostile", "#0"), ("hostile", "#1"), ("hostile", "#29"), ("hostile", "#99")):
        open_page(page, folder / f"{name}.html", step)
        assert page.evaluate(OVERFLOW) == 0, (name, step)
        assert page.evaluate("document.querySelectorAll('bdi *, img, script + script').length") == 0


def test_hall_reloads_and_counts_down(page: Page, folder: Path) -> None:
    """The clock counts to the deadline, says so when it has passed, and the page comes anew each minute."""
    page.clock.install(time=COMPETITION.deadline - timedelta(days=3, hours=4, minutes=39, seconds=1))
    open_page(page, folder / "hall.html", "#light")
    assert page.locator(".clock").inner_text() == "3 d 4 h 39 min"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(251, 251, 248)"

    page.evaluate("window.isOld = true")
    page.clock.run_for(59_000)
    assert page.locator(".clock").inner_text() == "3 d 4 h 38 min"
    assert page.evaluate("window.isOld")
    with page.expect_navigation():
        page.clock.run_for(1_000)
    assert page.evaluate("window.isOld") is None

    page.clock.set_fixed_time(COMPETITION.deadline + timedelta(seconds=1))
    open_page(page, folder / "hall.html")
    assert page.locator(".clock").inner_text() == "Closed"


@pytest.mark.parametrize(
    ("name", "step", "width"),
    [
        ("hall", "", 1440),
        ("hall", "#light", 390),
        ("small", "#9", 1440),
        ("hostile", "#99", 1440),
        ("hostile", "#1", 390),
        ("empty", "", 1440),
    ],
)
def test_accessible(browser: Browser, folder: Path, name: str, step: str, width: int) -> None:  # noqa: F811
    """axe-core finds nothing in the hall, and in four frames of the ceremony."""
    # axe is itself an injected script: it alone may pass the policy.
    with browser.new_context(
        viewport={"width": width, "height": 900}, bypass_csp=True, reduced_motion="reduce"
    ) as context:
        page = context.new_page()
        page.goto((folder / f"{name}.html").as_uri() + step)
        results = Axe().run(page)

    assert results.violations_count == 0, results.generate_report()
