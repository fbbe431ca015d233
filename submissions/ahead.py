"""What a transaction fetches ahead: of all teams whose files it is to record at once, instead of some for each."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Self

import sqlalchemy as sa

from submissions.entries import columns
from submissions.tables import ACCOUNTS, ENTRIES, LOOKS

_KINDS = frozenset({"received", "graded"})
_TEAMS = ENTRIES.c.team.in_(sa.bindparam("teams", expanding=True))
_FIRSTS = sa.select(sa.func.min(ENTRIES.c.seq)).where(ENTRIES.c.kind == "received", _TEAMS).group_by(ENTRIES.c.team)
_ROWS = (
    sa.select(ENTRIES)
    .where(
        ENTRIES.c.kind.in_(sorted(_KINDS)),
        _TEAMS,
        sa.or_(
            ENTRIES.c.at >= sa.bindparam("since"),
            ENTRIES.c.file.in_(sa.bindparam("files", expanding=True)),
            ENTRIES.c.seq.in_(_FIRSTS),
        ),
    )
    .order_by(ENTRIES.c.seq)
)
_NAMES = sa.union_all(
    *(
        sa.select(sa.literal(table.name).label("table"), table.c.look, table.c.team).where(
            table.c.look.in_(sa.bindparam("looks", expanding=True))
        )
        for table in (ACCOUNTS, LOOKS)
    )
)
_NEVER = "~"  # behind every moment


class Ahead:
    """What is known of some teams, so that nobody need ask the database. It knows what it does not know.

    Attributes:
        accounts, senders: the team of each look that has an account, or has sent something; None: there is none.
    """

    def __init__(self, looks: Collection[str] = (), teams: Collection[str] = (), files: Collection[str] = ()) -> None:
        self.accounts: dict[str, str | None] = dict.fromkeys(looks)
        self.senders: dict[str, str | None] = dict.fromkeys(looks)
        self._rows: dict[str, list[Mapping[str, Any]]] = {team: [] for team in teams}
        self._files, self._since = frozenset(files), _NEVER

    @classmethod
    def fetch(
        cls, connection: sa.Connection, looks: Mapping[str, str], files: Collection[str], since: str | None
    ) -> Self:
        """What the ledger holds of the teams with these looks, in two statements.

        `files`: the SHA-256 of those that come. `since`: the moment, as the ledger writes it, since when all that was
        received and graded is wanted; None: no such moment.
        """
        made = cls(looks.values(), looks, files)
        made._since = since or _NEVER
        wanted = {"teams": list(looks), "files": list(files), "since": made._since}
        for row in connection.execute(_ROWS, wanted):
            made.add(columns(row))
        for row in connection.execute(_NAMES, {"looks": list(looks.values())}):
            names = made.accounts if row.table == ACCOUNTS.name else made.senders
            names[row.look] = row.team
        return made

    def add(self, row: Mapping[str, Any]) -> None:
        """Take note of an entry that the transaction adds."""
        if row["kind"] in _KINDS and row["team"] in self._rows:
            self._rows[row["team"]].append(row)

    def sent(self, team: str, file: str) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None] | None:
        """The first row of what a team sent, and that of these bytes; None: it is not known."""
        if team not in self._rows or file not in self._files:
            return None
        received = [row for row in self._rows[team] if row["kind"] == "received"]
        return next(iter(received), None), next((row for row in received if row["file"] == file), None)

    def rows(self, team: str, kinds: Collection[str], since: str) -> Iterator[Mapping[str, Any]] | None:
        """The rows of these kinds that were added since this moment, in order; None: they are not known."""
        if team not in self._rows or since < self._since or not _KINDS.issuperset(kinds):
            return None
        return (row for row in self._rows[team] if row["kind"] in kinds and row["at"] >= since)
