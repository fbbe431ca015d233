"""What a transaction fetches ahead, of all whose files it is to record at once, instead of piece by piece for each."""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from submissions.record.entries import columns
from submissions.record.tables import ACCOUNTS, ENTRIES, LOOKS

Row = Mapping[str, Any]
_GRADED = "graded"
_KINDS = frozenset({"received", _GRADED})
_NEVER = "~"  # behind every moment


def _wanted(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, expanding=True)


_TEAMS = ENTRIES.c.team.in_(_wanted("teams"))
_FIRSTS = sa.select(sa.func.min(ENTRIES.c.seq)).where(ENTRIES.c.kind == "received", _TEAMS).group_by(ENTRIES.c.team)
_LAST = sa.select(sa.func.max(ENTRIES.c.seq)).where(ENTRIES.c.kind == _GRADED)
_MATTERS = sa.or_(
    ENTRIES.c.at >= sa.bindparam("since"), ENTRIES.c.file.in_(_wanted("files")), ENTRIES.c.seq.in_(_FIRSTS)
)
_ROWS = sa.union_all(
    sa.select(ENTRIES).where(ENTRIES.c.kind.in_(sorted(_KINDS)), _TEAMS, _MATTERS),
    sa.select(ENTRIES).where(ENTRIES.c.kind.in_(_wanted("kinds"))),
    sa.select(ENTRIES).where(ENTRIES.c.seq == _LAST.scalar_subquery()),
)
_NAMES = sa.union_all(
    *(
        sa.select(sa.literal(table.name).label("table"), table.c.look, table.c.team).where(
            table.c.look.in_(_wanted("looks"))
        )
        for table in (ACCOUNTS, LOOKS)
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is going to be asked.

    Attributes:
        looks: the look of each team.
        files: the SHA-256 of those that come.
        since: the moment, as the ledger writes it, since when all that was received and graded matters; None: none.
        kinds: of which all entries are wanted, whosever.
    """

    looks: Mapping[str, str] = field(default_factory=dict)
    files: Collection[str] = ()
    since: str | None = None
    kinds: Collection[str] = ()


class Ahead:
    """What is known, so that nobody need ask the database; of anything else it says that it does not know.

    Attributes:
        accounts, senders: the team of each look that has an account, or has sent something; None: there is none.
        lasts: the last row of each kind of which that is known; None: there is none.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.accounts: dict[str, str | None] = dict.fromkeys(wanted.looks.values())
        self.senders = self.accounts.copy()
        self.lasts: dict[str, Row | None] = {}
        self._files, self._since = frozenset(wanted.files), wanted.since or _NEVER
        self._of_team: dict[str, list[Row]] = {team: [] for team in wanted.looks}
        self._of_kind: dict[str, list[Row]] = {kind: [] for kind in wanted.kinds}

    def fetch(self, connection: sa.Connection, wanted: Wanted) -> None:
        """Ask for what is wanted, in two statements."""
        given = {
            "teams": list(wanted.looks),
            "files": list(wanted.files),
            "since": self._since,
            "kinds": list(wanted.kinds),
        }
        self.lasts[_GRADED] = None
        rows = {row[0]: columns(row) for row in connection.execute(_ROWS, given)}
        for seq in sorted(rows):
            self.add(rows[seq])
        for row in connection.execute(_NAMES, {"looks": list(self.accounts)}):
            names = self.accounts if row.table == ACCOUNTS.name else self.senders
            names[row.look] = row.team

    def add(self, row: Row) -> None:
        """Take note of an entry."""
        kind, team = row["kind"], row["team"]
        if kind in self.lasts:
            self.lasts[kind] = row
        if kind in _KINDS and team in self._of_team:
            self._of_team[team].append(row)
        if kind in self._of_kind:
            self._of_kind[kind].append(row)

    def sent(self, team: str, file: str) -> tuple[Row | None, Row | None] | None:
        """The first row of what a team sent, and that of these bytes; None: it is not known."""
        if team not in self._of_team or file not in self._files:
            return None
        received = [row for row in self._of_team[team] if row["kind"] == "received"]
        return next(iter(received), None), next((row for row in received if row["file"] == file), None)

    def rows(self, kinds: Set[str], team: str | None, since: str | None) -> list[Row] | None:
        """The rows of these kinds, in order: of a team since a moment, or without both all; None: not known."""
        if team is None and since is None and self._of_kind.keys() >= kinds:
            rows = (row for kind in kinds for row in self._of_kind[kind])
            return sorted(rows, key=lambda row: int(row["seq"]))
        if team in self._of_team and since is not None and since >= self._since and kinds <= _KINDS:
            return [row for row in self._of_team[team] if row["kind"] in kinds and row["at"] >= since]
        return None
