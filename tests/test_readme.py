"""What the README says is what happens."""

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

import podium
from commands.host import Host

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ podium (.*)$", README, flags=re.MULTILINE)


def test_the_commands_of_the_readme_work_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger who types the README's commands in their order meets no error."""
    monkeypatch.chdir(tmp_path)
    host = Host(lambda: datetime.now(UTC), None)
    assert [command.split()[0] for command in COMMANDS] == ["new", "check", "submit", "run", "status", "verify"]
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            podium.main(shlex.split(command), host)
        assert not ended.value.code, command


def test_the_readme_names_every_command() -> None:
    """No command is missing from the README's table."""
    assert [name for name in podium.COMMANDS if f"`podium {name}" not in README and f", `{name}`" not in README] == []
