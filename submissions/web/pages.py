"""The desk's pages for people: made from templates, each with the same frame; problems among them."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

from submissions import moments
from submissions.web import hardening, sessions, words
from submissions.web.problems import Problem
from submissions.web.reception import Reception
from submissions.web.sessions import SignedOut

READ = ["GET", "HEAD"]
_YEAR = 31_536_000
router = APIRouter(include_in_schema=False)


def show(
    request: Request, template: str, /, *, status: int = 200, headers: Mapping[str, str] | None = None, **facts: Any
) -> Response:
    """A page from a file in templates/, with these facts beside those that all pages have."""
    page = _environment().get_template(template).render({**_frame(request), **facts})
    policy = {"Content-Security-Policy": hardening.POLICY}
    return Response(page, status, {**policy, **(headers or {})}, media_type="text/html")


def told(request: Request, problem: Problem) -> Response:
    """A problem as whoever asked can read it: a page for a browser, problem details for a program."""
    if not wants_page(request):
        return problem.answer()
    if isinstance(problem, SignedOut) and request.method in READ:
        return go(request, f"join?{urlencode({'to': path(request).strip('/')})}")
    headers = {name: value for name, value in problem.headers.items() if name != "WWW-Authenticate"}
    return show(request, "problem.html", status=problem.status, headers=headers, problem=problem)


def wants_page(request: Request) -> bool:
    """Whether the answer is for people: a program names another type, or asks under /api."""
    own = path(request)
    return "text/html" in request.headers.get("accept", "") and own != "/api" and not own.startswith("/api/")


def go(request: Request, to: str) -> RedirectResponse:
    """Send the browser to another page of the desk, which it is to GET."""
    return RedirectResponse(f"{base(request)}/{to}", 303)


def base(request: Request) -> str:
    """The path under which the desk is shown; "" for none."""
    prefix: str = request.scope.get("root_path", "")
    return prefix.rstrip("/")


def path(request: Request) -> str:
    """What is asked for, below that."""
    return str(request.scope["path"]).removeprefix(base(request))


@router.api_route("/desk.css", methods=READ)
async def style(request: Request) -> Response:
    """The board's style, and the desk's own."""
    return _asset(request, "desk.css", "text/css")


@router.api_route("/desk.js", methods=READ)
async def script(request: Request) -> Response:
    """What pages can do beside, where scripts run."""
    return _asset(request, "desk.js", "text/javascript")


def no_board(request: Request) -> Response:
    """The front page until a board is published."""
    return show(request, "no_board.html", status=200)


def _frame(request: Request) -> dict[str, Any]:
    desk: Reception = request.app.state.reception
    return {
        "base": base(request),
        "path": path(request),
        "rules": desk.rules,
        "now": desk.now(),
        "style": f"desk.css?v={_digest(_text(request, 'desk.css'))}",
        "script": f"desk.js?v={_digest(_text(request, 'desk.js'))}",
        "has_rules": (desk.parts.site / "rules.html").is_file(),
        "is_begun": sessions.is_begun(request),
        "secret": lambda: sessions.secret(request),
    }


def _asset(request: Request, name: str, kind: str) -> Response:
    """A file of ours; whoever names its digest may keep it for good."""
    text = _text(request, name)
    digest = _digest(text)
    is_named = request.query_params.get("v") == digest
    keeping = f"public, max-age={_YEAR}, immutable" if is_named else "no-cache"
    headers = {"ETag": f'"{digest}"', "Cache-Control": keeping}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, headers=headers, media_type=kind)


def _text(request: Request, name: str) -> str:
    desk: Reception = request.app.state.reception
    return (desk.parts.styles if name == "desk.css" else "") + _own(name)


@cache
def _own(name: str) -> str:
    return resources.files("submissions.web").joinpath("assets", name).read_text("utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("submissions.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(words=words, moments=moments)
    return environment
