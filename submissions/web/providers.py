"""Providers: those who say who a person is. What all of them share, whatever their language."""

import asyncio
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, Protocol

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.errors import JoseError

from submissions.web import logs
from submissions.web.problems import TRY_AGAIN, Problem
from submissions.web.sign_in_settings import Settings

SECONDS = 10.0  # for all that a provider is asked in one step
STALE = "sign-in-stale"
_USED_UP = frozenset({"invalid_grant", "bad_verification_code"})  # RFC 6749, section 5.2; GitHub
_TOO_MANY, _OWN_FAULT = 429, 500
_LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in on its way.

    Attributes:
        state, nonce, verifier: secrets that tie the answer to this browser, the token to this sign-in, and the code to
            this desk (PKCE, RFC 7636).
        back: where the provider sends the browser afterwards.
    """

    state: str
    nonce: str
    verifier: str
    back: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who has signed in.

    Attributes:
        identity: "issuer subject", which stays the same whatever the person changes there.
        email: only if the provider has verified it.
        name: what the provider calls the person; may be empty.
    """

    identity: str
    email: str | None
    name: str


class Provider(Protocol):
    """Somebody who says who a person is.

    What it is asked raises Problem if there is no answer, or one that cannot be believed.

    Attributes:
        title: what people call it.
    """

    settings: Settings
    title: str

    async def address(self, begun: Begun) -> str:
        """Where the browser goes to sign in."""

    async def person(self, begun: Begun, code: str, now: datetime) -> Person:
        """Who has come back with this code; `now` is the desk's clock."""


class Odd(ValueError):
    """An answer that a provider should not give; the message is ours, and holds nothing of the answer."""


@asynccontextmanager
async def talk(settings: Settings) -> AsyncIterator[None]:
    """Time for one talk with a provider; whatever goes wrong in it becomes a Problem."""
    try:
        async with asyncio.timeout(SECONDS):
            yield
    except (TimeoutError, httpx2.TransportError) as error:
        raise unanswered(settings, type(error).__name__) from None
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        failed = unanswered if status >= _OWN_FAULT or status == _TOO_MANY else unbelievable
        raise failed(settings, f"HTTP {status}") from None
    except OAuthError as error:
        raise stale() if error.error in _USED_UP else unbelievable(settings, plain(error.error)) from None
    except JoseError as error:
        claim = getattr(error, "claim", "")
        raise unbelievable(settings, f"{type(error).__name__} {claim}".strip()) from None
    except Odd as error:
        raise unbelievable(settings, str(error)) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, TypeError, LookupError, AttributeError) as error:
        # Libraries read the answers, and each stumbles in a way of its own over one of the wrong shape.
        place = traceback.extract_tb(error.__traceback__)[-1]
        raise unbelievable(
            settings, f"{type(error).__name__} in {PurePath(place.filename).name}:{place.lineno}"
        ) from None


def client(settings: Settings, begun: Begun, tls: ssl.SSLContext, *, scope: str, method: str) -> AsyncOAuth2Client:
    """One who asks a provider in this desk's name; `method` is how the desk's secret is sent."""
    return AsyncOAuth2Client(
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        token_endpoint_auth_method=method,
        code_challenge_method="S256",
        scope=scope,
        redirect_uri=begun.back,
        verify=tls,
        timeout=SECONDS,
        headers={"User-Agent": "podium", "Accept": "application/json"},
    )


def address(client: AsyncOAuth2Client, door: str, begun: Begun, **more: str) -> str:
    """Where the browser goes to sign in, by the door at which the provider receives it."""
    made: str
    made, _ = client.create_authorization_url(door, state=begun.state, code_verifier=begun.verifier, **more)
    return made


async def fetched(client: AsyncOAuth2Client, url: str, *, is_own: bool = False) -> Any:
    """The JSON that stands at an address; `is_own`: of the person, asked with the person's token."""
    answer = await client.request("GET", url, withhold_token=not is_own)
    answer.raise_for_status()
    return answer.json()


def table(value: Any) -> dict[str, Any]:
    """A JSON object; Odd if it is something else."""
    if not isinstance(value, dict):
        raise Odd("the answer is no JSON object")
    return value


def text(value: Any) -> str:
    """A text, or nothing in place of something else."""
    return value if isinstance(value, str) else ""


def plain(word: Any) -> str:
    """An error's name as RFC 6749 spells them; whatever else was sent does not get into the log."""
    is_one = isinstance(word, str) and word.isascii() and word.replace("_", "").isalpha() and len(word) <= _LONGEST_WORD
    return word if is_one else "unknown error"


def stale() -> Problem:
    """400: the answer fits no sign-in that is on its way in this browser."""
    detail = (
        "this browser has begun no such sign-in, or it took longer than ten minutes, or was used already: "
        "begin it again"
    )
    return Problem(400, STALE, "Begin the sign-in again", detail)


def denied(settings: Settings) -> Problem:
    """403: the person said no."""
    detail = f"you did not let {settings.title} say who you are, and nothing was changed; you can join with a code"
    return Problem(403, "sign-in-denied", "Not signed in", detail)


def unanswered(settings: Settings, cause: str) -> Problem:
    """503: the provider is down, or too slow."""
    logs.note("sign_in", outcome="unanswered", cause=cause)
    detail = f"{settings.title} does not answer at the moment; try again in a minute, or join with a code"
    return Problem(503, "sign-in-unanswered", "Not now", detail, headers={"Retry-After": str(TRY_AGAIN)})


def unbelievable(settings: Settings, cause: str) -> Problem:
    """502: the provider said something that must not be believed, or does not know this desk."""
    logs.note("sign_in", outcome="unbelievable", cause=cause)
    detail = (
        f"the answer of {settings.title} cannot be relied on; tell the organiser, who finds the cause in the desk's log"
    )
    return Problem(502, "sign-in-failed", "The sign-in failed", detail)
