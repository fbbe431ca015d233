"""Who tends the ledger of a web desk, beside those that record in it."""

import threading
from contextlib import suppress

from submissions.record.entries import LedgerError
from submissions.record.ledger import Ledger

_PAUSE = 0.2  # seconds


class Tender:
    """Tends a ledger that was written to, a few times a second at most, from a thread of its own.

    Else those that record do it now and then, and all others wait meanwhile.
    """

    def __init__(self) -> None:
        self._written: Ledger | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="tender", daemon=True)
        self._thread.start()

    def note(self, ledger: Ledger) -> None:
        """Something was recorded in it."""
        self._written = ledger

    def close(self) -> None:
        """End."""
        self._is_over.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._is_over.wait(_PAUSE):
            ledger, self._written = self._written, None
            if ledger is not None:
                with suppress(LedgerError):  # whoever records next is told
                    ledger.tend()
