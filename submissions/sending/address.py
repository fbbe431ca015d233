"""Where a web desk stands: an address, from what somebody typed."""

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from submissions.errors import Refused

PORTS = {"http": 80, "https": 443}
_EXAMPLE = "https://example.org/fashion-mnist"


class WrongAddress(Refused):
    """There is no desk at the address that was given."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a desk stands.

    Attributes:
        base: the whole of it, without "/" at its end.
        path: what stands behind host and port in it, percent-encoded.
    """

    base: str
    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_local(self) -> bool:
        """True on this very machine."""
        with suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost" or self.host.endswith(".localhost")

    @property
    def is_readable(self) -> bool:
        """True where others on the way can read what is sent."""
        return self.scheme == "http" and not self.is_local


def read(text: str) -> Address:
    """Where a desk stands, from what somebody typed.

    Raises:
        WrongAddress: it is no web address; what it holds is not repeated where it may be a password.
    """
    mend = f"give the web address of the desk, such as {_EXAMPLE}"
    given = text.strip()
    if not given.isprintable() or " " in given:
        raise WrongAddress(f"the desk's address holds a blank, or what cannot be shown: {mend}")
    try:
        parts = urlsplit(given)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise WrongAddress(f"the desk's address is no web address: {mend}") from None
    if parts.username is not None or parts.password is not None:
        raise WrongAddress(f"the desk's address holds a name or a password before the @: {mend}; the token goes apart")
    if parts.scheme not in PORTS or not host:
        raise WrongAddress(f"{given!r} is no web address: {mend}")
    if parts.query or parts.fragment:
        raise WrongAddress(f"{given!r} holds '?' or '#': {mend}")
    path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~-._")
    base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return Address(base, parts.scheme, host, port or PORTS[parts.scheme], path)
