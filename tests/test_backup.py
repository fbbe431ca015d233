"""Rules of submissions/record/backup.py, and of `podium backup` and `podium restore`."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import podium
from commands.host import Host
from conftest import CASES, NOW, Run, good_file, make_folder, place_of
from submissions.competition import Competition
from submissions.files import PART
from submissions.folder import Folder
from submissions.intake import Desk
from submissions.membership import accounts, tokens
from submissions.record import backup, chain
from submissions.record.chain import BrokenChain
from submissions.record.database import Address, Place
from submissions.record.entries import LedgerError
from submissions.record.ledger import Ledger
from submissions.record.tables import ACCOUNTS, FILES, METADATA
from submissions.row_ids import RowIds

Rows = dict[str, list[tuple[Any, ...]]]
NEW_TABLES = ("settings", "accounts", "members", "codes", "tokens", "keys")


def unheard(_: int) -> None:
    """Nobody follows the copying."""


def put(source: Path, place: Place) -> backup.Copy:
    return backup.restore(source, place, lambda _: unheard)


def rows_of(place: Place) -> Rows:
    """All that a ledger holds."""
    with Ledger(place) as ledger, ledger.reading() as view:
        tables = METADATA.sorted_tables
        return {
            table.name: [tuple(row) for row in view.connection.execute(sa.select(table).order_by(*table.primary_key))]
            for table in tables
        }


@pytest.fixture
def desk(competition: Competition, row_ids: RowIds, ledger: Ledger) -> Desk:
    """A desk that has received three files, of teams with accounts and a token."""
    made = Desk(competition, row_ids, ledger)
    for number, team in enumerate(("ada", "bob", "Žofie")):
        accounts.add_team(ledger, team, now=NOW)
        made.receive(good_file(number), team=team, now=NOW)
    tokens.issue(ledger, "ada", name="laptop", now=NOW)
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where a copy is put."""
    there = place_of(request.param, request)
    return tmp_path / "target.db" if isinstance(there, Path) else there


def copy_of(desk: Desk, tmp_path: Path) -> Path:
    backup.back_up(desk.ledger, tmp_path / "copy.db", unheard)
    return tmp_path / "copy.db"


def test_a_ledger_goes_from_either_database_to_either(desk: Desk, target: Place, tmp_path: Path) -> None:
    """Backup and restore keep every digest, account and token."""
    heard = list[int]()
    with desk.ledger.reading() as view:
        size = backup.size(view)
        head = view.head()
    made = backup.back_up(desk.ledger, tmp_path / "copy.db", heard.append)
    restored = put(tmp_path / "copy.db", target)

    assert head is not None
    assert made == restored == backup.Copy(3, head.digest)
    assert sum(heard) == size - len(rows_of(target)["settings"])
    copied, there, before = (rows_of(place) for place in (tmp_path / "copy.db", target, desk.ledger.place))
    keys = {dict(rows.pop("settings"))["cookie_key"] for rows in (copied, there, before)}
    assert copied == there == before
    assert len(keys) == 3
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


def test_what_was_restored_goes_on(
    desk: Desk, competition: Competition, row_ids: RowIds, target: Place, tmp_path: Path
) -> None:
    """The next submission and the next member get the next numbers; a receipt is known again."""
    with desk.ledger.writing() as ledger:
        ledger.connection.execute(ACCOUNTS.insert().values(team="dora", look="dora", made_at="2026"))
        members = METADATA.tables["members"].insert()
        for name in ("A", "B"):
            ledger.connection.execute(members.values(team="dora", name=name, joined_at="2026"))
    put(copy_of(desk, tmp_path), target)
    with Ledger(target) as ledger:
        again = Desk(competition, row_ids, ledger)
        assert again.receive(good_file(0), team="ada", now=NOW).submission == 1
        assert again.receive(good_file(5), team="ada", now=NOW).submission == 4
        with ledger.writing() as transaction:
            new = transaction.connection.execute(members.values(team="dora", name="C", joined_at="2026"))
        assert new.inserted_primary_key is not None
        assert new.inserted_primary_key[0] == 3
        with ledger.reading() as view:
            assert chain.verify(view) == 4


