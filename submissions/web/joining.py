"""The pages on which a person comes into a team, and leaves the desk."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from submissions.membership import members
from submissions.membership.codes import UnknownCode
from submissions.membership.members import CannotJoin, Member
from submissions.membership.tokens import NotAuthentic
from submissions.teams import InvalidName, InvalidTeam
from submissions.web import forms, sessions, sign_in
from submissions.web.pages import READ, go, show
from submissions.web.reception import Reception

_TOKEN = "podium_"  # noqa: S105 - how a token begins
_TARGETS = ("submit", "team")
router = APIRouter(include_in_schema=False)


@router.api_route("/join", methods=READ)
async def ask(request: Request) -> Response:
    """The form for a join code."""
    return await _form(request, to=request.query_params.get("to", ""))


@router.post("/join")
async def join(request: Request) -> Response:
    """Come into a team, and be signed in."""
    form = await forms.sent(request)
    given = {name: forms.field(form, name) for name in ("code", "team", "name", "to")}
    try:
        member = await _joined(request, given["code"].strip(), given["team"].strip() or None, given["name"])
    except (UnknownCode, NotAuthentic) as refusal:
        # Only who is wrong is kept waiting: one guesser in a lecture hall, which has one address, locks out nobody.
        await request.app.state.limits.refuse_guessing(request)
        await request.app.state.limits.note_wrong(request)
        return await _form(request, status=422, wrong="code", detail=str(refusal), **given)
    except (CannotJoin, InvalidTeam, InvalidName) as refusal:
        wrong = "name" if isinstance(refusal, InvalidName) else "team"
        return await _form(request, status=422, wrong=wrong, detail=str(refusal), **given)
    sessions.begin(request, member)
    return go(request, given["to"] if given["to"] in _TARGETS else "team")


@router.post("/leave")
async def leave(request: Request) -> Response:
    """Sign out of this browser; the member stays in the team."""
    await forms.sent(request)
    sessions.end(request)
    return go(request, "join")


async def _joined(request: Request, code: str, team: str | None, name: str) -> Member:
    desk: Reception = request.app.state.reception
    ledger, now = desk.parts.desk.ledger, desk.now()
    identity, email = sessions.remembered(request)
    options: dict[str, Any] = {"name": name, "identity": identity, "email": email, "now": now}
    if code.startswith(_TOKEN):
        return await desk.changing(members.join_by_token, ledger, code, **options)
    return await desk.changing(members.join, ledger, code, team=team, **options)


async def _form(request: Request, *, status: int = 200, to: str, wrong: str = "", **given: str) -> Response:
    facts: dict[str, Any] = {"code": "", "team": "", "name": "", "detail": "", **given}
    identity, _ = sessions.remembered(request)
    provider = sign_in.provider_of(request.app)
    return show(
        request,
        "join.html",
        status=status,
        member=await sessions.current(request),
        to=to if to in _TARGETS else "",
        wrong=wrong,
        provider=provider.settings.title if provider else "",
        is_remembered=identity is not None,
        **facts,
    )
