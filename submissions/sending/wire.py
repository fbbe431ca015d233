"""One request to a desk over HTTP: a file goes out in pieces, and a short answer comes back.

Only the standard library, for it goes with every kit. No redirect is followed: each would carry the token along.
"""

import base64
import http.client
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from submissions.errors import OrganiserError, Refused
from submissions.sending.address import PORTS, Address, WrongAddress
from submissions.shown import harmless

MOST_BYTES = 2_000_000  # of an answer
_PIECE = 65_536


class DeskUnavailable(OrganiserError):
    """A desk that cannot be reached, or cannot take anything."""


class Lost(DeskUnavailable):
    """The connection could not be made, or ended before the answer; `was_sent`: something had gone by then."""

    def __init__(self, message: str, *, was_sent: bool) -> None:
        self.was_sent = was_sent
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `headers` by their names in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def wait(self) -> float | None:
        """After how many seconds to ask again, if it says so (Retry-After, RFC 9110, section 10.2.3)."""
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        with suppress(ValueError, TypeError):
            # Both moments are by the other side's clock: ours may be wrong.
            at, now = parsedate_to_datetime(text), parsedate_to_datetime(self.headers["date"])
            return max(0.0, (at - now).total_seconds())
        return None


def post(
    to: Address,
    path: str,
    headers: Mapping[str, str],
    body: BinaryIO,
    size: int,
    *,
    timeout: float,
    progress: Callable[[int, int], None],
) -> Reply:
    """The answer to one POST of `size` bytes of a file, to a path below the desk's address.

    Args:
        to: the desk.
        path: begins with "/".
        headers: of the request, beside those that say how long it is.
        body: read from where it stands.
        size: how many bytes of it are sent.
        timeout: for how many seconds nothing may happen; and how long the answer's body may take in all.
        progress: hears how many bytes have gone, of how many.

    Raises:
        Lost: no whole answer came; the same request may be made again.
        DeskUnavailable: the name is unknown, or the certificate cannot be trusted.
        WrongAddress: what is there speaks no HTTP.
        Refused: the file was changed, or cannot be read.
    """
    was_sent = False
    try:
        connection, prefix, more = _connection(to, timeout)
        with closing(connection):
            connection.connect()
            connection.putrequest("POST", f"{prefix}{to.path}{path}")
            for name, value in {**headers, **more, "Content-Length": str(size), "Connection": "close"}.items():
                connection.putheader(name, value)
            connection.endheaders()
            was_sent = True
            with suppress(ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
                # Whoever refuses a file before its end, as too large for one, may have answered already.
                for gone, piece in _pieces(body, size):
                    connection.send(piece)
                    progress(gone, size)
            with connection.getresponse() as response:
                return _reply(to, response, timeout)
    except (OSError, http.client.HTTPException, UnicodeError) as error:  # the last is of names with an empty part
        raise _trouble(to, error, was_sent=was_sent) from error


def _connection(to: Address, timeout: float) -> tuple[http.client.HTTPConnection, str, dict[str, str]]:
    """The connection, straight or through this machine's proxy, what its path begins with, and more headers."""
    found = None if to.is_local or proxy_bypass(to.host) else getproxies().get(to.scheme)
    proxy = urlsplit(found if "//" in found else f"//{found}") if found else None
    if proxy is None or not proxy.hostname or proxy.scheme not in {"", "http", "https"}:
        return _straight(to, to.host, to.port, timeout), "", {}
    more = {}
    if proxy.username is not None:
        secret = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}".encode()
        more["Proxy-Authorization"] = f"Basic {base64.b64encode(secret).decode()}"
    connection = _straight(to, proxy.hostname, proxy.port or PORTS["http"], timeout)
    if to.scheme == "http":
        return connection, f"http://{urlsplit(to.base).netloc}", more
    connection.set_tunnel(to.host, to.port, more)
    return connection, "", {}


def _straight(to: Address, host: str, port: int, timeout: float) -> http.client.HTTPConnection:
    if to.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=_trust())
    return http.client.HTTPConnection(host, port, timeout=timeout)


def _trust() -> ssl.SSLContext:
    """Whom the system trusts, and whom certifi's bundle does, where it is installed: some systems trust nobody."""
    context = ssl.create_default_context()
    try:
        import certifi
    except ImportError:
        return context
    context.load_verify_locations(certifi.where())
    return context


def _pieces(body: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    gone = 0
    while gone < size:
        try:
            piece = body.read(min(_PIECE, size - gone))
        except OSError as error:
            raise Refused(f"the file cannot be read: {error.strerror}") from error
        if not piece:
            raise Refused("the file was changed while it was being sent: send it again")
        gone += len(piece)
        yield gone, piece


def _reply(to: Address, response: http.client.HTTPResponse, timeout: float) -> Reply:
    body, end = bytearray(), time.monotonic() + timeout
    while piece := response.read1(_PIECE):
        body += piece
        if len(body) > MOST_BYTES:
            raise WrongAddress(f"{to.base} answers without end, as no desk does: {_mend()}")
        if time.monotonic() > end:
            raise TimeoutError("the answer does not come to its end")
    if response.length:
        raise http.client.IncompleteRead(bytes(body), response.length)
    return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, bytes(body))


def _mend() -> str:
    return "ask the organiser where the desk stands"


def _trouble(to: Address, error: Exception, *, was_sent: bool) -> Refused | OrganiserError:
    """What an error of the network is to whoever sends."""
    match error:
        case ssl.SSLCertVerificationError():
            why = harmless(error.verify_message)
            return DeskUnavailable(f"{to.base} cannot be trusted, and nothing was sent: its certificate: {why}")
        case socket.gaierror():
            return DeskUnavailable(f"{to.base} cannot be found (unknown name, or no network): {_mend()}")
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER" | "RECORD_LAYER_FAILURE" | "HTTP_REQUEST"):
            return WrongAddress(f"{to.base} speaks no https: {_mend()}")
        case http.client.RemoteDisconnected() | http.client.IncompleteRead():
            why = "closed before the answer was there"
        case http.client.HTTPException() | UnicodeError():
            return WrongAddress(f"{to.base} does not answer as a web address does: {_mend()}")
        case TimeoutError():
            why = "no answer in time"
        case _:
            why = harmless(str(getattr(error, "strerror", None) or error or type(error).__name__))
    what = ": the connection was lost" if was_sent else " cannot be reached"
    return Lost(f"{to.base}{what} ({why})", was_sent=was_sent)
