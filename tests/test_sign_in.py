"""The rules of signing in at the web desk with an OpenID provider, and of all that can go wrong on the way."""

import base64
import hmac
import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from fake_provider import CLIENT, KEY, FakeProvider, fake_provider
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from signing_in import HOME, Browser, browser_at, member_named, open_sign_in, query_of
from web import Clock, WebDesk, make_desk

from submissions.membership import members
from submissions.web import providers, sign_in

OTHER = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
FAILED = "the answer of the university cannot be relied on; tell the organiser, who finds the cause in the desk's log"
SILENT = "the university does not answer at the moment; try again in a minute, or join with a code"
STALE = (
    "this browser has begun no such sign-in, or it took longer than ten minutes, or was used already: begin it again"
)
NONSENSE = (200, b"<html>Bad gateway</html>")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock) -> Iterator[FakeProvider]:
    with fake_provider(lambda: clock().timestamp()) as made:
        yield made


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, provider: FakeProvider) -> Iterator[WebDesk]:
    made = make_desk(tmp_path, clock=clock)
    open_sign_in(made, provider)
    yield made
    made.close()


@pytest.fixture
def browser(desk: WebDesk, provider: FakeProvider) -> Iterator[Browser]:
    made = browser_at(desk, provider)
    with made.client:
        yield made


def causes(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Why sign-ins failed, as the log has it."""
    facts = [getattr(record, "facts", {}) for record in caplog.records if record.getMessage() == "sign_in"]
    return [fact["cause"] for fact in facts if "cause" in fact]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> pytest.LogCaptureFixture:
    monkeypatch.setattr(logging.getLogger("podium.desk"), "propagate", True)
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, "podium.desk")
    return caplog


def test_the_browser_is_sent_to_the_provider(browser: Browser, provider: FakeProvider) -> None:
    """By the code flow, with state, nonce and PKCE; and nothing in the address is used twice."""
    first, second = browser.goes(), browser.goes()
    query = query_of(first)

    assert first.startswith(f"{provider.address}/authorize?")
    assert query["response_type"] == "code"
    assert query["client_id"] == CLIENT
    assert query["scope"] == "openid email profile"
    assert query["redirect_uri"] == f"{HOME}/sign-in/back"
    assert query["code_challenge_method"] == "S256"
    assert all(query[name] != query_of(second)[name] for name in ("state", "nonce", "code_challenge"))


def test_whom_nobody_knows_joins_with_a_code_and_is_known_then(browser: Browser, desk: WebDesk) -> None:
    """The identity waits in the session, and is bound when its owner joins."""
    answer = browser.comes_back()

    assert (answer.status_code, answer.headers["location"]) == (303, "/join")
    identity = f"{browser.provider.address} ada"
    assert browser.signed_in() is None
    assert identity in browser.session().values()

    made = members.join(
        desk.ledger, desk.codes["Ada"], team=None, name="A", identity=identity, email=None, now=desk.clock()
    )
    answer = browser.comes_back()

    assert (answer.status_code, answer.headers["location"]) == (303, "/team")
    assert browser.signed_in() == made.member


def test_whom_the_list_names_comes_in_by_a_verified_address(browser: Browser, desk: WebDesk) -> None:
    """An address in the organiser's list needs no code, however it is spelt; the identity counts from then on."""
    browser.provider.claims = {"email": "ADA@example.org", "email_verified": True}
    listed = member_named(desk, "Ada", "Ada L")

    assert browser.comes_back().headers["location"] == "/team"
    assert browser.signed_in() == listed

    browser.provider.claims = {"email": "new@example.org", "email_verified": True}
    assert browser.comes_back().headers["location"] == "/team"
    assert browser.signed_in() == listed


@pytest.mark.parametrize("is_verified", [False, None, "false", 0, "yes", [True]])
def test_an_address_that_is_not_verified_is_none(browser: Browser, is_verified: Any) -> None:
    """Anybody can claim an address."""
    browser.provider.claims = {"email": "ada@example.org", "email_verified": is_verified}

    assert browser.comes_back().headers["location"] == "/join"
    assert "ada@example.org" not in browser.session().values()


@pytest.mark.parametrize("email", [["ada@example.org"], {"ada@example.org": 1}, 7, "", "@", "x" * 300 + "@example.org"])
def test_an_address_that_is_none_is_left_out(browser: Browser, email: Any) -> None:
    """Whatever stands in its place."""
    browser.provider.claims = {"email": email, "email_verified": True}

    assert browser.comes_back().headers["location"] == "/join"


def test_an_address_may_stand_in_the_user_info(browser: Browser) -> None:
    """Many providers leave it out of the ID token."""
    browser.provider.metadata = {"userinfo_endpoint": f"{browser.provider.address}/user_info"}
    browser.provider.user_info = {"sub": "ada", "email": "ada@example.org", "email_verified": "true"}

    assert browser.comes_back().headers["location"] == "/team"


def test_the_user_info_of_somebody_else_is_refused(browser: Browser, log: pytest.LogCaptureFixture) -> None:
    """What stands there is the person's only if it says so."""
    browser.provider.metadata = {"userinfo_endpoint": f"{browser.provider.address}/user_info"}
    browser.provider.user_info = {"sub": "eve", "email": "ada@example.org", "email_verified": True}

    assert browser.comes_back().json()["detail"] == FAILED
    assert causes(log) == ["the user info is somebody else's"]


def test_the_desks_secret_may_have_to_be_sent_in_the_form(browser: Browser) -> None:
    """Some providers take it nowhere else, and say so."""
    browser.provider.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}

    assert browser.comes_back().headers["location"] == "/join"


