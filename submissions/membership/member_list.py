"""The organiser's list of members: a CSV of teams, names and e-mail addresses, taken whole or not at all."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from submissions import moments, teams
from submissions.errors import Refused
from submissions.membership import accounts, codes, emails, members
from submissions.record.ledger import Ledger
from submissions.record.tables import MEMBERS
from submissions.record.transaction import Transaction
from submissions.shown import shown
from submissions.teams import InvalidName, InvalidTeam

COLUMNS = ("team", "name", "email")
_MOST_BYTES = 10_000_000
_MOST_TOLD = 20


class InvalidList(Refused):
    """A list with faults: what is wrong, and on which line."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = sorted(faults)
        lines = [f"line {line}: {message}" for line, message in self.faults[:_MOST_TOLD]]
        more = len(self.faults) - len(lines)
        lines += [f"and {more} more"] if more else []
        super().__init__("the list has faults, and nothing was recorded\n" + "\n".join(lines))


@dataclass(frozen=True, slots=True)
class Imported:
    """What a line of the list added.

    Attributes:
        email: the address with which this member may sign in; None: the line has none.
        code: the join code of the team, which the list made; None: the team had an account before.
    """

    team: str
    name: str
    email: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    team: str
    name: str
    email: str | None


def import_members(ledger: Ledger, data: bytes, *, now: datetime) -> list[Imported]:
    """What a list adds: accounts for its teams, and its members; in the list's order.

    Whom the ledger has already, by this name in this team, is passed over, also whoever was removed since. Another
    e-mail address replaces theirs as long as they have not signed in.

    Args:
        ledger: where it is recorded, in one transaction.
        data: CSV in UTF-8, with the header team,name or team,name,email.
        now: the desk's clock.

    Raises:
        InvalidList: with every fault in it; nothing was recorded.
    """
    faults: list[tuple[int, str]] = []
    rows = list(_rows(data, faults))
    with ledger.writing() as transaction:
        plan = _Plan(transaction, faults)
        for row in rows:
            plan.take(row)
        if faults:
            raise InvalidList(faults)
        return plan.carry_out(now)


def _rows(data: bytes, faults: list[tuple[int, str]]) -> Iterator[_Row]:
    """The rows that can be read; what is wrong with the others goes to the faults."""
    header: list[str] = []
    for line, cells in _lines(data, faults):
        if not header:
            header = [cell.strip().lower() for cell in cells]
            if sorted(header) not in (sorted(COLUMNS), sorted(COLUMNS[:2])):
                told = shown(",".join(cells))
                faults.append((line, f"the header is {told}; expected team,name or team,name,email, with commas"))
                return
        elif len(cells) != len(header):
            faults.append((line, f"has {len(cells)} cells; the header has {len(header)}"))
        else:
            yield from _row(line, dict(zip(header, cells, strict=True)), faults)
    if not header and not faults:
        faults.append((1, "the list is empty; expected the header team,name or team,name,email"))


