"""What whoever sends a file has at hand: the kit it was made with, where the desk stands, the team's token."""

import os
import sys
from collections.abc import Callable
from getpass import getpass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from submissions.errors import OrganiserError

if TYPE_CHECKING:
    from submissions.folder import Folder

TOKEN, SERVER = "PODIUM_TOKEN", "PODIUM_SERVER"
_PACKED = (b"\x1f\x8b", b"PK")  # gzip and zip: the desk unpacks them


def kit_of(path: Path) -> "Folder | None":
    """The nearest folder with a competition.toml, from the file's own upwards; or the one that holds check.pyz."""
    from submissions.folder import NoCompetition, find  # nothing but the client is loaded to send a file

    program = Path(__file__).parents[2]
    for start in (path.absolute().parent, *([program.parent] if program.is_file() else [])):
        try:
            return find(start)
        except NoCompetition:
            continue
    return None


def server(given: str | None, kit: "Folder | None") -> str:
    """Where the desk stands: as given, as PODIUM_SERVER says, or as the kit does; nothing if none of them does."""
    if named := (given or os.environ.get(SERVER, "")).strip():
        return named
    try:
        return kit.competition().desk if kit else ""
    except OrganiserError:
        return ""


def refusal(path: Path, kit: "Folder | None", server: str, say: Callable[[str], object]) -> str:
    """Every fault of a file by the kit's rules, as `podium check` has it; nothing if there is none.

    Not looked at is a packed file, and a file for another desk than the kit's own.

    Args:
        path: the file.
        kit: whose rules hold; None: there are none at hand.
        server: the desk that the file is for.
        say: hears why the file could not be looked at, if so: the desk will.

    Raises:
        OSError: the file cannot be read.
    """
    from submissions import checking

    if kit is None:
        return ""
    with path.open("rb") as file:
        is_packed = file.read(2) in _PACKED
    try:
        competition = kit.competition()
        if is_packed or competition.desk.rstrip("/") not in {"", server.rstrip("/")}:
            return ""
        is_ready, text = checking.check(path, competition, kit.row_ids(competition))
    except OrganiserError as error:
        say(f"{error}; so the file is not checked here, but by the desk")
        return ""
    return "" if is_ready else text


def token(given: str | None = None) -> str:
    """The team's token: as given, from PODIUM_TOKEN, from Colab's secret of that name, or typed; else nothing."""
    return (given or os.environ.get(TOKEN) or _of_colab() or _typed()).strip()


def no_token(server: str) -> str:
    """What to do without a token."""
    return (
        "Nothing was sent: the desk needs your team's token, and your team's page there makes one: "
        f"{server.rstrip('/')}/team\nPut it into the variable {TOKEN}, in Colab into a secret of that name (the key on "
        "the left), or type it when you are asked. Do not write it into the notebook."
    )


def _of_colab() -> str:
    try:
        secrets = import_module("google.colab.userdata")
    except ImportError:
        return ""
    try:
        return str(secrets.get(TOKEN) or "")
    except Exception:  # noqa: BLE001 - there is no such secret, or the notebook may not see it: Colab has a class for each
        return ""


def _typed() -> str:
    """What is typed without being shown; nothing where nobody can type: a notebook that runs by itself, a pipe."""
    if not _in_notebook() and not (sys.stdin and sys.stdin.isatty()):
        return ""
    try:
        return getpass("Your team's token: ")
    except (EOFError, KeyboardInterrupt, NotImplementedError, OSError):
        return ""


def _in_notebook() -> bool:
    # A kernel asks its page instead of a terminal; one without a page raises NotImplementedError.
    kernel = sys.modules.get("ipykernel.kernelapp")
    return bool(kernel and kernel.IPKernelApp.initialized())
