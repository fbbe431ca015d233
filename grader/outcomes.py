"""Work that travels to another process, and what became of it there."""

import pickle
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import FunctionType
from typing import Any, TypeVar

from submissions.errors import OrganiserError

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
Future = TypeVar("Future")
Work = Callable[[Chunk], Result]
AHEAD = 4  # so many chunks may be under way for each core: a slow one keeps no core waiting


class WorkersLost(OrganiserError):
    """The processes that worked, here or on a cluster, are gone or were never there."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result, or an exception.

    Attributes:
        raised: the exception; or its type, arguments and attributes where it has an `__init__` of its own. Pickle would
            call that with the arguments of `super().__init__`, which are others where an exception carries facts.
    """

    result: Any = None
    raised: tuple[type[Exception], tuple[Any, ...], dict[str, Any]] | Exception | None = None

    @classmethod
    def of(cls, work: Work[Chunk, Any], chunk: Chunk) -> "Outcome":
        """What `work` makes of a chunk; raises nothing that `work` does."""
        try:
            return cls(result=work(chunk))
        except Exception as error:  # noqa: BLE001 - `get` raises it where the work was asked for
            error.add_note(f"In a worker process:\n{traceback.format_exc()}")
            has_own_init = isinstance(type(error).__init__, FunctionType)
            return cls(raised=(type(error), error.args, vars(error)) if has_own_init else error)

    def get(self) -> Any:
        """The result; raises the exception where there is one."""
        if isinstance(self.raised, Exception):
            raise self.raised
        if self.raised is not None:
            kind, arguments, attributes = self.raised
            error = kind.__new__(kind, *arguments)
            vars(error).update(attributes)
            raise error
        return self.result


class Packed:
    """Work as a pickle, which each thread unpacks for itself: no two call the same value."""

    def __init__(self, data: bytes) -> None:
        self._data, self._local = data, threading.local()

    @classmethod
    def of(cls, work: Work[Any, Any]) -> "Packed":
        """The same work, packed."""
        return cls(pickle.dumps(work))

    def __reduce__(self) -> tuple[type["Packed"], tuple[bytes]]:
        return Packed, (self._data,)

    def do(self, chunk: Any) -> Outcome:
        """What the work makes of a chunk, or what unpacking it raises."""
        return Outcome.of(self._call, chunk)

    def _call(self, chunk: Any) -> Any:
        if not hasattr(self._local, "work"):
            self._local.work = pickle.loads(self._data)  # noqa: S301 - our own, from the process that asked
        return self._local.work(chunk)


def in_order(submit: Callable[[Chunk], Future], chunks: Iterable[Chunk], ahead: int) -> Iterator[Future]:
    """The future of each chunk, in their order; at most `ahead` are under way."""
    waiting: deque[Future] = deque()
    for chunk in chunks:
        if len(waiting) == ahead:
            yield waiting.popleft()
        waiting.append(submit(chunk))
    while waiting:
        yield waiting.popleft()
