"""The web desk in a real browser, with scripts and without: join, send, read, choose; on a desktop and a phone."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from served import serving
from test_page_browser import OVERFLOW, SCREENS, VIOLATIONS, browser, on_screen  # noqa: F401 - a fixture
from web import WebDesk, make_desk

from conftest import GOOD_FILE, good_file
from leaderboard.publish import publish
from submissions.membership import accounts
from submissions.web.server import Impatient

BAD_FILE = b"id,label\n1,2\n1,99\n2,3\n3,3\n4,3\n5,3\n6,3\n"
FIRST = [(screen, scripts) for screen in ("desktop-light", "phone-dark") for scripts in (True, False)]
# A link within a sentence may be as high as its line (WCAG 2.5.5).
SMALL = """[...document.querySelectorAll(
    'button, .button, nav a, .tick, tbody a, input:not([type=hidden], [type=checkbox])')]
  .filter(one => one.checkVisibility()).map(one => [one.outerHTML, one.getBoundingClientRect().height])
  .filter(([_, height]) => height < 43.99)"""
UNDONE = "Failed to load resource: "


@dataclass(frozen=True)
class House:
    """A desk with a real server before it.

    Attributes:
        folder: of files to send.
    """

    desk: WebDesk
    address: str
    folder: Path

    def file(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def publish(self) -> None:
        desk = self.desk
        with desk.ledger.reading() as view:
            publish(desk.session.competition, view.entries(), desk.clock(), desk.folder.leaderboard, desk="./")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A desk with a board, whose rules let every test send what it likes."""
    root = tmp_path_factory.mktemp("desk")
    desk = make_desk(root, rules=lambda text: text.replace("daily_limit = 5", "daily_limit = 50"))
    try:
        with serving(desk.app, Impatient) as server:
            house = House(desk, f"http://127.0.0.1:{server.port}", root)
            house.publish()
            yield house
    finally:
        desk.close()


@contextmanager
def visit(browser: Browser, screen: str, **options: Any) -> Iterator[Page]:  # noqa: F811 - the fixture
    """A page that may say nothing to its console, but that an answer was no success; and break no policy."""
    heard: list[str] = []
    with on_screen(browser, screen, **options) as context:
        context.add_init_script(VIOLATIONS)
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("dialog", lambda dialog: (heard.append(dialog.message), dialog.dismiss()))
        yield page
    assert [line for line in heard if not line.startswith(UNDONE)] == []


def new_team(house: House, name: str) -> str:
    """The join code of a new team."""
    return accounts.add_team(house.desk.ledger, name, now=house.desk.clock()).code


def join(page: Page, house: House, code: str, name: str = "Countess") -> None:
    page.goto(f"{house.address}/join")
    page.get_by_label("Join code").fill(code)
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", name="Submissions")).to_be_visible()


def send(page: Page, house: House, path: Path) -> None:
    page.goto(f"{house.address}/submit")
    page.get_by_label("Your predictions").set_input_files(path)
    page.get_by_role("button", name="Submit").click()


