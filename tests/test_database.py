"""Rules of a ledger on PostgreSQL, of its way there, and of what holds on both databases."""

import pickle
import socket
import threading
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import NOW, good_file
from submissions.competition import Competition
from submissions.intake import Desk
from submissions.record import chain
from submissions.record import server as servers
from submissions.record.database import Address, Place
from submissions.record.entries import LedgerError
from submissions.record.ledger import Ledger, made
from submissions.record.postgresql import schema_of
from submissions.record.tables import ACCOUNTS, MEMBERS, SETTINGS
from submissions.row_ids import RowIds

FORM = "write it as postgresql://USER:PASSWORD@HOST:PORT/NAME, with %40 for an @ in the password"
UNKNOWN = (
    "the connection was lost while the database recorded this: it may have been recorded; look, or send the same file "
    "again: the same file gets the same receipt"
)
only_postgresql = pytest.mark.parametrize("place", ["postgresql"], indirect=True)


def folder_of(database: str) -> str:
    """The folder of the server's socket."""
    return str(sa.make_url(database).query["host"])


def name_of(place: Place) -> str:
    assert isinstance(place, Address)
    return f"database postgres at {folder_of(place.url)}, schema {schema_of(place.slug)}"


def note(ledger: Ledger, **facts: object) -> None:
    with ledger.writing() as transaction:
        transaction.append("noted", NOW, facts)


def count(ledger: Ledger) -> int:
    with ledger.reading() as view:
        return chain.verify(view)


def end_others(database: str) -> None:
    """End every connection to the server but this one, as a restart does."""
    engine = servers.engine(servers.url_of(database))
    query = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"{query} AND backend_type = 'client backend'").all()
    engine.dispose()


def refused(url: str) -> str:
    with pytest.raises(LedgerError) as error:
        Ledger(Address(url, "x"))
    return str(error.value)


# Both