def test_a_copy_is_of_one_moment(desk: Desk, tmp_path: Path) -> None:
    """While others write, the copy is what the ledger was when it began; every entry has its file."""
    started, go_on = threading.Event(), threading.Event()

    def tell(_: int) -> None:
        started.set()
        assert go_on.wait(30)

    made = list[backup.Copy]()
    copying = threading.Thread(target=lambda: made.append(backup.back_up(desk.ledger, tmp_path / "copy.db", tell)))
    copying.start()
    assert started.wait(30)
    desk.receive(good_file(9), team="ada", now=NOW)
    go_on.set()
    copying.join()

    assert [copy.entries for copy in made] == [3]
    with Ledger(tmp_path / "copy.db") as ledger, ledger.reading() as view:
        assert chain.verify(view) == 3


def test_a_broken_ledger_is_not_copied(desk: Desk, tmp_path: Path) -> None:
    """What does not hold gets no name, and replaces no copy that does."""
    earlier = copy_of(desk, tmp_path).read_bytes()
    with desk.ledger.writing() as ledger:
        ledger.connection.execute(FILES.update().values(data=b"other"))
    with pytest.raises(BrokenChain, match=r"entry 1 \(received, .*the file .* does not have its digest"):
        backup.back_up(desk.ledger, tmp_path / "copy.db", unheard, replace=True)

    assert (tmp_path / "copy.db").read_bytes() == earlier
    assert not [path for path in tmp_path.iterdir() if PART in path.name]


def test_a_broken_copy_is_not_restored(desk: Desk, target: Place, tmp_path: Path) -> None:
    """A copy whose chain does not hold leaves nothing where the ledger was to be."""
    copy = copy_of(desk, tmp_path)
    with sqlite3.connect(copy) as connection:
        connection.execute("UPDATE entries SET team = 'eve' WHERE seq = 2")
    connection.close()
    with pytest.raises(BrokenChain, match=r"entry 2 .*its content does not have its digest"):
        put(copy, target)

    Ledger.create(target).close()


def test_a_restore_that_is_cut_off_leaves_nothing(desk: Desk, target: Place, tmp_path: Path) -> None:
    """Whenever it is interrupted: no ledger, or the empty one that there was; and it may be tried again."""
    copy = copy_of(desk, tmp_path)

    def cut(_: int) -> backup.Tell:
        def stop(_: int) -> None:
            raise KeyboardInterrupt

        return stop

    with pytest.raises(KeyboardInterrupt):
        backup.restore(copy, target, cut)
    if isinstance(target, Path):
        assert not target.exists()
    Ledger.create(target).close()
    empty = rows_of(target)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(copy, target, cut)

    assert rows_of(target) == empty
    assert put(copy, target).entries == 3


def test_a_cut_off_file_is_taken_for_none(desk: Desk, tmp_path: Path) -> None:
    """What a killed restore leaves of a file is no ledger, and does not stand in the way."""
    (tmp_path / "target.db").touch()

    assert put(copy_of(desk, tmp_path), tmp_path / "target.db").entries == 3


@pytest.mark.parametrize("left", [None, b""], ids=["nothing", "an empty file"])
def test_a_log_that_was_left_is_not_deleted(desk: Desk, tmp_path: Path, left: bytes | None) -> None:
    """Who moved a ledger away after a kill, and not its log, is told so, whatever comes next."""
    copy, place = copy_of(desk, tmp_path), tmp_path / "killed.db"
    killed = "import os, signal, sys; from pathlib import Path; from submissions.record.ledger import Ledger\n"
    killed += "ledger = Ledger.create(Path(sys.argv[1]))\n"
    killed += "with ledger.writing() as t: t.append('frozen', __import__('datetime').datetime.now().astimezone(), {})\n"
    killed += "os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", killed, str(place)], check=False)
    log = tmp_path / "killed.db-wal"
    before = log.read_bytes()
    place.rename(tmp_path / "moved.db")
    if left is not None:
        place.write_bytes(left)
    told = f"{log} holds what was committed last to a ledger that was moved away without it: move it to that ledger's "
    told += "side, under its name with -wal at the end, and begin again"
    acts: list[Callable[[], object]] = [lambda: put(copy, place), lambda: Ledger.create(place), lambda: Ledger(place)]
    acts.append(lambda: backup.back_up(desk.ledger, place, unheard, replace=True))
    if left is not None:
        acts.append(lambda: put(place, tmp_path / "target.db"))
    for act in acts:
        with pytest.raises(LedgerError) as refused:
            act()
        assert str(refused.value) == told
    assert log.read_bytes() == before

    log.rename(tmp_path / "moved.db-wal")
    with Ledger(tmp_path / "moved.db") as ledger, ledger.reading() as view:
        assert [entry.kind for entry in view.entries()] == ["frozen"]
    assert put(copy, place).entries == 3