@pytest.mark.parametrize(("screen", "scripts"), FIRST)
def test_first_submission(browser: Browser, house: House, screen: str, scripts: bool) -> None:  # noqa: F811
    """A person joins, reads the faults of a file, mends it, sees score and place, and finds the team on the board."""
    team = f"Team {screen} {scripts}"
    with visit(browser, screen, java_script_enabled=scripts) as page:
        page.goto(f"{house.address}/submit")
        expect(page).to_have_url(f"{house.address}/join?to=submit")
        page.get_by_label("Join code").fill("0000 0000 0000 0000")
        page.get_by_label("Your name").fill("Countess")
        page.get_by_role("button", name="Join").click()
        expect(page.get_by_role("alert")).to_contain_text("This join code is unknown")
        expect(page.get_by_label("Join code")).to_be_focused()
        page.get_by_label("Join code").fill(new_team(house, team))
        page.get_by_role("button", name="Join").click()
        expect(page).to_have_url(f"{house.address}/submit")

        page.get_by_label("Your predictions").set_input_files(house.file("draft.csv", BAD_FILE))
        if not scripts:
            page.get_by_role("button", name="Submit").click()
        expect(page.locator("#outcome h2")).to_have_text("2\N{NO-BREAK SPACE}faults in draft.csv")
        expect(page.locator(".faults li")).to_have_text(
            ["line 3 row id '1' was already given on line 2", "line 3 label '99' is not one of 0, 1, 2 … 9"]
        )
        if scripts:
            expect(page.get_by_role("button", name="Submit")).to_be_disabled()
        page.get_by_label("Your predictions").set_input_files(house.file("mended.csv", good_file(3, 7, 7)))
        if scripts:
            expect(page.locator("#outcome h2")).to_have_text("Ready to submit")
            expect(page.locator(".faults")).to_have_count(0)
        page.get_by_role("button", name="Submit").click()

        expect(page.locator("#score")).to_contain_text("0.6667")
        expect(page.locator("#score")).to_contain_text("would stand 1st")
        expect(page.locator("pre")).to_contain_text(f"team {team}")
        number = page.url.rpartition("/")[2]
        page.reload()
        expect(page.get_by_role("heading", name=f"Submission {number}", exact=True)).to_be_visible()
        house.publish()
        page.get_by_role("link", name="the public board").click()
        expect(page.locator("#board bdi", has_text=team)).to_be_visible()
        page.get_by_role("link", name="Your team").click()
        expect(page.get_by_role("heading", name=team)).to_be_visible()
        assert page.locator("tbody tr").count() == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_select_withdraw_and_leave(browser: Browser, house: House, scripts: bool) -> None:  # noqa: F811
    """On the team's page submissions are ticked, one is withdrawn on a second page, and the browser is signed out."""
    with visit(browser, "phone-light", java_script_enabled=scripts) as page:
        join(page, house, new_team(house, f"Choosers {scripts}"))
        for label in range(3):
            send(page, house, house.file("a.csv", good_file(label)))
            expect(page.locator("#score")).to_be_visible()
        page.get_by_role("link", name="All your submissions").click()
        boxes = page.get_by_role("checkbox")
        for place in range(3):
            boxes.nth(place).check()
        page.get_by_role("button", name="Save the selection").click()
        expect(page.get_by_role("alert")).to_contain_text(
            "3 submissions are named; final_selections of the rules is 2."
        )
        assert [boxes.nth(place).is_checked() for place in range(3)] == [True] * 3
        boxes.nth(0).uncheck()
        page.get_by_role("button", name="Save the selection").click()
        expect(page.get_by_role("status")).to_contain_text("Saved.")
        assert [boxes.nth(place).is_checked() for place in range(3)] == [False, True, True]

        page.get_by_role("link", name="Withdraw submission").nth(1).click()
        expect(page.locator("main")).to_contain_text("It gives no attempt back")
        page.get_by_role("button", name="Withdraw submission").click()
        expect(page.locator("tbody tr").nth(1)).to_contain_text("withdrawn: it counts on no board")
        page.get_by_role("button", name="Sign out of this browser").click()
        expect(page.get_by_role("heading", name="Join your team")).to_be_visible()
        page.goto(f"{house.address}/team")
        expect(page).to_have_url(f"{house.address}/join?to=team")


def test_token_page_makes_no_second_one(browser: Browser, house: House) -> None:  # noqa: F811 - the fixture
    """With scripts, to load the page of a new token again shows the team's page, and makes no other."""
    with visit(browser, "desktop-light") as page:
        join(page, house, new_team(house, "Makers"))
        page.get_by_label("Name of a new token").fill("colab")
        page.get_by_role("button", name="Make a token").click()
        expect(page.locator("pre.token")).to_contain_text("podium_")
        page.reload()

        expect(page.get_by_role("heading", name="Makers")).to_be_visible()
        assert page.get_by_role("button", name="Revoke the token").count() == 1


def test_dropped_file_is_checked(browser: Browser, house: House) -> None:  # noqa: F811 - the fixture
    """A file that is dropped on the page is the one that is checked and sent."""
    with visit(browser, "desktop-light") as page:
        join(page, house, new_team(house, "Droppers"))
        page.goto(f"{house.address}/submit")
        page.evaluate(
            """text => {
              const dataTransfer = new DataTransfer(), drop = document.getElementById('drop');
              dataTransfer.items.add(new File([text], 'dropped.csv'));
              for (const name of ['dragenter', 'dragover', 'drop'])
                drop.dispatchEvent(new DragEvent(name, {dataTransfer, cancelable: true}));
            }""",
            GOOD_FILE.decode(),
        )
        expect(page.locator("#outcome")).to_contain_text("dropped.csv has 6\N{NO-BREAK SPACE}predictions and no fault.")
        page.get_by_role("button", name="Submit").click()

        expect(page.locator("#score")).to_contain_text("1.0000")


