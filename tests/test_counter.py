"""submissions/web/counter.py: many arrivals in one transaction."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from conftest import WEDNESDAY, good_file
from submissions.arrivals import Arrival, Recorded
from submissions.intake import Desk
from submissions.quota import QuotaExceeded
from submissions.record import chain
from submissions.record.entries import LedgerError
from submissions.record.transaction import Transaction
from submissions.record.view import View
from submissions.web import counter as counters
from submissions.web.counter import MOST, Counter, CounterClosed
from submissions.web.problems import Problem

PATIENCE = 20.0


def as_it_is(found: Recorded) -> Recorded:
    return found


class Watched:
    """A ledger that counts its transactions, and may refuse to commit."""

    def __init__(self, ledger: Any) -> None:
        self.ledger, self.transactions = ledger, 0
        self.tended = threading.Semaphore(0)
        self.trouble: BaseException | None = None

    def reading(self) -> Any:
        return self.ledger.reading()

    def glance(self, look: Callable[..., Any]) -> Any:
        return self.ledger.glance(look)

    def tend(self) -> None:
        self.tended.release()
        self.ledger.tend()
        raise LedgerError("the disk is full")

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        self.transactions += 1
        with self.ledger.writing() as transaction:
            yield transaction
            if self.trouble:
                raise self.trouble


class Gate:
    """A mark that holds the counter until it is opened, so that what comes meanwhile is one group."""

    def __init__(self) -> None:
        self.reached, self._opened = threading.Event(), threading.Event()

    def __call__(self, _view: View, _team: str, _is_baseline: bool) -> None:
        self.reached.set()
        assert self._opened.wait(PATIENCE)

    def open(self) -> None:
        self._opened.set()


@pytest.fixture
def watched(desk: Desk) -> Desk:
    return replace(desk, ledger=Watched(desk.ledger))  # type: ignore[arg-type]


@pytest.fixture
def counter() -> Iterator[Counter]:
    made = Counter()
    yield made
    made.close()


def arrival(desk: Desk, label: int, team: str = "Ada", mark: Callable[..., Any] | None = None) -> Arrival:
    found = desk.examine(good_file(label), team=team, now=WEDNESDAY, door="test")
    assert isinstance(found, Arrival)
    return replace(found, mark=mark) if mark else found


def grouped(counter: Counter, desk: Desk, *arrivals: Arrival) -> list[Future[Recorded]]:
    """The futures of these arrivals, which are recorded as one group behind another's."""
    gate = Gate()
    first = counter.record(desk, arrival(desk, 0, "First", gate), as_it_is)
    assert gate.reached.wait(PATIENCE)
    futures = [counter.record(desk, one, as_it_is) for one in arrivals]
    gate.open()
    first.result(PATIENCE)
    return futures


def received(desk: Desk) -> list[str | None]:
    with desk.ledger.reading() as view:
        chain.verify(view)
        return [entry.team for entry in view.entries("received")]


def test_those_who_wait_are_recorded_together(counter: Counter, watched: Desk) -> None:
    """One transaction for all that came meanwhile, in the order in which they came."""
    arrivals = [arrival(watched, 0, f"Team {number}") for number in range(MOST)]
    futures = grouped(counter, watched, *arrivals)

    receipts = [future.result(PATIENCE).receipt for future in futures]
    assert [receipt.submission for receipt in receipts] == list(range(2, MOST + 2))
    assert received(watched) == ["First", *(one.team for one in arrivals)]
    assert watched.ledger.transactions == 2


def test_a_group_is_no_larger_than_it_may_be(counter: Counter, watched: Desk) -> None:
    """The one too many is in the next transaction."""
    futures = grouped(counter, watched, *(arrival(watched, 0, f"Team {number}") for number in range(MOST + 1)))
    assert [future.result(PATIENCE).receipt.submission for future in futures] == list(range(2, MOST + 3))
    assert watched.ledger.transactions == 3