def test_a_ledger_is_never_written_over(desk: Desk, target: Place, tmp_path: Path) -> None:
    """Neither entries nor accounts: where there is anything, nothing is restored."""
    copy = copy_of(desk, tmp_path)
    with Ledger.create(target) as ledger, ledger.writing() as transaction:
        transaction.connection.execute(ACCOUNTS.insert().values(team="dora", look="dora", made_at="2026"))
    before = rows_of(target)
    with pytest.raises(
        backup.NotEmpty,
        match=" is a ledger with something in it: it is never written over; move it aside first, "
        "with its -wal and -shm if they are there, or restore into",
    ):
        put(copy, target)

    assert rows_of(target) == before


def old(copy: Path, tmp_path: Path) -> Path:
    """The same ledger as a podium of layout 1 made it."""
    path = tmp_path / "old.db"
    path.write_bytes(copy.read_bytes())
    with sqlite3.connect(path) as connection:
        for table in reversed(NEW_TABLES):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DROP INDEX entries_by_kind")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    return path


def test_a_ledger_of_layout_1_becomes_one_of_today(desk: Desk, target: Place, tmp_path: Path) -> None:
    """The entries, files and names of an old ledger are those of the new one, which has a key of its own."""
    before = rows_of(desk.ledger.place)
    made = put(old(copy_of(desk, tmp_path), tmp_path), target)
    after = rows_of(target)

    assert made.entries == 3
    assert [after[name] for name in ("entries", "files", "looks")] == [
        before[name] for name in ("entries", "files", "looks")
    ]
    assert after["accounts"] == after["tokens"] == []
    assert dict(after["settings"])["layout"] == "2"
    assert dict(after["settings"])["cookie_key"] != dict(before["settings"])["cookie_key"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("PRAGMA user_version = 99", "copy.db has layout 99; this podium reads layouts 1 to 2"),
        ("PRAGMA user_version = 0", "copy.db is a database, but no ledger of podium"),
    ],
)
def test_a_copy_that_is_none_is_told(desk: Desk, target: Place, tmp_path: Path, change: str, told: str) -> None:
    """A newer copy, and a database that is no ledger, are told as such."""
    copy = copy_of(desk, tmp_path)
    with sqlite3.connect(copy) as connection:
        connection.execute(change)
    connection.close()
    with pytest.raises(LedgerError) as error:
        put(copy, target)

    assert str(error.value) == f"{tmp_path}/{told}"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "x.db is missing: name the file that podium backup wrote"),
        (b"", "x.db holds no ledger: it is empty or was cut off"),
        (b"no database" * 1_000, "x.db: the ledger is damaged; put a copy of it there (file is not a database)"),
    ],
)
def test_a_file_that_is_no_copy_is_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    """Whatever is named as a copy, it is a message, and nothing is made."""
    if content is not None:
        (tmp_path / "x.db").write_bytes(content)
    with pytest.raises(LedgerError) as error:
        put(tmp_path / "x.db", tmp_path / "target.db")

    assert str(error.value) == f"{tmp_path}/{told}"
    assert not (tmp_path / "target.db").exists()


def test_a_copy_leaves_nothing_beside_it(desk: Desk, tmp_path: Path) -> None:
    """A copy is one file, and reading it writes no other."""
    room = tmp_path / "room"
    room.mkdir()
    backup.back_up(desk.ledger, room / "copy.db", unheard)
    put(room / "copy.db", tmp_path / "target.db")

    assert [path.name for path in room.iterdir()] == ["copy.db"]


def test_a_ledger_in_use_is_restored_whole(competition: Competition, row_ids: RowIds, tmp_path: Path) -> None:
    """Of a ledger's file with its -wal beside it, what stands in the -wal is restored too."""
    with Ledger.create(tmp_path / "live.db") as ledger:
        Desk(competition, row_ids, ledger).receive(good_file(1), team="ada", now=NOW)
        assert (tmp_path / "live.db-wal").stat().st_size > 0
        assert put(tmp_path / "live.db", tmp_path / "target.db").entries == 1


# The commands


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return make_folder(tmp_path / "x", (CASES / "competition.toml").read_text(), [1, 2, 3, 4, 5, 6], public=3)