def test_a_session_before_the_sign_in_ends_with_it(browser: Browser) -> None:
    """Whoever planted a session in this browser knows nothing of the one after the sign-in."""
    browser.provider.claims = {"email": "ada@example.org", "email_verified": True}
    browser.comes_back()
    first = browser.session()
    browser.comes_back()

    assert first["member"] == browser.session()["member"]
    assert first["csrf"] != browser.session()["csrf"]


def test_a_member_who_was_removed_is_known_no_longer(browser: Browser, desk: WebDesk) -> None:
    """He comes to the door again, as everybody does."""
    browser.provider.claims = {"email": "ada@example.org", "email_verified": True}
    browser.comes_back()
    members.remove_member(desk.ledger, member_named(desk, "Ada", "Ada L"), now=desk.clock())

    assert browser.comes_back().headers["location"] == "/join"
    assert browser.signed_in() is None


@pytest.mark.parametrize("path", ["/sign-in?next=https://evil.example", "/sign-in?redirect_uri=https://evil.example"])
def test_nobody_is_sent_elsewhere(browser: Browser, provider: FakeProvider, path: str) -> None:
    """The only way out leads to the provider, and the only way back to the desk's own pages."""
    location = browser.get(path).headers["location"]
    answer = browser.comes_back(f"{provider.consent(location)}&next=https://evil.example")

    assert "evil" not in location
    assert answer.headers["location"] == "/join"


def test_a_prefix_is_part_of_every_address(desk: WebDesk, provider: FakeProvider) -> None:
    """Behind a proxy the desk may stand under a path."""
    browser = browser_at(desk, provider, root_path="/fashion-mnist")
    location = browser.get("/fashion-mnist/sign-in").headers["location"]
    answer = browser.get(f"/fashion-mnist/sign-in/back?{provider.consent(location)}")

    assert query_of(location)["redirect_uri"] == f"{HOME}/fashion-mnist/sign-in/back"
    assert answer.headers["location"] == "/fashion-mnist/join"


def test_the_rules_say_where_the_desk_stands(tmp_path: Path, clock: Clock, provider: FakeProvider) -> None:
    """With an address in the rules, whatever host a request names, the way back is that one."""
    desk = make_desk(
        tmp_path, clock=clock, rules=lambda text: f'{text}\n[desk]\naddress = "https://a.example/mnist/"\n'
    )
    open_sign_in(desk, provider)

    assert query_of(browser_at(desk, provider).goes())["redirect_uri"] == "https://a.example/mnist/sign-in/back"
    desk.close()


def test_a_desk_without_sign_in_says_so(tmp_path: Path, clock: Clock, provider: FakeProvider) -> None:
    """There is nothing to begin, and nothing to come back to."""
    desk = make_desk(tmp_path, clock=clock)
    browser = browser_at(desk, provider)

    assert sign_in.provider_of(desk.app) is None
    for path in ("/sign-in", "/sign-in/back?code=1&state=2"):
        answer = browser.get(path)
        assert (answer.status_code, answer.json()["detail"]) == (404, "this desk has no sign-in; join with a code")
    desk.close()


