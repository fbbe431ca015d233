"""The pages on which a member sends a file, and sees its faults or its score."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from submissions.errors import Refused
from submissions.membership.members import Member
from submissions.web import forms, problems
from submissions.web.models import Number
from submissions.web.pages import READ, base, go, show, told, wants_page
from submissions.web.problems import Problem
from submissions.web.reception import Reception
from submissions.web.sessions import SignedIn
from submissions.web.told import Own, next_attempt_at

DOOR = "page"
router = APIRouter(include_in_schema=False)


@router.api_route("/submit", methods=READ)
async def ask(request: Request, member: SignedIn) -> Response:
    """The form for a file."""
    return await _form(request, member)


@router.post("/submit")
async def send(request: Request, member: SignedIn) -> Response:
    """Take a file; then show its receipt on a page of its own, which may be loaded again."""
    desk: Reception = request.app.state.reception
    name = ""
    try:
        with request.app.state.limits.uploading(member.team):
            data, name = await forms.file(await forms.sent(request))
            found = await desk.receive(member.team, data, door=DOOR)
    except (Refused, Problem) as refusal:
        return await _refused(request, member, refusal, name)
    to = f"team/submissions/{found.receipt.submission}{'?again' if found.is_known else ''}"
    if wants_page(request):
        return go(request, to)
    return JSONResponse({"submission": found.receipt.submission, "address": f"{base(request)}/{to}"}, 201)


@router.post("/submit/check")
async def check(request: Request, member: SignedIn) -> Response:
    """Find every fault in a file; it is not kept, and costs nothing."""
    desk: Reception = request.app.state.reception
    name = ""
    try:
        with request.app.state.limits.uploading(member.team):
            data, name = await forms.file(await forms.sent(request))
            rows = await desk.check(member.team, data)
    except (Refused, Problem) as refusal:
        return await _refused(request, member, refusal, name)
    if not wants_page(request):
        return JSONResponse({"is_ready": True, "rows": rows, "text": f"ready to submit ({rows:,} predictions)"})
    return await _form(request, member, name=name, rows=rows)


@router.api_route("/team/submissions/{submission}", methods=READ)
async def receipt(request: Request, member: SignedIn, submission: Number) -> Response:
    """One submission of the team: its score, where it would stand, and the receipt."""
    desk: Reception = request.app.state.reception
    own = await desk.own(member.team, submission)
    sent = own.only(submission)
    is_again = "again" in request.query_params
    return show(request, "submission.html", member=member, sent=sent, is_again=is_again, **standing(desk, own))


def standing(desk: Reception, own: Own) -> dict[str, Any]:
    """What a team may still do: its rules, its attempts and its time."""
    now = desk.now()
    is_open, has_opened = own.rules.is_open(now, own.team), own.rules.has_opened(now)
    return {
        "own": own,
        "rules": own.rules,
        "ends": own.rules.ends_for(own.team),
        "opens": next_attempt_at(own.attempts_left, now, now),
        "is_open": is_open,
        "has_opened": has_opened,
        "takes_files": has_opened and (is_open or own.rules.late != "refused"),
    }


async def _form(request: Request, member: Member, *, status: int = 200, **facts: Any) -> Response:
    desk: Reception = request.app.state.reception
    own = await desk.own(member.team)
    known = {"name": "", "rows": None, "problem": None, "headers": {}, **standing(desk, own)}
    return show(request, "submit.html", status=status, member=member, **{**known, **facts})


async def _refused(request: Request, member: Member, refusal: Refused | Problem, name: str) -> Response:
    """What is wrong, above the form to send another; a problem that has nothing to do with a file alone."""
    desk: Reception = request.app.state.reception
    problem = refusal if isinstance(refusal, Problem) else problems.of_refusal(refusal, desk.now())
    if not wants_page(request) or (isinstance(refusal, Problem) and problem.kind != "no-file"):
        return told(request, problem)
    return await _form(request, member, status=problem.status, headers=problem.headers, problem=problem, name=name)
