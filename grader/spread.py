"""One piece of work on many chunks: in this process, on all cores, or on a Dask cluster."""

import importlib.util
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from grader.outcomes import AHEAD, Chunk, Outcome, Packed, Result, Work, WorkersLost, in_order
from submissions.errors import OrganiserError

PATIENCE_SECONDS = 4.0  # to start processes takes about as long on a busy machine


def spread(work: Work[Chunk, Result], chunks: Sequence[Chunk], *, cluster: str | None = None) -> Iterator[Result]:
    """What `work` makes of each chunk, in the order of the chunks; begins when the first is asked for.

    Without a cluster the work begins in this process. What is not done within a second goes on in a pool of processes,
    one for each core. Work travels to a process once, so it may be large; it, the chunks and the results must be such
    as can be pickled. Pool and cluster work a little ahead of what is asked for.

    Args:
        work: a function, or a value that can be called.
        chunks: what it is called with, one after the other.
        cluster: the address of a Dask scheduler, tcp://host:port. All that `work` holds goes there over the network,
            hidden labels too, and is forgotten there at the end. A chunk whose worker is killed is done by another.

    Raises:
        WorkersLost: a process of the pool was killed, or the cluster does not answer or cannot go on.
        OrganiserError: Dask is not installed, or the address is none.
        Exception: what `work` raises, as it is, in the place of its chunk.
    """
    if cluster is not None:
        yield from _on_cluster(work, chunks, cluster)
        return
    seconds = 0.0
    for done, chunk in enumerate(chunks):
        if seconds >= PATIENCE_SECONDS and len(chunks) - done > 1 and cores() > 1:
            yield from _in_pool(work, chunks[done:])
            return
        start = time.perf_counter()
        result = work(chunk)
        seconds += time.perf_counter() - start
        yield result


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _on_cluster(work: Work[Chunk, Result], chunks: Sequence[Chunk], address: str) -> Iterator[Result]:
    if importlib.util.find_spec("distributed") is None:
        raise OrganiserError("a cluster needs Dask: pip install 'podium[cluster]'")
    from grader import cluster

    yield from cluster.spread(work, chunks, address)


def _in_pool(work: Work[Chunk, Result], chunks: Sequence[Chunk]) -> Iterator[Result]:
    # Not forked: a fork has the locks that other threads hold, and nobody to release them.
    size, context = min(cores(), len(chunks)), multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(size, context, initializer=_begin, initargs=(Packed.of(work),))
    try:
        for future in in_order(lambda chunk: pool.submit(_do, chunk), chunks, AHEAD * size):
            yield future.result().get()
    except BrokenProcessPool:
        raise WorkersLost(
            "a worker process was ended from outside, for lack of memory perhaps: free some, and start again"
        ) from None
    finally:
        # Waited for: a process that ends before its pool has may never tell the pool's processes to end.
        pool.shutdown(cancel_futures=True)


_held: list[Packed] = []  # in a process of the pool: its work


def _begin(work: Packed) -> None:
    """What a process of the pool does first."""
    _held.append(work)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends all of them at once, without a traceback of each
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    # Where the parent is killed, nobody tells them to stop waiting for chunks.
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _do(chunk: Any) -> Outcome:
    return _held[0].do(chunk)
