"""`podium submit --server`: a file sent to a web desk, from wherever it was made."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from commands.exits import DONE, ORGANISER, REFUSED
from commands.host import Host, NoDesk, Session
from commands.progress import counting
from submissions.folder import NoCompetition, find
from submissions.shown import harmless

if TYPE_CHECKING:
    from submissions.folder import Folder

_EXITS = {"graded": DONE, "refused": REFUSED}


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be sent where; `kit` holds the rules at hand, if any are."""

    file: Path
    server: str
    token: str
    kit: "Folder | None"


def near_competition(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option -C, and as its first argument the Session there; None in no competition's folder."""

    def with_session(host: Host, directory: Path | None, **options: Any) -> Any:
        try:
            session = Session(find(directory or Path()), host)
        except NoCompetition:
            if directory is not None:
                raise
            session = None
        return command(session, **options)

    option = click.option(
        "-C",
        "directory",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The competition's folder [default: the nearest above that holds competition.toml].",
    )
    wrapped: Callable[..., Any] = update_wrapper(with_session, command)
    return option(click.pass_obj(wrapped))


def with_server(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a web desk."""
    server = click.option("--server", metavar="URL", help="A web desk to send the file to [default: the kit's].")
    token = click.option(
        "--token", metavar="TOKEN", envvar="PODIUM_TOKEN", help="Your team's, from its page [default: PODIUM_TOKEN]."
    )
    return server(token(command))


def parcel(
    session: Session | None, file: Path, *, team: str | None, server: str | None, token: str | None
) -> Parcel | None:
    """What is to be sent to a web desk; None where the file is for the desk of this folder.

    Raises:
        click.UsageError: it is said twice, or not at all, who submits.
        NoCompetition: neither a web desk nor a competition's folder is named.
        NoDesk: this is a kit that names no web desk.
        InvalidCompetition: the rules of the kit are broken, and nobody else says where to send.
    """
    context = click.get_current_context()
    if not server and session is not None and _is_kit(session.folder):
        server = session.competition.desk
        if not server:
            raise NoDesk(
                f"{session.folder.root} is a starter kit, without a desk: send the file to the organiser, or name the "
                "web desk with --server"
            )
    if not server:
        if session is None:
            find(Path())
        if not team:
            raise click.UsageError("name the team with --team, or a web desk with --server", context)
        if _is_typed(context, "token"):
            raise click.UsageError("--token is for a web desk: name it with --server", context)
        return None
    for option, name in (
        ("team", "--team"),
        ("is_baseline", "--baseline"),
        ("vouched_at", "--vouch"),
        ("because", "--because"),
    ):
        if _is_typed(context, option):
            why = "the token says whose the file is" if option == "team" else "it is for the organiser's own folder"
            raise click.UsageError(f"{name} and a web desk ({server}) do not go together: {why}", context)
    return Parcel(file, server, token or _asked(context), session.folder if session else None)


def send(parcel: Parcel) -> int:
    """Check the file by the rules at hand, send it, and print its receipt or its faults; gives the exit code.

    Raises:
        Refused: the desk does not take it, or is none.
        DeskUnavailable: the desk cannot be reached.
    """
    from submissions.sending import at_hand, client

    if refusal := at_hand.refusal(parcel.file, parcel.kit, parcel.server, _say):
        click.echo(refusal)
        return REFUSED
    try:
        with counting("sending", parcel.file.stat().st_size) as more:
            progress = _steps(more)
            answer = client.send(parcel.file, server=parcel.server, token=parcel.token, progress=progress, say=_say)
    except client.NotTaken as refused:
        if not refused.has_faults:
            raise
        click.echo(f"{harmless(str(parcel.file))}: {refused}")
        return REFUSED
    click.echo(answer.text)
    return _EXITS.get(answer.verdict, ORGANISER)


def _is_kit(folder: "Folder") -> bool:
    return not folder.ledger.parent.exists() and not folder.grader.exists()


def _is_typed(context: click.Context, option: str) -> bool:
    return context.get_parameter_source(option) is ParameterSource.COMMANDLINE


def _asked(context: click.Context) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("no token: put your team's into the variable PODIUM_TOKEN", context)
    return str(click.prompt("Your team's token", hide_input=True, err=True))


def _steps(more: Callable[[int], None]) -> Callable[[int, int], None]:
    """From how much has gone in all to how much more has: less than nothing where a file is sent anew."""
    gone = 0

    def step(now: int, _: int) -> None:
        nonlocal gone
        more(now - gone)
        gone = now

    return step


def _say(text: str) -> None:
    click.echo(f"podium: {text}", err=True)
