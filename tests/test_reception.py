"""submissions/web/reception.py: who waits for whom."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from web import make_desk

from conftest import good_file
from submissions.record.entries import LedgerError
from submissions.web import reception as receptions

PATIENCE = 20.0


def test_a_teams_slow_files_keep_no_other_team_waiting(tmp_path: Path) -> None:
    """While a team's files are read, one after the other, neither a look at the ledger nor the next team waits."""
    desk = make_desk(tmp_path)
    reception, is_reading, may_go_on = desk.reception, threading.Event(), threading.Event()
    judge = reception.parts.judge

    def slow(read: Any) -> Any:
        if not may_go_on.is_set() and not is_reading.is_set():
            is_reading.set()
            assert may_go_on.wait(PATIENCE)
        return judge(read)

    async def all_of_it() -> tuple[int, list[int]]:
        reception.parts = replace(reception.parts, judge=slow)
        adas = [asyncio.create_task(reception.receive("Ada", good_file(label), door="api")) for label in range(5)]
        await asyncio.to_thread(is_reading.wait, PATIENCE)
        bobs = await asyncio.wait_for(reception.receive("Bob", good_file(1), door="api"), PATIENCE)
        assert (await asyncio.wait_for(reception.own("Ada"), PATIENCE)).sent == []
        may_go_on.set()
        return bobs.receipt.submission, [sent.receipt.submission for sent in await asyncio.gather(*adas)]

    assert asyncio.run(all_of_it()) == (1, [2, 3, 4, 5, 6])
    desk.close()


def test_a_team_whose_file_takes_too_long_has_one_thread_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who no longer waits for a file does not begin another one of the same team: the next team's has a thread."""
    monkeypatch.setattr(receptions, "ANSWER_SECONDS", 0.2)
    desk = make_desk(tmp_path)
    reception, may_go_on, began = desk.reception, threading.Event(), list[bytes]()

    def slow(data: bytes, _most: int) -> bytes:
        began.append(data)
        assert may_go_on.wait(PATIENCE)
        return data

    async def all_of_it() -> None:
        for _ in range(3):
            with pytest.raises(LedgerError, match="the file takes too long to read; nothing was recorded; try again"):
                await reception.check("Ada", good_file(1))
        assert began == [good_file(1)]
        monkeypatch.setattr(receptions, "ANSWER_SECONDS", PATIENCE)
        assert await reception.check("Bob", good_file(2)) == 6
        may_go_on.set()
        assert await reception.check("Ada", good_file(3)) == 6

    with monkeypatch.context() as patched:
        patched.setattr(receptions, "unpack", lambda data, most: slow(data, most) if data == good_file(1) else data)
        asyncio.run(all_of_it())
    desk.close()