def _lines(data: bytes, faults: list[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that is not blank, and the line on which it begins."""
    if len(data) > _MOST_BYTES:
        faults.append((1, f"the list has more than {_MOST_BYTES:,} bytes; is it another file?"))
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.append((data.count(b"\n", 0, error.start) + 1, "is not UTF-8: save the list as CSV UTF-8"))
        return
    reader, line = csv.reader(io.StringIO(text, newline=""), strict=True), 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        faults.append((line, f"cannot be read: {error}; the lines behind it were not looked at"))


def _row(line: int, cells: Mapping[str, str], faults: list[tuple[int, str]]) -> Iterator[_Row]:
    """The row, if each of its cells can be taken."""
    before, mail = len(faults), cells.get("email", "").strip()
    team = name = ""
    try:
        team = teams.parse(cells["team"])
    except InvalidTeam as refusal:
        faults.append((line, str(refusal)))
    try:
        name = teams.line(cells["name"], members.LONGEST_NAME)
    except InvalidName as refusal:
        faults.append((line, str(refusal)))
    email = emails.address(mail)
    if mail and email is None:
        faults.append((line, f"{shown(mail)} is no e-mail address"))
    if len(faults) == before:
        yield _Row(line, team, name, email)


@dataclass(frozen=True, slots=True)
class _Known:
    """A member that the ledger has."""

    member: int
    email: str | None
    has_signed_in: bool
    is_removed: bool


class _Plan:
    """What a list would add to the ledger."""

    def __init__(self, ledger: Transaction, faults: list[tuple[int, str]]) -> None:
        self._ledger, self._faults = ledger, faults
        self._owners = accounts.owners(ledger)
        self._senders = ledger.looks()
        self._known: dict[tuple[str, str], _Known] = {}
        self._holders: dict[str, tuple[str, str]] = {}
        self._living = Counter[str]()
        self._lines: dict[tuple[str, str] | str, int] = {}
        self._looks: dict[str, str] = {}
        self._added: list[_Row] = []
        self._addressed: list[tuple[int, _Row]] = []
        self._look_up()

    def _look_up(self) -> None:
        # The living come last: one that was removed and came back is there.
        order = (MEMBERS.c.removed_at.is_(None), MEMBERS.c.member)
        for row in self._ledger.connection.execute(sa.select(MEMBERS).order_by(*order)):
            who = (str(row.team), str(row.name))
            is_removed = row.removed_at is not None
            self._known[who] = _Known(row.member, row.email, row.identity is not None, is_removed)
            self._living[row.team] += not is_removed
            if row.email is not None:
                self._holders[row.email] = who

    def take(self, row: _Row) -> None:
        """Plan for one row; what stands against it goes to the faults."""
        reason = self._against_team(row) or self._against_repeats(row) or self._against_address(row)
        if reason is None and (row.team, row.name) not in self._known:
            self._living[row.team] += 1
            is_full = self._living[row.team] > members.MOST
            reason = f"team {row.team!r} would have more than {members.MOST} members" if is_full else None
        if reason is not None:
            self._faults.append((row.line, reason))
            return
        known = self._known.get((row.team, row.name))
        if known is None:
            self._added.append(row)
        elif not known.is_removed and row.email not in (None, known.email):
            self._addressed.append((known.member, row))

    def _against_team(self, row: _Row) -> str | None:
        look = teams.look(row.team)
        owner = self._owners.get(look)
        if owner == row.team:
            return None
        refusal = accounts.why_not(self._ledger, row.team, owner, self._senders.get(look))
        if refusal is None:
            self._owners[look], self._looks[row.team] = row.team, look
        return None if refusal is None else str(refusal)

    def _against_repeats(self, row: _Row) -> str | None:
        who = (row.team, row.name)
        if (line := self._lines.setdefault(who, row.line)) != row.line:
            return f"{row.name!r} of team {row.team!r} is on line {line} already; tell two people apart by their names"
        if row.email is not None and (line := self._lines.setdefault(row.email, row.line)) != row.line:
            return f"the address {row.email} is on line {line} already"
        return None

    def _against_address(self, row: _Row) -> str | None:
        who = (row.team, row.name)
        if row.email is None:
            return None
        holder, known = self._holders.get(row.email, who), self._known.get(who)
        if holder != who:
            return f"the address {row.email} is that of the member {holder[1]!r} of team {holder[0]!r}"
        if known is not None and known.has_signed_in and known.email not in (None, row.email):
            return f"{row.name!r} of team {row.team!r} has signed in with another address, which stays"
        return None

    def carry_out(self, now: datetime) -> list[Imported]:
        """Record it, and what it added."""
        accounts.start(self._ledger, self._looks, now)
        made = codes.make_all(self._ledger, list(self._looks), now)
        number, at = members.next_number(self._ledger), moments.write(now)
        rows = [
            {
                "member": number + place,
                "team": row.team,
                "name": row.name,
                "email": row.email,
                "identity": None,
                "joined_at": at,
                "removed_at": None,
            }
            for place, row in enumerate(self._added)
        ]
        if rows:
            self._ledger.connection.execute(MEMBERS.insert(), rows)
        for member, row in self._addressed:
            change = MEMBERS.update().where(MEMBERS.c.member == member)
            self._ledger.connection.execute(change.values(email=row.email))
        changed = sorted([*self._added, *(row for _, row in self._addressed)], key=lambda row: row.line)
        return [Imported(row.team, row.name, row.email, made.get(row.team)) for row in changed]