def test_upload_tells_how_far_it_is(browser: Browser, house: House) -> None:  # noqa: F811 - the fixture
    """While a file is on its way nothing is sent twice; a lost connection is told, and the file may be sent again."""
    with visit(browser, "desktop-light") as page:
        join(page, house, new_team(house, "Waiters"))
        held: list[Any] = []
        page.route("**/submit/check", lambda route: held.append(route))  # noqa: PLW0108 - it asks what it is given to
        page.goto(f"{house.address}/submit")
        page.get_by_label("Your predictions").set_input_files(house.file("slow.csv", GOOD_FILE))
        expect(page.get_by_role("progressbar")).to_be_visible()
        expect(page.get_by_role("button", name="Submit")).to_be_disabled()
        expect(page.get_by_role("button", name="Check only")).to_be_disabled()
        held[0].abort()
        expect(page.locator("#outcome h2")).to_have_text("The desk was not reached")
        expect(page.get_by_role("progressbar")).to_be_hidden()
        page.unroute("**/submit/check")
        page.get_by_role("button", name="Submit").click()

        expect(page.locator("#score")).to_contain_text("1.0000")


def test_too_large_files(browser: Browser, house: House) -> None:  # noqa: F811 - the fixture
    """A file that is too large is told so before it is sent; without scripts by the desk."""
    big = house.file("big.csv", b"x" * 400_000)
    code = new_team(house, "Giants")
    with visit(browser, "desktop-light") as page:
        join(page, house, code)
        page.goto(f"{house.address}/submit")
        page.get_by_label("Your predictions").set_input_files(big)
        expect(page.locator("#outcome h2")).to_have_text("Too large: big.csv")
        told = "It has 400,000 bytes; the rules allow 1,000 bytes."
        expect(page.locator("#outcome p")).to_have_text(told)
        expect(page.get_by_role("button", name="Submit")).to_be_disabled()
    with visit(browser, "desktop-light", java_script_enabled=False) as page:
        join(page, house, code)
        send(page, house, big)
        expect(page.get_by_role("heading", name="Too large")).to_be_visible()


