"""What the README says is what happens."""

import json
import re
import shlex
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
from test_launch import houses

import podium
from commands.host import Host
from grader.leaks.findings import CODES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "organiser.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "names"),
    [(README, ["new", "check", "submit", "run", "status", "verify"]), (GUIDE, ["new", "baselines", "lint", "publish"])],
    ids=["README", "guide"],
)
def test_the_commands_work_one_after_the_other(
    text: str, names: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger who types the commands of the README, or of the guide, in their order meets no error."""
    monkeypatch.chdir(tmp_path)
    houses().to_csv("houses.csv", index=False)
    host = Host(lambda: datetime.now(UTC), None)
    offline = text.partition("## The desk online")[0]
    commands = re.findall(r"^\$ podium (.*)$", offline, flags=re.MULTILINE)
    assert [command.split()[0] for command in commands] == names
    for command in commands:
        _run(host, command)


def test_the_desk_online_answers_as_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Served, and sent to by podium submit and by curl, in the README's own words: one receipt, and a known file."""
    monkeypatch.chdir(tmp_path)
    serve, submit, curl = re.findall(r"^\$ (podium serve.*|podium submit.*--server.*|curl.*)$", README, re.MULTILINE)
    host = Host(lambda: datetime.now(UTC), None)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    podium_of = partial(_run, host)
    podium_of("new autumn-cup --dataset digits --deadline 2099-12-07T23:59:59-12:00")
    podium_of("team add Ada -C autumn-cup")
    capsys.readouterr()
    podium_of("team token Ada -C autumn-cup")
    token = re.findall(r"podium_[\w-]{43}", capsys.readouterr().out)[0]
    Path("submission.csv").write_bytes(Path("autumn-cup/starter/sample_submission.csv").read_bytes())
    monkeypatch.setenv("PODIUM_TOKEN", token)
    command = [sys.executable, "-m", *shlex.split(serve), "--port", port]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as desk:
        try:
            _await(f"http://127.0.0.1:{port}/healthz")
            podium_of(submit.removeprefix("podium ").replace("8000", port))
            told = subprocess.run(curl.replace("8000", port), shell=True, check=True, capture_output=True, text=True)
        finally:
            desk.terminate()
    answer = json.loads(told.stdout)

    assert (answer["submission"], answer["is_known"]) == (1, True)
    assert f"proof       {answer['proof']}" in capsys.readouterr().out


def _run(host: Host, command: str) -> None:
    with pytest.raises(SystemExit) as ended:
        podium.main(shlex.split(command), host)
    assert not ended.value.code, command


def _await(address: str) -> None:
    for _ in range(600):
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the desk does not answer")


def test_the_readme_names_every_command() -> None:
    """No command is missing from the README's table."""
    assert [name for name in podium.COMMANDS if f"`podium {name}" not in README and f", `{name}`" not in README] == []


def test_the_guide_explains_every_finding() -> None:
    """Each code that podium lint can tell stands in the guide, with how bad it is."""
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (error|warning|note) \|", GUIDE, flags=re.MULTILINE))

    assert told == {code: rule.severity for code, rule in CODES.items()}
