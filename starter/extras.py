"""The modules that a plain install does not bring."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from submissions.errors import OrganiserError

STDERR = 2


class ExtraMissing(OrganiserError):
    """A module of the `starter` extra cannot be imported; `module` is its name."""

    def __init__(self, module: str, why: str) -> None:
        self.module = module
        super().__init__(f"{module} cannot be imported ({why}): pip install tensorflow")


def needed(module: str) -> Any:
    """The module of this name.

    Raises:
        ExtraMissing: it, or something it needs, is not installed.
    """
    try:
        with _hushed():
            return import_module(module)
    except ImportError as error:
        raise ExtraMissing(module, str(error)) from error


@contextmanager
def _hushed() -> Iterator[None]:
    """Nothing that a library's C code writes to stderr is seen.

    TensorFlow reports on its build at import, whatever its log level: tensorflow issue 100442.
    """
    kept, nowhere = os.dup(STDERR), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STDERR)
        yield
    finally:
        os.dup2(kept, STDERR)
        os.close(kept)
        os.close(nowhere)