def test_eight_threads_write_one_chain(competition: Competition, row_ids: RowIds, ledger: Ledger) -> None:
    """Writers of one ledger, in one program, wait for each other: no number is given twice, and the chain holds."""
    desk = Desk(competition, row_ids, ledger)

    def send(number: int) -> int:
        return desk.receive(good_file(number % 10, number // 10), team=f"team {number}", now=NOW).submission

    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(send, range(48)))

    assert sorted(numbers) == list(range(1, 49))
    assert count(ledger) == 48


def test_two_desks_give_one_attempt_once(
    competition: Competition, row_ids: RowIds, place: Place, ledger: Ledger
) -> None:
    """Two desks of one ledger never give more attempts than there are."""
    with Ledger(place) as other:
        desks = [Desk(competition, row_ids, ledger), Desk(competition, row_ids, other)]
        start = threading.Barrier(8)

        def send(number: int) -> bool:
            start.wait()
            try:
                desks[number % 2].receive(good_file(number), team="ada", now=NOW)
            except Exception as error:  # noqa: BLE001 - the name of the refusal is asserted
                assert type(error).__name__ == "QuotaExceeded"
                return False
            return True

        with ThreadPoolExecutor(8) as threads:
            taken = list(threads.map(send, range(8)))

    assert sum(taken) == competition.daily_limit
    assert count(ledger) == competition.daily_limit


def test_a_reader_sees_one_moment(ledger: Ledger) -> None:
    """A look does not change while others write, and waits for no writer."""
    note(ledger, a=1)
    with ledger.reading() as view:
        before = [entry.seq for entry in view.entries()]
        note(ledger, a=2)
        with ledger.writing() as transaction:
            transaction.append("noted", NOW, {"a": 3})
            assert [entry.seq for entry in view.entries()] == before == [1]

    assert count(ledger) == 3


def test_a_locked_ledger_is_a_message(place: Place, ledger: Ledger) -> None:
    """Where another program holds the write lock, the writer is told so in time, and nothing is lost."""
    with (
        ledger.writing(),
        Ledger(place, busy_seconds=0.05) as other,
        pytest.raises(LedgerError, match=": another program holds the ledger; try again when it has finished "),
        other.writing(),
    ):
        pass

    note(ledger)
    assert count(ledger) == 1


def test_many_entries_come_in_order(ledger: Ledger) -> None:
    """Thousands of entries come one after the other, each once, from wherever one begins; and those of one kind."""
    with ledger.writing() as transaction:
        for number in (1, 2):
            transaction.append("received", NOW, {}, team="ada", submission=number)
        transaction.append_all("graded", NOW, [("ada", 1, {"n": n}) for n in range(2_500)])
    with ledger.reading() as view:
        assert [entry.seq for entry in view.entries()] == list(range(1, 2_503))
        assert [entry.body["n"] for entry in view.entries("graded", "noted")] == list(range(2_500))
        assert [entry.seq for entry in view.entries(after=2_500)] == [2_501, 2_502]
        assert [entry.seq for entry in view.entries("graded", after=10, limit=2)] == [11, 12]
        assert [entry.submission for entry in view.ungraded()] == [2]
        assert [row["seq"] for row in view.rows()] == list(range(1, 2_503))


def test_what_a_transaction_adds_is_not_what_it_goes_through(ledger: Ledger) -> None:
    """Who adds an entry for each that there is comes to an end."""
    with ledger.writing() as transaction:
        transaction.append_all("graded", NOW, [("ada", 1, {}) for _ in range(1_500)])
        for _ in islice(transaction.entries("graded"), 9_000):
            transaction.append("graded", NOW, {}, team="ada", submission=1)

    with ledger.reading() as view:
        assert len(list(view.entries())) == 3_000


def test_a_failed_statement_spoils_its_transaction(ledger: Ledger) -> None:
    """What went wrong and was passed over is not recorded by half: the transaction is not."""
    with (
        pytest.raises(LedgerError, match=": a statement of this transaction failed before; nothing was recorded"),
        ledger.writing() as transaction,
    ):
        transaction.append("noted", NOW, {})
        with pytest.raises(sa.exc.DBAPIError):
            transaction.connection.execute(sa.text("SELECT * FROM nowhere"))

    assert count(ledger) == 0


def test_references_are_kept(ledger: Ledger) -> None:
    """A member of no team is refused, by either database."""
    with pytest.raises(LedgerError), ledger.writing() as transaction:
        transaction.connection.execute(MEMBERS.insert().values(team="nobody", name="N", joined_at="2026"))


def test_texts_sort_by_their_bytes(ledger: Ledger) -> None:
    """Names come in one order, whatever the language of the server."""
    names = ["a b", "Z", "ä", "a", "ab", "_", "É"]
    with ledger.writing() as transaction:
        rows = [{"team": name, "look": name, "made_at": ""} for name in names]
        transaction.connection.execute(ACCOUNTS.insert(), rows)
    with ledger.reading() as view:
        found = list(view.connection.execute(sa.select(ACCOUNTS.c.team).order_by(ACCOUNTS.c.team)).scalars())

    assert found == sorted(names, key=str.encode)


def test_a_new_ledger_has_a_key_of_its_own(ledger: Ledger, tmp_path: Any) -> None:
    """Each ledger signs its cookies with a key that no other has; and tells its layout."""
    with ledger.reading() as view:
        key, layout = view.setting("cookie_key"), view.setting("layout")
        with pytest.raises(LedgerError, match="the ledger has no setting 'colour': podium restore puts a copy of it"):
            view.setting("colour")
    with Ledger.create(tmp_path / "other.db") as other, other.reading() as view:
        assert view.setting("cookie_key") != key

    assert len(key) == 43
    assert layout == "2"


# PostgreSQL


def test_every_slug_has_a_schema_of_its_own() -> None:
    """Names of schemas need no quotation marks, are of 63 bytes at the most, and differ where slugs do."""
    long = ["a" * 56, "a" * 57, "a" * 90, "a" * 89 + "b", "a" * 36 + "-" + "a" * 40]
    names = [schema_of(slug) for slug in ("fashion-mnist", "x", "1-2", *long)]

    assert names[:4] == ["podium_fashion_mnist", "podium_x", "podium_1_2", f"podium_{'a' * 56}"]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 63 for name in names)
    assert all("__" in name for name in names[4:])


@only_postgresql
def test_a_slug_is_taken_once(place: Address, ledger: Ledger) -> None:
    """A ledger on a server is never made over another."""
    note(ledger)
    with pytest.raises(LedgerError) as error:
        Ledger.create(place)

    assert str(error.value) == (
        f"{name_of(place)}: a ledger of layout 2 lies there already; give the competition another slug, or take that "
        "schema away if nobody needs it"
    )
    assert count(ledger) == 1


