"""Rules of submissions/record/ledger.py and submissions/record/chain.py."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conftest import GOOD_FILE, NOW, good_file
from submissions.competition import Competition
from submissions.intake import Desk
from submissions.record import chain
from submissions.record.chain import BrokenChain
from submissions.record.entries import BEFORE_THE_FIRST, LedgerError
from submissions.record.ledger import Ledger
from submissions.row_ids import RowIds

DIGEST = "0" * 64


def add(ledger: Ledger, kind: str = "noted", **facts: object) -> str:
    with ledger.writing() as transaction:
        return transaction.append(kind, NOW, facts).digest


@pytest.fixture
def filled(competition: Competition, row_ids: RowIds, tmp_path: Path) -> Path:
    """A ledger's file with three submissions: of SQLite, for who changes it behind the ledger's back."""
    path = tmp_path / "filled.db"
    with Ledger.create(path) as ledger:
        desk = Desk(competition, row_ids, ledger)
        for number, team in enumerate(("ada", "bob", "cleo")):
            desk.receive(good_file(number), team=team, now=NOW + timedelta(minutes=number))
    return path


def verify(path: Path, holds: str | None = None) -> int:
    with Ledger(path) as ledger, ledger.reading() as view:
        return chain.verify(view, holds=holds)


def test_entries_come_back_as_they_were_added(ledger: Ledger) -> None:
    """An entry keeps its facts, its moment and its place."""
    add(ledger, a=1, b="é", c=[0.1, None])
    with ledger.reading() as view:
        [entry] = view.entries()

    assert (entry.seq, entry.kind, entry.at, entry.previous) == (1, "noted", NOW, BEFORE_THE_FIRST)
    assert entry.body == {"a": 1, "b": "é", "c": [0.1, None]}


def test_all_or_nothing(ledger: Ledger) -> None:
    """What a block that raises has added is not there."""
    with pytest.raises(KeyError), ledger.writing() as transaction:
        transaction.append("noted", NOW, {})
        raise KeyError
    with ledger.reading() as view:
        assert view.head() is None


def test_every_commit_is_on_disk(filled: Path) -> None:
    """The ledger is in WAL mode and synchronous FULL, so that what was acknowledged survives a power cut."""
    with Ledger(filled) as ledger, ledger.reading() as view:
        synchronous = view.connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
        journal = view.connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()

    assert (synchronous, journal) == (2, "wal")


def test_a_file_is_kept_once(desk: Desk) -> None:
    """The same bytes from two teams are stored once, under their digest."""
    first = desk.receive(GOOD_FILE, team="ada", now=NOW)
    second = desk.receive(GOOD_FILE, team="bob", now=NOW)
    with desk.ledger.reading() as view:
        assert first.digest == second.digest
        assert view.file(first.digest) == GOOD_FILE


def test_an_untouched_ledger_holds(filled: Path) -> None:
    """A chain as it was written verifies, and knows its receipts."""
    with Ledger(filled) as ledger, ledger.reading() as view:
        proofs = [entry.digest for entry in view.entries("received")]

    assert [verify(filled, holds=proof) for proof in proofs] == [3, 3, 3]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE entries SET team = 'eve' WHERE seq = 2", "entry 2 .*its content does not have its digest"),
        ("UPDATE entries SET at = '2026-01-01T00:00:00.000000Z' WHERE seq = 1", "entry 1 .*its content does not have"),
        ("UPDATE entries SET body = replace(body, 'true', 'false') WHERE seq = 3", "entry 3 .*its content does not"),
        ("DELETE FROM entries WHERE seq = 2", "entry 3 .*entry 2 is missing"),
        ("UPDATE entries SET previous = digest WHERE seq = 2", "entry 2 .*the digest of the entry before is not"),
        ("UPDATE files SET data = x'00'", "entry 1 .*the file .* does not have its digest"),
        ("UPDATE files SET data = 'text'", "entry 1 .*the file .* does not have its digest"),
        ("UPDATE entries SET body = x'00ff' WHERE seq = 2", "entry 2 .*a column does not hold text"),
        ("UPDATE looks SET team = 'eve'", "the list of team names does not follow from the entries"),
        ("DELETE FROM files", "entry 1 .*the file .* is missing"),
    ],
)
def test_a_change_to_the_past_shows(filled: Path, change: str, fault: str) -> None:
    """Whatever is changed behind the ledger's back, the first entry that does not hold is named."""
    with sqlite3.connect(filled) as connection:
        connection.execute(change)
    connection.close()

    with pytest.raises(BrokenChain, match=fault):
        verify(filled)


def test_a_chain_cut_off_at_its_end_lacks_a_receipt(filled: Path) -> None:
    """A shorter chain verifies in itself; a receipt's proof shows what was cut off."""
    with Ledger(filled) as ledger, ledger.reading() as view:
        last = view.head()
    assert last is not None
    with sqlite3.connect(filled) as connection:
        connection.execute("DELETE FROM entries WHERE seq = 3")
        connection.execute("DELETE FROM looks WHERE team = 'cleo'")
    connection.close()

    assert verify(filled) == 2
    with pytest.raises(BrokenChain, match=f"no entry has the digest {last.digest}"):
        verify(filled, holds=last.digest)


def test_a_grade_of_nothing_shows(ledger: Ledger) -> None:
    """A grade must be of a submission that was received before it."""
    with ledger.writing() as transaction:
        transaction.append("graded", NOW, {"verdict": "graded"}, team="ada", submission=7)

    with ledger.reading() as view, pytest.raises(BrokenChain, match="grades submission 7, which was not received"):
        chain.verify(view)


