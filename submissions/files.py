"""Files that are there whole or not at all: written beside their place, then moved into it."""

import os
from pathlib import Path

PART = ".part"


def place(path: Path, data: bytes, *, mode: int = 0o666) -> bool:
    """Put these bytes there; False if they were there already. `mode`: who may read a new file, less the umask.

    Raises:
        OSError: the folder cannot be written; what was there before is there still.
    """
    if path.is_file() and path.read_bytes() == data:
        return False
    beside = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        beside.unlink(missing_ok=True)
        beside.touch(mode=mode)
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return True
