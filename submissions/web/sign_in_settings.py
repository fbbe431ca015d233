"""With whom people may sign in at the web desk: what the organiser sets, and nobody else may read."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from submissions import teams
from submissions.errors import OrganiserError
from submissions.shown import shown

GITHUB = "github"
WHO, ID, SECRET, TITLE = "PODIUM_SIGN_IN", "PODIUM_SIGN_IN_ID", "PODIUM_SIGN_IN_SECRET", "PODIUM_SIGN_IN_TITLE"
NAMES = (WHO, ID, SECRET, TITLE)
LONGEST_TITLE = 40


class InvalidSettings(OrganiserError):
    """The sign-in cannot work as it is set."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One provider, and what it knows this desk by.

    Attributes:
        issuer: "github", or the address of an OpenID provider, spelt as the provider spells it.
        title: what people call the provider.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    title: str


def read(given: Mapping[str, str]) -> Settings | None:
    """The settings among these variables; None: there is no sign-in.

    Raises:
        InvalidSettings: one is missing, or cannot be right.
    """
    found = {name: given.get(name, "").strip() for name in NAMES}
    if not any(found.values()):
        return None
    if missing := [name for name in (WHO, ID, SECRET) if not found[name]]:
        raise InvalidSettings(
            f"the sign-in is half set: {' and '.join(missing)} missing; set {WHO}, {ID} and {SECRET}, or none of them"
        )
    issuer = GITHUB if found[WHO].lower() == GITHUB else found[WHO]
    return Settings(issuer, found[ID], found[SECRET], _title(found[TITLE] or _host(issuer)))


def _title(title: str) -> str:
    try:
        return teams.line(title, LONGEST_TITLE)
    except teams.InvalidName as error:
        raise InvalidSettings(f"{TITLE}: {error}") from None


def _host(issuer: str) -> str:
    """The name of the provider's machine; InvalidSettings if the address is none that a secret may be sent to."""
    if issuer == GITHUB:
        return "GitHub"
    try:
        address = urlsplit(issuer)
        host = address.hostname or ""
        is_right = bool(host) and _is_safe(address) and address.port != 0
    except ValueError:
        is_right = False
    if not is_right:
        example = "https://accounts.example.org"
        raise InvalidSettings(
            f"{WHO} is {shown(issuer)}: write github, or the provider's https address, such as {example}"
        )
    return host


def _is_safe(address: SplitResult) -> bool:
    is_bare = not (address.query or address.fragment or address.username or address.password)
    return is_bare and (address.scheme == "https" or (address.scheme == "http" and _is_here(address.hostname or "")))


def _is_here(host: str) -> bool:
    """Whether a host is this machine, to which everything may be sent as it is."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
