"""What a transaction adds to the ledger: entries at the end of the chain, files, team names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from submissions import moments
from submissions.entries import BEFORE_THE_FIRST, Entry, canonical, chained, to_entry
from submissions.tables import ENTRIES, FILES, LOOKS
from submissions.teams import InvalidTeam
from submissions.view import View

_AT_ONCE = 500  # rows in a statement
_LAST_SUBMISSION = sa.select(sa.func.max(ENTRIES.c.submission))
_CLAIM = sa.text("INSERT INTO looks (look, team) VALUES (:look, :team) ON CONFLICT (look) DO NOTHING")
_OWNER = sa.select(LOOKS.c.team).where(LOOKS.c.look == sa.bindparam("look"))


class Transaction(View):
    """A look at the ledger that may also add to it.

    Whoever writes keeps all others waiting, so what is added goes to the database in few statements: before a look that
    could see it, and at the end.
    """

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        head = self.head()
        self._next_seq = head.seq + 1 if head else 1
        self._previous = head.digest if head else BEFORE_THE_FIRST
        self._next_submission: int | None = None
        self._lasts = dict[str, Entry | None]()
        self._entries, self._files = list[dict[str, Any]](), dict[str, bytes]()

    @property
    def next_submission(self) -> int:
        """The number of the next submission, from 1."""
        if self._next_submission is None:
            self._next_submission = (self._connection.execute(_LAST_SUBMISSION).scalar() or 0) + 1
        return self._next_submission

    def sent(self, team: str, file: str) -> tuple[Entry | None, Entry | None]:
        """See `View.sent`."""
        self._write_of(team)
        return super().sent(team, file)

    def last(self, kind: str) -> Entry | None:
        """The last entry of this kind; None if there is none."""
        if kind not in self._lasts:
            self._lasts[kind] = super().last(kind)
        return self._lasts[kind]

    def append(
        self,
        kind: str,
        at: datetime,
        body: Mapping[str, Any],
        *,
        team: str | None = None,
        submission: int | None = None,
        file: str | None = None,
    ) -> Entry:
        """Add an entry at the end of the chain."""
        row: dict[str, Any] = {
            "seq": self._next_seq,
            "kind": kind,
            "at": moments.write(at),
            "team": team,
            "submission": submission,
            "file": file,
            "body": canonical(body),
            "previous": self._previous,
        }
        row["digest"] = chained(row)
        self._next_seq += 1
        self._previous = row["digest"]
        if kind == "received":
            self._next_submission = self.next_submission + 1
        self._entries.append(row)
        entry = self._lasts[kind] = to_entry(row)
        return entry

    def append_all(self, kind: str, at: datetime, bodies: Iterable[tuple[str, int, Mapping[str, Any]]]) -> None:
        """Add many entries of one kind at once, each of a team and a submission of its own."""
        for team, submission, body in bodies:
            self.append(kind, at, body, team=team, submission=submission)

    def keep(self, data: bytes, digest: str) -> None:
        """Keep a file under its SHA-256; once, however often it is sent."""
        self._files[digest] = data

    def claim(self, team: str, look: str) -> None:
        """Take a team's name for it, and with it every name of the same look.

        Raises:
            InvalidTeam: another team has a name that looks the same.
        """
        if self._connection.execute(_CLAIM, {"look": look, "team": team}).rowcount:
            return
        if (owner := self._connection.execute(_OWNER, {"look": look}).scalar()) != team:
            raise InvalidTeam(team, f"looks like the team {owner!r}; use that spelling, or another name")

    def write(self) -> None:
        """Hand to the database what was added."""
        files = [{"digest": digest, "data": data} for digest, data in self._files.items()]
        for table, rows in ((FILES, files), (ENTRIES, self._entries)):
            for start in range(0, len(rows), _AT_ONCE):
                some = rows[start : start + _AT_ONCE]
                given = {f"{name}_{number}": value for number, row in enumerate(some) for name, value in row.items()}
                self._connection.execute(_insert(table.name, tuple(some[0]), len(some)), given)
        self._files.clear()
        self._entries.clear()

    def file(self, digest: str) -> bytes:
        """The bytes kept under this SHA-256; see `View.file`."""
        self.write()
        return super().file(digest)

    def _page(self, given: dict[str, Any], *, is_ungraded: bool = False) -> Iterator[dict[str, Any]]:
        self._write_of(given.get("team"))
        return super()._page(given, is_ungraded=is_ungraded)

    def _write_of(self, team: str | None) -> None:
        """Write what was added, if some of it is of this team; None: of whichever."""
        if team is None or any(row["team"] == team for row in self._entries):
            self.write()

    def _last_seq(self) -> int | None:
        return self._next_seq - 1


@lru_cache
def _insert(table: str, names: Sequence[str], rows: int) -> sa.TextClause:
    """The statement that adds so many rows; a file that is there already stays."""
    values = ", ".join(f"({', '.join(f':{name}_{number}' for name in names)})" for number in range(rows))
    end = " ON CONFLICT (digest) DO NOTHING" if table == FILES.name else ""
    return sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES {values}{end}")  # noqa: S608 - our own names
