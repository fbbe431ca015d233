"""Work on a Dask cluster; the only module that knows Dask."""

import asyncio
import logging
import uuid
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import urlsplit

import distributed
from distributed.scheduler import KilledWorker
from distributed.security import Security

from grader.outcomes import AHEAD, Chunk, Outcome, Packed, Result, Work, WorkersLost, in_order
from submissions.errors import OrganiserError

ANSWER_SECONDS = 5.0  # within which a scheduler must answer, and have a worker
LOOK_SECONDS = 30.0  # how long a chunk is waited for before it is asked whether there is a worker left
_LOGGERS = ("distributed", "distributed.client")  # they print tracebacks of what is told as a message here


class Holder(distributed.WorkerPlugin):
    """What each worker holds while the work goes on; those that come later are given it too."""

    def __init__(self, work: Packed) -> None:
        self.work = work


def spread(work: Work[Chunk, Result], chunks: Sequence[Chunk], address: str) -> Iterator[Result]:
    """What `work` makes of each chunk, in the order of the chunks; see `grader/spread.py`.

    Raises:
        OrganiserError: the address is none.
        WorkersLost: nothing answers there, there is no worker, or the cluster cannot go on.
        Exception: what `work` raises, as it is.
    """
    _demand_address(address)
    with (
        _quiet(),
        _client(address) as client,
        _holding(client, address, work) as name,
        closing(_outcomes(client, address, name, chunks)) as outcomes,
    ):
        for outcome in outcomes:
            yield outcome.get()


def _demand_address(address: str) -> None:
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"tcp", "tls"} and parts.hostname and parts.port
    except ValueError:
        is_whole = False
    if not is_whole:
        raise OrganiserError(f"{address!r} is no address of a cluster: expected one like tcp://127.0.0.1:8786")


@contextmanager
def _quiet() -> Iterator[None]:
    before = {logger: logger.level for logger in map(logging.getLogger, _LOGGERS)}
    for logger in before:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in before.items():
            logger.setLevel(level)


@contextmanager
def _explained(sentence: str) -> Iterator[None]:
    """Dask's many exceptions as this one sentence; what the work itself raises is inside of outcomes."""
    try:
        yield
    except OrganiserError:
        raise
    except KilledWorker as error:
        times = error.allowed_failures + 1
        raise WorkersLost(f"one chunk of the work ended {times} workers: do they lack memory?") from error
    except TimeoutError as error:
        raise WorkersLost(f"{sentence} (it took too long)") from error
    except CancelledError as error:
        raise WorkersLost(f"{sentence} (the connection was lost)") from error
    except Exception as error:  # another server's first bytes may be taken for the length of the next: MemoryError
        raise WorkersLost(f"{sentence} ({error or type(error).__name__})") from error


@contextmanager
def _client(address: str) -> Iterator[distributed.Client]:
    """A connection to the scheduler, which has a worker."""
    # A client that is made for a wrong server does not end; whether it is the right one is asked first, with a limit.
    with _explained(f"no Dask scheduler answers at {address}: start one with `dask scheduler`"):
        asyncio.run(_identity(address))
        client = distributed.Client(address, timeout=ANSWER_SECONDS, set_as_default=False)
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER_SECONDS)
        except TimeoutError:
            raise _no_worker(address) from None
        yield client


async def _identity(address: str) -> None:
    encryption = Security().get_connection_args("client")
    async with asyncio.timeout(ANSWER_SECONDS):
        async with distributed.rpc(address, timeout=ANSWER_SECONDS, connection_args=encryption) as scheduler:
            await scheduler.identity()


def _no_worker(address: str) -> WorkersLost:
    return WorkersLost(f"the cluster at {address} has no worker: start some with `dask worker {address}`")


@contextmanager
def _holding(client: distributed.Client, address: str, work: Work[Any, Any]) -> Iterator[str]:
    """The name under which each worker holds the work; at the end none does."""
    name = f"podium-{uuid.uuid4()}"
    with _explained(f"the workers of {address} cannot take the work: install the same podium there"):
        client.register_plugin(Holder(Packed.of(work)), name=name)
    try:
        yield name
    finally:
        if client.status == "running":
            client.unregister_worker_plugin(name)


def _outcomes(
    client: distributed.Client, address: str, name: str, chunks: Sequence[Chunk]
) -> Generator[Outcome, None, None]:
    with _explained(f"the cluster at {address} cannot go on"):
        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        for future in in_order(lambda chunk: client.submit(_do, name, chunk, pure=False), chunks, ahead):
            yield _wait(client, address, future)


def _wait(client: distributed.Client, address: str, future: Any) -> Outcome:
    while True:
        try:
            outcome: Outcome = future.result(timeout=LOOK_SECONDS)
        except TimeoutError:
            if not client.nthreads():
                raise _no_worker(address) from None
        else:
            return outcome


def _do(name: str, chunk: Any) -> Outcome:
    """In a worker: what becomes of a chunk."""
    holder = distributed.get_worker().plugins[name]
    assert isinstance(holder, Holder)
    return holder.work.do(chunk)
