"""What the tests of the sign-in share: a desk with a provider, and a browser that asks it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fake_provider import CLIENT, SECRET, FakeProvider
from fastapi import Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from starlette.routing import Route
from web import WebDesk

from submissions.membership import member_list, members
from submissions.web import sign_in
from submissions.web.sign_in_settings import Settings

HOME = "https://desk.example.org"
LIST = b"team,name,email\nAda,Ada L,Ada@Example.org\nGrace,Grace H,\n"


@dataclass
class Browser:
    """A browser at a desk with a sign-in; it follows no redirect by itself."""

    desk: WebDesk
    client: TestClient
    provider: FakeProvider

    def get(self, path: str) -> Any:
        return self.client.get(path, headers={"Accept": "application/json"}, follow_redirects=False)

    def goes(self) -> str:
        """Where the desk sends the browser to sign in."""
        answer = self.get("/sign-in")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    def comes_back(self, query: str | None = None) -> Any:
        """The desk's answer when the browser comes back; without a query it goes first, and its owner says yes."""
        return self.get(f"/sign-in/back?{self.provider.consent(self.goes()) if query is None else query}")

    def session(self) -> dict[str, Any]:
        """What the signed cookie holds."""
        found: dict[str, Any] = self.get("/session-for-tests").json()
        return found

    def signed_in(self) -> int | None:
        """The member's number; None: nobody."""
        number: int | None = self.session().get("member")
        return number


def settings_of(provider: FakeProvider) -> Settings:
    return Settings(provider.address, CLIENT, SECRET, "the university")


def browser_at(desk: WebDesk, provider: FakeProvider, root_path: str = "") -> Browser:
    """A new browser at this desk."""

    async def session(request: Request) -> JSONResponse:
        return JSONResponse(dict(request.session))

    desk.app.router.routes.insert(0, Route("/session-for-tests", session))
    return Browser(desk, TestClient(desk.app, base_url=HOME, root_path=root_path), provider)


def open_sign_in(desk: WebDesk, provider: FakeProvider) -> None:
    """Let people sign in at this desk, and put two on the organiser's list."""
    sign_in.set_up(desk.app, settings_of(provider))
    member_list.import_members(desk.ledger, LIST, now=desk.clock())


def member_named(desk: WebDesk, team: str, name: str) -> int:
    with desk.ledger.reading() as view:
        return next(one.member for one in members.members_of(view, team) if one.name == name)


def query_of(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
