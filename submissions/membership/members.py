"""The members of teams: the people who come in by the web desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from submissions import moments, teams
from submissions.errors import Refused
from submissions.membership import accounts, codes, emails, tokens
from submissions.record.ledger import Ledger
from submissions.record.tables import MEMBERS
from submissions.record.transaction import Transaction
from submissions.record.view import View
from submissions.shown import shown

MOST, LONGEST_NAME = 50, 80  # members of a team; characters
_LONGEST_IDENTITY = 1000
_LAST = 2**31 - 1  # a database takes no number of any size


class CannotJoin(Refused):
    """The code is good, and the person cannot come in with it as asked; the message says why."""


class UnknownMember(Refused):
    """No member of this number."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a team.

    Attributes:
        member: the number, given once and never again.
        joined_at: aware UTC.
    """

    member: int
    team: str
    name: str
    joined_at: datetime


def join(
    ledger: Ledger, code: str, *, team: str | None, name: str, identity: str | None, email: str | None, now: datetime
) -> Member:
    """The member that a person becomes with a join code.

    Whoever joins under a name that the team has, and that belongs to no sign-in yet, is that member: from the
    organiser's list, or from another browser.

    Args:
        ledger: where it is recorded.
        code: a team's; or the open code, with which a new team is started.
        team: the new team's name; with a team's code None, or that team's name.
        name: the person's.
        identity: "issuer subject" of a sign-in; None: there was none.
        email: what the sign-in has verified; not looked at without an identity.
        now: the desk's clock.

    Raises:
        UnknownCode, InvalidName, InvalidTeam, CannotJoin: nothing was recorded.
    """
    return _join(ledger, partial(codes.team_of, code=code), team, name, identity, email, now)


def join_by_token(
    ledger: Ledger, token: str, *, name: str, identity: str | None, email: str | None, now: datetime
) -> Member:
    """The same with a token of the team: whoever may send in its name may come in.

    Raises:
        NotAuthentic, InvalidName, CannotJoin: nothing was recorded.
    """
    return _join(ledger, partial(tokens.team_of, token=token), None, name, identity, email, now)


def member(view: View, number: int) -> Member | None:
    """The member of this number; None if there is none, or it was removed."""
    if number not in range(1, _LAST):
        return None
    row = _first(view, MEMBERS.c.member == number)
    return None if row is None else _member(row)


def members_of(view: View, team: str) -> list[Member]:
    """A team's members, in the order in which they came; without those that were removed."""
    rows = view.connection.execute(_LIVING.where(MEMBERS.c.team == team).order_by(MEMBERS.c.member))
    return [_member(row) for row in rows]


def by_identity(view: View, identity: str) -> Member | None:
    """The member that has signed in as this "issuer subject"; None if there is none, or it was removed."""
    row = _first(view, MEMBERS.c.identity == identity) if _can_be_kept(identity) else None
    return None if row is None else _member(row)


def sign_in(ledger: Ledger, *, identity: str, email: str | None, is_email_verified: bool) -> Member | None:
    """The member that signs in; None: it is nobody yet, and must join with a code.

    That is whoever has this identity ("issuer subject"); else whoever has this e-mail address in the organiser's list,
    if it is verified and belongs to no other sign-in. From then on the identity is that member's.
    """
    mail = emails.address(email) if email is not None and is_email_verified else None
    with ledger.reading() as view:
        known = by_identity(view, identity)
        is_listed = mail is not None and _first(view, MEMBERS.c.email == mail, MEMBERS.c.identity.is_(None)) is not None
    if known is not None or not is_listed or not _can_be_kept(identity):
        return known
    with ledger.writing() as transaction:
        # What was read before the lock may hold no longer.
        row = _first(transaction, MEMBERS.c.email == mail, MEMBERS.c.identity.is_(None))
        if row is not None and by_identity(transaction, identity) is None:
            _set(transaction, row.member, identity=identity)
        return by_identity(transaction, identity)


def remove_member(ledger: Ledger, number: int, *, now: datetime) -> Member:
    """Let a member in no longer, at once; whom. The e-mail address and the identity are forgotten, the name stays.

    Raises:
        UnknownMember: there is none of this number.
    """
    with ledger.writing() as transaction:
        found = member(transaction, number)
        if found is None:
            raise UnknownMember(f"there is no member {number}: podium team list TEAM shows the numbers")
        _set(transaction, number, removed_at=moments.write(now), email=None, identity=None)
    return found