def test_the_provider_has_a_title(desk: WebDesk) -> None:
    """The button says with whom one signs in."""
    found = sign_in.provider_of(desk.app)

    assert found is not None
    assert found.title == "the university"


def is_stale(answer: Any) -> bool:
    return (answer.status_code, answer.json()["detail"]) == (400, STALE)


def test_an_answer_counts_once(browser: Browser) -> None:
    """The same address again, as a browser's history has it, begins nothing and ends nothing."""
    query = browser.provider.consent(browser.goes())
    browser.comes_back(query)

    assert is_stale(browser.comes_back(query))


def test_a_code_that_was_used_is_refused_by_the_provider(browser: Browser) -> None:
    """A code that the provider no longer takes is told as that."""
    state = query_of(browser.goes())["state"]

    assert is_stale(browser.comes_back(f"code=made-up&state={state}"))


@pytest.mark.parametrize("query", ["", "code=1", "code=1&state=", "code=1&state=wrong", "code=1&state=%ED%A0%80%FF"])
def test_an_answer_belongs_to_a_sign_in_of_this_browser(browser: Browser, query: str) -> None:
    """Nobody is signed in by a link that somebody else made; the sign-in on its way goes on."""
    location = browser.goes()

    assert is_stale(browser.comes_back(query))
    assert browser.comes_back(browser.provider.consent(location)).status_code == 303


def test_another_browser_cannot_end_a_sign_in(browser: Browser, desk: WebDesk) -> None:
    """The state is the browser's that began."""
    query = browser.provider.consent(browser.goes())
    other = Browser(desk, TestClient(desk.app, base_url=HOME), browser.provider)

    assert is_stale(other.comes_back(query))


@pytest.mark.parametrize("code", ["", "x" * 3_000])
def test_a_code_has_a_sensible_length(browser: Browser, code: str) -> None:
    """Nothing else is handed on."""
    state = query_of(browser.goes())["state"]

    assert is_stale(browser.comes_back(f"code={code}&state={state}"))
    assert "/token" not in browser.provider.asked


def test_a_sign_in_ends_within_ten_minutes(browser: Browser, clock: Clock) -> None:
    """Ten minutes are enough for any password; what lies around longer is worth nothing."""
    query = browser.provider.consent(browser.goes())
    clock.now += timedelta(minutes=10, seconds=1)

    assert is_stale(browser.comes_back(query))


def test_saying_no_changes_nothing(browser: Browser) -> None:
    """Whoever tells the provider no is told so in plain words."""
    state = query_of(browser.goes())["state"]
    answer = browser.comes_back(f"error=access_denied&error_description=<script>&state={state}")

    assert answer.status_code == 403
    assert answer.json()["detail"] == (
        "you did not let the university say who you are, and nothing was changed; you can join with a code"
    )
    assert browser.signed_in() is None


@pytest.mark.parametrize(
    ("error", "status", "told", "cause"),
    [
        ("temporarily_unavailable", 503, SILENT, "temporarily_unavailable"),
        ("server_error", 503, SILENT, "server_error"),
        ("invalid_scope", 502, FAILED, "invalid_scope"),
        ("<script>token=abc", 502, FAILED, "unknown error"),
        ("a" * 100, 502, FAILED, "unknown error"),
    ],
)
def test_the_provider_may_refuse(
    browser: Browser, log: pytest.LogCaptureFixture, error: str, status: int, told: str, cause: str
) -> None:
    """People are told whose turn it is; the log has the cause, if it is a word."""
    state = query_of(browser.goes())["state"]
    answer = browser.client.get("/sign-in/back", params={"error": error, "state": state})

    assert (answer.status_code, answer.json()["detail"]) == (status, told)
    assert causes(log) == [cause]


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("PS256", KEY),
        ("ES256", ECKey.generate_key("P-256", {"kid": "first"})),
        ("Ed25519", OKPKey.generate_key("Ed25519", {"kid": "first"})),
    ],
)
def test_a_provider_may_sign_with_any_public_key(browser: Browser, algorithm: str, key: Any) -> None:
    """RSA, elliptic and Edwards curves; keys for encryption, or of a kind that nobody knows, may stand beside."""
    browser.provider.sign = partial(jwt.encode, {"alg": algorithm, "kid": "first"}, key=key, algorithms=[algorithm])
    beside = [{"kty": "new", "kid": "x"}, {"kty": "RSA", "use": "enc", "kid": "y"}]
    shown = json.dumps({"keys": [*beside, key.as_dict(private=False)]}).encode()
    browser.provider.played = {"/keys": (200, shown)}

    assert browser.comes_back().headers["location"] == "/join"


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def by_hand(algorithm: str, claims: dict[str, Any]) -> str:
    """A token that is signed with the provider's public key, as an attacker would; or, with "none", not at all."""
    header = {"alg": algorithm, "kid": "first"}
    text = ".".join(base64url(json.dumps(part).encode()) for part in (header, claims))
    mark = hmac.digest(KEY.as_pem(private=False), text.encode(), "sha256") if algorithm == "HS256" else b""
    return f"{text}.{base64url(mark)}"


