"""A team's own pages: what it has sent, what it has chosen, its tokens and its members."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from submissions.errors import Refused
from submissions.membership import members, tokens
from submissions.membership.members import Member
from submissions.membership.tokens import Token, TooManyTokens
from submissions.record.view import View
from submissions.selecting import InvalidSelection
from submissions.shown import shown
from submissions.teams import InvalidName
from submissions.web import forms, problems
from submissions.web.models import Number
from submissions.web.pages import READ, go, show
from submissions.web.reception import Reception
from submissions.web.sessions import SignedIn
from submissions.web.submitting import standing
from submissions.web.told import Own, Sent

_DIGITS = 9  # of a submission's number at most
router = APIRouter(include_in_schema=False)


@router.api_route("/team", methods=READ)
async def home(request: Request, member: SignedIn) -> Response:
    """All there is of the team."""
    return await _home(request, member)


@router.post("/team/selection")
async def select(request: Request, member: SignedIn) -> Response:
    """Choose the submissions for the private board: those that are ticked, and no others; with none, the best count."""
    desk: Reception = request.app.state.reception
    form = await forms.sent(request)
    ticked = [str(value) for value in form.getlist("submission")]
    numbers = [int(text) for text in ticked if _is_number(text)]
    try:
        _demand_numbers(ticked)
        await desk.select(member.team, numbers)
    except Refused as refusal:
        return await _home(request, member, refusal=refusal, place="submissions", ticked=numbers)
    return go(request, "team?saved#submissions")


@router.api_route("/team/submissions/{submission}/withdraw", methods=READ)
async def ask_withdrawal(request: Request, member: SignedIn, submission: Number) -> Response:
    """Ask whether a submission is really to be withdrawn."""
    desk: Reception = request.app.state.reception
    return show(request, "withdraw.html", member=member, sent=await desk.one(member.team, submission))


@router.post("/team/submissions/{submission}/withdraw")
async def withdraw(request: Request, member: SignedIn, submission: Number) -> Response:
    """Let a submission count on no board."""
    desk: Reception = request.app.state.reception
    await forms.sent(request)
    await desk.withdraw(member.team, submission)
    return go(request, "team#submissions")


@router.post("/team/tokens")
async def make_token(request: Request, member: SignedIn) -> Response:
    """A new token, shown this once."""
    desk: Reception = request.app.state.reception
    name = forms.field(await forms.sent(request), "name")
    ledger = desk.parts.desk.ledger
    try:
        token = await desk.changing(tokens.issue, ledger, member.team, name=name, now=desk.now())
    except (InvalidName, TooManyTokens) as refusal:
        return await _home(request, member, refusal=refusal, place="tokens", name=name)
    return show(request, "token.html", status=201, member=member, token=token, name=name)


@router.post("/team/tokens/revoke")
async def revoke_token(request: Request, member: SignedIn) -> Response:
    """End a token at once."""
    desk: Reception = request.app.state.reception
    handle = forms.field(await forms.sent(request), "handle")
    await desk.changing(tokens.revoke, desk.parts.desk.ledger, member.team, handle, now=desk.now())
    return go(request, "team#tokens")


@dataclass(frozen=True, slots=True)
class _Team:
    """What there is of a team beside its submissions."""

    tokens: Sequence[Token]
    members: Sequence[Member]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _DIGITS


def _demand_numbers(ticked: Sequence[str]) -> None:
    """Nothing, if all are numbers; InvalidSelection otherwise: to pass over what is none would select others."""
    for text in ticked:
        if not _is_number(text):
            raise InvalidSelection([f"{shown(text)} is no number of a submission"])


async def _home(
    request: Request,
    member: Member,
    *,
    refusal: Refused | None = None,
    place: str = "",
    ticked: Sequence[int] | None = None,
    name: str = "",
) -> Response:
    """The page; with what was refused at its place, and what was given there."""
    desk: Reception = request.app.state.reception
    own = await desk.own(member.team)
    problem = problems.of_refusal(refusal, desk.now()) if refusal else None
    facts: dict[str, Any] = {
        "member": member,
        "team": await desk.reading(lambda view: _team(view, own)),
        "best": _best(own.sent, higher_is_better=desk.parts.higher_is_better),
        "ticked": set(own.selected if ticked is None else ticked),
        "problem": problem,
        "place": place,
        "name": name,
        "is_saved": "saved" in request.query_params,
    }
    status = problem.status if problem else 200
    return show(request, "team.html", status=status, **facts, **standing(desk, own))


def _team(view: View, own: Own) -> _Team:
    living = [one for one in tokens.tokens_of(view, own.team) if one.revoked_at is None]
    return _Team(living, members.members_of(view, own.team))


def _best(sent: Sequence[Sent], *, higher_is_better: bool) -> Sent | None:
    """The one with the best public score of those that count; of equals the earliest."""
    sign = 1 if higher_is_better else -1
    scored = [(sign * one.told.score, one) for one in sent if one.told.score is not None]
    counted = [(score, one) for score, one in scored if one.is_in_time and not one.is_withdrawn]
    return max(counted, key=lambda pair: pair[0])[1] if counted else None
