"""`podium team`: who may come in by the web desk. Only the organiser runs it, for it needs the folder."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.host import Session, in_competition
from submissions import moments

if TYPE_CHECKING:
    from submissions.membership.member_list import Imported
    from submissions.record.view import View

_ONCE = "shown once; keep it"


@click.group
def team() -> None:
    """Say who may come in by the web desk: teams, join codes, members, tokens.

    \b
    Example: podium team add Ada -C fashion-mnist
    """


@team.command
@click.argument("name")
@in_competition
def add(session: Session, name: str) -> None:
    """Make an account for a team, and its join code.

    A team that has sent files by other doors gets its account here, and nowhere else.

    \b
    Example: podium team add "Team Ada" -C fashion-mnist
    """
    from submissions.membership import accounts

    with session.ledger() as ledger:
        added = accounts.add_team(ledger, name, now=session.host.clock())
    click.echo(f"team {added.team}: account made\njoin code {added.code}  ({_ONCE})")
    click.echo("whoever has the code joins this team")


@team.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--codes", type=click.Path(path_type=Path), metavar="FILE", help="Write the join codes there.")
@in_competition
def import_members(session: Session, file: Path, codes: Path | None) -> None:
    """Take a list of members, a CSV with the columns team, name and, if you like, email.

    Teams get an account and a join code each, unless they have an account. Whoever has an e-mail address in the list
    may sign in with it, without a code. The same list again adds what is new. If it has a fault, nothing is taken.

    \b
    Example: podium team import members.csv --codes codes.csv -C fashion-mnist
    """
    from submissions.membership import member_list

    if codes is not None:
        _reserve(codes)
    try:
        with session.ledger() as ledger:
            added = member_list.import_members(ledger, file.read_bytes(), now=session.host.clock())
    except BaseException:
        if codes is not None:
            codes.unlink()
        raise
    made = len({one.team for one in added if one.code})
    click.echo(f"{_counted(len(added), 'member')} new or with a new e-mail address; {_counted(made, 'new account')}")
    _hand_out(added, codes)


@team.command
@click.option("--team", "name", metavar="NAME", help="The team that is joined with it [default: none, a new one].")
@click.option("--revoke", is_flag=True, help="End the code, and make no new one.")
@in_competition
def code(session: Session, name: str | None, revoke: bool) -> None:
    """Make a new join code; the one before it holds no longer.

    With --team, whoever has it joins that team. Without, it is the open code: whoever has it starts a new team.

    \b
    Example: podium team code --team Ada -C fashion-mnist
    """
    from submissions.membership import accounts

    whose = f"team {name}" if name is not None else "open to new teams"
    with session.ledger() as ledger:
        if revoke:
            was_there = accounts.revoke_code(ledger, team=name, now=session.host.clock())
            click.echo(
                f"{whose}: {'join code revoked; who has joined stays' if was_there else 'there is no join code'}"
            )
            return
        made = accounts.new_code(ledger, team=name, now=session.host.clock())
    click.echo(f"{whose}: join code {made}  ({_ONCE})\nany code before it holds no longer")


@team.command
@click.argument("name", metavar="TEAM")
@click.option(
    "--name", "label", metavar="NAME", default="from the organiser", show_default=True, help="What it is for."
)
@click.option("--revoke", metavar="HANDLE", help="End the token of this handle; podium team list TEAM shows them.")
@in_competition
def token(session: Session, name: str, label: str, revoke: str | None) -> None:
    """Make a token, with which a program sends in the name of a team; or revoke one.

    \b
    Example: podium team token Ada --name "Bob's laptop" -C fashion-mnist
    """
    from submissions.membership import tokens

    with session.ledger() as ledger:
        if revoke is not None:
            ended = tokens.revoke(ledger, name, revoke, now=session.host.clock())
            click.echo(f"team {name}: token {ended.handle} ({ended.name}) revoked")
            return
        made = tokens.issue(ledger, name, name=label, now=session.host.clock())
    click.echo(f"team {name}: token {made}  ({_ONCE})")
    click.echo("it sends in the team's name: podium submit FILE --server URL, with the token in PODIUM_TOKEN")


@team.command(name="list")
@click.argument("name", metavar="[TEAM]", required=False)
@in_competition
def list_teams(session: Session, name: str | None) -> None:
    """List the accounts; of one TEAM, its members and tokens.

    \b
    Example: podium team list Ada -C fashion-mnist
    """
    with session.ledger() as ledger, ledger.reading() as view:
        lines = _all_teams(view) if name is None else _one_team(view, name)
    click.echo("\n".join(lines))


@team.command
@click.argument("number", type=click.IntRange(min=1), metavar="MEMBER_NUMBER")
@in_competition
def remove(session: Session, number: int) -> None:
    """Let a member in no longer; podium team list TEAM shows the numbers.

    \b
    Example: podium team remove 7 -C fashion-mnist
    """
    from submissions.membership import members

    with session.ledger() as ledger:
        gone = members.remove_member(ledger, number, now=session.host.clock())
    click.echo(f"member {number}, {gone.name}, of team {gone.team}: removed")
    click.echo("the team's join code and tokens, which they may know, are still good: see podium team code and token")


def _reserve(path: Path) -> None:
    """Take the file's place before anything is recorded: codes that cannot be written would be lost."""
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise click.UsageError(
            f"{path} is there, and may hold codes that are shown nowhere else: name another"
        ) from None