@pytest.mark.parametrize(
    ("sign", "cause"),
    [
        (lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, OTHER), "BadSignatureError"),
        (partial(by_hand, "HS256"), "UnsupportedAlgorithmError"),
        (partial(by_hand, "none"), "UnsupportedAlgorithmError"),
        (lambda claims: jwt.encode({"alg": "RS256", "kid": "second"}, claims, OTHER), "InvalidKeyIdError"),
        (lambda _: "no.token.this", "DecodeError"),
        (lambda _: "", "DecodeError"),
    ],
)
def test_only_the_providers_signature_counts(
    browser: Browser, log: pytest.LogCaptureFixture, sign: Callable[[dict[str, Any]], str], cause: str
) -> None:
    """Another key, no signature, or one that anybody can make with the public key: nobody is signed in."""
    browser.provider.sign = sign
    answer = browser.comes_back()

    assert (answer.status_code, answer.json()["detail"]) == (502, FAILED)
    assert causes(log) == [cause]
    assert browser.signed_in() is None


@pytest.mark.parametrize(
    ("claims", "cause"),
    [
        ({"iss": "https://evil.example"}, "InvalidClaimError iss"),
        ({"iss": None}, "MissingClaimError iss"),
        ({"aud": "another"}, "InvalidClaimError aud"),
        ({"aud": ["another", "third"]}, "InvalidClaimError aud"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "InvalidClaimError azp"),
        ({"aud": None}, "MissingClaimError aud"),
        ({"nonce": "another"}, "InvalidClaimError nonce"),
        ({"nonce": None}, "MissingClaimError nonce"),
        ({"sub": None}, "MissingClaimError sub"),
        ({"sub": ""}, "InvalidClaimError sub"),
        ({"sub": 7}, "InvalidClaimError sub"),
        ({"sub": "x" * 256}, "the subject is too long"),
        ({"exp": None}, "MissingClaimError exp"),
        ({"exp": "soon"}, "InvalidClaimError exp"),
        ({"at_hash": "wrong"}, "InvalidClaimError at_hash"),
    ],
)
def test_every_claim_is_looked_at(
    browser: Browser, log: pytest.LogCaptureFixture, claims: dict[str, Any], cause: str
) -> None:
    """A token for another desk, another sign-in, or nobody: nobody is signed in."""
    browser.provider.claims = claims

    assert browser.comes_back().json()["detail"] == FAILED
    assert causes(log) == [cause]


@pytest.mark.parametrize(("seconds", "status"), [(-419, 303), (-421, 502), (119, 303), (121, 502)])
def test_clocks_may_differ_by_two_minutes(browser: Browser, clock: Clock, seconds: int, status: int) -> None:
    """A token that lasts five minutes is taken until two minutes after, and from two minutes before."""
    at = int(clock().timestamp()) + seconds
    browser.provider.claims = {"iat": at, "exp": at + 300}

    assert browser.comes_back().status_code == status


