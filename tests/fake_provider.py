"""A provider of sign-ins on this machine, OpenID's and GitHub's in one: strict with the desk, and as wrong as asked."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT, SECRET = "desk-1", "a-secret-of-the-desk"
ACCESS_TOKEN = "an-access-token-of-a-person"
KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
Answer = tuple[int, bytes]


@dataclass
class FakeProvider:
    """One provider, and what it says.

    Attributes:
        clock: seconds since 1970.
        claims: what stands in the ID token; None takes a claim out.
        metadata: what stands in the discovery document; None likewise.
        user_info, user, emails: what stands at those addresses.
        sign: how the claims become an ID token.
        keys: those it shows.
        played: answers in place of the true ones, by path.
        hanging: the paths at which nobody answers before the test ends.
        tokens: every code and token that it gave out.
        asked: the paths that were asked for, in order.
    """

    address: str
    clock: Callable[[], float]
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    user_info: Any = None
    user: Any = field(default_factory=lambda: {"id": 583231, "login": "ada", "name": "Ada Lovelace"})
    emails: Any = field(default_factory=list)
    sign: Callable[[dict[str, Any]], str] = field(
        default=lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, KEY)
    )
    keys: list[RSAKey] = field(default_factory=lambda: [KEY])
    played: dict[str, Answer] = field(default_factory=dict)
    hanging: set[str] = field(default_factory=set)
    end: threading.Event = field(default_factory=threading.Event)
    tokens: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def consent(self, location: str) -> str:
        """The query with which the browser comes back after its owner said yes at the address it was sent to."""
        query = dict(parse_qsl(urlsplit(location).query, strict_parsing=True))
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT)
        code = f"code-{len(self._codes)}-{hashlib.sha256(location.encode()).hexdigest()}"
        self._codes[code] = query
        self.tokens.append(code)
        return urlencode({"code": code, "state": query["state"]})

    def answer(self, path: str, form: Mapping[str, str], authorization: str) -> Answer:
        """The answer to one request."""
        self.asked.append(path)
        if path in self.hanging:
            self.end.wait(30)
        if path in self.played:
            return self.played[path]
        if path in {"/token", "/login/oauth/access_token"}:
            return self._token(form, authorization)
        told: dict[str, Any] = {
            "/.well-known/openid-configuration": self._metadata(),
            "/keys": KeySet(list(self.keys)).as_dict(private=False),
            "/user_info": self.user_info,
            "/user": self.user,
            "/user/emails": self.emails,
        }
        if path.startswith("/user") and authorization != f"Bearer {ACCESS_TOKEN}":
            return 401, b"{}"
        return (200, json.dumps(told[path]).encode()) if path in told else (404, b"{}")

    def _metadata(self) -> dict[str, Any]:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        doors = {name: f"{self.address}/{path}" for name, path in names.items()}
        return {key: value for key, value in ({"issuer": self.address} | doors | self.metadata).items() if value}

    def _token(self, form: Mapping[str, str], authorization: str) -> Answer:
        is_basic = authorization == f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}"
        if not is_basic and (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return 401, b'{"error": "invalid_client"}'
        begun = self._codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = begun is not None and (begun["redirect_uri"], begun["code_challenge_method"]) == (
            form["redirect_uri"],
            "S256",
        )
        if begun is None or not is_right or begun["code_challenge"] != challenge:
            return 400, b'{"error": "invalid_grant"}'
        now = int(self.clock())
        plain = {"iss": self.address, "sub": "ada", "aud": CLIENT, "iat": now, "exp": now + 300} | {
            "nonce": begun.get("nonce")
        }
        claims = {key: value for key, value in (plain | self.claims).items() if value is not None}
        signed = self.sign(claims)
        self.tokens += [ACCESS_TOKEN, signed]
        token = {"access_token": ACCESS_TOKEN, "token_type": "bearer", "id_token": signed}
        return 200, json.dumps(token).encode()


@contextmanager
def fake_provider(clock: Callable[[], float]) -> Iterator[FakeProvider]:
    """A provider that listens until the end."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(provider.answer(self.path, {}, self.headers.get("Authorization", "")))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(provider.answer(self.path, dict(parse_qsl(body)), self.headers.get("Authorization", "")))

        def _say(self, answer: Answer) -> None:
            if provider.end.is_set():
                return
            self.send_response(answer[0])
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer[1])))
            self.end_headers()
            self.wfile.write(answer[1])

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = FakeProvider(f"http://127.0.0.1:{server.server_address[1]}", clock)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        provider.end.set()
        server.shutdown()
        server.server_close()
        thread.join()