def test_by_keyboard(browser: Browser, house: House) -> None:  # noqa: F811 - the fixture
    """Everything is reached with Tab in the order that it stands in, and done with Enter and the space bar."""
    with visit(browser, "desktop-light") as page:
        page.goto(f"{house.address}/join")
        names = []
        for _ in range(9):
            page.keyboard.press("Tab")
            names.append(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
        assert names == ["Skip to the page", "Board", "Rules", "Submit", "Join", "code", "name", "team", "Join"]
        page.locator("#code").focus()
        page.keyboard.type(new_team(house, "Typists"))
        page.keyboard.press("Tab")
        page.keyboard.type("Grace")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Typists")).to_be_visible()
        send(page, house, house.file("a.csv", GOOD_FILE))
        expect(page.locator("#score")).to_be_visible()
        page.goto(f"{house.address}/team")
        page.get_by_role("checkbox").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")

        expect(page.get_by_role("status")).to_contain_text("Saved.")


def states(page: Page, house: House, code: str) -> Iterator[str]:
    """Every page there is, one after the other; and what it is called."""
    page.goto(f"{house.address}/join")
    yield "join"
    page.get_by_label("Join code").fill("wrong")
    page.get_by_label("Your name").fill("W" * 80)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "join, wrong"
    join(page, house, code, "W" * 80)
    yield "team, empty"
    page.goto(f"{house.address}/submit")
    yield "submit"
    page.get_by_label("Your predictions").set_input_files(house.file("W" * 90 + ".csv", BAD_FILE + b"8," + b"x" * 300))
    expect(page.locator(".faults")).to_be_visible()
    yield "submit, faults"
    page.get_by_label("Your predictions").set_input_files(house.file("mended.csv", GOOD_FILE))
    expect(page.locator(".good")).to_be_visible()
    yield "submit, ready"
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#score")).to_be_visible()
    yield "submission"
    for label in range(2):
        send(page, house, house.file("more.csv", good_file(label)))
        expect(page.locator("#score")).to_be_visible()
    page.goto(f"{house.address}/team")
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Save the selection").click()
    expect(page.get_by_role("status")).to_be_visible()
    yield "team, selected"
    page.get_by_role("link", name="Withdraw submission").last.click()
    expect(page.get_by_role("button", name="Withdraw submission")).to_be_visible()
    page.wait_for_load_state()
    yield "withdraw"
    page.get_by_role("button", name="Withdraw submission").click()
    expect(page.get_by_role("heading", name="Tokens")).to_be_visible()
    page.wait_for_load_state()
    yield "team, withdrawn"
    page.get_by_label("Name of a new token").fill("W" * 80)
    page.get_by_role("button", name="Make a token").click()
    expect(page.locator("pre.token")).to_be_visible()
    yield "token"
    page.goto(f"{house.address}/nowhere")
    yield "problem"
    page.goto(f"{house.address}/")
    yield "board"


WIDE = (f"{'W' * 37}{number:03}" for number in itertools.count())


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_fit_and_can_be_hit(browser: Browser, house: House, screen: str) -> None:  # noqa: F811 - the fixture
    """On every screen nothing has to be scrolled sideways, and what can be pressed is 44 pixels high."""
    code = new_team(house, next(WIDE))
    with visit(browser, screen) as page:
        for state in states(page, house, code):
            assert page.evaluate(OVERFLOW) == 0, state
            if state != "board":
                assert page.evaluate(SMALL) == [], state


def test_pages_at_double_size(browser: Browser, house: House) -> None:  # noqa: F811 - the fixture
    """At 200 % nothing has to be scrolled sideways: a window of 1280 pixels has 640 then."""
    with visit(browser, "desktop-light") as page:
        page.set_viewport_size({"width": 640, "height": 450})
        for state in states(page, house, new_team(house, next(WIDE))):
            assert page.evaluate(OVERFLOW) == 0, state


@pytest.mark.parametrize("screen", ["desktop-light", "desktop-dark", "phone-light", "phone-dark"])
def test_pages_are_accessible(browser: Browser, house: House, screen: str) -> None:  # noqa: F811 - the fixture
    """axe-core finds nothing on any page, on a desktop and a phone, light and dark."""
    # axe is itself an injected script: it alone may pass the policy.
    with visit(browser, screen, bypass_csp=True) as page:
        for state in states(page, house, new_team(house, next(WIDE))):
            results = Axe().run(page)
            assert results.violations_count == 0, f"{state}: {results.generate_report()}"


@pytest.mark.parametrize("screen", ["desktop-dark", "phone-light"])
def test_pages_out_of_season_are_accessible(browser: Browser, tmp_path: Path, screen: str) -> None:  # noqa: F811 - the fixture
    """So it is before the opening, without attempts, after the deadline and after the reveal; and nothing overflows."""
    desk = make_desk(tmp_path, rules=lambda text: text.replace("daily_limit = 5", "daily_limit = 1"))
    rules, day = desk.reception.rules, timedelta(days=1)
    with serving(desk.app, Impatient) as server, visit(browser, screen, bypass_csp=True) as page:
        house = House(desk, f"http://127.0.0.1:{server.port}", tmp_path)

        def look(at: datetime, *paths: str) -> None:
            desk.clock.now = at
            for path in paths:
                page.goto(f"{house.address}{path}")
                assert page.evaluate(OVERFLOW) == 0, (at, path)
                results = Axe().run(page)
                assert results.violations_count == 0, f"{at} {path}: {results.generate_report()}"

        join(page, house, desk.codes["Ada"])
        look(rules.opens - day, "/", "/team", "/submit")
        desk.clock.now = rules.opens + day
        send(page, house, house.file("a.csv", GOOD_FILE))
        expect(page.locator("#score")).to_be_visible()
        look(rules.opens + day, "/team", "/submit")
        look(rules.deadline + day, "/team", "/submit")
        send(page, house, house.file("late.csv", good_file(1)))
        expect(page.get_by_role("heading", name="Late")).to_be_visible()
        with desk.ledger.writing() as ledger:
            ledger.append("revealed", desk.clock(), {})
        look(rules.deadline + 2 * day, "/team", "/submit", "/team/submissions/2")
    desk.close()
