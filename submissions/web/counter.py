"""Where many arrivals are recorded in one transaction: one commit, on disk, for all that wait."""

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar

from submissions.arrivals import Arrival, Recorded
from submissions.errors import OrganiserError
from submissions.intake import Desk
from submissions.web import problems
from submissions.web.tender import Tender

MOST = 64  # arrivals in one transaction
WAITING_BYTES = 128 * 2**20  # of all files that wait: a small packed file may be a large one here
T = TypeVar("T")
_Waiting = tuple[Desk, Arrival, Callable[[Recorded], Any], "Future[Any]"]


class CounterClosed(RuntimeError):
    """Nothing is recorded any more."""


class Counter:
    """Records arrivals in the order in which they come, from a thread of its own.

    A commit waits for the disk, or for another machine. While one commit waits, others arrive, and the next takes them
    together (group commit). Nobody gets a receipt before the commit that holds it.
    """

    def __init__(self) -> None:
        self._waiting = queue.SimpleQueue[_Waiting | None]()
        self._lock, self._is_closed, self._bytes = threading.Lock(), False, 0
        self._tender = Tender()
        self._thread = threading.Thread(target=self._work, name="counter", daemon=True)
        self._thread.start()

    def record(self, desk: Desk, arrival: Arrival, then: Callable[[Recorded], T]) -> "Future[T]":
        """What `then` makes of what the ledger holds of the arrival, once it is committed; or what refuses it.

        Whoever asks may go, but what has arrived is recorded: the future cannot be cancelled.

        Raises:
            CounterClosed, Problem: nothing was recorded; the latter where too much waits already.
        """
        future, size = Future[T](), len(arrival.data)
        future.set_running_or_notify_cancel()
        with self._lock:
            if self._is_closed:
                raise CounterClosed
            if self._bytes and self._bytes + size > WAITING_BYTES:
                raise problems.unavailable("too many files wait to be recorded; nothing was recorded: try again")
            self._bytes += size
            self._waiting.put((desk, arrival, then, future))
        return future

    def close(self) -> None:
        """Record what waits, and end."""
        with self._lock:
            if not self._is_closed:
                self._waiting.put(None)
            self._is_closed = True
        self._thread.join()
        self._tender.close()

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch, is_last = self._more(first)
            for group in _of_one_desk(batch):
                _record(group)
                self._tender.note(group[0][0].ledger)
                with self._lock:
                    self._bytes -= sum(len(arrival.data) for _, arrival, *_ in group)
            if is_last:
                return

    def _more(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """What waits behind the first, and whether the end is among it."""
        batch = [first]
        while len(batch) < MOST:
            try:
                one = self._waiting.get_nowait()
            except queue.Empty:
                break
            if one is None:
                return batch, True
            batch.append(one)
        return batch, False


def _of_one_desk(batch: Sequence[_Waiting]) -> list[list[_Waiting]]:
    groups = list[list[_Waiting]]()
    for one in batch:
        if groups and groups[-1][0][0] is one[0]:
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _record(group: Sequence[_Waiting]) -> None:
    desk = group[0][0]
    try:
        with desk.ledger.writing() as ledger:
            answers = desk.record(ledger, [arrival for _, arrival, *_ in group])
    except OrganiserError as error:
        _answer(group, [error] * len(group))
    except BaseException as error:  # noqa: BLE001 - one arrival's accident is not the others'
        _record_apart(group, error)
    else:
        _answer(group, answers)


def _record_apart(group: Sequence[_Waiting], error: BaseException) -> None:
    if len(group) > 1:
        for one in group:
            _record([one])
        return
    # Where it is awaited, StopIteration would be lost, and KeyboardInterrupt would end the desk.
    is_told = isinstance(error, Exception) and not isinstance(error, StopIteration)
    told = error if is_told else RuntimeError(type(error).__name__)
    if told is not error:
        told.__cause__ = error
    _answer(group, [told])


def _answer(group: Sequence[_Waiting], answers: Sequence[Recorded | BaseException]) -> None:
    for (*_, then, future), answer in zip(group, answers, strict=True):
        if isinstance(answer, BaseException):
            future.set_exception(answer)
            continue
        try:
            told = then(answer)
        except Exception as error:  # noqa: BLE001 - it is committed, whatever can be told of it
            future.set_exception(error)
        else:
            future.set_result(told)