@pytest.fixture
def sent(folder: Folder, run: Run, tmp_path: Path) -> str:
    """The head of the folder's ledger, after one submission."""
    (tmp_path / "s.csv").write_bytes(good_file(1))
    assert run("submit", tmp_path / "s.csv", "--team", "ada", "-C", folder.root)[0] == 0
    with folder.open_ledger() as ledger, ledger.reading() as view:
        head = view.head()
    assert head is not None
    return head.digest


def told(head: str, entries: int) -> str:
    return f"{entries} entries, and all hold; the head is {head}\n"


def test_backup_and_restore(folder: Folder, sent: str, run: Run, tmp_path: Path) -> None:
    """A copy is told with its entries and its head; put back, the ledger is the same."""
    copy = tmp_path / "copy.db"
    code, out, _ = run("backup", copy, "-C", folder.root)
    assert (code, out) == (0, f"{copy}: {told(sent, 2)}")
    folder.ledger.unlink()

    assert run("restore", copy, "-C", folder.root) == (0, f"restored: {told(sent, 2)}", "")
    assert run("verify", "-C", folder.root)[1] == told(sent, 2)


def test_a_copy_is_not_written_over(folder: Folder, sent: str, run: Run, tmp_path: Path) -> None:
    """A file that is there stays, but for --force."""
    copy = tmp_path / "copy.db"
    copy.write_text("mine")
    code, out, err = run("backup", copy, "-C", folder.root)

    assert (code, out) == (2, "")
    assert f"{copy} is there already; another name, or --force to replace it" in err
    assert copy.read_text() == "mine"
    assert run("backup", copy, "--force", "-C", folder.root)[1] == f"{copy}: {told(sent, 2)}"


@pytest.mark.usefixtures("sent")
def test_the_ledger_in_its_place_is_not_its_own_copy(folder: Folder, run: Run) -> None:
    """Who names the ledger itself is told to move it aside first."""
    code, _, err = run("restore", folder.ledger, "-C", folder.root)

    assert code == 3
    assert err == (
        f"podium: {folder.ledger} is where the ledger is to lie: move it aside, with its -wal and -shm if they "
        "are there, and name where it is then\n"
    )


@pytest.fixture
def serve(database: str, clock: Any, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """A command with PODIUM_DATABASE."""

    def run_one(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            podium.main([str(argument) for argument in arguments], Host(clock, None, database))
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    yield run_one
    with Ledger.making(Address(database, "cases")) as (_, connection):
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS podium_cases CASCADE")


def test_a_competition_moves_to_a_server_and_back(
    folder: Folder, sent: str, run: Run, serve: Run, tmp_path: Path
) -> None:
    """With PODIUM_DATABASE the ledger of a folder is put into the database, and every command finds it there."""
    copy = tmp_path / "copy.db"
    assert run("backup", copy, "-C", folder.root)[0] == 0
    assert serve("verify", "-C", folder.root)[0] == 3
    assert serve("restore", copy, "-C", folder.root)[1] == f"restored: {told(sent, 2)}"
    folder.ledger.unlink()
    (tmp_path / "t.csv").write_bytes(good_file(2))
    assert serve("submit", tmp_path / "t.csv", "--team", "bob", "-C", folder.root)[0] == 0
    assert serve("verify", "--holds", sent, "-C", folder.root)[1].startswith("4 entries, and all hold")
    assert serve("backup", copy, "--force", "-C", folder.root)[0] == 0

    assert run("restore", copy, "-C", folder.root)[1].startswith("restored: 4 entries, and all hold")
    assert run("verify", "--holds", sent, "-C", folder.root)[0] == 0


def test_new_makes_the_ledger_on_the_server(serve: Run, database: str, tmp_path: Path) -> None:
    """With PODIUM_DATABASE a new competition has its ledger there; a second one of the same slug is refused whole."""
    root = tmp_path / "cases"
    rows = "id,a,label\n" + "".join(f"{row},{row % 7},{row % 2}\n" for row in range(60))
    (tmp_path / "own.csv").write_text(rows)
    own = ("--data", tmp_path / "own.csv", "--id-column", "id", "--label-column", "label")
    assert serve("new", root, *own)[0] == 0
    assert not Folder(root).ledger.exists()
    assert serve("verify", "-C", root)[1] == "0 entries, and all hold; the head is empty\n"
    other = tmp_path / "other" / "cases"
    code, _, err = serve("new", other, *own)

    assert code == 3
    assert "a ledger of layout 2 lies there already" in err
    assert not other.exists()
    with Ledger(Address(database, "cases")) as ledger, ledger.reading() as view:
        assert view.setting("layout") == "2"
