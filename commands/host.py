"""What a command knows of the machine it runs on, and of the competition it runs in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from functools import cached_property, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from submissions.errors import Refused

if TYPE_CHECKING:
    from grader.judging import Judge
    from grader.marking import Marker
    from submissions.competition import Competition
    from submissions.folder import Folder
    from submissions.intake import Desk
    from submissions.record.database import Place
    from submissions.record.ledger import Ledger
    from submissions.row_ids import RowIds


@dataclass(frozen=True, slots=True)
class Host:
    """The machine.

    Attributes:
        clock: the time, aware.
        data_dir: the folder that PODIUM_DATA names.
        database: the address of the database that holds the ledgers, PODIUM_DATABASE; None: each is a file.
        sign_in: the variables that begin with PODIUM_SIGN_IN.
    """

    clock: Callable[[], datetime]
    data_dir: Path | None
    database: str | None = field(default=None, repr=False)  # there is a password in it
    sign_in: Mapping[str, str] = field(default_factory=dict, repr=False)  # and here a secret


class NoDesk(Refused):
    """What only the organiser's folder can do was asked of a participant's kit."""


class Session:
    """One command's work in one competition; each part is opened when it is first asked for."""

    def __init__(self, folder: "Folder", host: Host) -> None:
        self.folder, self.host = folder, host

    @cached_property
    def competition(self) -> "Competition":
        """The rules, as they were read: what moved the deadline since stands in the ledger."""
        return self.folder.competition()

    def in_force(self) -> "Competition":
        """The rules as they are in force now, with the deadline as it was moved and every extension."""
        from submissions import schedule

        with self.ledger() as ledger, ledger.reading() as view:
            return schedule.now_in_force(self.competition, view)

    @cached_property
    def row_ids(self) -> "RowIds":
        """The expected row ids."""
        return self.folder.row_ids(self.competition)

    @cached_property
    def judge(self) -> "Judge":
        """The judge, with the hidden labels."""
        from grader.judging import open_judge

        self.demand_desk()
        judge = open_judge(self.folder.grader, self.competition, self.row_ids)
        if context := click.get_current_context(silent=True):
            context.call_on_close(judge.close)
        return judge

    @cached_property
    def marker(self) -> "Marker":
        """What gives the ledger its grades."""
        from grader.marking import Marker

        return Marker(self.judge)

    @contextmanager
    def desk(self) -> Iterator["Desk"]:
        """The desk, with its ledger open."""
        from submissions.intake import Desk

        with self.ledger() as ledger:
            yield Desk(self.competition, self.row_ids, ledger)

    def ledger(self) -> "Ledger":
        """The ledger, to be closed by the caller.

        Raises:
            NoDesk: this is an unpacked starter kit.
            LedgerError: the ledger is missing or damaged.
        """
        self.demand_desk()
        return self.folder.open_ledger(self.host.database)

    @property
    def place(self) -> "Place":
        """Where the ledger lies, for processes that open it for themselves."""
        return self.folder.place(self.host.database)

    def demand_desk(self) -> None:
        """NoDesk, in an unpacked starter kit."""
        if not self.folder.ledger.parent.exists() and not self.folder.grader.exists():
            raise NoDesk(f"{self.folder.root} is a starter kit, without a desk: send the file to the organiser")


def in_competition(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option -C, and the Session in that competition as its first argument."""

    def with_session(host: Host, directory: Path, **options: Any) -> Any:
        from submissions.folder import find

        return command(Session(find(directory), host), **options)

    option = click.option(
        "-C",
        "directory",
        default=".",
        metavar="DIR",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="The competition's folder [default: the nearest above that holds competition.toml].",
    )
    wrapped: Callable[..., Any] = update_wrapper(with_session, command)
    return option(click.pass_obj(wrapped))


class Moment(click.ParamType):  # type: ignore[type-arg]  # generic in newer clicks only
    """An option that takes a date-time with an offset."""

    name = "ISO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The aware moment, as given; a usage error otherwise."""
        from submissions import moments

        if isinstance(value, datetime):
            return value
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date-time; write it like 2026-12-07T23:59:59-12:00", param, ctx)
        try:
            return moments.checked(at)
        except ValueError as error:
            is_day = at.time() == time() and "T" not in value and " " not in value.strip()
            last = f"; or for the whole day {at:%Y-%m-%d}T23:59:59Z" if is_day else ""
            self.fail(f"{value!r} {error}{last}", param, ctx)
