"""The pages in Firefox and in WebKit, from a folder: `.ci/browsers` sees to the two and runs this.

Playwright drives only browsers of its own make, so these are spoken to directly: Firefox by Marionette, the protocol
that is built into it (firefox-source-docs.mozilla.org: Testing, Marionette, Protocol), WebKit by WebDriver (W3C).
"""

import base64
import hashlib
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest import mock

from test_page_browser import IDS, OVERFLOW, fold, in_order, lay, mixed

from leaderboard import ceremony, hall, page
from leaderboard.standings import Board

PATIENCE = 30  # seconds that a browser has to start, and a page to be what it should
WINDOW = {"width": 1280, "height": 900}
# Runs before all else on a page, and keeps what a console would be told.
EAR = """window.heard = [];
for (const name of ['error', 'unhandledrejection', 'securitypolicyviolation']) addEventListener(name, event =>
  heard.push(name + ': ' + (event.message || event.reason || event.violatedDirective)), true);
for (const name of ['error', 'warn']) console[name] = (...told) => heard.push(told.join(' '));
"""
FIRST_SCRIPT = re.compile("<script>(.*?)</script>", re.DOTALL)
BLUNDER = "<script>document.title = 'run'</script>"
CLICK = "document.querySelector(`th[data-key=${arguments[0]}] button`).click()"
NEXT = "document.getElementById('next').click()"
FIND = """const find = document.getElementById('find'); find.value = arguments[0];
find.dispatchEvent(new Event('input'))"""
NAMES = "return [...document.querySelectorAll('tbody tr')].map(row => row.querySelector('bdi').textContent)"
HEIGHTS = "return ['main', 'table'].map(name => document.querySelector(name).getBoundingClientRect().height)"
STATE = "return document.querySelector('[aria-sort]').getAttribute('aria-sort')"
COUNT = "return document.getElementById('count').textContent"


class Wrong(Exception):
    """Something is not as it should be."""


class Driven(ABC):
    """A browser that this script drives, by the commands of WebDriver."""

    title: str

    @abstractmethod
    def send(self, command: str, body: dict[str, Any]) -> Any: ...

    def heard(self) -> list[str]:
        """What `EAR` has heard on the page; nothing may be said there."""
        told: list[str] = self.run("return window.heard")
        return told

    def run(self, script: str, *values: object) -> Any:
        return self.send("execute/sync", {"script": script, "args": list(values)})

    def open(self, file: Path, fragment: str = "") -> None:
        self.send("url", {"url": "about:blank"})
        self.send("url", {"url": file.as_uri() + fragment})

    def picture(self) -> bytes:
        return base64.b64decode(self.send("screenshot", {}))


