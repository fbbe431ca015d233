"""Who is at the browser: a signed cookie that holds a member's number, and the secret of this browser's forms."""

import hmac
import secrets
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from submissions.membership import members
from submissions.membership.members import Member
from submissions.web.problems import Problem
from submissions.web.reception import Reception

SECONDS = 30 * 86_400
REMEMBERED_SECONDS = 1_800  # a sign-in that waits for its join code: the next person at this browser is another
_MEMBER, _CSRF, _IDENTITY, _EMAIL, _UNTIL = "member", "csrf", "identity", "email", "until"


class Sessions:
    """Starlette's sessions, whose cookie follows the request: its path is the prefix, it is Secure over https.

    Args:
        app: what answers.
        name: the cookie's.
        key: with which it is signed; all desks of a competition have the same.
    """

    def __init__(self, app: ASGIApp, name: str, key: str) -> None:
        self._make = partial(SessionMiddleware, app, key, session_cookie=name, max_age=SECONDS, same_site="lax")
        self._made: dict[tuple[str, bool], SessionMiddleware] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        kind = (scope.get("root_path", "").rstrip("/") or "/", scope.get("scheme") == "https")
        if kind not in self._made:
            self._made[kind] = self._make(path=kind[0], https_only=kind[1])
        await self._made[kind](scope, receive, send)


class SignedOut(Problem):
    """A page of a team is asked for, or a form sent, by nobody who is signed in."""

    def __init__(self) -> None:
        detail = "join your team first; if you were signed in, the organiser or the time has ended that"
        super().__init__(401, "signed-out", "You are not signed in", detail)


def begin(request: Request, member: Member) -> None:
    """Sign a member in, with a session of his own: nothing of the one before is kept."""
    request.session.clear()
    request.session.update({_MEMBER: member.member, _CSRF: secrets.token_urlsafe(32)})


def end(request: Request) -> None:
    """Sign out."""
    request.session.clear()


def is_begun(request: Request) -> bool:
    """Whether the cookie names a member; he may have been removed since."""
    return _MEMBER in request.scope.get("session", {})


def remember(request: Request, identity: str, email: str | None) -> None:
    """Keep who has signed in elsewhere and is no member yet, for half an hour; `email`: verified there."""
    request.session.pop(_MEMBER, None)
    until = _now(request) + REMEMBERED_SECONDS
    request.session.update({_IDENTITY: identity, _EMAIL: email, _UNTIL: until})


def remembered(request: Request) -> tuple[str | None, str | None]:
    """The identity and the e-mail address that `remember` kept; None: nobody has signed in elsewhere."""
    if _now(request) >= request.session.get(_UNTIL, 0):
        return None, None
    return request.session.get(_IDENTITY), request.session.get(_EMAIL)


def secret(request: Request) -> str:
    """What each form of this browser brings back: no other site knows it."""
    if _CSRF not in request.session:
        request.session[_CSRF] = secrets.token_urlsafe(32)
    known: str = request.session[_CSRF]
    return known


def is_own(request: Request, given: object) -> bool:
    """Whether a form brings this browser's secret."""
    known = request.session.get(_CSRF)
    if not isinstance(known, str) or not isinstance(given, str):
        return False
    return hmac.compare_digest(known.encode(), given.encode("utf-8", "replace"))


async def current(request: Request) -> Member | None:
    """The member who is signed in; None: nobody, or one who was removed, whose session ends with that."""
    number: Any = request.session.get(_MEMBER)
    if not isinstance(number, int):
        return None
    desk: Reception = request.app.state.reception
    found = await desk.reading(lambda view: members.member(view, number))
    if found is None:
        end(request)
    return found


def _now(request: Request) -> float:
    desk: Reception = request.app.state.reception
    return desk.now().timestamp()


async def _demanded(request: Request) -> Member:
    found = await current(request)
    if found is None:
        raise SignedOut
    await request.app.state.limits.count(found.team)
    return found


SignedIn = Annotated[Member, Depends(_demanded)]
