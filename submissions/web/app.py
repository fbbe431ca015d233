"""The web desk as one ASGI application."""

import ipaddress
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from submissions.errors import OrganiserError, Refused
from submissions.membership.tokens import NotAuthentic
from submissions.record.ledger import COOKIE_KEY
from submissions.web import (
    api,
    figures,
    hardening,
    heads,
    joining,
    logs,
    models,
    pages,
    problems,
    sign_in,
    submitting,
    team_pages,
)
from submissions.web.bodies import Bodies
from submissions.web.limits import Limits
from submissions.web.problems import Problem
from submissions.web.reception import Reception
from submissions.web.sessions import Sessions

_FILES = ("/api/submissions", "/api/check", "/submit", "/submit/check")


def make_app(reception: Reception) -> FastAPI:
    """The application that serves one competition; it closes the reception when it ends."""
    app = FastAPI(
        title=f"{reception.rules.title}: the desk",
        summary="Send predictions, and get a receipt and a public score in the same second.",
        version="1",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,  # it would send people to whatever host the request names
    )
    app.state.reception, app.state.limits = reception, Limits()
    for module in (api, pages, joining, sign_in, submitting, team_pages):
        app.include_router(module.router)
    _add_house_routes(app)
    # Not mounted: a mount would answer for every path, also where a route knows the path and not the method.
    app.router.default = _Site(directory=reception.parts.site, html=True, check_dir=False)
    _add_problems(app)
    _describe(app)

    def most(path: str) -> int:
        return reception.rules.max_bytes if path in _FILES else 0

    app.add_middleware(heads.Heads)
    app.add_middleware(_Failures)
    app.add_middleware(Bodies, most=most)
    app.add_middleware(Sessions, name=f"podium-{reception.rules.slug}", key=_cookie_key(reception))
    app.add_middleware(hardening.Hardening)
    app.add_middleware(logs.Requests, figures=reception.figures)
    return app


def _cookie_key(reception: Reception) -> str:
    with reception.parts.desk.ledger.reading() as view:
        return view.setting(COOKIE_KEY)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    app.state.reception.close()


class _Site(StaticFiles):
    """The public folder; a file that is still being written is none of it, and there may be no board yet."""

    async def check_config(self) -> None:
        """Nothing: the folder is made with the first board."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file; without a board a page that says so."""
        try:
            answer = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code == _NOT_READABLE:
                raise HTTPException(_NOT_FOUND) from None
            if path != "." or error.status_code != _NOT_FOUND:
                raise
            return pages.no_board(Request(scope))
        if "location" in answer.headers:  # of a folder; not by the host that the request names
            answer.headers["location"] = quote(f"{scope.get('root_path', '')}/{path}/")
        else:
            answer.headers.update(_OPEN)
        return answer

    def lookup_path(self, path: str) -> tuple[str, object | None]:  # type: ignore[override]
        if any(part.startswith(".") for part in path.replace("\\", "/").split("/") if part != "."):
            return "", None
        return super().lookup_path(path)


def _add_house_routes(app: FastAPI) -> None:
    @app.api_route("/healthz", methods=["GET", "HEAD"], include_in_schema=False)
    async def healthz(request: Request) -> Response:
        """Whether the ledger answers."""
        desk: Reception = request.app.state.reception
        head = await desk.reading(lambda view: view.head())
        behind = (head.at - desk.now()).total_seconds() if head else 0.0
        state = {"status": "ok", "entries": head.seq if head else 0}
        if behind > _CLOCK_SECONDS:
            state["clock"] = f"{behind:.0f} seconds behind the ledger's last entry"
        return JSONResponse(state)

    @app.api_route("/metrics", methods=["GET", "HEAD"], include_in_schema=False)
    async def metrics(request: Request) -> Response:
        """The counts, for whoever asks from this machine or its own network."""
        if not _is_near(request):
            raise problems.not_found("there is no such page")
        desk: Reception = request.app.state.reception
        return Response(desk.figures.text(), media_type=figures.CONTENT_TYPE)


_CLOCK_SECONDS = 5
# Other sites show the public files, such as badges, and a copy is asked for again before it is shown.
_OPEN = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "no-cache"}
_NOT_READABLE, _NOT_FOUND, _NOT_SO = 401, 404, 405  # the first is what StaticFiles says of a file that it may not read


def _is_near(request: Request) -> bool:
    """Whether nobody stands between the desk and who asks, and they are of one network."""
    if any(name in request.headers for name in ("forwarded", "via", "x-forwarded-for", "x-real-ip")):
        return False
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_private


class _Failures:
    """Middleware that makes an answer of what nobody expected; where one has begun, the connection ends."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False

        async def noting(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            if has_begun or scope["type"] != "http":
                raise
            await _failed(Request(scope), error)(scope, receive, noting)


def _failed(request: Request, error: Exception) -> Response:
    incident = secrets.token_hex(4)
    logs.note_failure(error, incident)
    return pages.told(request, problems.broken(incident))


def _add_problems(app: FastAPI) -> None:
    """Make every exception an answer; none of them shows a traceback."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return pages.told(request, error)

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        if isinstance(error, NotAuthentic):
            await request.app.state.limits.note_wrong(request)
        return pages.told(request, problems.of_refusal(error, request.app.state.reception.now()))

    @app.exception_handler(OrganiserError)
    async def trouble(request: Request, error: OrganiserError) -> Response:
        logs.note("trouble", error=type(error).__name__, told=str(error))
        return pages.told(request, problems.of_trouble(error))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        places = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
        return pages.told(request, Problem(422, "refused", "Refused", places))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        problem = problems.of_status(error.status_code, str(error.detail))
        headers = {"Allow": _allowed(request)} if error.status_code == _NOT_SO else error.headers
        return pages.told(request, replace(problem, headers=headers or {}))

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> Response:
        """What fails in the middleware; this handler stands outside of all of it."""
        answer = _failed(request, error)
        hardening.harden(answer.headers, request.scope)
        return answer


def _allowed(request: Request) -> str:
    """The methods by which a path can be asked for: several routes may have one path."""
    known = [one for route in request.app.routes for one in getattr(route, "original_router", request.app).routes]
    routes = [route for route in known if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE]
    return ", ".join(sorted({method for route in routes for method in route.methods or ()})) or "GET, HEAD"


def _describe(app: FastAPI) -> None:
    """Add to the OpenAPI document what the routes do not say: the token, and the problems' schemas.

    FastAPI makes the document and the routes when they are first asked for; here that is before anybody asks.
    """
    components = app.openapi().setdefault("components", {})
    components.setdefault("securitySchemes", {})["token"] = {"type": "http", "scheme": "bearer"}
    for model in (models.Fault, models.Problem, models.Invalid):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        components.setdefault("schemas", {})[model.__name__] = schema
