"""The kit's notebook, run as a participant would: its submissions are baselines for the board."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starter.extras import needed
from starter.notebook import FILE
from submissions.errors import OrganiserError
from submissions.sending import at_hand

# The kernel warns that it talks over this machine's own network.
_QUIETLY = "--IPKernelApp.log_level=ERROR"


class NotebookFailed(OrganiserError):
    """A cell of the notebook ended in an error; says which, and the error's last line."""


def run(kit: Path, say: Callable[[str], None]) -> dict[str, bytes]:
    """The submissions that the notebook writes, by the name of their file: submission.csv, submission_dense.csv.

    It runs from top to bottom in a copy of the kit, so that the kit stays as it is.

    Args:
        kit: the kit's folder.
        say: hears which cell has been run.

    Raises:
        ExtraMissing: what runs notebooks is not installed.
        NotebookFailed: a cell ended in an error, or no submission was written.
    """
    client, formats = needed("nbclient"), needed("nbformat")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "kit"
        shutil.copytree(kit, folder, ignore=shutil.ignore_patterns("*.zip", ".*"))
        book = formats.read(folder / FILE, as_version=4)
        runner = client.NotebookClient(book, timeout=None, resources={"metadata": {"path": str(folder)}})
        runner.extra_arguments = [_QUIETLY]
        runner.on_cell_executed = _teller(len(book.cells), say)
        try:
            runner.execute(env=_nobodys())
        except client.exceptions.CellExecutionError as error:
            raise NotebookFailed(f"{kit / FILE} ended in {error.ename}: {error.evalue}") from error
        written = {path.name: path.read_bytes() for path in sorted(folder.glob("submission*.csv"))}
    if not written:
        raise NotebookFailed(f"{kit / FILE} wrote no submission.csv")
    return written


def _nobodys() -> dict[str, str]:
    """The environment without what the notebook's last cell would hand the file in by."""
    return {name: value for name, value in os.environ.items() if name not in {at_hand.SERVER, at_hand.TOKEN}}


def _teller(cells: int, say: Callable[[str], None]) -> Callable[..., None]:
    def tell(*, cell_index: int, **_: Any) -> None:
        say(f"cell {cell_index + 1} of {cells}")

    return tell
