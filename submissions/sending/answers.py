"""What a desk answers to a file: a receipt, or why there is none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import responses
from typing import Any
from urllib.parse import urljoin

from submissions import moments
from submissions.errors import Refused
from submissions.sending.address import Address, WrongAddress
from submissions.sending.wire import DeskUnavailable, Reply
from submissions.shown import harmless

PATH = "/api/submissions"
_PROBLEM = "urn:podium:problem:"
SAFE = "send the same file again later: it never counts twice"
_NAMELESS = "the file: "  # what a desk, which knows no name of it, calls a file
_NO_PAGE = {404, 405, 410}
_FIRST_OF_THE_DESKS_OWN = 500
_LONGEST_ADDRESS = 300


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """A file that the desk has received.

    Attributes:
        text: the receipt, as `podium submit` prints it.
        data: the same for programs: `public_score`, `attempts_left` and so on.
    """

    text: str
    data: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """What the grader said: "graded", "refused", "grader_error" or "waiting"."""
        return str(self.data.get("verdict", "waiting"))

    @property
    def is_taken(self) -> bool:
        """True unless the grader refused the file: it has a receipt then, but no score."""
        return self.verdict != "refused"

    def __repr__(self) -> str:
        told = self.data.get("shown") or self.verdict
        return harmless(f"<submission {self.data['submission']} of team {self.data.get('team')}: {told}>")


class NotTaken(Refused):
    """The desk does not take the file, and nothing was recorded.

    Attributes:
        status: of HTTP: 401, 403, 413, 422, 429 and the like.
        kind: the desk's word for it, such as "closed"; empty where it was no desk that answered.
        data: the answer's own values, such as "next_attempt_at".
        has_faults: the message lists the file's faults, and is to stand behind the file's name.
    """

    def __init__(self, message: str, status: int, kind: str = "", data: Mapping[str, Any] | None = None) -> None:
        self.status, self.kind, self.data = status, kind, data or {}
        self.has_faults = kind == "invalid-submission" and "text" in self.data
        super().__init__(message)


def read(reply: Reply, desk: Address) -> Answer:
    """The receipt in an answer.

    Raises:
        NotTaken: the desk says no.
        DeskUnavailable: it cannot take anything.
        WrongAddress: it is no desk, or has moved.
    """
    data = _values(reply)
    kind = str(data.get("type", ""))
    if reply.status in {200, 201} and isinstance(data.get("submission"), int) and isinstance(data.get("text"), str):
        return Answer(_lines(data["text"]), data)
    if "location" in reply.headers and reply.status // 100 == 3:  # noqa: PLR2004 - redirection, RFC 9110, section 15.4
        raise WrongAddress(_moved(reply, desk))
    if reply.status in _NO_PAGE or reply.status < 400:  # noqa: PLR2004
        name = responses.get(reply.status, "")
        raise WrongAddress(
            f"{desk.base} is not the address of a desk (it answered {reply.status} {name}): "
            "ask the organiser where the desk stands; it is the address of its first page"
        )
    if reply.status >= _FIRST_OF_THE_DESKS_OWN:
        raise DeskUnavailable(f"{unavailable(reply, desk)}; {SAFE}")
    if not kind.startswith(_PROBLEM):
        raise NotTaken(_of_another(reply, desk), reply.status)
    kind = kind.removeprefix(_PROBLEM)
    raise NotTaken(_refusal(kind, data, desk), reply.status, kind, data)


def _values(reply: Reply) -> dict[str, Any]:
    try:
        data = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _lines(text: str) -> str:
    return "\n".join(map(harmless, text.splitlines()))


def _refusal(kind: str, data: Mapping[str, Any], desk: Address) -> str:
    detail = _lines(str(data.get("detail") or data.get("title") or kind))
    match kind:
        case "invalid-submission" if isinstance(data.get("text"), str):
            return _lines(data["text"]).removeprefix(_NAMELESS)
        case "unauthorised":
            return f"{detail} (your team's page: {desk.base}/team)"
        case "attempts-used":
            opens = _moment(data.get("next_attempt_at"))
            return detail if opens in detail else f"{detail}; the next attempt opens at {opens}"
    return detail


def _moment(value: object) -> str:
    try:
        return moments.shown(moments.read(str(value)))
    except ValueError:
        return ""


def _of_another(reply: Reply, desk: Address) -> str:
    name = responses.get(reply.status, "")
    if reply.status == 413:  # noqa: PLR2004
        return f"the file is too large for a server before the desk {desk.base} (413 {name}): tell the organiser"
    return (
        f"{desk.base} answered {reply.status} {name}, and not in a desk's words: something between you and the desk is "
        "in the way, such as a proxy, or a page to log in; if not, ask the organiser where the desk stands"
    )


def unavailable(reply: Reply, desk: Address) -> DeskUnavailable:
    """What an answer says of a desk that can take nothing, 500 to 599."""
    data = _values(reply)
    if str(data.get("type", "")).startswith(_PROBLEM):
        told = _lines(str(data.get("detail") or data.get("title")))
    else:
        told = f"answered {reply.status} {responses.get(reply.status, '')}: the desk does not run, or cannot be reached"
    return DeskUnavailable(f"{desk.base}: {told}")


def _moved(reply: Reply, desk: Address) -> str:
    there = harmless(urljoin(desk.base + PATH, reply.headers["location"]))[:_LONGEST_ADDRESS]
    there = there.removesuffix("/").removesuffix(PATH)
    return f"{desk.base} sends you on, and your token goes nowhere by itself: if you trust it, the desk is at {there}"
