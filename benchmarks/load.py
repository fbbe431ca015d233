"""Clients of a web desk: `python -m benchmarks.load '{"ports": [8000], …}'` sends files, and prints what came of it."""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

ROWS = 10_000
_BODIES = 32
_CHANGES = 6  # labels by which one file differs from the next


@dataclass(frozen=True, slots=True)
class Plan:
    """What the clients do.

    Attributes:
        ports: of the desks on this machine; the clients are dealt out to them.
        tokens: the file with a token on each line, of as many teams.
        clients: how many connections there are, each of which waits for an answer before it sends again.
        seconds: how long.
        rate: submissions a second of all clients together, each due at a moment that is set beforehand, so that a slow
            answer makes the next late, and counts; 0: as fast as the answers come.
    """

    ports: list[int]
    tokens: str
    clients: int
    seconds: float
    rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        milliseconds: from when each submission was due until its answer was read, sorted.
        statuses: how many answers there were of each status.
    """

    seconds: float
    milliseconds: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return len(self.milliseconds) / self.seconds

    def quantile(self, share: float) -> float:
        """The time, in milliseconds, within which this share of the answers came."""
        return self.milliseconds[min(len(self.milliseconds) - 1, int(share * len(self.milliseconds)))]


class _Clients:
    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tokens = Path(plan.tokens).read_text(encoding="ascii").split()
        self._chance = random.Random()  # noqa: S311 - other files in each run, so that none is known
        self._bodies = [_body(np.random.default_rng(number)) for number in range(_BODIES)]
        self._milliseconds, self._statuses = list[float](), Counter[str]()

    async def run(self) -> Outcome:
        start = time.perf_counter()
        await asyncio.gather(*(self._client(number, start) for number in range(self._plan.clients)))
        seconds = time.perf_counter() - start
        return Outcome(seconds, sorted(self._milliseconds), dict(self._statuses))

    async def _client(self, number: int, start: float) -> None:
        plan = self._plan
        reader, writer = await asyncio.open_connection("127.0.0.1", plan.ports[number % len(plan.ports)])
        pause = plan.clients / plan.rate if plan.rate else 0.0
        due = start + pause * number / plan.clients
        while due < start + plan.seconds:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            writer.write(self._request())
            await writer.drain()
            self._statuses[await _status(reader)] += 1
            now = time.perf_counter()
            self._milliseconds.append((now - due) * 1000)
            due = due + pause if plan.rate else now
        writer.close()

    def _request(self) -> bytes:
        body = bytearray(self._chance.choice(self._bodies))
        for _ in range(_CHANGES):
            end = body.index(b"\n", self._chance.randrange(1_000, len(body) - 100))
            body[end - 1] = ord("0") + self._chance.randrange(10)
        head = (
            "POST /api/submissions HTTP/1.1\r\nHost: desk\r\nContent-Type: text/csv\r\n"
            f"Authorization: Bearer {self._chance.choice(self._tokens)}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


async def _status(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines if line)
    await reader.readexactly(int(headers["content-length"]))
    return first.split()[1]


def _body(chance: np.random.Generator) -> bytes:
    labels = chance.integers(0, 10, ROWS)
    return b"id,label\n" + b"".join(b"%d,%d\n" % (row, label) for row, label in enumerate(labels.tolist(), start=1))


def main() -> None:
    """Do as the plan says that is given as JSON."""
    outcome = asyncio.run(_Clients(Plan(**json.loads(sys.argv[1]))).run())
    print(json.dumps(asdict(outcome)))


if __name__ == "__main__":
    main()
