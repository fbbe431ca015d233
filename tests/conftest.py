"""What tests share: the small competition of tests/cases, its desk, and a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from submissions import competition as competitions
from submissions import row_ids as rows
from submissions.competition import Competition
from submissions.intake import Desk
from submissions.ledger import Ledger
from submissions.row_ids import RowIds

CASES = Path(__file__).parent / "cases"
GOOD_FILE = b"id,label\n1,7\n2,7\n3,7\n4,7\n5,7\n6,7\n"
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def good_file(label: int, *more: int) -> bytes:
    """A valid file that says `label` for every row, and `more` for the first ones."""
    labels = [*more, *[label] * (6 - len(more))]
    return b"id,label\n" + b"".join(b"%d,%d\n" % (row, label) for row, label in enumerate(labels, start=1))


@pytest.fixture
def competition() -> Competition:
    return competitions.load(CASES / "competition.toml")


@pytest.fixture
def row_ids(competition: Competition) -> RowIds:
    return rows.from_sample(CASES / "sample_submission.csv", competition)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.create(tmp_path / "ledger.db") as made:
        yield made


@pytest.fixture
def desk(competition: Competition, row_ids: RowIds, ledger: Ledger) -> Desk:
    return Desk(competition, row_ids, ledger)
