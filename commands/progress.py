"""How far a long command has come, on a terminal only."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

_FEW = 20  # fewer items are done before a bar could be read


@contextmanager
def working(what: str) -> Iterator[None]:
    """A moving sign on standard error while something without steps is done."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


@contextmanager
def following(what: str) -> Iterator[Callable[[str], None]]:
    """The same, with a function that tells how far it has come."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status(what) as status:
        yield lambda where: status.update(f"{what}: {where}")


@contextmanager
def counting(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error, and the function that tells how many more are done."""
    if total < _FEW or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda more: bars.advance(task, more)


def tracked(items: Iterable[Item], what: str, total: int) -> Iterator[Item]:
    """The items, with a progress bar on standard error while they are gone through."""
    if total < _FEW or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    yield from track(items, description=what, total=total, console=Console(stderr=True), transient=True)
