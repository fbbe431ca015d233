"""What deploy/ and docs/desk.md say is what the desk does; systemd and Caddy are asked themselves where they are."""

import ast
import configparser
import re
import shlex
import shutil
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import click
import pytest
from fastapi.testclient import TestClient
from web import make_desk

import podium
from commands.serving import serve
from submissions.membership import members, tokens
from submissions.web import bodies, limits, server, sign_in_settings
from submissions.web.figures import Figures

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNIT = (DEPLOY / "podium@.service").read_text(encoding="utf-8")
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
CADDY = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "desk.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
OPTIONS = {option for parameter in serve.params for option in parameter.opts}
MB = 10**6


def options(command: str) -> set[str]:
    return set(re.findall(r"(?<=\s)--?[a-zA-Z][a-z-]*", command))


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",), comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(UNIT)
    return parser


def instructions() -> dict[str, list[str]]:
    """The Containerfile's instructions, by their names."""
    lines = [line for line in re.sub(r"\\\n\s*", "", CONTAINER).splitlines() if line and not line.startswith("#")]
    found: dict[str, list[str]] = {}
    for line in lines:
        name, _, rest = line.partition(" ")
        found.setdefault(name, []).append(rest.strip())
    return found


def tool(name: str) -> str | None:
    return shutil.which(name)


def test_the_unit_starts_a_desk() -> None:
    """Its command is `podium serve` with options that there are, for the port that names it."""
    program, name, *rest = shlex.split(unit()["Service"]["ExecStart"])

    assert (program, name) == ("/opt/podium/bin/podium", "serve")
    assert options(" " + " ".join(rest)) <= OPTIONS
    assert rest[rest.index("--port") + 1] == "%i"
    assert rest[rest.index("--host") + 1] == rest[rest.index("--proxies") + 1] == "127.0.0.1"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("User", "podium"),
        ("Restart", "always"),
        ("NoNewPrivileges", "yes"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("ReadWritePaths", "/srv/podium"),
        ("CapabilityBoundingSet", ""),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("UMask", "0077"),
    ],
)
def test_the_unit_lets_the_desk_touch_the_competitions_only(key: str, value: str) -> None:
    """Whoever takes over the desk has the competitions, and not the machine."""
    assert unit()["Service"][key] == value


def test_the_unit_has_no_secret_and_a_limit() -> None:
    """Secrets stand in a file for root; the memory has an end; the desk has time to finish."""
    service = unit()["Service"]

    assert "EnvironmentFile=/etc/podium/desk.env" in UNIT
    assert not re.search(r"SECRET|PASSWORD|postgresql://", UNIT)
    assert service["MemoryMax"] == "2G"
    assert int(service["TimeoutStopSec"]) > server.GOODBYE_SECONDS
    assert int(service["LimitNOFILE"]) > 2 * server.AT_ONCE


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    """It knows every line of it, and finds the desk well enclosed. Without it, names are held to a list."""
    names = {key for section in unit().sections() for key in unit()[section]}
    path = tmp_path / "podium@8001.service"
    path.write_text(UNIT.replace("/opt/podium/bin/podium", "/bin/true"))
    if analyze := tool("systemd-analyze"):
        told = subprocess.run([analyze, "verify", path], capture_output=True, text=True, check=False)
        assert (told.returncode, [line for line in told.stderr.splitlines() if "podium" in line]) == (0, [])
        command = [analyze, "security", "--offline=yes", "--no-pager", "--threshold=20", str(path)]
        assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert names <= set(KNOWN.split())


KNOWN = """
    Description After Wants StartLimitIntervalSec User Group EnvironmentFile Environment ExecStart Restart RestartSec
    KillMode TimeoutStopSec MemoryMax TasksMax LimitNOFILE LimitCORE ProtectSystem ReadWritePaths ProtectHome PrivateTmp
    PrivateDevices ProtectProc ProtectClock ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables
    ProtectControlGroups NoNewPrivileges CapabilityBoundingSet AmbientCapabilities RestrictSUIDSGID RestrictNamespaces
    RestrictRealtime RestrictAddressFamilies LockPersonality RemoveIPC KeyringMode SystemCallArchitectures
    SystemCallFilter SystemCallErrorNumber UMask WantedBy
"""


