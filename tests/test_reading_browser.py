"""The pages of the rules and of a team in a real browser: console, policy, fit, accessibility, hostile names."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser
from test_page import HOSTILE
from test_page_browser import OVERFLOW, SCREENS, VIOLATIONS, browser, on_screen  # noqa: F401 - a fixture
from test_standings import CLOSED, COMPETITION, START, Book

from leaderboard import rules_page, team_page
from leaderboard.names import team_id
from submissions.checks import Quoted

WIDE = "W" * 40
LONG = "no-space-in-this-label-" * 4
LIVE, AFTER = START + timedelta(days=9), CLOSED + timedelta(hours=1)
INSIDE = """() => [...document.querySelectorAll('tbody tr')].every(row => {
  const box = row.getBoundingClientRect();
  return [...row.cells].every(cell => {
    const own = cell.getBoundingClientRect();
    return own.left >= box.left - 1 && own.right <= box.right + 1 && own.width > 0;
  });
})"""
APART = """() => [...document.querySelectorAll('tbody tr')].every(row => {
  const boxes = [...row.cells].map(cell => cell.getBoundingClientRect());
  return boxes.every((one, at) => boxes.slice(at + 1).every(other =>
    one.right <= other.left + 1 || other.right <= one.left + 1 || one.bottom <= other.top + 1));
})"""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The rules, and a team's page while it is live and after the reveal, all of hostile texts."""
    folder = tmp_path_factory.mktemp("reading")
    rules = replace(
        COMPETITION,
        title=HOSTILE[0] + LONG,
        host=HOSTILE[1],
        source=HOSTILE[2],
        zip_address=f"https://example.org/{LONG}kit.zip",
        label_names=(LONG, HOSTILE[3]),
        quoted=(Quoted(HOSTILE[4], 0.835, "accuracy", LONG),),
        groups={WIDE: (WIDE,)},
    )
    book = Book(rules)
    book.submit(HOSTILE[5], 0.91, is_baseline=True)
    for place, name in enumerate([*HOSTILE[:6], WIDE, *HOSTILE[6:]]):
        book.score(name, 0.9 - place / 200, 0.85, at=START + timedelta(minutes=place))
    for place in range(7):
        book.score(WIDE, 0.8 + place / 100, 0.7, at=START + timedelta(days=1, minutes=place))
    book.grade(book.receive(WIDE), None, verdict="refused")
    book.grade(book.receive(WIDE), None)
    book.receive(WIDE)
    live = book.board(as_of=LIVE)
    book.reveal()
    over = book.board(as_of=AFTER)
    beside = {rules_page.PAGE, "feed.xml", "hall.html"}
    texts = {
        "rules.html": rules_page.html(live, beside),
        "live.html": team_page.pages(live, book.entries, beside=beside)[f"teams/{team_id(WIDE)}.html"],
        "final.html": team_page.pages(over, book.entries, book.board("private", AFTER), beside=beside)[
            f"teams/{team_id(WIDE)}.html"
        ],
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    return [(folder / name).as_uri() for name in texts]


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_are_quiet_and_fit(browser: Browser, addresses: list[str], screen: str) -> None:  # noqa: F811 - the fixture
    """From a folder, on every screen: no message, request or violation, no sideways scroll, no cell on another."""
    heard: list[str] = []
    requests: list[str] = []
    with on_screen(browser, screen) as context:
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        for address in addresses:
            page.goto(address)
            assert page.evaluate(OVERFLOW) == 0, address
            assert page.evaluate(INSIDE), address
            assert page.evaluate(APART), address

    assert heard == []
    assert [url for url in requests if not url.startswith("data:")] == addresses


@pytest.mark.parametrize("screen", [screen for screen in SCREENS if screen != "narrow"])
def test_accessible(browser: Browser, addresses: list[str], screen: str) -> None:  # noqa: F811 - the fixture
    """axe-core finds nothing, on a desktop and a phone, light and dark."""
    # axe is itself an injected script: it alone may pass the policy.
    with on_screen(browser, screen, bypass_csp=True) as context:
        page = context.new_page()
        for address in addresses:
            page.goto(address)
            results = Axe().run(page)
            assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("screen", ["desktop-light", "phone-light"])
def test_a_phone_keeps_the_table(browser: Browser, addresses: list[str], screen: str) -> None:  # noqa: F811 - the fixture
    """Where the cells of a row are laid over two lines, what reads the page aloud still finds the same table."""
    with on_screen(browser, screen) as context:
        page = context.new_page()
        page.goto(addresses[2])
        nodes = context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]

    roles = Counter(node["role"]["value"] for node in nodes if not node["ignored"])
    cells = roles["cell"] + roles["gridcell"]
    assert (roles["table"], roles["columnheader"], roles["row"], roles["rowheader"], cells) == (1, 5, 12, 11, 44)


def test_injected_script_does_not_run(browser: Browser, addresses: list[str], tmp_path: Path) -> None:  # noqa: F811
    """Were a name not escaped, the policy would still stop its script."""
    path = tmp_path / "team.html"
    text = Path(addresses[1].removeprefix("file://")).read_text("utf-8")
    path.write_text(text.replace("<main", "<script>document.title = 'run'</script><main", 1), "utf-8")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(path.as_uri())

        assert page.locator("script").count() == 1
        assert page.title() != "run"
