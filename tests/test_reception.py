"""submissions/web/reception.py: who waits for whom."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from web import make_desk

from conftest import good_file

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
