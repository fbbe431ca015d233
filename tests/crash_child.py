"""A desk that is killed: receives submissions until it is done or dead, and prints each receipt it gives.

Usage: crash_child.py submit|inbox|grade|last-attempt-0|last-attempt-1 FOLDER FILES. A receipt is printed only after its
commit. The last two wait for the file `go` in the folder, and then send each team's last attempt beside each other.
"""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from grader.judging import open_judge
from grader.marking import Marker
from grader.queue import grade_waiting
from submissions.folder import Folder
from submissions.inbox import Inbox
from submissions.intake import Desk
from submissions.quota import QuotaExceeded
from submissions.receipts import Receipt

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
TEAMS = 40


def file(number: int) -> bytes:
    """The valid file of this number: its digits are its labels."""
    return b"id,label\n" + b"".join(b"%d,%s\n" % (row, digit) for row, digit in enumerate(digits(number), start=1))


def digits(number: int) -> list[bytes]:
    return [b"%c" % digit for digit in b"%06d" % number]


def last_attempt(desk: Desk, team: str, data: bytes) -> str:
    """What the desk's answer is: the name of its type."""
    try:
        return type(desk.receive(data, team=team, now=NOW)).__name__
    except QuotaExceeded as refused:
        return type(refused).__name__


def main(mode: str, root: Path, files: int) -> None:
    folder = Folder(root)
    competition = folder.competition()
    row_ids = folder.row_ids(competition)
    marker = Marker(open_judge(folder.grader, competition, row_ids))
    with folder.open_ledger() as ledger:
        desk = Desk(competition, row_ids, ledger)
        if mode == "submit":
            for number in range(files):
                judge = None if number % 2 else marker.on_arrival
                receipt = desk.receive(file(number), team=f"team {number % 7}", now=NOW, judge=judge)
                print(receipt.proof, flush=True)  # noqa: T201
        elif mode == "inbox":
            inbox = Inbox(folder.inbox)
            for item in inbox.take(inbox.waiting(), desk, lambda: NOW):
                assert isinstance(item.outcome, Receipt), item
                print(item.outcome.proof, flush=True)  # noqa: T201
        elif mode.startswith("last-attempt"):
            print("ready", flush=True)  # noqa: T201
            while not (root / "go").exists():
                pass
            for team in range(TEAMS):
                print(last_attempt(desk, f"team {team}", file(int(mode[-1]))), flush=True)  # noqa: T201
        else:
            while True:
                time.sleep(0.02)
                for entry, _grade in grade_waiting(ledger, marker, lambda: NOW):
                    print(entry.digest, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