def test_new_keys_are_fetched_when_they_are_needed(browser: Browser) -> None:
    """A provider changes its keys without telling the desk."""
    browser.comes_back()
    new = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})
    browser.provider.keys = [new]
    browser.provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "second"}, claims, new)

    assert browser.comes_back().headers["location"] == "/join"
    assert browser.provider.asked.count("/keys") == 2
    assert browser.provider.asked.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    ("metadata", "cause"),
    [
        ({"issuer": "https://other.example"}, "the provider's issuer is not what PODIUM_SIGN_IN says, to the letter"),
        ({"token_endpoint": "ftp://x.example"}, "token_endpoint is no https address"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "authorization_endpoint is no https address"),
        ({"jwks_uri": None}, "jwks_uri is no https address"),
        ({"userinfo_endpoint": ["https://x.example"]}, "userinfo_endpoint is no https address"),
    ],
)
def test_a_provider_must_say_where_it_is(
    browser: Browser, log: pytest.LogCaptureFixture, metadata: dict[str, Any], cause: str
) -> None:
    """It is believed only as the one that was asked for, and only with addresses that a secret may be sent to."""
    browser.provider.metadata = metadata
    answer = browser.get("/sign-in")

    assert (answer.status_code, answer.json()["detail"]) == (502, FAILED)
    assert causes(log) == [cause]
    browser.provider.metadata = {}
    assert browser.get("/sign-in").status_code == 303


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
@pytest.mark.parametrize(
    ("played", "status"),
    [
        (NONSENSE, 502),
        ((200, b""), 502),
        ((200, b"[]"), 502),
        ((200, b"null"), 502),
        ((200, b'{"keys": [1], "id_token": 1, "issuer": 1, "access_token": 1}'), 502),
        ((200, b'{"keys": [{"kty": "RSA", "kid": "first", "n": 1}], "id_token": {}}'), 502),
        ((200, b"\xff\xfe\x00"), 502),
        ((302, b""), 502),
        ((404, b"{}"), 502),
        ((500, b"{}"), 503),
        ((429, b"slow down"), 503),
    ],
)
def test_an_odd_answer_is_told_in_plain_words(browser: Browser, path: str, played: Any, status: int) -> None:
    """Whatever a provider says in place of JSON: a whole sentence, and nobody is signed in."""
    browser.provider.played = {path: played}
    answer = browser.get("/sign-in")
    if path != DISCOVERY:
        answer = browser.comes_back()

    assert (answer.status_code, answer.json()["detail"]) == (status, FAILED if status == 502 else SILENT)
    assert browser.signed_in() is None


def test_a_wrong_secret_is_the_organisers(browser: Browser, log: pytest.LogCaptureFixture) -> None:
    """The provider does not know the desk: people are sent to the organiser, who finds why."""
    browser.provider.played = {"/token": (401, b'{"error": "invalid_client", "error_description": "hush"}')}

    assert browser.comes_back().json()["detail"] == FAILED
    assert causes(log) == ["invalid_client"]


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/keys"])
def test_nobody_waits_for_a_slow_provider(browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Whoever gives no answer in time is told of as down."""
    monkeypatch.setattr(providers, "SECONDS", 0.05)
    browser.provider.hanging = {path}
    answer = browser.get("/sign-in")
    if path != DISCOVERY:
        answer = browser.comes_back()

    assert (answer.status_code, answer.json()["detail"]) == (503, SILENT)
    assert answer.headers["retry-after"] == "5"


def test_a_provider_may_be_down(desk: WebDesk, clock: Clock) -> None:
    """The desk goes on, and says what people can do meanwhile."""
    with fake_provider(lambda: clock().timestamp()) as gone:
        open_sign_in(desk, gone)
    answer = browser_at(desk, gone).get("/sign-in")

    assert (answer.status_code, answer.json()["detail"]) == (503, SILENT)


def test_guessing_is_refused(browser: Browser) -> None:
    """Thirty wrong answers in a minute are enough for one address; a right one counts for nothing."""
    for _ in range(3):
        browser.comes_back()
    answers = [browser.comes_back("code=1&state=2").status_code for _ in range(31)]

    assert answers == [400] * 30 + [429]
    assert browser.get("/sign-in").status_code == 429


def test_no_secret_is_written_down(browser: Browser, log: pytest.LogCaptureFixture) -> None:
    """Neither a code nor a token, nor the desk's secret, nor an address of a person gets into any log."""
    browser.provider.claims = {"email": "somebody@example.org", "email_verified": True}
    browser.comes_back()
    browser.provider.claims = {"aud": "another"}
    browser.comes_back()
    ours = [record for record in log.records if HOME not in record.getMessage()]  # not what the browser writes
    written = "\n".join(f"{record.getMessage()} {json.dumps(record.__dict__, default=str)}" for record in ours)

    assert '"outcome": "unknown"' in written
    assert [secret for secret in [*browser.provider.tokens, "a-secret-of-the-desk"] if secret in written] == []
    assert "somebody@" not in written


def test_a_desk_without_sign_in_loads_none_of_it() -> None:
    """The libraries are loaded where somebody signs in, and then without a warning."""
    program = (
        "import sys; from submissions.web import sign_in; assert 'authlib' not in sys.modules; "
        "from submissions.web import github, openid"
    )

    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=60)