def test_the_container_starts_a_desk() -> None:
    """Its command is `podium serve` with options that there are, open to the proxy beside it."""
    found = instructions()
    [entry], [command] = found["ENTRYPOINT"], found["CMD"]
    name, *rest = ast.literal_eval(command)

    assert (entry, name) == ('["podium"]', "serve")
    assert options(" " + " ".join(rest)) <= OPTIONS
    assert rest[rest.index("-C") + 1] == found["VOLUME"][0]
    assert rest[rest.index("--port") + 1] == found["EXPOSE"][0]


def test_the_container_holds_the_whole_program_and_nothing_else() -> None:
    """Every package is copied by its name, with the extras that a desk needs, and is run by nobody of importance."""
    found = instructions()
    copied = {name for line in found["COPY"] if "--from" not in line for name in line.split()[:-1]}
    packages = {pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    modules = {f"{name}.py" for name in PROJECT["tool"]["setuptools"]["py-modules"]}
    extras = re.search(r"'\.\[(.*?)\]'", CONTAINER)

    assert packages | modules | {"pyproject.toml", "LICENSE", "README.md", "constraints.txt"} == copied
    assert all((ROOT / name).exists() for name in copied)
    assert extras is not None
    assert {"web", "postgres"} == set(extras[1].split(",")) <= set(PROJECT["project"]["optional-dependencies"])
    assert found["USER"] == ["10001"]
    assert [line.split()[0] for line in found["FROM"]] == ["python:3.12-slim"] * 2


def test_the_containers_health_check_asks_the_desk(tmp_path: Path) -> None:
    """It is a program that ends well when /healthz answers, on the port of the desk."""
    [line] = instructions()["HEALTHCHECK"]
    program = ast.literal_eval(line.partition("CMD ")[2])
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/\w+)", program[-1])
    desk = make_desk(tmp_path)

    ast.parse(program[-1])
    assert address is not None
    assert address[1] == instructions()["EXPOSE"][0]
    assert TestClient(desk.app).get(address[2]).status_code == 200
    desk.close()


def test_the_proxy_asks_for_what_there_is(tmp_path: Path) -> None:
    """The health check is a route, the counts are closed, the desks are those of the unit."""
    desk = make_desk(tmp_path)
    health, counts = re.search(r"health_uri (\S+)", CADDY), re.search(r"@counts path (\S+)", CADDY)

    assert health is not None
    assert counts is not None
    assert TestClient(desk.app).get(health[1]).json()["status"] == "ok"
    assert counts[1] in {getattr(route, "path", "") for route in desk.app.routes}
    assert set(re.findall(r"reverse_proxy (.*) \{", CADDY)) == {"127.0.0.1:8001 127.0.0.1:8002", "127.0.0.1:8003"}
    assert CADDY.count("import desk\n") == CADDY.count("import before_desks\n") == CADDY.count("reverse_proxy") == 2
    desk.close()


def test_the_proxys_limits_fit_the_desks(tmp_path: Path) -> None:
    """No file that the desk would take is turned away, and no connection is used that the desk has just closed."""
    desk = make_desk(tmp_path)
    size = re.search(r"max_size (\d+)MB", CADDY)
    desk.close()

    assert size is not None
    assert int(size[1]) * MB >= 10 * MB + bodies.FORM_BYTES
    assert f"read_header {server.HEAD_SECONDS:.0f}s" in CADDY
    assert f"max_header_size {server.HEAD_BYTES // 1024}KB" in CADDY
    assert "keepalive 10s" in CADDY
    assert CADDY.count("{") == CADDY.count("}")


