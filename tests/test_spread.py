"""Rules of grader/spread.py, grader/cluster.py and grader/outcomes.py: the same results wherever the work is done."""

import hashlib
import importlib.util
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from distributed import LocalCluster

from conftest import CASES, GOOD_FILE
from grader import cluster as dask
from grader import spread as spreading
from grader.matrix import Matrix
from grader.outcomes import AHEAD, Outcome, Packed, WorkersLost, in_order
from grader.spread import spread
from submissions import predictions
from submissions.competition import Competition
from submissions.errors import OrganiserError
from submissions.faults import Fault, Faults, InvalidSubmission
from submissions.record.ledger import Ledger
from submissions.row_ids import RowIds

PLACES = ("here", "pool", "cluster")
FAULTS = Faults((Fault("blank-value", 4, "column 'label' is blank"),), {})


def square(number: int) -> int:
    return number * number


def process(_: int) -> int:
    return os.getpid()


def refuse_three(number: int) -> int:
    if number == 3:
        raise InvalidSubmission(FAULTS)
    return number


def miss_three(number: int) -> int:
    return {0: 0, 1: 1, 2: 2}[number]


def kill_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


class KillOnce:
    """Kills its own process at one chunk, the first time that it is asked for it."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __call__(self, number: int) -> int:
        if number == 5 and not self.marker.exists():
            self.marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return square(number)


class Counting:
    """Counts its calls."""

    calls = 0

    def __call__(self, _: object) -> int:
        self.calls += 1
        return self.calls


def break_up() -> Any:
    raise InvalidSubmission(FAULTS)


class Unpackable:
    """Work that fails where it is unpacked."""

    def __reduce__(self) -> Any:
        return break_up, ()

    def __call__(self, number: int) -> int:
        return number


@pytest.fixture(scope="module")
def local() -> Iterator[LocalCluster]:
    """A Dask cluster of two worker processes."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as made:
        yield made


@pytest.fixture
def at(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Iterator[Any]]:
    """Spreads work over a place of PLACES."""

    def over(place: str, work: Any, chunks: Any) -> Iterator[Any]:
        monkeypatch.setattr(spreading, "PATIENCE_SECONDS", {"here": 1e9, "pool": 0.0, "cluster": 0.0}[place])
        monkeypatch.setattr(spreading, "cores", lambda: 2)
        address = request.getfixturevalue("local").scheduler_address if place == "cluster" else None
        return spread(work, chunks, cluster=address)

    return over


At = Callable[..., Iterator[Any]]


@pytest.mark.parametrize("place", PLACES)
def test_results_come_in_the_order_of_the_chunks(at: At, place: str) -> None:
    """Here, in a pool and on a cluster the results are the same, each in the place of its chunk."""
    assert list(at(place, square, range(40))) == [square(number) for number in range(40)]
    assert list(at(place, square, [])) == []


def test_little_work_starts_no_process(at: At) -> None:
    """What is done within a second is done in this process."""
    assert set(at("here", process, range(9))) == {os.getpid()}


def test_much_work_goes_on_in_other_processes(at: At) -> None:
    """What takes longer is done in a pool."""
    assert os.getpid() not in set(at("pool", process, range(9)))


