"""A competition on disk: where its rules and its four rooms lie."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from submissions import competition, row_ids
from submissions.competition import Competition
from submissions.errors import OrganiserError
from submissions.row_ids import RowIds

if TYPE_CHECKING:
    from submissions.record.database import Place
    from submissions.record.ledger import Ledger

RULES = "competition.toml"


class NoCompetition(OrganiserError):
    """There is no competition.toml where one was looked for."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder of one competition."""

    root: Path

    @property
    def rules(self) -> Path:
        """The rules: public."""
        return self.root / RULES

    @property
    def starter(self) -> Path:
        """The room of the starter kit: public."""
        return self.root / "starter"

    @property
    def inbox(self) -> Path:
        """The door for files: `<team>/*.csv`, private."""
        return self.root / "submissions" / "inbox"

    @property
    def ledger(self) -> Path:
        """The ledger, unless it is on a server: private."""
        return self.root / "submissions" / "ledger.db"

    @property
    def grader(self) -> Path:
        """The room of the hidden labels: private."""
        return self.root / "grader"

    @property
    def kit_record(self) -> Path:
        """Which files of the kit are as Podium made them: private, for it says nothing to anybody else."""
        return self.grader / "kit.json"

    @property
    def leaderboard(self) -> Path:
        """The room of the site: public."""
        return self.root / "leaderboard"

    @property
    def sample(self) -> Path:
        """The sample submission; in an unpacked kit it lies beside the rules."""
        beside = self.root / "sample_submission.csv"
        return beside if beside.exists() else self.starter / "sample_submission.csv"

    def competition(self) -> Competition:
        """The rules; InvalidCompetition with all their faults."""
        return competition.load(self.rules)

    def row_ids(self, rules: Competition) -> RowIds:
        """The row ids of the sample submission; InvalidCompetition if there is none."""
        return row_ids.from_sample(self.sample, rules)

    def place(self, database: str | None) -> "Place":
        """Where the ledger lies: in the database of this address, under the competition's slug; None: in its file."""
        from submissions.record.database import Address  # checking a file needs no database

        return Address(database, self.competition().slug) if database else self.ledger

    def open_ledger(self, database: str | None = None) -> "Ledger":
        """The ledger; LedgerError if it is missing or damaged."""
        from submissions.record.ledger import Ledger  # checking a file needs no database

        return Ledger(self.place(database))

    def create_ledger(self, database: str | None = None) -> "Ledger":
        """A new, empty ledger; LedgerError or FileExistsError if there is one."""
        from submissions.record.ledger import Ledger

        return Ledger.create(self.place(database))


def find(start: Path) -> Folder:
    """The nearest folder, from `start` upwards, that holds a competition.toml.

    Raises:
        NoCompetition: there is none up to the root.
    """
    absolute = start.absolute()
    for root in (absolute, *absolute.parents):
        if (root / RULES).is_file():
            return Folder(root)
    raise NoCompetition(f"no {RULES} in {absolute} or above it: name the competition's folder with -C DIR")