def _hand_out(added: Sequence["Imported"], path: Path | None) -> None:
    """The codes, into a file for its owner only; or printed, if there is none."""
    from submissions import files

    if path is not None:
        try:
            files.place(path, _as_csv(added).encode(), mode=0o600)
        except OSError:
            click.echo(_as_csv(added), nl=False)  # the ledger has only their digests
            raise
        click.echo(f"join codes in {path}: shown nowhere else; keep it")
    elif added:
        click.echo(_as_csv(added), nl=False)
        if any(one.code for one in added):
            click.echo("the codes are shown once; keep them")
    if any(one.code is None for one in added):
        click.echo(
            "teams that had an account keep the join code they have; for a new one: podium team code --team NAME"
        )


def _as_csv(added: Iterable["Imported"]) -> str:
    """The columns team, name, email and code; an apostrophe before what a spreadsheet would take for a formula."""
    from leaderboard.data import FORMULA_STARTS

    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(("team", "name", "email", "code"))
    for one in added:
        cells = (one.team, one.name, one.email or "", one.code or "")
        lines.writerow([f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in cells])
    return text.getvalue()


def _all_teams(view: "View") -> list[str]:
    from submissions.membership import accounts, codes

    table = [("team", "members", "tokens", "join code", "since")]
    for one in accounts.accounts_of(view):
        has_code = "yes" if one.has_code else "no"
        table.append((one.team, str(one.members), str(one.tokens), has_code, moments.shown(one.made_at)))
    whether = "in force" if codes.is_there(view, None) else "none; to make one: podium team code"
    accounts_there = _columns(table) if len(table) > 1 else ["no accounts yet; to make one: podium team add NAME"]
    return [*accounts_there, f"open join code: {whether}"]


def _one_team(view: "View", name: str) -> list[str]:
    from submissions.membership import accounts, codes, members, tokens

    owner = accounts.named(view, name)
    people = [("member", "name", "joined")]
    people += [(str(one.member), one.name, moments.shown(one.joined_at)) for one in members.members_of(view, owner)]
    keys = [("token", "name", "made", "state")]
    for one in tokens.tokens_of(view, owner):
        state = f"revoked {moments.shown(one.revoked_at)}" if one.revoked_at else "in force"
        keys.append((one.handle, one.name, moments.shown(one.made_at), state))
    return [
        f"team {owner}",
        *(_columns(people) if len(people) > 1 else ["no members yet"]),
        *(_columns(keys) if len(keys) > 1 else ["no tokens"]),
        f"join code: {'in force' if codes.is_there(view, owner) else 'none'}",
    ]


def _columns(table: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
