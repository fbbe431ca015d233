"""A web desk for tests: the small competition of tests/cases, with teams that have members, codes and tokens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI

from commands.host import Host, Session
from commands.serving import open_parts
from conftest import CASES, WEDNESDAY, make_folder
from submissions.folder import Folder
from submissions.membership import accounts, tokens
from submissions.record.ledger import Ledger
from submissions.web.app import make_app
from submissions.web.reception import Reception

TRUE = [7, 7, 7, 1, 2, 3]  # the first three are public
TEAMS = ("Ada", "Grace")


class Clock:
    """A clock that a test sets."""

    def __init__(self, now: datetime = WEDNESDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class WebDesk:
    """A desk that can be asked.

    Attributes:
        tokens: the token of each team, by its name.
        codes: the join code of each team, by its name.
        open_code: the code with which a new team is started.
    """

    app: FastAPI
    session: Session
    ledger: Ledger
    clock: Clock
    tokens: Mapping[str, str]
    codes: Mapping[str, str]
    open_code: str

    @property
    def folder(self) -> Folder:
        return self.session.folder

    @property
    def reception(self) -> Reception:
        reception: Reception = self.app.state.reception
        return reception

    def close(self) -> None:
        """Let go of the ledger; the application ends by its lifespan."""
        self.ledger.close()


def make_desk(
    root: Path,
    *,
    teams: Sequence[str] = TEAMS,
    rules: Callable[[str], str] = lambda text: text,
    labels: Sequence[object] = TRUE,
    clock: Clock | None = None,
    styles: str | None = None,
) -> WebDesk:
    """A desk in a new folder below `root`; `rules` may change the text of competition.toml."""
    clock = clock or Clock()
    text = rules((CASES / "competition.toml").read_text())
    folder = make_folder(root / "competition", text, labels, public=len(labels) // 2)
    session = Session(folder, Host(clock, None))
    ledger = session.ledger()
    parts = open_parts(session, ledger)
    codes = {team: accounts.add_team(ledger, team, now=clock()).code for team in teams}
    issued = {team: tokens.issue(ledger, team, name="laptop", now=clock()) for team in teams}
    opened = accounts.new_code(ledger, now=clock())
    app = make_app(Reception(parts if styles is None else replace(parts, styles=styles)))
    return WebDesk(app, session, ledger, clock, issued, codes, opened)
