"""How long a download waits for a network that does not answer."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

SILENCE_SECONDS = 20.0


@contextmanager
def patience(seconds: float = SILENCE_SECONDS) -> Iterator[None]:
    """Within it, a connection that is silent for so many seconds fails: left alone, the libraries wait for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
