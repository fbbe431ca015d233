"""Sign-in with any provider that speaks OpenID Connect."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from submissions.web.providers import Begun, Odd, Person, address, client, fetched, table, talk, text
from submissions.web.sign_in_settings import WHO, Settings

LEEWAY_SECONDS = 120  # by which the provider's clock and the desk's may differ
FRESH_SECONDS = 3600.0  # how long the desk remembers a provider's doors and keys
# Those that are verified with a public key: of the others, whoever can verify could also sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
_KEY_TYPES = frozenset({"RSA", "EC", "OKP"})
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
_BASIC, _POST = "client_secret_basic", "client_secret_post"


@dataclass(slots=True)
class _Known:
    """What a provider has said of itself.

    Attributes:
        doors: its addresses, by their names in OpenID Connect Discovery 1.0.
        method: how it wants the desk's secret.
        read_at: when, by the event loop's clock.
        keys: what it signs with, once they were needed.
    """

    doors: Mapping[str, str]
    method: str
    read_at: float
    keys: KeySet | None = None


class OpenID:
    """A provider that is found by its address."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.title = settings, settings.title
        self._tls = httpx2.create_ssl_context()
        self._known: _Known | None = None

    async def address(self, begun: Begun) -> str:
        """Where the browser goes to sign in."""
        async with talk(self.settings):
            known = await self._discovered(begun)
            async with self._client(begun) as asking:
                return address(asking, known.doors["authorization_endpoint"], begun, nonce=begun.nonce)

    async def person(self, begun: Begun, code: str, now: datetime) -> Person:
        """Whom the ID token names, once its signature, issuer, audience, nonce and times are found right."""
        async with talk(self.settings):
            known = await self._discovered(begun)
            async with self._client(begun, known.method) as asking:
                door = known.doors["token_endpoint"]
                token = await asking.fetch_token(door, code=code, code_verifier=begun.verifier)
                claims = await self._claims(asking, known, token, begun.nonce, now)
                if "email" not in claims and (door := known.doors.get("userinfo_endpoint", "")):
                    claims = _together(claims, table(await fetched(asking, door, is_own=True)))
        email = claims.get("email")
        # Some providers write the truth value as a text.
        is_verified = claims.get("email_verified") in (True, "true") and isinstance(email, str)
        identity = f"{self.settings.issuer} {claims['sub']}"
        return Person(identity, email if is_verified else None, text(claims.get("name")))

    async def _claims(
        self, asking: AsyncOAuth2Client, known: _Known, token: Mapping[str, Any], nonce: str, now: datetime
    ) -> dict[str, Any]:
        """What the ID token says (OpenID Connect Core 1.0, section 3.1.3.7)."""
        signed = token.get("id_token")
        if not isinstance(signed, str):
            raise Odd("there is no ID token")
        try:
            found = jwt.decode(signed, await _keys(asking, known), algorithms=ALGORITHMS)
        except InvalidKeyIdError:  # the provider has changed its keys
            known.keys = None
            found = jwt.decode(signed, await _keys(asking, known), algorithms=ALGORITHMS)
        must = {
            "iss": {"essential": True, "values": [self.settings.issuer]},
            "aud": {"essential": True, "values": [self.settings.client_id]},
            "sub": {"essential": True},
        }
        given = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")}
        claims = CodeIDToken(found.claims, found.header, must, given)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        if len(claims["sub"]) > _LONGEST_SUBJECT:
            raise Odd("the subject is too long")
        return dict(claims)

    async def _discovered(self, begun: Begun) -> _Known:
        now = asyncio.get_running_loop().time()
        if self._known is None or now - self._known.read_at > FRESH_SECONDS:
            issuer = self.settings.issuer
            async with self._client(begun) as asking:
                told = table(await fetched(asking, f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
            if told.get("issuer") != issuer:  # OpenID Connect Discovery 1.0, section 4.3
                raise Odd(f"the provider's issuer is not what {WHO} says, to the letter")
            methods = told.get("token_endpoint_auth_methods_supported", [_BASIC])
            self._known = _Known(_doors(told, issuer), _BASIC if _BASIC in methods else _POST, now)
        return self._known

    def _client(self, begun: Begun, method: str = _BASIC) -> AsyncOAuth2Client:
        return client(self.settings, begun, self._tls, scope="openid email profile", method=method)


def _doors(told: Mapping[str, Any], issuer: str) -> dict[str, str]:
    names = ["authorization_endpoint", "token_endpoint", "jwks_uri"]
    names += ["userinfo_endpoint"] if "userinfo_endpoint" in told else []
    doors = {name: text(told.get(name)) for name in names}
    # Where the provider itself is on this machine, and reached without TLS, so may be its doors.
    safe = ("https://", f"{issuer.partition('://')[0]}://")
    if faulty := [name for name, door in doors.items() if not door.startswith(safe)]:
        raise Odd(f"{faulty[0]} is no https address")
    return doors


async def _keys(asking: AsyncOAuth2Client, known: _Known) -> KeySet:
    if known.keys is None:
        listed = table(await fetched(asking, known.doors["jwks_uri"])).get("keys")
        keys: list[Any] = [table(key) for key in (listed if isinstance(listed, list) else [])]
        signing = [key for key in keys if key.get("kty") in _KEY_TYPES and key.get("use", "sig") == "sig"]
        known.keys = KeySet.import_key_set({"keys": signing})
    return known.keys


def _together(claims: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """What the token says, and what the provider says beside it."""
    if more.get("sub") != claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
        raise Odd("the user info is somebody else's")
    return {**more, **claims}
