"""What a transaction adds to the ledger: entries at the end of the chain, files, team names."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from submissions import moments
from submissions.record.ahead import Ahead, Wanted
from submissions.record.entries import BEFORE_THE_FIRST, Entry, canonical, chained, to_entry
from submissions.record.tables import ENTRIES, FILES, LOOKS
from submissions.record.view import KIND, View
from submissions.teams import InvalidTeam

_MANY = 500
# Rows in a statement, and whatever is left. SQLite's driver keeps the statements it has met, with the files they had.
_SIZES = {"sqlite": (1,), "postgresql": (_MANY, 64, 16)}
_LAST_SUBMISSION = sa.select(sa.func.max(ENTRIES.c.submission)).scalar_subquery()
_Row = Mapping[str, Any]
_END = sa.select(ENTRIES, _LAST_SUBMISSION).order_by(ENTRIES.c.seq.desc()).limit(1)


class Transaction(View):
    """A look at the ledger that may also add to it.

    Attributes:
        next_submission: the number of the next one, from 1.

    Whoever writes keeps all others waiting, so what is added goes to the database in few statements: before a look that
    could see it, and at the end.
    """

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        end = connection.execute(_END).first()
        *head, last_submission = end or (0, None)
        self.next_submission = (last_submission or 0) + 1
        self._next_seq = head[0] + 1
        self._previous = head[-1] if end else BEFORE_THE_FIRST
        self._lasts = dict[str, Entry | None]()
        self._entries, self._files, self._claims = list[dict[str, Any]](), dict[str, bytes](), dict[str, str]()
        self._ahead = Ahead(Wanted())

    def fetch(self, wanted: Wanted) -> None:
        """Fetch what is going to be asked, in few statements, however many teams it is about.

        Accounts that are made afterwards in the same transaction are not seen.
        """
        self.write()
        self._ahead = Ahead(wanted)
        self._ahead.fetch(self._connection, wanted)

    def sent(self, team: str, file: str) -> tuple[Entry | None, Entry | None]:
        """See `View.sent`."""
        if (known := self._ahead.sent(team, file)) is not None:
            first, same = (to_entry(row) if row else None for row in known)
            return first, same
        self._write_of(team)
        return super().sent(team, file)

    def last(self, kind: str) -> Entry | None:
        """The last entry of this kind; None if there is none."""
        if kind in self._ahead.lasts:
            row = self._ahead.lasts[kind]
            return to_entry(row) if row else None
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
            self.next_submission += 1
        self._entries.append(row)
        self._ahead.add(row)
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
        owner = self.sender_of(look)
        if owner is None:
            self._claims[look] = team
        elif owner != team:
            raise InvalidTeam(team, f"looks like the team {owner!r}; use that spelling, or another name")

    def account_of(self, look: str) -> str | None:
        """See `View.account_of`."""
        known = self._ahead.accounts
        return known[look] if look in known else super().account_of(look)

    def sender_of(self, look: str) -> str | None:
        """See `View.sender_of`."""
        if look in self._claims:
            return self._claims[look]
        known = self._ahead.senders
        return known[look] if look in known else super().sender_of(look)

    def looks(self) -> dict[str, str]:
        """See `View.looks`."""
        self.write()
        return super().looks()

    def write(self) -> None:
        """Hand to the database what was added."""
        sizes = _SIZES[self._connection.dialect.name]
        claims = [{"look": look, "team": team} for look, team in self._claims.items()]
        files = [{"digest": digest, "data": data} for digest, data in self._files.items()]
        for table, rows in ((FILES, files), (ENTRIES, self._entries), (LOOKS, claims)):
            for start in range(0, len(rows), _MANY):
                for count, parts in groupby(_parts(rows[start : start + _MANY], sizes), key=len):
                    insert = _insert(table.name, tuple(rows[0]), count)
                    self._connection.execute(insert, [_numbered(part) for part in parts])
        self._ahead.senders.update(self._claims)
        for written in (self._files, self._entries, self._claims):
            written.clear()

    def file(self, digest: str) -> bytes:
        """The bytes kept under this SHA-256; see `View.file`."""
        self.write()
        return super().file(digest)

    def _in_order(self, given: dict[str, Any], *, is_ungraded: bool = False) -> Iterator[Mapping[str, Any]]:
        kinds = {name: kind for name, kind in given.items() if name.startswith(KIND)}
        if kinds and not is_ungraded and given.keys() - kinds.keys() <= {"team", "since"}:
            known = self._ahead.rows(set(kinds.values()), given.get("team"), given.get("since"))
            if known is not None:
                return iter(known)
        return super()._in_order(given, is_ungraded=is_ungraded)

    def _page(self, given: dict[str, Any], *, is_ungraded: bool = False) -> Iterator[dict[str, Any]]:
        self._write_of(given.get("team"))
        return super()._page(given, is_ungraded=is_ungraded)

    def _write_of(self, team: str | None) -> None:
        """Write what was added, if some of it is of this team; None: of whichever."""
        if team is None or any(row["team"] == team for row in self._entries):
            self.write()

    def _last_seq(self) -> int | None:
        return self._next_seq - 1


def _parts(rows: Sequence[_Row], sizes: Sequence[int]) -> Iterator[Sequence[_Row]]:
    """The rows in parts of few sizes: the statement for a size takes longer to build than to run."""
    start = 0
    while left := len(rows) - start:
        size = next((size for size in sizes if size <= left), left)
        yield rows[start : start + size]
        start += size


def _numbered(rows: Sequence[_Row]) -> dict[str, Any]:
    return {f"{name}_{number}": value for number, row in enumerate(rows) for name, value in row.items()}


@lru_cache
def _insert(table: str, names: Sequence[str], rows: int) -> sa.TextClause:
    """The statement that adds so many rows; a file that is there already stays."""
    values = ", ".join(f"({', '.join(f':{name}_{number}' for name in names)})" for number in range(rows))
    end = " ON CONFLICT (digest) DO NOTHING" if table == FILES.name else ""
    return sa.text(f"INSERT INTO {table} ({', '.join(names)}) VALUES {values}{end}")  # noqa: S608 - our own names