def next_number(view: View) -> int:
    """The number of the next member, from 1; under the ledger's write lock nobody else gets it."""
    return int(view.connection.execute(sa.select(sa.func.max(MEMBERS.c.member))).scalar() or 0) + 1


_LIVING = sa.select(MEMBERS).where(MEMBERS.c.removed_at.is_(None))


def _join(
    ledger: Ledger,
    team_of: Callable[[View], str | None],
    team: str | None,
    name: str,
    identity: str | None,
    email: str | None,
    now: datetime,
) -> Member:
    person = teams.line(name, LONGEST_NAME)
    if identity is not None and not _can_be_kept(identity):
        raise CannotJoin("the sign-in gave no identity that can be kept: tell the organiser")
    mail = emails.address(email) if identity is not None and email is not None else None
    ledger.glance(team_of)  # whoever guesses keeps nobody waiting who writes
    with ledger.writing() as transaction:
        own = team_of(transaction)
        if (earlier := _earlier(transaction, identity, mail)) is not None:
            if earlier.team == own and earlier.identity == identity:
                return _member(earlier)
            raise CannotJoin(_there_already(earlier, identity))
        if own is None:
            own = _start(transaction, team, now)
        elif team is not None and teams.parse(team) != own:
            raise CannotJoin(f"this join code is of another team than {shown(team)}: leave the team's name out")
        return _take_place(transaction, own, person, identity, mail, now)


def _earlier(ledger: Transaction, identity: str | None, mail: str | None) -> sa.Row[Any] | None:
    """The member that this person is already: by this sign-in, or by another one that has the same address."""
    found = _first(ledger, MEMBERS.c.identity == identity) if identity is not None else None
    if found is None and mail is not None:
        found = _first(ledger, MEMBERS.c.email == mail, MEMBERS.c.identity.is_not(None))
    return found


def _there_already(earlier: sa.Row[Any], identity: str | None) -> str:
    how = "" if earlier.identity == identity else " by another sign-in: use that one"
    return f"you are a member of team {str(earlier.team)!r} already{how}"


def _start(ledger: Transaction, name: str | None, now: datetime) -> str:
    """The new team that the open code starts."""
    if name is None:
        raise CannotJoin("this join code starts a new team: give it a name")
    team = teams.parse(name)
    look = teams.look(team)
    if ledger.account_of(look) is not None or ledger.sender_of(look) is not None:
        # Which name it looks like is not told: that team need not be on the board yet.
        raise CannotJoin(
            f"team {team!r} is taken, or looks like one that is: "
            "take another name, or ask that team for its join code or a token"
        )
    accounts.start(ledger, {team: look}, now)
    return team


def _take_place(
    ledger: Transaction, team: str, name: str, identity: str | None, mail: str | None, now: datetime
) -> Member:
    """The member of this name that has no sign-in yet; or a new one."""
    same = _first(ledger, MEMBERS.c.team == team, MEMBERS.c.name == name)
    if same is None:
        return _add(ledger, team, name, identity, mail, now)
    if same.identity is not None or (identity is not None and same.email not in (None, mail)):
        raise CannotJoin(f"team {team!r} has a member {name!r}, who signs in: sign in as before, or add to the name")
    if identity is not None:
        _set(ledger, same.member, identity=identity, email=mail)
    return _member(same)


def _add(ledger: Transaction, team: str, name: str, identity: str | None, mail: str | None, now: datetime) -> Member:
    listed = _first(ledger, MEMBERS.c.email == mail) if mail is not None else None
    if listed is not None:
        raise CannotJoin(f"you are on the organiser's list, in team {str(listed.team)!r}: sign in, without a code")
    if len(members_of(ledger, team)) >= MOST:
        raise CannotJoin(f"team {team!r} has {MOST} members, and no more are allowed")
    added = Member(next_number(ledger), team, name, now)
    row = {"member": added.member, "team": team, "name": name, "email": mail, "identity": identity}
    ledger.connection.execute(MEMBERS.insert(), {**row, "joined_at": moments.write(now), "removed_at": None})
    return added


def _first(view: View, *are: sa.ColumnElement[bool]) -> sa.Row[Any] | None:
    return view.connection.execute(_LIVING.where(*are)).first()


def _set(ledger: Transaction, number: int, **values: str | None) -> None:
    ledger.connection.execute(MEMBERS.update().where(MEMBERS.c.member == number).values(**values))


def _member(row: sa.Row[Any]) -> Member:
    return Member(int(row.member), str(row.team), str(row.name), moments.read(row.joined_at))


def _can_be_kept(identity: str) -> bool:
    return 0 < len(identity) <= _LONGEST_IDENTITY and identity.isprintable()
