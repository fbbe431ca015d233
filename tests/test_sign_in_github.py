"""The rules of signing in with GitHub, played by a server on this machine."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_provider import CLIENT, SECRET, FakeProvider, fake_provider
from signing_in import HOME, Browser, browser_at, member_named, open_sign_in, query_of
from web import Clock, WebDesk, make_desk

from submissions.web import sign_in
from submissions.web.github import GitHub
from submissions.web.sign_in_settings import Settings

VERIFIED = {"email": "ada@example.org", "primary": True, "verified": True, "visibility": None}
FAILED = "the answer of GitHub cannot be relied on; tell the organiser, who finds the cause in the desk's log"


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    with fake_provider(lambda: 0) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, provider: FakeProvider) -> Iterator[WebDesk]:
    made = make_desk(tmp_path, clock=Clock())
    open_sign_in(made, provider)
    settings = Settings("github", CLIENT, SECRET, "GitHub")
    made.app.state.sign_in = GitHub(settings, site=provider.address, api=provider.address)
    yield made
    made.close()


@pytest.fixture
def browser(desk: WebDesk, provider: FakeProvider) -> Iterator[Browser]:
    made = browser_at(desk, provider)
    with made.client:
        yield made


def test_the_browser_is_sent_to_github(browser: Browser, provider: FakeProvider) -> None:
    """With state and PKCE, and asking for no more than the addresses."""
    location = browser.goes()
    query = query_of(location)

    assert location.startswith(f"{provider.address}/login/oauth/authorize?")
    assert (query["scope"], query["redirect_uri"]) == ("user:email", f"{HOME}/sign-in/back")
    assert query["code_challenge_method"] == "S256"
    assert provider.asked == []


def test_the_word_means_github_itself(desk: WebDesk) -> None:
    """Whoever sets "github" sends people to github.com, and asks api.github.com."""
    sign_in.set_up(desk.app, Settings("github", CLIENT, SECRET, "GitHub"))
    location = browser_at(desk, browser_at(desk, FakeProvider("", lambda: 0)).provider).goes()

    assert location.startswith("https://github.com/login/oauth/authorize?")


def test_whom_nobody_knows_joins_with_a_code(browser: Browser) -> None:
    """The identity is the account's number, not its name."""
    assert browser.comes_back().headers["location"] == "/join"
    assert f"{browser.provider.address} 583231" in browser.session().values()
    assert browser.provider.asked == ["/login/oauth/access_token", "/user", "/user/emails"]


def test_the_primary_address_counts_if_it_is_verified(browser: Browser, desk: WebDesk) -> None:
    """Whoever stands in the organiser's list with it comes in."""
    browser.provider.emails = [{"email": "x@example.org", "primary": False, "verified": True}, VERIFIED]

    assert browser.comes_back().headers["location"] == "/team"
    assert browser.signed_in() == member_named(desk, "Ada", "Ada L")


@pytest.mark.parametrize("changed", [{"verified": False}, {"primary": False}, {"verified": "true"}, {"email": None}])
def test_another_address_does_not(browser: Browser, changed: dict[str, Any]) -> None:
    """A further address, or one that GitHub has not verified, opens nothing; its owner can join with a code."""
    browser.provider.emails = [VERIFIED | changed]

    assert browser.comes_back().headers["location"] == "/join"


@pytest.mark.parametrize(
    ("path", "answer", "status"),
    [
        ("/login/oauth/access_token", (200, b'{"error": "bad_verification_code"}'), 400),
        ("/login/oauth/access_token", (200, b'{"error": "incorrect_client_credentials"}'), 502),
        ("/login/oauth/access_token", (200, b"access_token=abc&token_type=bearer"), 502),
        ("/login/oauth/access_token", (200, b"{}"), 502),
        ("/user", (200, b'{"id": true}'), 502),
        ("/user", (200, b'{"id": "583231"}'), 502),
        ("/user", (200, b'{"id": 0}'), 502),
        ("/user", (200, b"[]"), 502),
        ("/user", (401, b'{"message": "Bad credentials"}'), 502),
        ("/user", (502, b"<html>"), 503),
        ("/user/emails", (404, b'{"message": "Not Found"}'), 502),
        ("/user/emails", (200, b'{"message": "x"}'), 502),
        ("/user/emails", (200, b"[1]"), 502),
        ("/user/emails", (429, b""), 503),
    ],
)
def test_an_odd_answer_signs_nobody_in(browser: Browser, path: str, answer: tuple[int, bytes], status: int) -> None:
    """Whatever GitHub says in place of an answer: a whole sentence, and nobody is signed in."""
    browser.provider.played = {path: answer}
    told = browser.comes_back()

    assert told.status_code == status
    assert status != 502 or told.json()["detail"] == FAILED
    assert browser.signed_in() is None
