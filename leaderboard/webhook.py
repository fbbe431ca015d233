"""A message to a Discord webhook: sent once, tried again where it surely was not taken."""

import json
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Self
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from submissions.errors import OrganiserError

TRIES = 5
LONGEST_WAIT = 60.0  # seconds; whoever is asked to wait longer comes back another time
TIMEOUT = 10.0  # seconds without a byte
_ADDRESS = re.compile(r"(https://[\w.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?)/[\w\-./?=&%]+", re.ASCII)
_MOST_BYTES = 65_536
_PERHAPS = "the connection to the webhook broke before it answered: the message may stand there, and is not sent again"
_GONE, _TOO_MANY, _SERVER_FAULT = (401, 403, 404), 429, 500
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Podium"}  # Python's own agent is refused there


class NotSent(OrganiserError):
    """A message that surely was not taken: it may be sent again."""


class PerhapsSent(OrganiserError):
    """A message of which it is not known whether it was taken: sent again, it might stand there twice."""


class BadWebhook(OrganiserError):
    """What was given is no webhook's address."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where messages go. The address is a secret: whoever has it can write there; no message or repr holds it."""

    address: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The webhook of this address; BadWebhook where it is none, in words that do not repeat it."""
        if not _ADDRESS.fullmatch(text.strip()):
            raise BadWebhook("the webhook's address must look like https://discord.com/api/webhooks/NUMBER/TOKEN")
        return cls(text.strip())

    def send(self, message: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Post one message as JSON.

        Where the other side asks to wait (429) or fails (5xx) it is sent again, at most 5 times, after as long as it
        asks for or 1, 2, 4, 8 seconds. Redirects are not followed: the address is a secret.

        Raises:
            NotSent: it was refused, or nobody could be reached, or the other side asks to wait for over a minute.
            PerhapsSent: the connection broke while the answer was awaited.
        """
        request = Request(self.address, json.dumps(message).encode(), _HEADERS)  # noqa: S310 - parse allows http only
        for attempt in range(TRIES):
            wait = _post(request, 2.0**attempt)
            if wait is None:
                return
            if wait > LONGEST_WAIT:
                raise NotSent(f"Discord asks to wait for {math.ceil(wait):,} seconds: try again later")
            if attempt + 1 < TRIES:
                sleep(wait)
        raise NotSent(f"Discord did not take the message in {TRIES} tries: try again later")


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _post(request: Request, backoff: float) -> float | None:
    """None if the message was taken; else after how many seconds to try again."""
    # An error of urllib may hold the address: none is let out, nor shown as the cause of ours.
    try:
        with build_opener(_NoRedirect).open(request, timeout=TIMEOUT):
            return None
    except HTTPError as error:
        with error:
            return _wait(error, backoff)
    except URLError as error:
        if isinstance(error.reason, ConnectionResetError | BrokenPipeError):
            raise PerhapsSent(_PERHAPS) from None
        why = getattr(error.reason, "strerror", None) or type(error.reason).__name__
        raise NotSent(f"the webhook cannot be reached: {why}") from None
    except (OSError, HTTPException):
        # The message was on its way.
        raise PerhapsSent(_PERHAPS) from None


def _wait(error: HTTPError, backoff: float) -> float:
    if error.code == _TOO_MANY:
        return _asked_for(error) or backoff
    if error.code >= _SERVER_FAULT:
        return backoff
    hint = ": it is no longer there; make a new one" if error.code in _GONE else ""
    raise NotSent(f"the webhook refused the message with status {error.code}{hint}") from None


def _asked_for(error: HTTPError) -> float:
    """How many seconds a 429 asks to wait; 0: it does not say.

    Without a version in the address, Discord's `retry_after` has been milliseconds (its issue 4722); its header
    X-RateLimit-Reset-After is seconds always, but says nothing of a limit over all webhooks.
    """
    try:
        body = json.loads(error.read(_MOST_BYTES))
    except (OSError, HTTPException, ValueError, RecursionError):
        body = {}
    body = body if isinstance(body, dict) else {}
    resets = None if body.get("global") else error.headers.get("X-RateLimit-Reset-After")
    said = (resets, body.get("retry_after"), error.headers.get("Retry-After"))
    return next(filter(None, map(_seconds, said)), 0.0)


def _seconds(said: object) -> float:
    try:
        seconds = float(said) if isinstance(said, str | int | float) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
