"""Rules of submissions/inbox.py."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from conftest import GOOD_FILE, NOW, good_file
from submissions.competition import Competition
from submissions.faults import InvalidSubmission
from submissions.inbox import Inbox, NoInbox, Taken, UnreadableFile
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


def taken(inbox: Path, desk: Desk, now: datetime = NOW) -> list[Taken]:
    box = Inbox(inbox)
    return list(box.take(box.waiting(), desk, lambda: now))


def test_a_received_file_is_moved(inbox: Path, desk: Desk) -> None:
    """Once the ledger holds it, a file is put away under its submission's number."""
    path = lay(inbox, "ada", "mine.csv", GOOD_FILE)
    [item] = taken(inbox, desk)

    assert isinstance(item.outcome, Receipt)
    assert not path.exists()
    assert (inbox / "ada" / "received" / "000001.csv").read_bytes() == GOOD_FILE
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
    assert Inbox(inbox).waiting() == []


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
    (inbox / "eve").symlink_to(tmp_path)
    (inbox / "ada" / "folder.csv").mkdir()
    os.mkfifo(inbox / "ada" / "pipe.csv")

    assert [(item.path.name, str(item.outcome)) for item in taken(inbox, desk)] == [
        ("folder.csv", "it cannot be read: Is a directory"),
        ("link.csv", "it cannot be read: Too many levels of symbolic links"),
        ("pipe.csv", "it is not a plain file"),
        ("solution.csv", "the team's folder is a link, which is not followed"),
    ]
    assert all(isinstance(item.outcome, UnreadableFile) for item in taken(inbox, desk))


def test_only_csv_files_of_teams_are_looked_at(inbox: Path, desk: Desk) -> None:
    """Other endings, hidden files and files outside a team's folder are left alone; .CSV is a CSV."""
    (inbox / "stray.csv").write_bytes(GOOD_FILE)
    lay(inbox, "ada", ".hidden.csv", GOOD_FILE)
    lay(inbox, "ada", "notes.txt", b"hello")
    lay(inbox, "ada", "UPPER.CSV", GOOD_FILE)

    assert [item.path.name for item in taken(inbox, desk)] == ["UPPER.CSV"]


def test_one_teams_folder_never_stops_another(inbox: Path, desk: Desk) -> None:
    """A received file that cannot be put away is told as received, and the next team's is taken."""
    lay(inbox, "ada", "a.csv", GOOD_FILE)
    (inbox / "ada" / "received").write_text("a file where a folder should be")
    lay(inbox, "bob", "b" * 250 + ".csv", GOOD_FILE)
    first, second = taken(inbox, desk)

    assert isinstance(first.outcome, Receipt)
    assert first.note == "it stays where it is: File exists"
    assert isinstance(second.outcome, Receipt)
    assert second.note is None


def test_a_newer_file_is_never_put_away_unread(inbox: Path, desk: Desk) -> None:
    """A file that is saved again while the desk is busy with the first stays, and is taken next."""
    path = lay(inbox, "ada", "a.csv", GOOD_FILE)

    def clock() -> datetime:
        path.write_bytes(good_file(8))
        return NOW

    box = Inbox(inbox)
    [first] = box.take(box.waiting(), desk, clock)
    assert first.note == "another file has taken its place meanwhile, and is taken at the next look"
    [second] = box.take(box.waiting(), desk, lambda: NOW)
    assert isinstance(second.outcome, Receipt)
    assert second.outcome != first.outcome


def test_a_watched_file_is_told_once(inbox: Path, desk: Desk, competition: Competition) -> None:
    """A refused file is read again only when it changes; what may pass with time is tried again, and told once."""
    bad = lay(inbox, "ada", "a.csv", b"nonsense")
    box = Inbox(inbox)
    early = competition.opens - timedelta(days=1)
    assert [item.is_news for item in box.take(box.waiting(), desk, lambda: NOW)] == [True]
    assert list(box.take(box.waiting(), desk, lambda: NOW)) == []

    bad.write_bytes(GOOD_FILE)
    for is_news in (True, False, False):
        assert [item.is_news for item in box.take(box.waiting(), desk, lambda: early)] == [is_news]
    [item] = box.take(box.waiting(), desk, lambda: NOW)
    assert isinstance(item.outcome, Receipt)


def test_a_missing_inbox_is_told(tmp_path: Path) -> None:
    """No inbox is the organiser's fault, and not an empty one."""
    with pytest.raises(NoInbox, match="is missing: make the folder"):
        Inbox(tmp_path / "nowhere").waiting()


def test_one_teams_files(inbox: Path) -> None:
    """A look may be confined to one team."""
    lay(inbox, "ada", "a.csv", GOOD_FILE)
    lay(inbox, "bob", "b.csv", GOOD_FILE)

    assert [path.name for path in Inbox(inbox).waiting("bob")] == ["b.csv"]
