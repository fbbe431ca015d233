"""The web desk for programs: JSON, tokens, problem details."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.responses import JSONResponse, Response

from submissions import keys, moments
from submissions.membership.tokens import NotAuthentic
from submissions.web import models, problems
from submissions.web.files import sent_file
from submissions.web.models import Number, answers
from submissions.web.pages import base
from submissions.web.problems import Problem
from submissions.web.reception import Reception
from submissions.web.told import Sent, next_attempt_at

DOOR = "api"
_FILE = {
    "requestBody": {
        "required": True,
        "description": "one CSV; as gzip, or in a zip with nothing else, if that is smaller",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/gzip": {"schema": {"type": "string", "format": "binary"}},
            "application/zip": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}
_BEARER: dict[str, Any] = {"security": [{"token": []}]}
router = APIRouter(prefix="/api")


async def reception_of(request: Request) -> Reception:
    """The desk that serves a request."""
    reception: Reception = request.app.state.reception
    return reception


async def team_of(request: Request, desk: Annotated[Reception, Depends(reception_of)]) -> str:
    """The team whose token a request brings."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        detail = "this needs a token: send the header Authorization: Bearer podium_…"
        raise Problem(401, "unauthorised", "Who are you?", detail, headers={"WWW-Authenticate": "Bearer"})
    try:
        team = await desk.team_of(token.strip())
    except NotAuthentic:
        # Only who is wrong is kept waiting: one guesser in a lecture hall, which has one address, locks out nobody.
        await request.app.state.limits.refuse_guessing(request)
        raise
    await request.app.state.limits.count(team)
    return team


Desk = Annotated[Reception, Depends(reception_of)]
Team = Annotated[str, Depends(team_of)]


@router.post(
    "/submissions",
    status_code=201,
    response_model=models.Submission,
    responses={
        200: {"model": models.Submission, "description": "the same file was received before"},
        201: {"headers": {"Location": {"description": "where it is told of", "schema": {"type": "string"}}}},
        **answers(400, 401, 403, 408, 413, 415, 422, 429, 503),
    },
    openapi_extra=_FILE | _BEARER,
)
async def send(
    request: Request,
    team: Team,
    desk: Desk,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=keys.LONGEST)] = None,
) -> Response:
    """Send a file: its receipt, and its public score as far as the rules reveal it.

    The same file again gets the receipt it had, and costs nothing.
    """
    with request.app.state.limits.uploading(team):
        found = await desk.receive(team, await sent_file(request), door=DOOR, key=idempotency_key)
    if found.is_known:
        return JSONResponse(_submission(found))
    place = f"{base(request)}/api/submissions/{found.receipt.submission}"
    return JSONResponse(_submission(found), 201, {"Location": place})


@router.get("/submissions", responses=answers(401, 429, 503), openapi_extra=_BEARER)
async def list_own(team: Team, desk: Desk) -> models.Submissions:
    """All that the team has sent."""
    own, now = await desk.own(team), desk.now()
    opens = next_attempt_at(own.attempts_left, now, now)
    return models.Submissions(
        team=team,
        attempts_left=own.attempts_left,
        next_attempt_at=moments.write(opens) if opens else None,
        final_selections=own.rules.final_selections,
        selected=list(own.selected),
        submissions=[models.Submission(**_submission(one)) for one in own.sent],
    )


@router.get("/submissions/{submission}", responses=answers(401, 404, 422, 429, 503), openapi_extra=_BEARER)
async def show(submission: Number, team: Team, desk: Desk) -> models.Submission:
    """One submission of the team."""
    return models.Submission(**_submission(await desk.one(team, submission)))


@router.post(
    "/submissions/{submission}/select",
    responses=answers(401, 403, 404, 409, 422, 429, 503),
    openapi_extra=_BEARER,
)
async def select(submission: Number, team: Team, desk: Desk) -> models.Selection:
    """Choose one more submission for the private board.

    What was chosen stays chosen, up to the number that the rules allow; DELETE takes a choice back.
    """
    return models.Selection(selected=await desk.choose(team, submission, is_chosen=True))


@router.delete(
    "/submissions/{submission}/select",
    responses=answers(401, 403, 404, 409, 422, 429, 503),
    openapi_extra=_BEARER,
)
async def deselect(submission: Number, team: Team, desk: Desk) -> models.Selection:
    """Take a choice back."""
    return models.Selection(selected=await desk.choose(team, submission, is_chosen=False))


@router.delete("/submissions/{submission}", responses=answers(401, 403, 404, 409, 422, 429, 503), openapi_extra=_BEARER)
async def withdraw(submission: Number, team: Team, desk: Desk) -> models.Submission:
    """Let a submission count on no board; it gives no attempt back. Only the organiser can undo it."""
    return models.Submission(**_submission(await desk.withdraw(team, submission)))


@router.post("/check", responses=answers(400, 401, 408, 413, 415, 422, 429, 503), openapi_extra=_FILE | _BEARER)
async def check(request: Request, team: Team, desk: Desk) -> models.Checked:
    """Find every fault in a file; it is not kept, and costs nothing."""
    with request.app.state.limits.uploading(team):
        rows = await desk.check(team, await sent_file(request))
    return models.Checked(is_ready=True, rows=rows, text=f"ready to submit ({rows:,} predictions)")


@router.get("/competition", responses=answers(503))
async def competition(desk: Desk) -> models.Competition:
    """The rules, and the desk's clock."""
    rules, now = await desk.in_force(), desk.now()
    return models.Competition(
        slug=rules.slug,
        title=rules.title,
        host=rules.host,
        phase=rules.phase(now),
        opens=moments.write(rules.opens),
        deadline=moments.write(rules.deadline),
        metric=desk.parts.metric,
        daily_limit=rules.daily_limit,
        final_selections=rules.final_selections,
        max_bytes=rules.max_bytes,
        id_column=rules.id_column,
        columns=list(rules.columns),
        kind=rules.kind,
        labels=list(rules.labels),
        now=moments.write(now),
    )


@router.get("/leaderboard", response_model=dict[str, Any], responses=answers(404, 503))
async def leaderboard(desk: Desk) -> Response:
    """The public board, as it was last published."""
    try:
        board = await desk.apart((desk.parts.site / "leaderboard.json").read_bytes)
    except FileNotFoundError:
        raise problems.not_found("the board was not published yet") from None
    return Response(board, media_type="application/json")


def _submission(sent: Sent) -> dict[str, Any]:
    receipt, told = sent.receipt, sent.told
    opens = sent.next_attempt_at
    return {
        "submission": receipt.submission,
        "team": receipt.team,
        "sha256": receipt.digest,
        "size": receipt.size,
        "received_at": moments.write(receipt.received_at),
        "in_time": sent.is_in_time,
        "deadline": moments.write(sent.deadline),
        "attempts_left": receipt.attempts_left,
        "next_attempt_at": moments.write(opens) if opens else None,
        "proof": receipt.proof,
        "is_known": sent.is_known,
        "verdict": told.verdict,
        "public_score": told.score,
        "shown": told.shown,
        "reason": told.reason,
        "would_rank": told.would_rank,
        "is_selected": sent.is_selected,
        "is_withdrawn": sent.is_withdrawn,
        "text": told.text,
    }