@only_postgresql
def test_one_database_serves_several_competitions(place: Address, ledger: Ledger) -> None:
    """Each has a ledger and a lock of its own."""
    with Ledger.create(Address(place.url, f"{place.slug}-too")) as other, ledger.writing() as transaction:
        transaction.append("noted", NOW, {})
        note(other)
        note(other)

    assert count(ledger) == 1


@only_postgresql
def test_no_ledger_on_the_server_is_a_message(place: Address) -> None:
    """A ledger that is not there is never made anew."""
    with pytest.raises(LedgerError) as error:
        Ledger(place)

    assert str(error.value) == f"{name_of(place)} holds no ledger: podium restore puts a copy of it there"


@only_postgresql
def test_a_ledger_is_taken_back_with_its_folder(place: Address) -> None:
    """Where a competition's folder cannot be put in its place, no ledger stays behind."""
    with pytest.raises(OSError, match="full"), made(place):
        raise OSError("full")

    Ledger.create(place).close()


@only_postgresql
@pytest.mark.parametrize(
    ("layout", "told"),
    [
        ("99", " has layout 99; this podium reads layout 2: use the podium that made it, or a newer one"),
        ("x", " is damaged: it does not tell its layout; podium restore puts a copy there"),
    ],
)
def test_a_ledger_of_another_layout_is_told(place: Address, ledger: Ledger, layout: str, told: str) -> None:
    """A newer ledger is left alone."""
    with ledger.writing() as transaction:
        transaction.connection.execute(SETTINGS.update().where(SETTINGS.c.name == "layout").values(value=layout))
    with pytest.raises(LedgerError) as error:
        Ledger(place)

    assert str(error.value) == name_of(place) + told


@only_postgresql
def test_a_commit_is_on_disk_whatever_the_server_promises(server: Any, ledger: Ledger) -> None:
    """A server that acknowledges before it writes is told not to."""
    server.psql("ALTER SYSTEM SET synchronous_commit = off; SELECT pg_reload_conf()")
    try:
        with ledger.writing() as transaction:
            assert transaction.connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
    finally:
        server.psql("ALTER SYSTEM RESET synchronous_commit; SELECT pg_reload_conf()")


@only_postgresql
def test_a_dead_connection_heals(place: Address, ledger: Ledger) -> None:
    """Connections that died while they lay idle are replaced, for readers and for writers."""
    note(ledger)
    end_others(place.url)
    assert count(ledger) == 1
    end_others(place.url)
    note(ledger)

    assert count(ledger) == 2


@only_postgresql
def test_a_server_that_stops_and_starts(server: Any, place: Address, ledger: Ledger) -> None:
    """While the server is away it is told; once it is back the same ledger goes on."""
    note(ledger)
    server.stop()
    try:
        with pytest.raises(LedgerError) as error:
            note(ledger)
    finally:
        server.ensure_postgres_running()
    note(ledger)

    assert str(error.value) == (
        f"{name_of(place)}: the database cannot be reached; nothing was recorded; try again (No such file or directory)"
    )
    assert count(ledger) == 2


@only_postgresql
def test_a_connection_lost_in_the_midst_is_never_taken_up(place: Address, ledger: Ledger) -> None:
    """What was begun on a connection that died is not gone on with on another."""
    with pytest.raises(LedgerError) as error, ledger.writing() as transaction:
        transaction.append("noted", NOW, {})
        end_others(place.url)
        transaction.append("noted", NOW, {})

    assert str(error.value).startswith(f"{name_of(place)}: the database cannot be reached; nothing was recorded; try")
    assert count(ledger) == 0


@only_postgresql
def test_a_commit_without_an_answer_is_told_as_such(place: Address, ledger: Ledger) -> None:
    """Where the connection is lost while the database commits, nobody is told that nothing was recorded."""
    with pytest.raises(LedgerError) as error, ledger.writing() as transaction:
        transaction.append("noted", NOW, {})
        transaction.write()
        end_others(place.url)

    assert str(error.value) == f"{name_of(place)}: {UNKNOWN}"