def test_a_missing_ledger_is_never_made_anew(tmp_path: Path) -> None:
    """A ledger that is gone is a message, not an empty competition."""
    with pytest.raises(LedgerError, match=r"ledger\.db is missing"):
        Ledger(tmp_path / "ledger.db")


def test_a_damaged_ledger_is_a_message(filled: Path) -> None:
    """Bytes that are no database are told as damage."""
    filled.write_bytes(b"not a database, but long enough to be looked at" * 100)

    with pytest.raises(LedgerError, match="the ledger is damaged"):
        Ledger(filled)


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        (99, "has layout 99; this podium reads layout 2: use the podium that made it, or a newer one"),
        (
            1,
            "has layout 1; this podium writes layout 2: move it aside, with its -wal and -shm if they are there, "
            "and podium restore with its new name makes a "
            "ledger of layout 2 of it",
        ),
    ],
)
def test_a_ledger_of_another_layout_is_told(filled: Path, layout: int, told: str) -> None:
    """A newer or older ledger is told, with what to do, and left alone."""
    with sqlite3.connect(filled) as connection:
        connection.execute(f"PRAGMA user_version = {layout}")
    connection.close()
    before = filled.read_bytes()

    with pytest.raises(LedgerError) as error:
        Ledger(filled)

    assert str(error.value) == f"{filled} {told}"
    assert filled.read_bytes() == before


def test_a_locked_ledger_is_a_message(filled: Path) -> None:
    """Where another program holds the write lock, the writer is told so, and nothing is lost."""
    holder = sqlite3.connect(filled, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with Ledger(filled, busy_seconds=0.05) as ledger:
        with pytest.raises(LedgerError, match="another program holds the ledger"), ledger.writing():
            pass
        holder.execute("ROLLBACK")
        holder.close()
        add(ledger)
    assert verify(filled) == 4


def test_a_full_disk_is_a_message(filled: Path) -> None:
    """Where the database cannot grow, nothing of the transaction is recorded."""
    with Ledger(filled) as ledger:
        with (
            pytest.raises(LedgerError, match="the disk is full; nothing was recorded"),
            ledger.writing() as transaction,
        ):
            # SQLite answers a page limit exactly as it answers a full disk (SQLITE_FULL).
            transaction.connection.exec_driver_sql("PRAGMA max_page_count = 1")
            transaction.append("noted", NOW, {}, file=DIGEST)
            transaction.keep(bytes(1_000_000), DIGEST)
        with ledger.reading() as view:
            assert list(view.entries(file=DIGEST)) == []
    assert verify(filled) == 3


def test_moments_are_kept_in_utc(ledger: Ledger) -> None:
    """An entry's moment is aware UTC, to the microsecond, whatever offset it came with."""
    at = datetime.fromisoformat("2026-12-01T23:00:00.000001+05:30")
    with ledger.writing() as transaction:
        entry = transaction.append("noted", at, {})

    assert entry.at == at
    assert entry.at.tzinfo is UTC


def test_an_altered_file_is_not_handed_out(filled: Path) -> None:
    """A file that does not have its digest is never graded: it is a message."""
    with Ledger(filled) as ledger, ledger.reading() as view:
        [digest, *_] = [entry.file for entry in view.entries("received")]
    assert digest is not None
    with sqlite3.connect(filled) as connection:
        connection.execute("UPDATE files SET data = x'00'")
    connection.close()

    with Ledger(filled) as ledger, ledger.reading() as view, pytest.raises(LedgerError, match="run podium verify"):
        view.file(digest)


def test_an_entry_that_is_no_entry_is_a_message(filled: Path) -> None:
    """What cannot be read of the ledger is told, with where to look."""
    with sqlite3.connect(filled) as connection:
        connection.execute("UPDATE entries SET body = 'x' WHERE seq = 2")
    connection.close()

    with (
        Ledger(filled) as ledger,
        ledger.reading() as view,
        pytest.raises(LedgerError, match="entry 2 of"),
    ):
        list(view.entries())


@pytest.mark.parametrize("name", ["who wins?", "50%20", "a%41", "c#", "ä b"])
def test_a_ledger_lies_where_it_was_put(tmp_path: Path, name: str) -> None:
    """A folder may have any name."""
    folder = tmp_path / name
    folder.mkdir()
    Ledger.create(folder / "ledger.db").close()

    assert (folder / "ledger.db").stat().st_size > 0
    assert (folder / "ledger.db").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_empty_file_is_no_ledger(tmp_path: Path) -> None:
    """A ledger that was cut off to nothing is told as such."""
    (tmp_path / "ledger.db").touch()

    with pytest.raises(LedgerError, match="holds no ledger: podium restore puts a copy of it there"):
        Ledger(tmp_path / "ledger.db")


def test_a_ledger_that_is_tended_has_all_in_its_file(filled: Path, competition: Competition, row_ids: RowIds) -> None:
    """While it is open too; nobody who reads meanwhile is disturbed."""

    def in_its_file() -> int:
        alone = f"{filled.as_uri()}?immutable=1"  # without the log beside it
        with closing(sqlite3.connect(alone, uri=True)) as file:
            return int(file.execute("SELECT count(*) FROM entries").fetchone()[0])

    with Ledger(filled) as ledger:
        for number in (3, 4):
            Desk(competition, row_ids, ledger).receive(good_file(number), team="dora", now=NOW + timedelta(hours=1))
        assert in_its_file() == 3
        with Ledger(filled) as other, other.reading() as view:
            assert len(list(view.entries())) == 5
            ledger.tend()
            assert in_its_file() == 5
            assert len(list(view.entries())) == 5
