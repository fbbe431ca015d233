"""The board beside the web desk: a process of its own, so that no submission waits for a page."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from submissions.folder import Folder

BESIDE = "./"  # where the desk stands, seen from the board that it shows
_LONGEST_PAUSE = 60.0  # seconds
_GOODBYE_SECONDS = 10
_REST = 3  # times as long as the work took: submissions come first
_NICER = 10  # a page may wait for a submission, not a submission for a page


class BoardKeeper:
    """Keeps `podium run --watch` going for a competition's folder: inbox, waiting grades, board.

    It looks once a second, so the board is written at most so often. If it dies it is started again, later each time.
    Of several desks in one folder only one's writes; when that ends, another's takes over.
    """

    def __init__(self, root: Path) -> None:
        python = [sys.executable, "-m", "podium"]
        self._command = [*python, "run", "--watch", "--beside", str(os.getpid()), "-C", str(root)]
        self._is_over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="board", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._is_over.set()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
        self._thread.join(_GOODBYE_SECONDS)

    def _keep(self) -> None:
        pause = 1.0
        while not self._is_over.is_set():
            began = time.monotonic()
            # What it tells is the organiser's, and no log's; podium status tells of troubles.
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            if self._is_over.is_set():
                self._process.terminate()
            self._process.wait()
            pause = 1.0 if time.monotonic() - began > _LONGEST_PAUSE else min(2 * pause, _LONGEST_PAUSE)
            self._is_over.wait(pause)


def keep_beside(look: Callable[[], None], folder: Folder, parent: int, every: float) -> None:
    """Look again and again, until the process `parent` that began us is gone; never for long.

    Args:
        look: does the desk's work once.
        folder: the competition's; whoever holds its lock is the one that looks.
        parent: the number of a process.
        every: seconds between two looks, at least.
    """
    import fcntl  # not on Windows, where no desk is run

    os.nice(_NICER)
    with (folder.ledger.parent / ".board").open("w") as lock:
        is_ours = False
        while os.getppid() == parent:
            began = time.monotonic()
            if not is_ours:
                with suppress(OSError):  # another has it
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    is_ours = True
            if is_ours:
                look()
            # A machine that slept meanwhile did not look for so long.
            took = min(time.monotonic() - began, _LONGEST_PAUSE)
            _sleep_beside(parent, max(every, _REST * took))


def _sleep_beside(parent: int, seconds: float) -> None:
    """Sleep for so long, or until the process `parent` that began us is gone."""
    wake_at = time.monotonic() + seconds
    while os.getppid() == parent and (left := wake_at - time.monotonic()) > 0:
        time.sleep(min(left, 1.0))
