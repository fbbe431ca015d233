"""What stands: the state of a competition, and whether its record holds."""

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from commands.host import Session, in_competition
from commands.schedule import stray_note
from submissions import moments
from submissions.errors import OrganiserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leaderboard.standings import Board
    from submissions.record.view import View


@click.command
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@in_competition
def status(session: Session, as_json: bool) -> None:
    """Show how the competition stands.

    The phase, the time to the deadline, who has more time, the submissions by verdict, the leader of the public board.

    \b
    Example: podium status -C fashion-mnist --json
    """
    facts = _facts(session)
    if as_json:
        click.echo(json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False))
        return
    leader, counts = facts["leader"], facts["submissions"]
    lines = {
        "competition": facts["competition"],
        "phase": facts["phase"] + (", revealed" if facts["revealed"] else ""),
        "deadline": facts["deadline"],
        **({"note": facts["note"]} if facts["note"] else {}),
        **({"extended": _extended(facts["extensions"])} if facts["extensions"] else {}),
        "time left": str(timedelta(seconds=facts["seconds_left"])) if facts["seconds_left"] else "none",
        "teams": f"{facts['teams']}, and {facts['baselines']} baselines",
        "submissions": ", ".join(f"{verdict} {count}".replace("_", " ") for verdict, count in counts.items()),
        "leader": f"{leader['team']}, public {leader['shown']}" if leader else "none",
        "grader": facts["grader"],
    }
    for name, text in lines.items():
        click.echo(f"{name:<11}  {text}")


@click.command
@click.option("--holds", metavar="DIGEST", help="A receipt's proof, which must be in the chain.")
@in_competition
def verify(session: Session, holds: str | None) -> None:
    """Prove that the ledger is as it was written.

    Walks the chain of its entries and the digests of its files, and names the first entry that does not hold.

    \b
    Example: podium verify -C fashion-mnist
    """
    from submissions.record import chain

    with session.ledger() as ledger, ledger.reading() as view:
        count = chain.verify(view, holds=holds)
        head = view.head()
    click.echo(f"{count:,} entries, and all hold; the head is {head.digest if head else 'empty'}")


def _facts(session: Session) -> dict[str, Any]:
    from leaderboard.standings import gather

    now = session.host.clock()
    with session.ledger() as ledger, ledger.reading() as view:
        verdicts, entries = _verdicts(view), list(view.entries())
    board = gather(session.competition, entries, now, "public")
    competition = board.competition
    return {
        "competition": competition.title,
        "phase": board.phase,
        "revealed": board.is_revealed,
        "deadline": moments.shown(competition.deadline),
        "extensions": {team: moments.shown(until) for team, until in sorted(competition.extensions.items())},
        "note": stray_note(session.competition, entries),
        "seconds_left": max(0, round((competition.deadline - now).total_seconds())),
        "teams": board.teams,
        "baselines": sum(row.state == "baseline" for row in board.rows),
        "submissions": verdicts,
        "leader": _leader(board),
        "grader": _grader(session),
        "as_of": moments.shown(now),
    }


def _extended(extensions: "Mapping[str, str]") -> str:
    return "; ".join(f"team {team} until {until}" for team, until in extensions.items())


def _verdicts(view: "View") -> dict[str, int]:
    """How many submissions, baselines among them, ended in which verdict; files refused at the door are not kept."""
    last = {entry.submission: entry.body["verdict"] for entry in view.entries("graded")}
    counts = Counter(last.get(entry.submission, "waiting") for entry in view.entries("received"))
    return {verdict: counts[verdict] for verdict in ("graded", "refused", "grader_error", "waiting")}


def _leader(board: "Board") -> dict[str, Any] | None:
    from leaderboard import words

    first = next((row for row in board.rows if row.rank == 1), None)
    if first is None or first.score is None:
        return None
    return {"team": first.team, "public_score": first.score, "shown": words.score(first.score, board.metric)}


def _grader(session: Session) -> str:
    """Whether rules, sample submission, solution and grades fit each other."""
    try:
        with session.ledger() as ledger, ledger.reading() as view:
            session.marker.demand(view)
    except OrganiserError as trouble:
        return str(trouble)
    return "ready"
