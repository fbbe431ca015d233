"""commands/serving.py: how the desk is started."""

import socket
from pathlib import Path

import pytest

from conftest import CASES, Run, make_folder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "cup", (CASES / "competition.toml").read_text(), [7] * 6, public=3).root


def test_a_port_that_is_taken_is_told(root: Path, run: Run) -> None:
    """A sentence with the place and the mend, before anything is begun."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, out, err = run("serve", "-C", root, "--port", str(port))

    assert (code, out) == (3, "")
    assert err == (
        f"podium: cannot listen on 127.0.0.1, port {port}: Address already in use; try another --host or --port\n"
    )


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--proxies", "garbage", "'garbage' is no address: write it like 127.0.0.1 or 10.0.0.0/8"),
        ("--prefix", "/a b", "'/a b' is no path: write it like /fashion-mnist"),
    ],
)
def test_an_option_that_cannot_be_is_told(root: Path, run: Run, option: str, value: str, told: str) -> None:
    """A usage error that names the option."""
    code, _, err = run("serve", "-C", root, option, value)

    assert code == 2
    assert err == f"podium: Invalid value for {option}: {told}\ntry: podium serve --help\n"