def test_caddy_takes_the_file() -> None:
    """Where Caddy is, it is asked; its file is indented as Caddy does it."""
    assert all(re.match(r"\t*\S", line) for line in CADDY.splitlines() if line)
    if caddy := tool("caddy"):
        command = [caddy, "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile"]
        told = subprocess.run(command, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr


def commands_in(text: str) -> list[str]:
    """Every command of podium that a text names in code, from its name on."""
    code = re.findall(r"`([^`\n]+)`", text) + re.findall(r"^(?: {4,}|\$ )(.*)$", text, flags=re.MULTILINE)
    found = [re.search(r"(?:^|[\s/])podium ([a-z].*)$", line) for line in code]
    return [match[1] for match in found if match and not match[1].startswith("podium")]


def command_named(words: list[str]) -> click.Command:
    """The command that words begin with; KeyError if there is none."""
    found: click.Command = getattr(import_module(f"commands.{podium.COMMANDS[words[0]]}"), words[0])
    if isinstance(found, click.Group) and len(words) > 1 and not words[1].startswith("-"):
        return found.commands[words[1]]
    return found


@pytest.mark.parametrize("line", sorted({*commands_in(README), *commands_in(GUIDE)}))
def test_every_command_and_option_is_one(line: str) -> None:
    """What the guides tell organisers to type is there to be typed."""
    words = re.split(r"[\s;|&]+", line)
    if words[0] in {"and"} or words[0].endswith((",", ":")):
        return
    known = {option for parameter in command_named(words).params for option in parameter.opts}

    assert options(f" {line}") <= known


def test_the_guides_name_the_settings_that_there_are() -> None:
    """Each variable that a guide names is one that is read; each of the sign-in is named."""
    named = set(re.findall(r"PODIUM_[A-Z_]+", README + GUIDE + UNIT))
    units_own = {"PODIUM_COMPETITION", "PODIUM_OPTIONS"}

    assert named == {*sign_in_settings.NAMES, "PODIUM_DATABASE"} | units_own
    assert units_own <= set(re.findall(r"PODIUM_[A-Z]+", UNIT))
    assert not units_own & set(re.findall(r"PODIUM_[A-Z]+", GUIDE))


def test_the_guide_names_every_count() -> None:
    """What /metrics shows can be looked up."""
    figures = Figures()
    figures.answered("GET", "/", 200, 0.1)
    figures.recorded("graded")
    shown = set(re.findall(r"^# TYPE (\S+) (?:counter|histogram)$", figures.text().decode(), flags=re.MULTILINE))

    assert {name for name in shown if not name.endswith("_created")} == set(re.findall(r"`(podium_\w+)`", GUIDE))


def test_the_guides_limits_are_those_that_hold() -> None:
    """The table of limits is the code's."""
    for told in (
        f"{bodies.FORM_BYTES // 1024} KB for the form",
        f"{bodies.SECONDS:.0f} seconds for a body, {bodies.IDLE_SECONDS:.0f} between two pieces",
        f"{bodies.AT_ONCE_BYTES // 2**20} MB of all together",
        f"{server.HEAD_SECONDS:.0f} seconds and {server.HEAD_BYTES // 1024} KB for a request's head",
        f"{server.AT_ONCE:,} connections",
        f"{limits.GUESSES.amount} wrong ones a minute",
        f"{limits.REQUESTS.amount} requests a minute",
    ):
        assert told in GUIDE
    assert (tokens.MOST_LIVING, members.MOST) == (20, 50)


def test_links_lead_somewhere() -> None:
    """Each file that a guide links is there, and each heading in it."""
    for folder, text in ((DEPLOY, README), (ROOT / "docs", GUIDE)):
        for link in re.findall(r"\]\(([^)#\s]*)(?:#([^)]*))?\)", text):
            target = (folder / link[0]).resolve()
            assert target.exists(), link
            if link[1]:
                headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
                assert link[1] in {heading.lower().replace(" ", "-") for heading in headings}
