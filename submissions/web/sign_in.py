"""Sign-in at the web desk: a person goes to a provider, and comes back as somebody.

There is no parameter that says where to go afterwards: a known member comes to /team, anybody else to /join.
"""

import hmac
import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from submissions import moments
from submissions.membership import members
from submissions.web import logs, problems, sessions
from submissions.web.problems import Problem
from submissions.web.reception import Reception
from submissions.web.sign_in_settings import GITHUB, Settings

if TYPE_CHECKING:
    from submissions.web.providers import Begun, Person, Provider

router = APIRouter()
LASTS = timedelta(minutes=10)  # a sign-in on its way
_BEGUN = "sign_in"  # in the session
_LONGEST_CODE = 2_048


def set_up(app: FastAPI, settings: Settings | None) -> None:
    """Let people sign in as the settings say; None: not at all."""
    app.state.sign_in = _provider(settings) if settings else None


def provider_of(app: FastAPI) -> "Provider | None":
    """With whom people sign in; None: there is no sign-in."""
    provider: Provider | None = getattr(app.state, "sign_in", None)
    return provider


@router.get("/sign-in", include_in_schema=False)
async def begin(request: Request) -> Response:
    """Send the browser to the provider."""
    from submissions.web.providers import Begun

    provider = _demand(request)
    await request.app.state.limits.refuse_guessing(request)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    begun = Begun(state, nonce, verifier, _back(request))
    address = await provider.address(begun)
    request.session[_BEGUN] = {**asdict(begun), "at": moments.write(_desk(request).now())}
    return RedirectResponse(address, 303)


@router.get("/sign-in/back", include_in_schema=False)
async def sign_in_back(request: Request) -> Response:
    """Take the browser back from the provider."""
    from submissions.web.providers import STALE

    provider = _demand(request)
    await request.app.state.limits.refuse_guessing(request)
    try:
        person = await _person(request, provider)
    except Problem as problem:
        if problem.kind == STALE:
            await request.app.state.limits.note_wrong(request)
        raise
    return await _welcome(request, person)


async def _person(request: Request, provider: "Provider") -> "Person":
    from submissions.web.providers import denied, plain, stale, unanswered, unbelievable

    query, now = request.query_params, _desk(request).now()
    begun = _end(request.session, query.get("state", ""), now)
    error = query.get("error")
    if error == "access_denied":  # some providers forget the state then, and nothing follows from it
        logs.note("sign_in", outcome="denied")
        raise denied(provider.settings)
    if begun is None:
        raise stale()
    match error:
        case None:
            pass
        case "server_error" | "temporarily_unavailable":
            raise unanswered(provider.settings, error)
        case _:
            raise unbelievable(provider.settings, plain(error))
    code = query.get("code", "")
    if not 0 < len(code) <= _LONGEST_CODE:
        raise stale()
    return await provider.person(begun, code, now)


async def _welcome(request: Request, person: "Person") -> Response:
    desk = _desk(request)
    ledger, is_verified = desk.parts.desk.ledger, person.email is not None
    member = await desk.changing(
        members.sign_in, ledger, identity=person.identity, email=person.email, is_email_verified=is_verified
    )
    logs.note("sign_in", outcome="unknown" if member is None else "member")
    sessions.end(request)  # whoever knew the session before the sign-in knows nothing of the one after it
    if member is None:
        sessions.remember(request, person.identity, person.email)
        return _to(request, "/join")
    sessions.begin(request, member)
    return _to(request, "/team")


def _end(session: dict[str, Any], state: str, now: datetime) -> "Begun | None":
    """The sign-in on its way that an answer belongs to; it is on its way no longer."""
    from submissions.web.providers import Begun

    kept = session.get(_BEGUN)
    if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
        return None
    del session[_BEGUN]
    is_late = now - moments.read(kept["at"]) > LASTS
    return None if is_late else Begun(kept["state"], kept["nonce"], kept["verifier"], kept["back"])


def _demand(request: Request) -> "Provider":
    provider = provider_of(request.app)
    if provider is None:
        raise problems.not_found("this desk has no sign-in; join with a code")
    return provider


def _provider(settings: Settings) -> "Provider":
    from submissions.web.github import GitHub
    from submissions.web.openid import OpenID

    return GitHub(settings) if settings.issuer == GITHUB else OpenID(settings)


def _back(request: Request) -> str:
    """The desk's own address for the way back: as the rules have it, or as the browser has come."""
    own = _desk(request).rules.desk
    return f"{own}sign-in/back" if own else str(request.url_for("sign_in_back"))


def _to(request: Request, path: str) -> Response:
    return RedirectResponse(f"{request.scope.get('root_path', '')}{path}", 303)


def _desk(request: Request) -> Reception:
    desk: Reception = request.app.state.reception
    return desk
