"""What the web desk's programs' side takes and gives, as OpenAPI describes it."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="the submission's number")]
Moment = Annotated[str, Field(description="ISO 8601, in UTC", examples=["2026-12-01T12:00:00.000000Z"])]


class Submission(BaseModel):
    """One submission: its receipt, and what may be told of its grade."""

    submission: int = Field(description="its number, from 1", examples=[12])
    team: str
    sha256: str = Field(description="of the file, unpacked, in hex")
    size: int = Field(description="of the file, unpacked, in bytes")
    received_at: Moment
    in_time: bool
    deadline: Moment = Field(description="the team's own, with its extension")
    attempts_left: int | None = Field(description="of that UTC day, as the receipt has it; null: no limit")
    next_attempt_at: Moment | None = Field(description="when the attempt after it opens; null: it is open")
    proof: str = Field(description="the digest of the ledger's entry")
    is_known: bool = Field(description="the team sent the same file before, and nothing was used up")
    verdict: str = Field(description="graded, refused, grader_error (ours: no attempt was used) or waiting")
    public_score: float | None = Field(description="as much of it as the rules reveal")
    shown: str = Field(description="the same as text, with the metric", examples=["0.8712 accuracy"])
    reason: str = Field(description="what is told in place of a score")
    would_rank: int | None = Field(description="the rank of that score on the board as it is published")
    is_selected: bool = Field(description="the team has chosen it for the private board")
    is_withdrawn: bool
    text: str = Field(description="the receipt for people")


class Submissions(BaseModel):
    """All that a team has sent."""

    team: str
    attempts_left: int | None = Field(description="of this UTC day; null: no limit")
    next_attempt_at: Moment | None = Field(description="when the next attempt opens; null: now")
    final_selections: int = Field(description="how many the team may select")
    selected: list[int]
    submissions: list[Submission]


class Selection(BaseModel):
    """What a team has chosen for the private board."""

    selected: list[int]


class Checked(BaseModel):
    """A file that is ready to submit."""

    is_ready: bool
    rows: int
    text: str


class Competition(BaseModel):
    """The rules, as far as a program needs them."""

    slug: str
    title: str
    host: str
    phase: str = Field(description="upcoming, open or closed")
    opens: Moment
    deadline: Moment
    metric: str
    daily_limit: int = Field(description="attempts per team and UTC day; 0: no limit")
    final_selections: int
    max_bytes: int
    id_column: str
    columns: list[str]
    kind: str
    labels: list[str]
    now: Moment = Field(description="the desk's clock")


class Fault(BaseModel):
    """One broken rule of a file."""

    code: str
    line: int | None
    message: str


class Problem(BaseModel):
    """What goes wrong (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:podium:problem:closed"])
    title: str
    status: int
    detail: str


class Invalid(Problem):
    """A file with faults."""

    faults: list[Fault] | None = None
    more: dict[str, int] | None = Field(None, description="how many more there are of each code")
    mends: dict[str, str] | None = Field(None, description="how to mend each code")
    text: str | None = None


def answers(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These problems, and those that any request may end in, for an operation's OpenAPI description."""
    return {status: _answer(status) for status in sorted({*statuses, *_ALWAYS})}


_ALWAYS = (413, 500, 503)  # also where no body is asked for, one that is too large is refused
_SAID = {
    400: "the request cannot be read",
    401: "no token, or none that is valid",
    403: "the competition is closed, or it is not allowed",
    404: "there is none",
    408: "the file took too long to arrive",
    409: "it is so already",
    413: "the file is too large",
    415: "it has a Content-Encoding: .gz and .zip are taken as the body itself",
    422: "the file has faults, or what is asked for cannot be",
    429: "no attempt is left, or there are too many requests; Retry-After tells when",
    500: "the desk failed",
    503: "the desk cannot take it now; nothing was recorded; Retry-After tells when",
}


def _answer(status: int) -> dict[str, Any]:
    model = Invalid if status == 422 else Problem  # noqa: PLR2004 - the status for content that breaks rules
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"description": _SAID[status], "content": {"application/problem+json": {"schema": schema}}}
