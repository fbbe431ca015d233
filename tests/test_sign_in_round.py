"""A whole sign-in with a provider that is not ours: oidc-provider-mock, by its own pages."""

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from authlib.deprecate import AuthlibDeprecationWarning
from fake_provider import FakeProvider
from signing_in import Browser, browser_at, member_named, open_sign_in
from web import Clock, WebDesk, make_desk

with warnings.catch_warnings():
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    import oidc_provider_mock

# The provider's own library warns the provider, which is nothing of ours.
pytestmark = [
    pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning"),
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
]


@pytest.fixture
def issuer() -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def desk(tmp_path: Path, issuer: str) -> Iterator[WebDesk]:
    made = make_desk(tmp_path, clock=Clock(datetime.now(UTC)))
    open_sign_in(made, FakeProvider(issuer, lambda: 0))
    yield made
    made.close()


@pytest.fixture
def browser(desk: WebDesk, issuer: str) -> Iterator[Browser]:
    made = browser_at(desk, FakeProvider(issuer, lambda: 0))
    with made.client:
        yield made


def sent_back(location: str, form: dict[str, str]) -> str:
    """The query with which the provider sends the browser back after its form was sent."""
    answer = httpx2.post(location, data=form)
    assert answer.status_code == 302, answer.text
    return urlsplit(answer.headers["location"]).query


def test_a_listed_member_signs_in(browser: Browser, desk: WebDesk, issuer: str) -> None:
    """Discovery, form, code, token, keys: and the team's page."""
    claims = {"email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"}
    httpx2.put(f"{issuer}/users/ada", json=claims).raise_for_status()
    answer = browser.comes_back(sent_back(browser.goes(), {"sub": "ada"}))

    assert (answer.status_code, answer.headers["location"]) == (303, "/team")
    assert browser.signed_in() == member_named(desk, "Ada", "Ada L")


def test_an_unknown_person_is_asked_for_a_code(browser: Browser, issuer: str) -> None:
    """The identity is the provider's address and its name for the person."""
    answer = browser.comes_back(sent_back(browser.goes(), {"sub": "somebody"}))

    assert answer.headers["location"] == "/join"
    assert f"{issuer} somebody" in browser.session().values()


def test_a_code_is_taken_once(browser: Browser) -> None:
    """Nor by the desk nor by the provider is it taken again."""
    query = sent_back(browser.goes(), {"sub": "somebody"})

    assert [browser.comes_back(query).status_code for _ in range(2)] == [303, 400]


def test_a_token_of_another_sign_in_is_refused(browser: Browser) -> None:
    """A code that belongs to another sign-in of the same person does not fit the nonce of this one."""
    other = sent_back(browser.goes(), {"sub": "somebody"})
    mine = sent_back(browser.goes(), {"sub": "somebody"})
    mixed = f"{other.partition('&')[0]}&{mine.partition('&')[2]}"

    assert other.startswith("code=")
    assert browser.comes_back(mixed).status_code == 502
    assert browser.signed_in() is None


def test_saying_no_is_understood(browser: Browser) -> None:
    """The provider's way of telling it."""
    answer = browser.comes_back(sent_back(browser.goes(), {"action": "deny"}))

    assert answer.json()["detail"].startswith("you did not let the university say who you are")
