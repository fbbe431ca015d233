"""What the web desk does for one team: the same for programs and for pages."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from submissions import decisions, predictions, schedule, selecting
from submissions.arrivals import Arrival, Recorded
from submissions.competition import Competition
from submissions.decided import KINDS, Decisions
from submissions.membership import tokens
from submissions.quota import Quota
from submissions.receipts import Receipt
from submissions.record.database import Database
from submissions.record.entries import Entry, LedgerError
from submissions.record.view import View
from submissions.unpacking import unpack
from submissions.web.counter import Counter
from submissions.web.figures import Figures
from submissions.web.told import Own, Parts, Sent, next_attempt_at

T = TypeVar("T")
THREADS = 2  # more would wait for each other's interpreter
ANSWER_SECONDS = 20.0  # until who asks is told to ask again: the ledger is silent, or another program holds it


class Reception:
    """One web desk's work; the parts may be replaced while it goes on, as when the rules were edited."""

    def __init__(self, parts: Parts) -> None:
        self.parts, self.figures = parts, Figures()
        self._counter = Counter()
        self._threads = ThreadPoolExecutor(THREADS, "desk")
        self._files = ThreadPoolExecutor(THREADS, "files")
        self._lanes = WeakValueDictionary[str, asyncio.Lock]()
        self._changes = ThreadPoolExecutor(THREADS, "changes")

    def close(self) -> None:
        """Finish what was begun."""
        self._threads.shutdown()
        self._files.shutdown()
        self._changes.shutdown()
        self._counter.close()

    @property
    def rules(self) -> Competition:
        """The rules as they are written."""
        return self.parts.desk.competition

    def now(self) -> datetime:
        """The desk's clock."""
        return self.parts.clock()

    async def apart(self, work: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """The result of some work, done in another thread."""
        begun = self._begin(self._threads, work, *arguments, **options)
        return await _in_time(begun, "the ledger does not answer; nothing was recorded; try again")

    async def changing(self, work: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """The same for work that writes: while another program holds the ledger it waits, and nobody who reads."""
        return await _in_time(self._begin(self._changes, work, *arguments, **options), Database.unknown)

    @staticmethod
    def _begin(threads: ThreadPoolExecutor, work: Callable[..., T], *arguments: Any, **options: Any) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(threads, partial(_done, work, *arguments, **options))

    async def reading(self, look: Callable[[View], T]) -> T:
        """What a look at the ledger gives."""

        def work() -> T:
            with self.parts.desk.ledger.reading() as view:
                return look(view)

        return await self.apart(work)

    async def team_of(self, token: str) -> str:
        """The team whose token this is; NotAuthentic if it is none."""
        ledger = self.parts.desk.ledger
        return await self.apart(ledger.glance, lambda view: tokens.team_of(view, token))

    async def in_force(self) -> Competition:
        """The rules that hold now."""
        return await self.reading(lambda view: schedule.now_in_force(self.rules, view))

    async def _reading_file(self, whose: str, work: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """The result of work on a team's file: one at a time is read, and no look at the ledger waits for it.

        A file full of faults takes seconds; the next team's has a thread all the same. Nor does a team get the other
        thread when it no longer waits for the first.
        """
        lane = self._lanes.setdefault(whose, asyncio.Lock())

        async def read() -> T:
            await lane.acquire()
            begun = asyncio.ensure_future(self._begin(self._files, work, *arguments, **options))
            begun.add_done_callback(lambda _: lane.release())
            return await asyncio.shield(begun)

        return await _in_time(read(), "the file takes too long to read; nothing was recorded; try again")

    async def check(self, team: str, data: bytes) -> int:
        """The number of predictions in a sound file.

        Raises:
            CannotUnpack, InvalidSubmission: it is none.
        """

        def work() -> int:
            desk = self.parts.desk
            plain = unpack(data, desk.competition.max_bytes)
            predictions.read(plain, desk.competition, desk.row_ids)
            return len(desk.row_ids)

        return await self._reading_file(team, work)

    async def receive(self, team: str, data: bytes, *, door: str, key: str | None = None) -> Sent:
        """What the ledger holds of this file, once it is committed.

        Raises:
            CannotUnpack, and what Desk.receive does, KeyReused among it: nothing was recorded.
            LedgerError: the ledger could not take it.
        """
        parts, now = self.parts, self.now()
        found = await self._reading_file(team, _examine, parts, data, team=team, now=now, door=door, key=key)
        if isinstance(found, Arrival):
            recorded = self._counter.record(parts.desk, found, partial(_sent, parts, now=now))
            found = await _in_time(asyncio.wrap_future(recorded), Database.unknown)
        if found.is_known:
            now_of_it = await self.one(team, found.receipt.submission)
            return replace(found, is_selected=now_of_it.is_selected, is_withdrawn=now_of_it.is_withdrawn)
        self.figures.recorded(found.told.verdict)
        return found

    async def own(self, team: str, submission: int | None = None) -> Own:
        """All that a team has sent, or of it one submission; nothing is no fault."""
        now = self.now()
        return await self.reading(lambda view: self._own(view, team, now, submission))

    async def one(self, team: str, submission: int) -> Sent:
        """One submission of the team.

        Raises:
            UnknownSubmission: it is not the team's.
        """
        return (await self.own(team, submission)).only(submission)

    async def select(self, team: str, submissions: Sequence[int]) -> list[int]:
        """Choose these for the private board, and no others; what is chosen now.

        Raises: what `selecting.select` does.
        """
        ledger, now = self.parts.desk.ledger, self.now()
        rules = await self.in_force()
        selection = await self.changing(selecting.select, ledger, rules, team, submissions, now=now)
        return list(selection.submissions)

    async def choose(self, team: str, submission: int, *, is_chosen: bool) -> list[int]:
        """Choose one more for the private board, or one less; what is chosen now.

        Raises: what `one` and `select` do.
        """
        await self.one(team, submission)
        work = partial(selecting.choose, self.parts.desk.ledger, self.rules, team, submission)
        return list(await self.changing(work, is_chosen=is_chosen, now=self.now()))

    async def withdraw(self, team: str, submission: int) -> Sent:
        """Let a submission of the team count on no board; what it is now.

        Raises:
            AlreadyRevealed: the private board is public.
            UnknownSubmission, UnknownTeam, AlreadyDecided: as `decisions.withdraw` has it.
        """
        found = await self.one(team, submission)  # before: once it is recorded, nothing more can fail
        ledger = self.parts.desk.ledger
        await self.changing(decisions.withdraw_own, ledger, submission, team=team, now=self.now())
        return replace(found, is_withdrawn=True, is_selected=False)

    def _own(self, view: View, team: str, now: datetime, submission: int | None) -> Own:
        rules = schedule.now_in_force(self.rules, view)
        grades = {entry.submission: entry.body for entry in view.entries("graded", team=team, submission=submission)}
        decided = Decisions.of(view.entries(*KINDS, team=team))
        selected = sorted(decided.selected(team))
        left = Quota(rules.daily_limit).left(view, team, now)

        def sent(entry: Entry) -> Sent:
            receipt = Receipt.from_entry(entry)
            number = receipt.submission
            known = Recorded(receipt, grades.get(number), rules, is_known=False)
            told = _sent(self.parts, known, now=now)
            return replace(told, is_selected=number in selected, is_withdrawn=number in decided.withdrawn)

        received = [sent(entry) for entry in view.entries("received", team=team, submission=submission)]
        is_revealed = any(schedule.is_reveal(entry, rules) for entry in view.entries("revealed"))
        return Own(team, rules, left, received, selected, is_revealed)


async def _in_time(answer: Awaitable[T], otherwise: str) -> T:
    """The answer; LedgerError, in these words, if it does not come. What was begun goes on."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            return await answer
    except TimeoutError:
        raise LedgerError(otherwise) from None


def _done(work: Callable[..., T], *arguments: Any, **options: Any) -> T:
    try:
        return work(*arguments, **options)
    except StopIteration as error:  # asyncio takes none, and would wait for ever
        raise RuntimeError("StopIteration") from error


def _sent(parts: Parts, found: Recorded, *, now: datetime) -> Sent:
    receipt, rules = found.receipt, found.rules
    return Sent(
        receipt,
        parts.tell(found),
        receipt.counts(rules),
        rules.ends_for(receipt.team),
        next_attempt_at(receipt.attempts_left, receipt.received_at, now),
        found.is_known,
    )


def _examine(parts: Parts, data: bytes, *, now: datetime, **options: Any) -> Arrival | Sent:
    plain = unpack(data, parts.desk.competition.max_bytes)
    found = parts.desk.examine(plain, judge=parts.judge, now=now, **options)
    return _sent(parts, found, now=now) if isinstance(found, Recorded) else found
