"""Rules of submissions/inbox.py."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import GOOD_FILE, NOW, good_file
from submissions.competition import Competition
from submissions.faults import InvalidSubmission
from submissions.inbox import Taken, UnreadableFile, take, waiting
from submissions.intake import Desk
from submissions.quota import QuotaExceeded
from submissions.receipts import Receipt


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def lay(inbox: Path, team: str, name: str, data: bytes) -> Path:
    path = inbox / team / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def taken(inbox: Path, desk: Desk, now: object = NOW) -> list[Taken]:
    return list(take(waiting(inbox), desk, lambda: now))  # type: ignore[arg-type, return-value]


def test_a_received_file_is_moved(inbox: Path, desk: Desk) -> None:
    """Once the ledger holds it, a file is put away under its submission's number."""
    path = lay(inbox, "ada", "mine.csv", GOOD_FILE)
    [item] = taken(inbox, desk)

    assert isinstance(item.outcome, Receipt)
    assert not path.exists()
    assert (inbox / "ada" / "received" / "000001-mine.csv").read_bytes() == GOOD_FILE
    assert taken(inbox, desk) == []


def test_a_refused_file_stays_where_it_was(inbox: Path, desk: Desk) -> None:
    """A file with faults is not touched, and the others are taken all the same."""
    bad = lay(inbox, "ada", "a.csv", b"id,label\n1,7\n2,7\n2,7\n4,7\n5,7\n6,7\n")
    lay(inbox, "ada", "b.csv", GOOD_FILE)
    first, second = taken(inbox, desk)

    assert isinstance(first.outcome, InvalidSubmission)
    assert list(first.outcome.faults.lines()) == [
        "line 4: row id '2' was already given on line 3 [duplicate-row-id]",
        "row id '3' is missing (line 4 of the sample submission) [missing-row-id]",
    ]
    assert bad.exists()
    assert isinstance(second.outcome, Receipt)


def test_a_forged_time_gains_nothing(inbox: Path, desk: Desk, competition: Competition) -> None:
    """What counts is the desk's clock, not the time a file claims for itself."""
    path = lay(inbox, "ada", "a.csv", GOOD_FILE)
    os.utime(path, (0, 0))
    [item] = taken(inbox, desk, competition.deadline + timedelta(seconds=1))

    assert isinstance(item.outcome, Receipt)
    assert not item.outcome.in_time
    assert item.outcome.received_at == competition.deadline + timedelta(seconds=1)


def test_a_desk_cut_off_before_it_moved_the_file_takes_it_once(inbox: Path, desk: Desk) -> None:
    """A file that is in the ledger but still in the inbox costs no second attempt."""
    receipt = desk.receive(GOOD_FILE, team="ada", now=NOW)
    lay(inbox, "ada", "a.csv", GOOD_FILE)
    [item] = taken(inbox, desk, NOW + timedelta(hours=1))

    assert item.outcome == receipt
    assert waiting(inbox) == []


def test_a_file_over_the_limit_waits_for_the_next_day(inbox: Path, desk: Desk) -> None:
    """The sixth file of a day stays, and is taken on the next."""
    for label in range(6):
        lay(inbox, "ada", f"{label}.csv", good_file(label))
    outcomes = [item.outcome for item in taken(inbox, desk)]

    assert isinstance(outcomes[5], QuotaExceeded)
    [item] = taken(inbox, desk, NOW + timedelta(days=1))
    assert isinstance(item.outcome, Receipt)


def test_links_and_pipes_are_not_followed(inbox: Path, desk: Desk, tmp_path: Path) -> None:
    """A link out of the inbox, a folder or a pipe is refused without being opened."""
    secret = tmp_path / "solution.csv"
    secret.write_bytes(GOOD_FILE)
    (inbox / "ada").mkdir()
    (inbox / "ada" / "link.csv").symlink_to(secret)
    (inbox / "ada" / "folder.csv").mkdir()
    os.mkfifo(inbox / "ada" / "pipe.csv")

    for item in taken(inbox, desk):
        assert isinstance(item.outcome, UnreadableFile)
        assert "not a plain file" in str(item.outcome)


def test_only_csv_files_of_teams_are_looked_at(inbox: Path, desk: Desk) -> None:
    """Other endings, hidden files and files outside a team's folder are left alone; .CSV is a CSV."""
    (inbox / "stray.csv").write_bytes(GOOD_FILE)
    lay(inbox, "ada", ".hidden.csv", GOOD_FILE)
    lay(inbox, "ada", "notes.txt", b"hello")
    lay(inbox, "ada", "UPPER.CSV", GOOD_FILE)

    assert [item.path.name for item in taken(inbox, desk)] == ["UPPER.CSV"]