# The way there


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:se@cret@localhost/podium",
        "postgresql://ada:x@localhost:secret/podium",
        "postgresql://ada:x@localhost",
        "postgresql://ada:x@/podium?port=secret",
        "mysql://ada:secret@localhost/podium",
        "secret",
        "",
    ],
)
def test_an_address_that_is_none_is_a_message_without_it(url: str) -> None:
    """What may hold a password is not repeated."""
    assert refused(url) == f"PODIUM_DATABASE is no address of a PostgreSQL database; {FORM}"


def test_an_address_names_its_user() -> None:
    """The driver would ask nobody else who we are."""
    assert refused("postgresql://localhost/podium") == f"PODIUM_DATABASE names no user; {FORM}"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("foo=secret", "PODIUM_DATABASE: unknown option 'foo'; known are host, port, sslmode, sslrootcert"),
        (
            "sslmode=maybe",
            "PODIUM_DATABASE: sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full",
        ),
    ],
)
def test_an_unknown_option_is_told(options: str, told: str) -> None:
    """An option that would do nothing is refused by name."""
    assert refused(f"postgresql://ada:secret@127.0.0.1/podium?{options}") == told


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that hangs up on everybody."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def hang_up() -> None:
            try:
                while True:
                    listening.accept()[0].close()
            except OSError:
                return

        threading.Thread(target=hang_up, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)


def test_a_server_that_is_none_is_told(silent: int) -> None:
    """Whatever answers at that port in whatever way, it is a message."""
    told = refused(f"postgresql://ada:secret@127.0.0.1:{silent}/podium")

    assert told.startswith(f"database podium at 127.0.0.1:{silent}, schema podium_x: the database cannot be reached; ")
    assert "secret" not in told


def test_a_port_without_a_server_is_told() -> None:
    """A refused connection is a message, with the place and without the password."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    told = refused(f"postgresql://ada:secret@127.0.0.1:{port}/podium")

    where = f"database podium at 127.0.0.1:{port}, schema podium_x"
    assert told.startswith(f"{where}: the database cannot be reached; nothing was recorded; try again (")
    assert "onnection refused" in told
    assert "secret" not in told


@pytest.fixture
def guarded(server: Any, database: str) -> Iterator[str]:
    """An address whose user needs a password, which is not the one in it."""
    name = "podium_guarded"
    server.psql(f"CREATE ROLE {name} LOGIN PASSWORD 'right'")
    rules = server.pgdata / "pg_hba.conf"
    before = rules.read_text()
    rules.write_text(f"local all {name} scram-sha-256\n{before}")
    server.psql("SELECT pg_reload_conf()")
    yield f"postgresql://{name}:wr0ng-s3cret@/postgres?host={folder_of(database)}"
    rules.write_text(before)
    server.psql(f"SELECT pg_reload_conf(); DROP ROLE {name}")


def test_a_wrong_password_is_told_and_not_shown(guarded: str) -> None:
    """The message names the user, and no part of the password; nor does the whole traceback."""
    with pytest.raises(LedgerError) as error:
        Ledger(Address(guarded, "x"))

    assert str(error.value).endswith(
        ": the database does not let us in; check user and password in PODIUM_DATABASE "
        '(password authentication failed for user "podium_guarded")'
    )
    assert "s3cret" not in "".join(traceback.format_exception(error.value))


def test_the_right_password_opens_and_a_lacking_right_is_told(guarded: str) -> None:
    """A user who may not make a schema is told which right it needs."""
    with pytest.raises(LedgerError, match="lacks a right; it needs CREATE on the database, or the schema for its own"):
        Ledger.create(Address(guarded.replace("wr0ng-s3cret", "right"), "x"))


def test_a_schema_made_by_the_administrator_is_taken(server: Any, guarded: str) -> None:
    """Who may not make schemas gets one from the administrator, and with it a ledger."""
    server.psql("CREATE SCHEMA podium_given AUTHORIZATION podium_guarded")
    try:
        with Ledger.create(Address(guarded.replace("wr0ng-s3cret", "right"), "given")) as ledger:
            note(ledger)
            assert count(ledger) == 1
    finally:
        server.psql("DROP SCHEMA podium_given CASCADE")


def test_an_address_keeps_its_password() -> None:
    """It goes with the address to other processes, and is not shown."""
    address = Address("postgresql://ada:secret@localhost/podium", "x")

    assert repr(address) == "Address(slug='x')"
    assert pickle.loads(pickle.dumps(address)) == address
