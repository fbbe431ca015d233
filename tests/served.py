"""A real server in a thread, and requests byte by byte, for tests of what goes over the wire."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.types import ASGIApp

from submissions.web.server import Impatient, Listening, server_for

PATIENCE = 20.0  # seconds until a test that waits in vain gives up


class Hasty(Impatient):
    """A server that waits no longer than a test does."""

    head_seconds, read_seconds = 0.2, 0.2
    head_bytes = 4_096


@dataclass(frozen=True)
class Served:
    """A server that listens on this port."""

    port: int

    def connect(self) -> socket.socket:
        """A new connection."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)

    def ask(self, data: bytes) -> bytes:
        """All that is answered to these bytes, until the server ends the connection."""
        with self.connect() as connection:
            connection.sendall(data)
            return rest(connection)


def rest(connection: socket.socket) -> bytes:
    """All that comes until the other side ends the connection, or cuts it."""
    connection.settimeout(PATIENCE)
    read = bytearray()
    try:
        while piece := connection.recv(65_536):
            read += piece
    except ConnectionError:
        pass
    return bytes(read)


def answer_of(connection: socket.socket) -> bytes:
    """One answer that says how long it is, on a connection that stays."""
    connection.settimeout(PATIENCE)
    read = bytearray()
    while b"\r\n\r\n" not in read:
        read += _some(connection)
    head, _, body = bytes(read).partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    while len(body) < int(fields[b"content-length"]):
        body += _some(connection)
    return head + b"\r\n\r\n" + body


def _some(connection: socket.socket) -> bytes:
    piece = connection.recv(65_536)
    assert piece, "the connection ended before the answer did"
    return piece


@contextmanager
def serving(app: ASGIApp, protocol: type[Impatient] = Hasty, prefix: str = "") -> Iterator[Served]:
    """A server of this application, until the block ends."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        port = listener.getsockname()[1]
        server = server_for(app, Listening("127.0.0.1", port, prefix), protocol)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield Served(port)
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()