def test_one_core_or_one_chunk_needs_no_pool(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be done beside anything else, this process does it."""
    assert list(at("pool", process, [0])) == [os.getpid()]
    work = at("pool", process, range(9))
    monkeypatch.setattr(spreading, "cores", lambda: 1)
    assert set(work) == {os.getpid()}


def test_cores_are_those_that_may_be_used() -> None:
    """There is at least one core, and no more than the machine has."""
    assert 1 <= spreading.cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize("place", PLACES)
def test_an_exception_reaches_the_caller_as_itself(at: At, place: str) -> None:
    """What the work raises keeps its type, text and facts, and comes in the place of its chunk."""
    results = at(place, refuse_three, range(9))
    given = [next(results) for _ in range(3)]
    with pytest.raises(InvalidSubmission) as caught:
        next(results)

    assert given == [0, 1, 2]
    assert caught.value.faults == FAULTS
    assert str(caught.value) == "line 4: column 'label' is blank [blank-value]"


@pytest.mark.parametrize("place", PLACES)
def test_an_exception_of_python_reaches_the_caller_as_itself(at: At, place: str) -> None:
    """The same holds where the exception has no facts of its own."""
    with pytest.raises(KeyError) as missed:
        list(at(place, miss_three, range(9)))

    assert missed.value.args == (3,)


@pytest.mark.parametrize("place", PLACES[1:])
def test_an_exception_tells_where_it_was_raised(at: At, place: str) -> None:
    """The traceback of the other process goes with it, as a note."""
    with pytest.raises(KeyError) as missed:
        list(at(place, miss_three, range(9)))

    [note] = missed.value.__notes__
    assert note.startswith("In a worker process:\nTraceback")
    assert "in miss_three" in note


@pytest.mark.parametrize("place", PLACES[1:])
def test_work_that_cannot_be_unpacked_says_why(at: At, place: str) -> None:
    """What a worker cannot unpack is told as what it is, not as a lost worker."""
    with pytest.raises(InvalidSubmission):
        list(at(place, Unpackable(), range(9)))


def test_each_thread_unpacks_the_work_once() -> None:
    """Chunks of one thread share the work, those of two threads do not."""
    packed = Packed.of(Counting())
    counts = [packed.do(None).get(), packed.do(None).get()]
    thread = threading.Thread(target=lambda: counts.append(packed.do(None).get()))
    thread.start()
    thread.join()

    assert counts == [1, 2, 1]


def test_an_outcome_holds_what_was_raised() -> None:
    """An exception within an outcome is raised where the result is asked for."""
    with pytest.raises(ZeroDivisionError, match="by zero"):
        Outcome.of(lambda number: 1 // number, 0).get()

    assert Outcome.of(lambda number: 1 // number, 1).get() == 1


def test_no_more_than_so_many_chunks_are_under_way() -> None:
    """Chunks wait until results before them were taken: memory does not grow with their number."""
    begun: list[int] = []
    futures = in_order(begun.append, range(100), ahead=7)
    for taken in range(1, 20):
        next(futures)
        assert len(begun) <= taken + 7

    assert sum(1 for _ in futures) == 81
    assert begun == list(range(100))


def test_a_killed_process_of_the_pool_is_told(at: At) -> None:
    """A pool that lost a process gives a message for the organiser."""
    with pytest.raises(WorkersLost) as lost:
        list(at("pool", kill_at_three, range(9)))

    assert isinstance(lost.value, OrganiserError)
    assert str(lost.value) == (
        "a worker process was ended from outside, for lack of memory perhaps: free some, and start again"
    )


def test_no_process_outlives_its_parent() -> None:
    """Where the command is killed, the processes of its pool end: nobody holds its output open."""
    script = (
        "import time\nfrom grader import spread\n"
        "spread.PATIENCE_SECONDS, spread.cores = 0, lambda: 2\n"
        "results = spread.spread(time.sleep, [0, 0, 3600, 3600, 3600])\n"
        "next(results)\nprint('begun', flush=True)\nnext(results)\nnext(results)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=CASES.parent.parent, text=True
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "begun\n"
        parent.kill()
        assert parent.stdout.read() == ""


def test_a_pool_can_be_left_early(at: At) -> None:
    """Whoever stops asking stops the work; nothing waits for the rest."""
    with closing(at("pool", square, range(1000))) as results:
        assert [next(results), next(results)] == [0, 1]


def square_in_a_pool() -> None:
    spreading.PATIENCE_SECONDS, spreading.cores = 0.0, lambda: 2
    assert list(spread(square, range(20))) == [square(number) for number in range(20)]


def test_a_process_with_a_pool_ends() -> None:
    """A process of somebody else's may use a pool too, and ends when its own work is done."""
    process = multiprocessing.get_context("spawn").Process(target=square_in_a_pool)
    process.start()
    process.join(100)
    process.kill()

    assert process.exitcode == 0


def test_a_killed_worker_of_a_cluster_changes_nothing(at: At, tmp_path: Path) -> None:
    """A chunk whose worker is killed (kill -9) is done by another; the results are the same."""
    assert list(at("cluster", KillOnce(tmp_path / "killed"), range(40))) == [square(number) for number in range(40)]
    assert (tmp_path / "killed").exists()


def test_a_chunk_that_kills_every_worker_is_told(at: At) -> None:
    """Work that no worker survives ends in a message, and the cluster goes on."""
    with pytest.raises(WorkersLost) as lost:
        list(at("cluster", kill_at_three, [3]))

    assert str(lost.value) == "one chunk of the work ended 4 workers: do they lack memory?"
    assert list(at("cluster", square, [3])) == [9]


def holders(local: LocalCluster) -> list[str]:
    return [name for name in local.scheduler.worker_plugins if name.startswith("podium")]


def test_a_cluster_forgets_the_work(at: At, local: LocalCluster) -> None:
    """Hidden labels do not stay on the cluster, however the work ends."""
    list(at("cluster", square, range(9)))
    with pytest.raises(InvalidSubmission):
        list(at("cluster", refuse_three, range(9)))
    with closing(at("cluster", square, range(100))) as results:
        assert next(results) == 0
        assert len(holders(local)) == 1

    assert holders(local) == []


def test_a_matrix_is_made_on_a_cluster(
    local: LocalCluster, competition: Competition, row_ids: RowIds, tmp_path: Path
) -> None:
    """The workers read the ledger's files, and this process puts what they read into the matrix."""
    digest = hashlib.sha256(GOOD_FILE).hexdigest()
    with Ledger.create(tmp_path / "ledger.db") as ledger, ledger.writing() as transaction:
        transaction.keep(GOOD_FILE, digest)
    with Matrix.open(tmp_path, competition, row_ids) as matrix:
        assert list(matrix.extend(tmp_path / "ledger.db", [digest], cluster=local.scheduler_address)) == [digest]
        values = matrix.values(digest)

    assert values is not None
    assert values.tolist() == predictions.read(GOOD_FILE, competition, row_ids).values.tolist()


def told(address: str) -> str:
    """The message for a cluster that cannot be used."""
    with pytest.raises(OrganiserError) as caught:
        list(spread(square, range(9), cluster=address))
    return str(caught.value)


def test_a_cluster_needs_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Dask there is a message that says what to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    assert told("tcp://127.0.0.1:8786") == "a cluster needs Dask: pip install 'podium[cluster]'"


@pytest.mark.parametrize(
    "address", ["", "here", "127.0.0.1:8786", "tcp://127.0.0.1", "tcp://:1", "tcp://a:b", "http://a:1"]
)
def test_an_address_is_whole(address: str) -> None:
    """What is no address is told before anything is tried."""
    assert told(address) == f"{address!r} is no address of a cluster: expected one like tcp://127.0.0.1:8786"


@pytest.fixture
def other_server() -> Iterator[Callable[[bytes], str]]:
    """Starts a server that is no scheduler: it says something, or nothing, to whoever comes."""
    kept: list[socket.socket] = []

    def start(words: bytes) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        kept.append(server)

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                kept.append(connection)
                connection.sendall(words)

        threading.Thread(target=answer, daemon=True).start()
        return f"tcp://127.0.0.1:{server.getsockname()[1]}"

    yield start
    for one in kept:
        one.close()


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(99)])
def test_another_server_is_no_cluster(
    monkeypatch: pytest.MonkeyPatch, other_server: Callable[[bytes], str], words: bytes
) -> None:
    """A server that is silent, or speaks another language, is told as no scheduler, in a short time."""
    monkeypatch.setattr(dask, "ANSWER_SECONDS", 0.5)
    address = other_server(words)
    message = told(address)

    assert message.startswith(f"no Dask scheduler answers at {address}: start one with `dask scheduler` (")
    if not words:
        assert message.endswith("` (it took too long)")


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing listens, the message says how to start a scheduler."""
    monkeypatch.setattr(dask, "ANSWER_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"

    assert told(address) == (
        f"no Dask scheduler answers at {address}: start one with `dask scheduler` (it took too long)"
    )


def test_a_cluster_without_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler alone does no work: the message says how to start a worker."""
    monkeypatch.setattr(dask, "ANSWER_SECONDS", 1.0)
    with LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=50) as made:
        address = made.scheduler_address
        message = told(address)

    assert message == f"the cluster at {address} has no worker: start some with `dask worker {address}`"


@pytest.mark.parametrize("what", ["workers", "scheduler"])
def test_a_cluster_that_goes_away_is_told(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Where all workers or the scheduler end in the middle of the work, nobody waits for ever."""
    monkeypatch.setattr(dask, "ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(dask, "LOOK_SECONDS", 0.2)
    chunks = range(AHEAD * 100)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as made:
        address = made.scheduler_address
        results = spread(square, chunks, cluster=address)
        assert next(results) == 0
        if what == "workers":
            made.scale(0)
        else:
            made.close()
        with pytest.raises(WorkersLost) as lost:
            list(results)

    assert (
        str(lost.value)
        == {
            "workers": f"the cluster at {address} has no worker: start some with `dask worker {address}`",
            "scheduler": f"the cluster at {address} cannot go on (the connection was lost)",
        }[what]
    )