class Firefox(Driven):
    """Firefox without a window."""

    COMMANDS = MappingProxyType(
        {
            "execute/sync": "WebDriver:ExecuteScript",
            "url": "WebDriver:Navigate",
            "screenshot": "WebDriver:TakeScreenshot",
        }
    )
    CONSOLE = """const told = Services.console.getMessageArray().filter(one => one instanceof Ci.nsIScriptError);
    Services.console.reset();
    return told.filter(one => one.sourceName.startsWith('file:')).map(one => one.errorMessage)"""

    def __init__(self, port: int) -> None:
        self.talk = patiently(lambda: socket.create_connection(("127.0.0.1", port), PATIENCE))
        self.number = 0
        self._read()
        facts = self._ask("WebDriver:NewSession", {})["capabilities"]
        self.title = f"Firefox {facts['browserVersion']}"
        self._ask("WebDriver:SetWindowRect", WINDOW)

    def send(self, command: str, body: dict[str, Any]) -> Any:
        return self._ask(self.COMMANDS[command], {"full": False, **body}).get("value")

    def heard(self) -> list[str]:
        """That, and what the console was told since it was last asked."""
        self._ask("Marionette:SetContext", {"value": "chrome"})
        console: list[str] = self.run(self.CONSOLE)
        self._ask("Marionette:SetContext", {"value": "content"})
        return super().heard() + console

    def _ask(self, command: str, body: dict[str, Any]) -> Any:
        self.number += 1
        text = json.dumps([0, self.number, command, body]).encode()
        self.talk.sendall(b"%d:%s" % (len(text), text))
        _, _, error, answer = self._read()
        if error:
            raise Wrong(f"{command}: {error['message']}")
        return answer

    def _read(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self._take(1)
        return json.loads(self._take(int(length[:-1])))

    def _take(self, size: int) -> bytes:
        taken = b""
        while len(taken) < size:
            more = self.talk.recv(size - len(taken))
            if not more:
                raise Wrong("the browser has ended")
            taken += more
        return taken


class WebKit(Driven):
    """WebKitGTK's MiniBrowser; when it is driven, it keeps its console to itself."""

    def __init__(self, port: int, binary: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        options = {"binary": binary, "args": ["--automation"]}
        wanted = {"capabilities": {"alwaysMatch": {"webkitgtk:browserOptions": options}}}
        made = patiently(lambda: self._post("session", wanted))
        self.title = f"WebKitGTK {made['capabilities']['browserVersion']}"
        self.base += f"/session/{made['sessionId']}"
        self._post("window/rect", WINDOW)

    def send(self, command: str, body: dict[str, Any]) -> Any:
        return self._post(command, body or None)

    def _post(self, path: str, body: dict[str, Any] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.base}/{path}", data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise Wrong(f"{path}: {error.read().decode()}") from None


def patiently(work: Callable[[], Any]) -> Any:
    """What the work returns, once nothing refuses it."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except (ConnectionError, urllib.error.URLError):
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@contextmanager
def started(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    """A program that runs as long as this does."""
    words = ["env", *(f"{name}={value}" for name, value in environment.items()), *command]
    with log.open("wb") as out:
        program = subprocess.Popen(words, stdout=out, stderr=out)
        try:
            yield
        finally:
            program.terminate()
            program.wait()


@contextmanager
def firefox(room: Path) -> Iterator[Driven]:
    """A new Firefox, with a profile of its own."""
    port = free_port()
    (profile := room / "profile").mkdir()
    settings = {"marionette.port": port, "network.captive-portal-service.enabled": False, "app.update.enabled": False}
    lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in settings.items()]
    (profile / "user.js").write_text("\n".join(lines))
    options = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
    command = [found("firefox-esr", "firefox"), *options, "--profile", str(profile)]
    with started(command, room / "firefox.log", HOME=str(room), TZ="UTC"):
        yield Firefox(port)


@contextmanager
def webkit(room: Path) -> Iterator[Driven]:
    """A new MiniBrowser on a screen that nobody sees."""
    port, display = free_port(), f":{100 + free_port() % 800}"
    browsers = sorted(Path("/usr").glob("lib*/**/webkit2gtk-4.*/MiniBrowser"))
    if not browsers:
        raise Wrong("no MiniBrowser: Debian's webkit2gtk-driver brings its library")
    environment = {
        "DISPLAY": display,
        "HOME": str(room),
        "TZ": "UTC",
        "GDK_BACKEND": "x11",
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    with ExitStack() as stack:
        screen = [found("Xvfb"), display, "-screen", "0", "1400x1000x24", "-nolisten", "tcp"]
        stack.enter_context(started(screen, room / "screen.log"))
        patiently(lambda: socket_of(display))
        driver = [found("WebKitWebDriver"), f"--port={port}"]
        stack.enter_context(started(driver, room / "driver.log", **environment))
        yield WebKit(port, str(browsers[-1]))


def socket_of(display: str) -> None:
    """Raises ConnectionError until the screen is there."""
    if not Path(f"/tmp/.X11-unix/X{display[1:]}").exists():
        raise ConnectionError(display)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def found(*names: str) -> str:
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        raise Wrong(f"no {names[0]} here")
    return path


def overheard(text: str) -> str:
    """The page with an `EAR` before its first script, which its policy allows as it did the script."""
    found_ = FIRST_SCRIPT.search(text)
    assert found_ is not None
    script = found_[1]
    return text.replace(f"<script>{script}<", f"<script>{EAR}{script}<").replace(digest(script), digest(EAR + script))


def digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def same(what: str, seen: object, wanted: object) -> None:
    if seen != wanted:
        raise Wrong(f"{what}: {seen!r}, and not {wanted!r}")


def check(driven: Driven, room: Path, pictures: Path) -> Iterator[str]:
    """Looks at each page; tells what was found to be right."""
    boards = {"public": mixed(60), "final": mixed(700, "private"), "beside": mixed(400)}
    for name, board in boards.items():
        with mock.patch.object(page, "INLINE", 300 if name == "beside" else page.INLINE):
            file = lay(room / name, board)
        file.write_text(overheard(file.read_text("utf-8")), "utf-8")
        driven.open(file)
        same("overflow", driven.run(f"return {OVERFLOW}"), 0)
        same("margin", driven.run("return getComputedStyle(document.body).margin"), "0px")
        shoot(driven, pictures, name)
        told = f"{sorts(driven, board)} sorts as in Python, {search(driven, board)}"
        same("messages", driven.heard(), [])
        rows = "with its rows in a script beside it" if (room / name / "board-data.js").exists() else "alone"
        yield f"{file.name} of {board.teams} teams, {rows}: {told}; no message and no violation of its policy"
    yield refusal(driven, room / "public" / "index.html")
    yield from stages(driven, boards["public"], room, pictures)


def stages(driven: Driven, board: Board, room: Path, pictures: Path) -> Iterator[str]:
    """The hall, which fills the window, and the last step of the ceremony."""
    texts = {hall.PAGE: hall.html(board), ceremony.PAGE: ceremony.html(board, mixed(60, "private"))}
    for name, text in texts.items():
        (file := room / name).write_text(overheard(text), "utf-8")
        driven.open(file, "#999" if name == ceremony.PAGE else "")
        shoot(driven, pictures, file.stem)
        same("messages", driven.heard(), [])
        if name == hall.PAGE:
            same("rows of the hall", len(driven.run(NAMES)), hall.TOP)
            main, table = driven.run(HEIGHTS)
            same("height of the hall's table", round(table), round(main))
        yield f"{name}: no message and no violation of its policy"


def refusal(driven: Driven, file: Path) -> str:
    """What the silence of the other pages is worth: a script that is not ours does not run, and that is heard."""
    file.write_text(file.read_text("utf-8").replace("<main", f"{BLUNDER}<main"), "utf-8")
    driven.open(file)
    told = driven.heard()
    if driven.run("return document.title") == "run" or not told:
        raise Wrong(f"a script that is not ours: {told}")
    return f"a script that is not ours is refused: {told[0]}"


def shoot(driven: Driven, pictures: Path, name: str) -> None:
    """A picture of what is seen."""
    (pictures / f"{type(driven).__name__.lower()}_{name}.png").write_bytes(driven.picture())


def sorts(driven: Driven, board: Board) -> int:
    """Each heading, both ways, on all pages of the table; how many sorts that were."""
    pages = 1 if board.teams <= page.WHOLE else -(-len(board.rows) // 100)
    clicks = [("rank", True), ("rank", False), ("team", False), ("team", True)]
    clicks += [(key, is_down) for key in ("score", "sent", "last") for is_down in (True, False)]
    same("order", ids(driven, pages), [row.team_id for row in board.rows])
    for key, is_down in clicks:
        driven.run(CLICK, key)
        same(f"order by {key}", ids(driven, pages), in_order(board, key, is_down=is_down))
        same(f"state of {key}", driven.run(STATE), "descending" if is_down else "ascending")
    return len(clicks)


def ids(driven: Driven, pages: int) -> list[str]:
    seen: list[str] = driven.run(f"return {IDS}")
    for _ in range(pages - 1):
        driven.run(NEXT)
        seen += driven.run(f"return {IDS}")
    return seen


def search(driven: Driven, board: Board) -> str:
    """A search that knows neither case nor accents."""
    driven.run(CLICK, "rank")
    driven.run(FIND, "FÓXES")
    wanted = [row.team.replace("\r", "\n") for row in board.rows if "foxes" in fold(row.team)]
    end = time.monotonic() + PATIENCE
    while " of " not in (count := str(driven.run(COUNT))) and time.monotonic() < end:
        time.sleep(0.05)
    same("found", sorted(driven.run(NAMES)), sorted(wanted[:100]))
    return f"search finds {count}"


def main(pictures: Path) -> int:
    """1 if a browser is missing, or shows a page wrongly."""
    pictures.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name, start in {"Firefox": firefox, "WebKit": webkit}.items():
        try:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, start(Path(folder)) as driven:
                for line in check(driven, Path(folder), pictures):
                    print(f"{driven.title}: {line}")  # noqa: T201 - a script
        except (Wrong, OSError) as trouble:
            print(f"{name}: WRONG: {trouble}")  # noqa: T201
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "build/browsers").resolve()))