def test_what_waits_is_bounded(counter: Counter, watched: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the ledger is held, what comes beyond so many bytes is told to come again; what waited is recorded."""
    monkeypatch.setattr(counters, "WAITING_BYTES", 3 * len(good_file(0)))
    gate = Gate()
    futures = [counter.record(watched, arrival(watched, 0, "First", gate), as_it_is)]
    assert gate.reached.wait(PATIENCE)
    futures += [counter.record(watched, arrival(watched, label), as_it_is) for label in (1, 2)]
    with pytest.raises(Problem) as refused:
        counter.record(watched, arrival(watched, 3), as_it_is)
    gate.open()

    assert (refused.value.status, refused.value.detail) == (
        503,
        "too many files wait to be recorded; nothing was recorded: try again",
    )
    assert [future.result(PATIENCE).receipt.submission for future in futures] == [1, 2, 3]
    assert counter.record(watched, arrival(watched, 3), as_it_is).result(PATIENCE).receipt.submission == 4


def test_nobody_has_a_receipt_before_the_commit(counter: Counter, watched: Desk) -> None:
    """A commit that fails gives all of its group the error, and records none; the next group is recorded."""
    watched.ledger.trouble = trouble = LedgerError("the disk is full")
    gate = Gate()
    futures = [counter.record(watched, arrival(watched, 1, "First", gate), as_it_is)]
    assert gate.reached.wait(PATIENCE)
    futures += [counter.record(watched, arrival(watched, label), as_it_is) for label in (2, 3)]
    assert not any(future.done() for future in futures)
    gate.open()

    assert [future.exception(PATIENCE) for future in futures] == [trouble] * 3
    assert received(watched) == []
    assert watched.ledger.transactions == 2
    watched.ledger.trouble = None
    assert counter.record(watched, arrival(watched, 4), as_it_is).result(PATIENCE).receipt.submission == 1


def test_who_is_refused_harms_nobody(counter: Counter, watched: Desk) -> None:
    """Of seven of one team five are recorded, and the two behind them told that no attempt is left."""
    futures = grouped(counter, watched, *(arrival(watched, label) for label in range(7)), arrival(watched, 0, "Grace"))
    told = [future.exception(PATIENCE) for future in futures]

    assert [type(one) for one in told] == [type(None)] * 5 + [QuotaExceeded] * 2 + [type(None)]
    assert received(watched) == ["First", *["Ada"] * 5, "Grace"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ValueError("label 'secret'"), ValueError),
        (AssertionError(), AssertionError),
        (LedgerError("the file 12 is missing"), LedgerError),
        (StopIteration(), RuntimeError),
        (MemoryError(), MemoryError),
        (KeyboardInterrupt(), RuntimeError),
        (SystemExit(1), RuntimeError),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_one_accident_is_not_the_others(counter: Counter, watched: Desk, error: BaseException, told: type) -> None:
    """Whatever one arrival raises, it alone is told, once, in a form that can be awaited; the rest is recorded."""

    def fail(*_: object) -> None:
        raise error

    futures = grouped(
        counter, watched, arrival(watched, 1), arrival(watched, 2, mark=fail), arrival(watched, 3, "Grace")
    )
    raised = [future.exception(PATIENCE) for future in futures]

    assert [type(one) for one in raised] == [type(None), told, type(None)]
    assert raised[1] is error or (raised[1] is not None and raised[1].__cause__ is error)
    assert received(watched) == ["First", "Ada", "Grace"]
    assert counter.record(watched, arrival(watched, 4), as_it_is).result(PATIENCE).receipt.submission == 4


@pytest.mark.parametrize(
    "error", [MemoryError(), KeyboardInterrupt(), StopIteration()], ids=lambda one: type(one).__name__
)
def test_an_accident_of_the_commit_leaves_nobody_waiting(counter: Counter, watched: Desk, error: BaseException) -> None:
    """All are told, and the counter goes on."""
    gate = Gate()
    futures = [counter.record(watched, arrival(watched, 0, "First", gate), as_it_is)]
    assert gate.reached.wait(PATIENCE)
    watched.ledger.trouble = error
    futures += [counter.record(watched, arrival(watched, label), as_it_is) for label in (1, 2)]
    gate.open()
    assert all(isinstance(future.exception(PATIENCE), Exception) for future in futures)
    assert received(watched) == []
    watched.ledger.trouble = None
    assert counter.record(watched, arrival(watched, 3), as_it_is).result(PATIENCE).receipt.submission == 1


def test_who_waits_no_more_is_recorded(counter: Counter, watched: Desk) -> None:
    """A future cannot be cancelled: what has arrived is recorded, and the counter lives."""
    gate = Gate()
    first = counter.record(watched, arrival(watched, 0, "First", gate), as_it_is)
    assert gate.reached.wait(PATIENCE)
    second = counter.record(watched, arrival(watched, 1), as_it_is)
    assert not first.cancel()
    assert not second.cancel()
    gate.open()
    assert second.result(PATIENCE).receipt.submission == 2
    assert received(watched) == ["First", "Ada"]


def test_the_counter_records_what_waits_before_it_closes(watched: Desk) -> None:
    """close() comes back when all is recorded; then nothing is taken any more, and it may be called again."""
    counter, gate = Counter(), Gate()
    futures = [counter.record(watched, arrival(watched, 0, "First", gate), as_it_is)]
    assert gate.reached.wait(PATIENCE)
    futures += [counter.record(watched, arrival(watched, label, f"Team {label}"), as_it_is) for label in range(9)]
    closing = threading.Thread(target=counter.close)
    closing.start()
    gate.open()
    closing.join(PATIENCE)

    assert not closing.is_alive()
    assert all(future.done() and future.exception() is None for future in futures)
    assert len(received(watched)) == 10
    with pytest.raises(CounterClosed):
        counter.record(watched, arrival(watched, 5), as_it_is)
    counter.close()


def test_desks_are_not_mixed(counter: Counter, desk: Desk) -> None:
    """Where the rules were edited meanwhile, each arrival is recorded by those it was examined by."""
    old, new = replace(desk, ledger=Watched(desk.ledger)), replace(desk, ledger=Watched(desk.ledger))  # type: ignore[arg-type]
    gate = Gate()
    first = counter.record(old, arrival(old, 0, "First", gate), as_it_is)
    assert gate.reached.wait(PATIENCE)
    futures = [
        counter.record(one, arrival(one, label), as_it_is) for one, label in ((old, 1), (new, 2), (new, 3), (old, 4))
    ]
    gate.open()
    assert [future.result(PATIENCE).receipt.submission for future in (first, *futures)] == [1, 2, 3, 4, 5]
    assert (old.ledger.transactions, new.ledger.transactions) == (3, 1)


def test_what_is_written_to_is_tended(counter: Counter, watched: Desk) -> None:
    """Again after each time, whatever came of it before; and while nobody writes, not."""
    for label in (1, 2):
        counter.record(watched, arrival(watched, label), as_it_is).result(PATIENCE)
        assert watched.ledger.tended.acquire(timeout=PATIENCE)
        assert not watched.ledger.tended.acquire(timeout=0.5)
    assert len(received(watched)) == 2
