"""How often one may ask: strangers who guess, and teams that ask for more than anybody needs."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection

from submissions.web import problems

GUESSES = parse("30/minute")  # tokens and join codes that were wrong, of one address
REQUESTS = parse("300/minute")  # of one team
UPLOADS = 8  # of one team, at the same time


class Limits:
    """Counts of one desk; several desks count each for itself.

    A lecture hall has one address: what is right is never counted against it, only what was wrong.
    """

    def __init__(self) -> None:
        self._counts = MovingWindowRateLimiter(MemoryStorage())
        self._uploads = Counter[str]()

    async def refuse_guessing(self, connection: HTTPConnection) -> None:
        """Nothing, if this address has not been wrong too often.

        Raises:
            Problem: 429, with when to try again.
        """
        if not await self._counts.test(GUESSES, _address(connection)):
            raise problems.slow_down(await self._wait(GUESSES, _address(connection)))

    async def note_wrong(self, connection: HTTPConnection) -> None:
        """A wrong token or code has come from this address."""
        await self._counts.hit(GUESSES, _address(connection))

    async def count(self, team: str) -> None:
        """One more request of a team.

        Raises:
            Problem: 429, with when to try again.
        """
        if not await self._counts.hit(REQUESTS, "team", team):
            raise problems.slow_down(await self._wait(REQUESTS, "team", team))

    @contextmanager
    def uploading(self, team: str) -> Iterator[None]:
        """One of the files that a team may send at a time: nobody fills the desk with slow ones.

        Raises:
            Problem: 429, there are too many.
        """
        if self._uploads[team] >= UPLOADS:
            raise problems.slow_down(1)
        self._uploads[team] += 1
        try:
            yield
        finally:
            self._uploads[team] -= 1
            if not self._uploads[team]:
                del self._uploads[team]

    async def _wait(self, limit: RateLimitItem, *key: str) -> float:
        stats = await self._counts.get_window_stats(limit, *key)
        return stats.reset_time - time.time()


def _address(connection: HTTPConnection) -> str:
    return connection.client.host if connection.client else "none"
