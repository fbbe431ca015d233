"""`podium serve`: the web desk, and beside it a process that keeps the board up to date."""

import ipaddress
import json
import re
import socket
import threading
from bisect import bisect_right
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from commands.edits import stamp
from commands.host import Session, in_competition
from submissions.errors import OrganiserError, Refused
from submissions.rules import InvalidCompetition

if TYPE_CHECKING:
    from submissions.arrivals import Recorded
    from submissions.record.ledger import Ledger
    from submissions.web.reception import Reception
    from submissions.web.told import Parts, Told


class CannotListen(OrganiserError):
    """Another program listens there, or there is no such address."""


@click.command
@click.option("--host", "address", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65_535), help="Where to listen.")
@click.option("--prefix", default="", metavar="/PATH", help="The path under which a proxy shows the desk.")
@click.option(
    "--proxies",
    default="",
    metavar="ADDRESSES",
    help="The proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, such as 127.0.0.1.",
)
@in_competition
def serve(session: Session, address: str, port: int, prefix: str, proxies: str) -> None:
    """Take submissions from browsers, notebooks and the command line, and keep the board up to date.

    \b
    Example: podium serve -C fashion-mnist --port 8000
    """
    from commands.keeper import BoardKeeper
    from submissions.web import sign_in_settings
    from submissions.web.reception import Reception
    from submissions.web.server import Listening
    from submissions.web.server import serve as answer

    listening = Listening(address, port, _prefix(prefix), _proxies(proxies))
    settings = sign_in_settings.read(session.host.sign_in)
    _demand_free(address, port)
    with session.ledger() as ledger:
        reception = Reception(open_parts(session, ledger))
        with BoardKeeper(session.folder.root), _Follower(session, reception):
            click.echo(f"the desk: http://{f'[{address}]' if ':' in address else address}:{port}/; Ctrl-C ends it")
            answer(reception, listening, settings)


def _prefix(text: str) -> str:
    path = text.strip("/")
    if not re.fullmatch(r"[\w.~/-]*", path, re.ASCII):
        raise click.BadParameter(f"{text!r} is no path: write it like /fashion-mnist", param_hint="--prefix")
    return f"/{path}" if path else ""


def _proxies(text: str) -> str:
    for one in filter(None, map(str.strip, text.split(","))):
        try:
            one == "*" or ipaddress.ip_network(one, strict=False)
        except ValueError:
            raise click.BadParameter(
                f"{one!r} is no address: write it like 127.0.0.1 or 10.0.0.0/8", param_hint="--proxies"
            ) from None
    return text


def _demand_free(address: str, port: int) -> None:
    """Nothing, if the desk can listen there; CannotListen otherwise."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        socket.create_server((address, port), family=family).close()
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (")[0]
        raise CannotListen(f"cannot listen on {address}, port {port}: {reason}; try another --host or --port") from None


class _Follower:
    """Lets the desk go by rules, solution and metric as they are edited; while they are broken, by the old ones.

    A request may still be graded by what was in force until now; what was before that is closed.
    """

    def __init__(self, session: Session, reception: "Reception") -> None:
        self._session, self._reception = session, reception
        self._stamp = stamp(session.folder)
        self._sessions = [session]
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="rules", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._close_all_but(0)

    def _follow(self) -> None:
        while not self._is_over.wait(1):
            with suppress(OSError):
                now = stamp(self._session.folder)
                if now != self._stamp:
                    self._stamp = now
                    self._renew()

    def _renew(self) -> None:
        from submissions.web import logs

        try:
            session = Session(self._session.folder, self._session.host)
            self._reception.parts = open_parts(session, self._reception.parts.desk.ledger)
            self._sessions.append(session)
        except (OrganiserError, Refused) as trouble:
            # What is wrong with a solution may hold a label, and stands in no log.
            told = str(trouble) if isinstance(trouble, InvalidCompetition) else "podium status tells why"
            logs.note("trouble", state="broken, the old ones hold", error=type(trouble).__name__, told=told)
        else:
            logs.note("rules", state="edited, and in force")
            self._close_all_but(2)

    def _close_all_but(self, kept: int) -> None:
        while len(self._sessions) > kept:  # the first one's judge is closed once more, by its command: it may be
            self._sessions.pop(0).judge.close()


def open_parts(session: Session, ledger: "Ledger") -> "Parts":
    """What the web desk needs of the other stages."""
    from grader import metrics
    from leaderboard.templating import asset
    from submissions.intake import Desk
    from submissions.web.told import Parts

    metric = metrics.of(session.competition)
    return Parts(
        desk=Desk(session.competition, session.row_ids, ledger),
        judge=session.marker.on_arrival,
        clock=session.host.clock,
        tell=Teller(session),
        site=session.folder.leaderboard,
        styles=asset("base.css") + asset("paper.css"),
        metric=metric.title if session.competition.has_own_metric else metric.name,
        higher_is_better=metric.higher_is_better,
    )


class Teller:
    """Tells a team of its receipts and grades; `would_rank` goes by the board as it is published."""

    def __init__(self, session: Session) -> None:
        from grader import metrics

        self._board = session.folder.leaderboard / "leaderboard.json"
        self._sign = 1 if metrics.of(session.competition).higher_is_better else -1
        self._read: tuple[tuple[int, ...], _Ranks] | None = None

    def __call__(self, found: "Recorded") -> "Told":
        """What the team may know of it."""
        from commands.reports import public_score, receipt_lines
        from grader.grades import Grade
        from submissions.web.told import Told

        grade = Grade.from_json(found.grade) if found.grade else None
        lines = receipt_lines(found.receipt, grade, found.rules, is_known=found.is_known)
        is_graded = grade is not None and grade.verdict == "graded"
        score = grade.shown if grade and is_graded and not grade.reason else None
        is_ranked = score is not None and found.receipt.counts(found.rules) and not found.receipt.is_baseline
        return Told(
            verdict=grade.verdict if grade else "waiting",
            score=score,
            shown=public_score(grade, found.rules) if grade and score is not None else "",
            reason=grade.reason if grade and is_graded else "",
            would_rank=self._rank(score, found.receipt.team) if score is not None and is_ranked else None,
            text="\n".join(lines),
            faults=tuple(grade.faults.lines()) if grade and grade.verdict == "refused" and grade.faults else (),
        )

    def _rank(self, score: float, team: str) -> int | None:
        """One more than the other teams with a better score; None: there is no board, or the team is off it."""
        try:
            now = self._board.stat()
            stamp = (now.st_mtime_ns, now.st_size, now.st_ino)
            read = self._read
            if read is None or read[0] != stamp:
                read = self._read = (stamp, _Ranks(json.loads(self._board.read_bytes()), self._sign))
        except (OSError, LookupError, TypeError, ValueError):  # there is none, or it is damaged
            return None
        return read[1].rank(self._sign * score, team)


class _Ranks:
    """The scores on a published board, the higher the better; of the teams that are ranked."""

    def __init__(self, board: dict[str, Any], sign: int) -> None:
        rows = board["standings"]
        self._own = {row["team"]: sign * row["score"] for row in rows if row["state"] == "ranked"}
        self._scores = sorted(self._own.values())
        self._out = frozenset(row["team"] for row in rows if row["state"] == "disqualified")

    def rank(self, score: float, team: str) -> int | None:
        if team in self._out:
            return None
        better = len(self._scores) - bisect_right(self._scores, score)
        is_own_better = team in self._own and self._own[team] > score
        return 1 + better - is_own_better
