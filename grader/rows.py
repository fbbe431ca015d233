"""Rows of equal size in one file: appended, never changed, each found by a digest and guarded by a sum.

Two files lie in a folder, for their owner only: `values`, the rows one after the other, and `index`, a header and a
record for each row. Rows are written first. So whatever is cut short, written past the lock or rots on the disk is a
row without its sum: it is not there, and can be added again.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from submissions.errors import OrganiserError

_MARK = b"podium rows, v1\n"
_DIGEST = 32  # bytes of a SHA-256
_RECORD = 2 * _DIGEST  # the digest that a row is found by, and its sum
_RANDOM = 16  # bytes by which an index is known from the one that lay there before
_HEADER = len(_MARK) + _RANDOM + _DIGEST  # the last is the key


class UnusableRows(OrganiserError):
    """The folder cannot be read or written."""


class Rows:
    """The rows in a folder, as they are now; nothing is written until some are added.

    Args:
        folder: where they lie; it need not be there.
        key: SHA-256 of what the rows depend on; rows of another key are none, and are deleted when some are added.
        size: bytes of a row.
    """

    def __init__(self, folder: Path, key: bytes, size: int) -> None:
        self._folder, self._key, self._size = folder, key, size
        self._forget(b"")
        with self._reporting():
            try:
                with self._index.open("rb") as index:
                    self._catch_up(index)
            except FileNotFoundError:
                return

    def get(self, digest: bytes) -> bytes | None:
        """A copy of the row of this digest; None if there is none that has its sum."""
        place, total = self._places.get(digest, (-1, b""))
        if self._map is None or not 0 <= place < len(self._map):
            return None
        row: bytes = self._map[place].tobytes()
        if self._sum(digest, row) == total:
            return row
        del self._places[digest]
        return None

    def close(self) -> None:
        """Let go of the file; every row is gone for this value."""
        self._forget(b"")

    def add(self, rows: Mapping[bytes, bytes]) -> None:
        """Add rows, each under its digest, but those that are there by now.

        Raises:
            UnusableRows: they cannot be written; what was there is there still.
        """
        if not rows:
            return
        with self._reporting(), self._locked() as index:
            self._catch_up(index)
            kept = self._held()
            if not self._header or kept < self._count:
                self._renew(index, kept)
            new = {digest: row for digest, row in rows.items() if digest not in self._places}
            with os.fdopen(os.open(self._values, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as values:
                values.seek(self._count * self._size)
                values.writelines(new.values())
            index.seek(_HEADER + self._count * _RECORD)
            index.writelines(digest + self._sum(digest, row) for digest, row in new.items())
            index.flush()
            self._catch_up(index)

    @property
    def _index(self) -> Path:
        return self._folder / "index"

    @property
    def _values(self) -> Path:
        return self._folder / "values"

    def _forget(self, header: bytes) -> None:
        self._header, self._count = header, 0
        self._places: dict[bytes, tuple[int, bytes]] = {}
        self._map: NDArray[np.uint8] | None = None

    def _catch_up(self, index: BinaryIO) -> None:
        """Take in the records that others have added, or all if the file was begun anew."""
        index.seek(0)
        header = index.read(_HEADER)
        is_ours = len(header) == _HEADER and header.startswith(_MARK) and header.endswith(self._key)
        if not is_ours or header != self._header:
            self._forget(header if is_ours else b"")
        if not is_ours:
            return
        index.seek(_HEADER + self._count * _RECORD)
        records = index.read()
        for at in range(0, len(records) - _RECORD + 1, _RECORD):
            digest, total = records[at : at + _DIGEST], records[at + _DIGEST : at + _RECORD]
            self._places[digest] = (self._count, total)
            self._count += 1
        self._map_values()

    def _map_values(self) -> None:
        count = self._held()
        self._map = np.memmap(self._values, np.uint8, "r", shape=(count, self._size)) if count else None

    def _held(self) -> int:
        """How many of the indexed rows the other file is long enough for."""
        try:
            return min(self._count, self._values.stat().st_size // self._size)
        except FileNotFoundError:
            return 0

    def _renew(self, index: BinaryIO, kept: int) -> None:
        """Keep the first rows only; whoever knows more of them sees by the header that it is another index now."""
        if not kept:
            self._values.unlink(missing_ok=True)  # who has it mapped keeps it
        index.seek(0)
        index.write(_MARK + os.urandom(_RANDOM) + self._key)
        index.truncate(_HEADER + kept * _RECORD)
        self._catch_up(index)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """The index, which nobody else writes to meanwhile."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        while True:
            with os.fdopen(os.open(self._index, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as index:
                fcntl.flock(index, fcntl.LOCK_EX)
                if self._is_current(index):
                    yield index
                    return

    def _is_current(self, index: BinaryIO) -> bool:
        """Whether it is the file that lies there still, and was not deleted while the lock was waited for."""
        try:
            return os.path.samestat(os.fstat(index.fileno()), self._index.stat())
        except FileNotFoundError:
            return False

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            mend = "see to its permissions and to the disk, or delete it; it is made again"
            raise UnusableRows(f"{self._folder} cannot be used ({error.strerror}): {mend}") from error

    def _sum(self, digest: bytes, row: bytes) -> bytes:
        found = hashlib.sha256(self._key + digest)
        found.update(row)
        return found.digest()
