"""Corrections: every submission graded again, and the solution replaced."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from commands.host import Session, in_competition
from commands.progress import counting
from submissions.rules import InvalidCompetition

if TYPE_CHECKING:
    from grader.judging import Judge
    from grader.regrade import Regrade
    from leaderboard.standings import Board, BoardName
    from submissions.record.entries import Entry

_MOVES = 20


def with_regrade(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of what grades everything again."""
    dry = click.option("--dry-run", is_flag=True, help="Show who would move, and record nothing.")
    why = click.option("--because", metavar="TEXT", help="Why; goes into the ledger.")
    where = click.option("--cluster", metavar="ADDRESS", help="Grade on this Dask cluster, such as tcp://desk:8786.")
    return dry(why(where(command)))


@click.command
@with_regrade
@in_competition
def regrade(session: Session, dry_run: bool, because: str | None, cluster: str | None) -> None:
    """Grade everything again, after a corrected label, metric or split.

    Shows who moves on the public board, and by how much; podium publish then writes it. All new grades come into force
    together, and the old ones stay in the ledger.

    \b
    Example: podium regrade --because "label of row 17 corrected" -C fashion-mnist
    """
    reason = _reason(because, dry_run=dry_run)
    _regrade(session, session.judge, reason, cluster, lambda: None)


@click.group
def solution() -> None:
    """Correct the hidden labels.

    \b
    Example: podium solution replace corrected.csv --because "label of row 17 corrected" -C fashion-mnist
    """


@solution.command(name="replace")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_regrade
@in_competition
def replace_solution(session: Session, file: Path, dry_run: bool, because: str | None, cluster: str | None) -> None:
    """Put corrected hidden labels, or another split, in force.

    FILE has the columns of grader/solution.csv; rows that are not to count have the Usage Ignored. Everything is graded
    again, as by podium regrade. The old solution is kept beside the new one, in the private room.

    \b
    Example: podium solution replace corrected.csv --because "label of row 17 corrected" -C fashion-mnist
    """
    from grader.correction import corrected

    reason = _reason(because, dry_run=dry_run)
    with corrected(session.folder.grader, session.competition, session.row_ids, file) as (judge, put):
        _regrade(session, judge, reason, cluster, put)


def _reason(because: str | None, *, dry_run: bool) -> str | None:
    """Why it is done; None for a dry run."""
    reason = " ".join((because or "").split())
    if not dry_run and not reason:
        raise click.UsageError("--because TEXT is needed: the reason goes into the ledger; or --dry-run, to look first")
    return None if dry_run else reason


def _regrade(
    session: Session, judge: "Judge", because: str | None, cluster: str | None, last: Callable[[], None]
) -> None:
    """Grade again, show who moves and, if there is a reason, record it."""
    from grader import regrade as again

    with session.ledger() as ledger:
        with ledger.reading() as view:
            entries = list(view.entries())
        total = sum(entry.kind == "received" for entry in entries)
        with counting("grading again", total) as progress:
            made = again.plan(ledger, ledger.place, judge, cluster=cluster, progress=progress)
        if not made.is_needed:
            click.echo(f"{total:,} submissions graded again: every grade is as it was, and nothing was recorded")
            return
        for board in ("public", "private") if _is_revealed(session, entries) else ("public",):
            click.echo("\n".join(_moves(session, made, entries, board)))
        click.echo(_summary(made))
        if because is None:
            click.echo("nothing was recorded; to put it in force: the same with --because TEXT instead of --dry-run")
            return
        made = again.record(ledger, judge, made, because=because, now=session.host.clock(), last=last)
    click.echo(f"in force: {len(made.after):,} new grades; podium publish writes the board")


def _is_revealed(session: Session, entries: "Sequence[Entry]") -> bool:
    from leaderboard.visible import is_revealed
    from submissions.schedule import in_force

    return is_revealed(in_force(session.competition, entries), entries)


def _summary(made: "Regrade") -> str:
    old = made.before
    changed = sum(old.get(number) != grade for number, grade in made.after.items())
    hidden = sum(number in old and old[number].private != grade.private for number, grade in made.after.items())
    told = f"{len(made.after):,} submissions graded again, {changed:,} with another grade"
    return f"{told}, {hidden:,} with another private score"


def _moves(session: Session, made: "Regrade", entries: "Sequence[Entry]", name: "BoardName") -> list[str]:
    """Who moves on a board, the best first; at most 20 teams of many."""
    from leaderboard import words

    before, after = _before(session, made, entries, name), _board(session, made, entries, name)
    old = {row.team: row for row in before.rows} if before else {}
    lines = [f"{'rank':>11}  {f'{name} score':>19}  team"]
    moved = [row for row in after.rows if row.state != "quoted" and not _is_same(row, old.get(row.team))]
    for row in moved[:_MOVES]:
        was = old.get(row.team)
        scores = [words.score(one.score, after.metric) if one and one.score is not None else "–" for one in (was, row)]
        ranks = [words.rank(one) or "–" if one else "–" for one in (was, row)]
        lines.append(f"{' → '.join(ranks):>11}  {' → '.join(scores):>19}  {row.team}")
    lines += [f"… and {len(moved) - _MOVES:,} more"] if len(moved) > _MOVES else []
    return [*(lines if moved else []), f"{len(moved):,} teams move on the {name} board"]


def _is_same(row: Any, old: Any) -> bool:
    return old is not None and (row.rank, row.is_tied, row.score) == (old.rank, old.is_tied, old.score)


def _before(session: Session, made: "Regrade", entries: "Sequence[Entry]", name: "BoardName") -> "Board | None":
    """The board by the grades in force; none if they are by a metric that the rules could not name."""
    from leaderboard.standings import gather

    names = {grade.metric for grade in made.before.values()}
    rules = session.competition
    try:
        rules = rules if rules.metric in names or not names else replace(rules, metric=min(names))
        return gather(rules, entries, session.host.clock(), name, is_frozen_seen=True)
    except InvalidCompetition:
        return None


def _board(session: Session, made: "Regrade", entries: "Sequence[Entry]", name: "BoardName") -> "Board":
    """The board as it would be."""
    from leaderboard.standings import gather

    now = session.host.clock()
    graded = {entry.submission: entry for entry in entries if entry.kind == "received"}
    new = [
        replace(graded[number], kind="graded", at=now, body=grade.to_json(), file=None)
        for number, grade in made.after.items()
        if number in graded
    ]
    return gather(session.competition, [*entries, *new], now, name, is_frozen_seen=True)
