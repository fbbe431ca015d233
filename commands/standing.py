"""What stands: the state of a competition, and whether its record holds."""

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from commands.host import Session, in_competition
from commands.reports import deadline, moment

if TYPE_CHECKING:
    from leaderboard.standings import Standing
    from submissions.ledger import View


@click.command
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@in_competition
def status(session: Session, as_json: bool) -> None:
    """Show how the competition stands.

    The phase, the time to the deadline, the submissions by verdict, the leader of the public board.

    \b
    Example: podium status -C fashion-mnist --json
    """
    facts = _facts(session)
    if as_json:
        click.echo(json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False))
        return
    width = max(map(len, facts))
    for name, value in facts.items():
        click.echo(f"{name.replace('_', ' '):{width}}  {_shown(name, value)}")


@click.command
@click.option("--holds", metavar="DIGEST", help="A receipt's proof, which must be in the chain.")
@in_competition
def verify(session: Session, holds: str | None) -> None:
    """Prove that the ledger is as it was written.

    Walks the chain of its entries and the digests of its files, and names the first entry that does not hold.

    \b
    Example: podium verify -C fashion-mnist
    """
    from submissions import chain

    with session.ledger() as ledger, ledger.reading() as view:
        count = chain.verify(view, holds=holds)
        head = view.head()
    click.echo(f"{count:,} entries, and all hold; the head is {head.digest if head else 'empty'}")


def _facts(session: Session) -> dict[str, Any]:
    from leaderboard.standings import gather

    competition, now = session.competition, session.host.clock()
    with session.ledger() as ledger, ledger.reading() as view:
        verdicts = _verdicts(view)
        board = gather(competition, list(view.entries()), now, "public")
    leader = next((row for row in board.rows if row.rank == 1), None)
    left = competition.deadline - now
    return {
        "competition": competition.title,
        "phase": competition.phase(now),
        "deadline": deadline(competition),
        "seconds_left": max(0, round(left.total_seconds())),
        "teams": sum(row.state != "baseline" for row in board.rows),
        "submissions": verdicts,
        "leader": _leader(leader),
        "as_of": moment(now),
    }


def _verdicts(view: "View") -> dict[str, int]:
    last = {entry.submission: entry.body["verdict"] for entry in view.entries("graded")}
    counts = Counter(last.get(entry.submission, "waiting") for entry in view.entries("received"))
    return {verdict: counts[verdict] for verdict in ("graded", "refused", "grader_error", "waiting")}


def _leader(leader: "Standing | None") -> dict[str, Any] | None:
    return {"team": leader.team, "public_score": leader.score} if leader else None


def _shown(name: str, value: object) -> str:
    if name == "seconds_left":
        return str(timedelta(seconds=int(str(value)))) if value else "none"
    if isinstance(value, dict):
        return ", ".join(f"{part} {value[part]}".replace("_", " ") for part in value)
    return "none" if value is None else str(value)
