"""What goes wrong, as HTTP tells it: problem details (RFC 9457)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fastapi.responses import JSONResponse

from submissions import checking, moments
from submissions.arrivals import CompetitionClosed
from submissions.decisions import AlreadyDecided, AlreadyRevealed, UnknownSubmission, UnknownTeam
from submissions.errors import OrganiserError, Refused
from submissions.faults import InvalidSubmission
from submissions.keys import KeyReused
from submissions.membership.tokens import NotAuthentic
from submissions.quota import QuotaExceeded
from submissions.record.database import Database
from submissions.selecting import SelectionClosed

MEDIA_TYPE = "application/problem+json"
TRY_AGAIN = 5  # seconds
_NOT_FOUND, _NOT_SO = 404, 405


@dataclass(eq=False)
class Problem(Exception):
    """One answer that is no success.

    Attributes:
        kind: its stable name; the type of the problem is urn:podium:problem:KIND.
        detail: a whole sentence for people.
        facts: what programs may want to know beside it.
    """

    status: int
    kind: str
    title: str
    detail: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> JSONResponse:
        """The problem as a response."""
        told = {"type": f"urn:podium:problem:{self.kind}", "title": self.title, "status": self.status}
        content = {**told, "detail": self.detail, **self.facts}
        return JSONResponse(content, self.status, dict(self.headers), media_type=MEDIA_TYPE)


def too_large(most: int) -> Problem:
    """413: there are more bytes than the rules allow."""
    detail = f"the file is larger than the {most:,} bytes that the rules allow (max_bytes)"
    return Problem(413, "too-large", "Too large", detail, {"max_bytes": most}, {"Connection": "close"})


def long_form() -> Problem:
    """413: there are more bytes than a form without a file needs."""
    return Problem(
        413, "too-large", "Too large", "the form is larger than any of this desk", headers={"Connection": "close"}
    )


def too_slow() -> Problem:
    """408: the bytes come too slowly."""
    detail = "the file took too long to arrive; nothing was recorded: send it again"
    return Problem(408, "too-slow", "Too slow", detail, headers={"Connection": "close"})


def unreadable(detail: str) -> Problem:
    """400: what came is not what can be asked for."""
    return Problem(400, "unreadable", "The request cannot be read", detail)


def unknown_coding() -> Problem:
    """415: the body is packed as a whole, by its headers (RFC 9110, 15.5.16)."""
    detail = (
        "the desk takes no Content-Encoding: send the CSV, or a .csv.gz or .zip, as the body itself, or as the field "
        "'file' of multipart/form-data"
    )
    return Problem(415, "unknown-coding", "Packed in an unknown way", detail, headers={"Accept-Encoding": "identity"})


def long_head() -> Problem:
    """431: the request's line and headers are longer than anybody needs."""
    return Problem(431, "long-head", "Too long", "the address and headers of the request are too long")


def slow_down(seconds: float) -> Problem:
    """429: more requests than anybody needs."""
    wait = max(1, math.ceil(seconds))
    detail = f"too many requests: try again in {wait} {'second' if wait == 1 else 'seconds'}"
    return Problem(429, "slow-down", "Too many requests", detail, headers={"Retry-After": str(wait)})


def of_status(status: int, said: str) -> Problem:
    """What the framework answers by itself: there is no such page, or it cannot be asked for so."""
    if status == _NOT_FOUND:
        return not_found("there is no such page")
    if status == _NOT_SO:
        return Problem(status, "not-so", "Not so", "this address cannot be asked for in that way")
    return Problem(status, "http", said, said)


def not_found(detail: str) -> Problem:
    """404."""
    return Problem(_NOT_FOUND, "not-found", "Not found", detail)


def unavailable(detail: str) -> Problem:
    """503: our own fault, and nothing was recorded."""
    return Problem(503, "unavailable", "Not now", detail, headers={"Retry-After": str(TRY_AGAIN)})


def broken(incident: str) -> Problem:
    """500: our own mistake; `incident` is its name in the log."""
    detail = f"the desk failed; the organiser finds it in the log as {incident}"
    return Problem(500, "broken", "The desk failed", detail, {"incident": incident})


def of_refusal(refusal: Refused, now: datetime) -> Problem:
    """What a refusal is in HTTP; `now` is the desk's clock."""
    match refusal:
        case InvalidSubmission():
            return _invalid(refusal)
        case CompetitionClosed():
            return Problem(403, "closed", "The competition is closed", str(refusal), _closed(refusal))
        case QuotaExceeded():
            return _used_up(refusal, now)
    status, kind, title = next((told for types, told in _REFUSALS.items() if isinstance(refusal, types)), _REFUSED)
    headers = {"WWW-Authenticate": "Bearer"} if status == _WHO else {}
    return Problem(status, kind, title, str(refusal), headers=headers)


_WHO = 401
_REFUSED = (422, "refused", "Refused")
_REFUSALS: Mapping[tuple[type[Refused], ...], tuple[int, str, str]] = {
    (NotAuthentic,): (_WHO, "unauthorised", "Who are you?"),
    (SelectionClosed, AlreadyRevealed): (403, "closed", "The competition is closed"),
    (UnknownSubmission, UnknownTeam): (404, "not-found", "Not found"),
    (AlreadyDecided,): (409, "already", "So already"),
    (KeyReused,): (422, "key-reused", "Another file under the same key"),
}


def of_trouble(trouble: OrganiserError) -> Problem:
    """What the organiser must mend: participants are told that it is not their fault, and no more."""
    if Database.unknown in str(trouble):
        return unavailable(
            "the desk lost its ledger while it recorded this: it may be recorded; send the same file again, it gets "
            "one receipt however often it is sent"
        )
    return unavailable("the desk cannot take this at the moment; nothing was recorded, and nothing is lost: try again")


def _invalid(refusal: InvalidSubmission) -> Problem:
    faults = refusal.faults
    told = faults.to_json()
    facts = {
        "faults": told["shown"],
        "more": told["more"],
        "mends": faults.mends(),
        "text": checking.refusal(None, faults),
    }
    count = len(faults.shown) + sum(faults.more.values())
    detail = f"the file has {count:,} fault{'s' if count != 1 else ''}; nothing was recorded, and no attempt was used"
    return Problem(422, "invalid-submission", "The file has faults", detail, facts)


def _used_up(refusal: QuotaExceeded, now: datetime) -> Problem:
    facts = {"limit": refusal.limit, "next_attempt_at": moments.write(refusal.next_at)}
    wait = max(1, math.ceil((refusal.next_at - now).total_seconds()))
    return Problem(429, "attempts-used", "No attempts left", str(refusal), facts, {"Retry-After": str(wait)})


def _closed(refusal: CompetitionClosed) -> dict[str, Any]:
    late = (refusal.received_at - refusal.deadline).total_seconds()
    return {
        "deadline": moments.write(refusal.deadline),
        "received_at": moments.write(refusal.received_at),
        "late_by_seconds": round(late, 3) if late > 0 else None,
    }
