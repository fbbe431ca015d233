"""The desk's commands: submit one file; receive and grade what waits."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.exits import ORGANISER, REFUSED
from commands.host import Session, in_competition
from commands.progress import tracked
from commands.reports import public_score, receipt_lines
from commands.sending import near_competition, parcel, send, with_server
from commands.vouching import with_vouch
from submissions import checking, predictions
from submissions.errors import OrganiserError
from submissions.faults import InvalidSubmission
from submissions.shown import harmless

if TYPE_CHECKING:
    from grader.grades import Grade
    from submissions.arrivals import Judge
    from submissions.inbox import Inbox, Taken
    from submissions.vouches import Vouch


@click.command
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--team", metavar="NAME", help="Who submits, at the desk of this folder.")
@click.option("--baseline", "is_baseline", is_flag=True, help="A reference row of the organiser's: never ranked.")
@with_vouch
@with_server
@near_competition
@click.pass_context
def submit(
    context: click.Context,
    session: Session | None,
    file: Path,
    team: str | None,
    is_baseline: bool,
    vouch: "Vouch | None",
    server: str | None,
    token: str | None,
) -> None:
    """Check, receive and grade one file; or send it to a web desk, which does.

    Prints its receipt and its public score. The same file again gets the same receipt and costs nothing.

    \b
    Example: podium submit submission.csv --team Ada -C fashion-mnist
             podium submit submission.csv --server https://example.org/fashion-mnist
    """
    if (sent := parcel(session, file, team=team, server=server, token=token)) is not None:
        context.exit(send(sent))
    assert session is not None
    assert team is not None
    _submit_here(context, session, file, team, is_baseline=is_baseline, vouch=vouch)


def _submit_here(
    context: click.Context, session: Session, file: Path, team: str, *, is_baseline: bool, vouch: "Vouch | None"
) -> None:
    data = predictions.read_bytes(file, session.competition)
    now = session.host.clock()
    judge, trouble = _judge(session, is_baseline=is_baseline)
    with session.desk() as desk:
        try:
            receipt = desk.receive(data, team=team, now=now, vouch=vouch, is_baseline=is_baseline, judge=judge)
        except InvalidSubmission as invalid:
            click.echo(checking.refusal(file, invalid.faults))
            context.exit(REFUSED)
        grade = _grade_of(session, receipt.submission)
    is_known = vouch is None and receipt.received_at != now
    click.echo("\n".join(receipt_lines(receipt, grade, session.in_force(), is_known=is_known)))
    if trouble is not None:
        raise trouble
    if grade is not None and grade.verdict != "graded":
        context.exit(REFUSED if grade.verdict == "refused" else ORGANISER)


@click.command
@click.option("--team", metavar="NAME", help="Take in the files of this team only.")
@with_vouch
@in_competition
@click.pass_context
def receive(context: click.Context, session: Session, team: str | None, vouch: "Vouch | None") -> None:
    """Take in every file of the inbox: submissions/inbox/TEAM/*.csv.

    A file is received when this command reads it. If it was there in time but the command runs later, vouch for it.

    \b
    Example: podium receive -C fashion-mnist
    """
    if receive_all(session, team=team, vouch=vouch):
        context.exit(REFUSED)


@click.command
@click.option("--retry", is_flag=True, help="Grade again what ended in a grader_error.")
@in_competition
@click.pass_context
def grade(context: click.Context, session: Session, retry: bool) -> None:
    """Grade what was received and not graded.

    \b
    Example: podium grade -C fashion-mnist
    """
    is_failed = grade_all(session, retry=retry)
    with session.ledger() as ledger, ledger.reading() as view:
        session.marker.demand(view, is_baseline=True)
    if is_failed:
        context.exit(ORGANISER)


def receive_all(
    session: Session, inbox: "Inbox | None" = None, *, team: str | None = None, vouch: "Vouch | None" = None
) -> bool:
    """Receive the inbox and tell what is news; True if a file was refused."""
    from submissions.inbox import Inbox

    box = inbox or Inbox(session.folder.inbox)
    files = box.waiting(team)
    is_refused = False
    with session.desk() as desk:
        for item in tracked(box.take(files, desk, session.host.clock, vouch=vouch), "receiving", total=len(files)):
            is_refused |= isinstance(item.outcome, Exception)
            if item.is_news:
                click.echo(_taken_text(item))
    return is_refused


def grade_all(session: Session, *, retry: bool = False) -> bool:
    """Grade what waits; True if the grader failed on a submission."""
    from grader.queue import grade_waiting, waiting

    is_failed = False
    with session.ledger() as ledger:
        with ledger.reading() as view:
            total = len(waiting(view, retry=retry))
        graded = grade_waiting(ledger, session.marker, session.host.clock, retry=retry) if total else ()
        for entry, verdict in tracked(graded, "grading", total=total):
            is_failed |= verdict.verdict == "grader_error"
            click.echo(f"submission {entry.submission}, team {entry.team}: {_grade_text(verdict, session)}")
    return is_failed


def _judge(session: Session, *, is_baseline: bool) -> "tuple[Judge | None, OrganiserError | None]":
    """The grader; or none, and why: a participant's file is received whatever state the grader is in."""
    try:
        marker = session.marker
        with session.ledger() as ledger, ledger.reading() as view:
            marker.demand(view, is_baseline=is_baseline)
    except OrganiserError as trouble:
        return None, trouble
    return marker.on_arrival, None


def _grade_of(session: Session, submission: int) -> "Grade | None":
    from grader.grades import Grade

    with session.ledger() as ledger, ledger.reading() as view:
        grades = [Grade.from_json(entry.body) for entry in view.entries("graded", submission=submission)]
    return grades[-1] if grades else None


def _taken_text(item: "Taken") -> str:
    place = harmless(f"{item.team}/{item.path.name}")
    if isinstance(item.outcome, InvalidSubmission):
        return checking.refusal(Path(place), item.outcome.faults)
    if isinstance(item.outcome, Exception):
        return f"{place}: left where it is, and tried again at the next look: {item.outcome}"
    late, note = "" if item.outcome.in_time else ", late", f"; {item.note}" if item.note else ""
    return f"{place}: received as submission {item.outcome.submission}{late}, proof {item.outcome.proof}{note}"


def _grade_text(verdict: "Grade", session: Session) -> str:
    if verdict.verdict == "graded":
        told = public_score(verdict, session.competition)
        return told if verdict.reason else f"public {told}"
    if verdict.verdict == "refused":
        return f"refused: {next(iter(verdict.faults.lines())) if verdict.faults else ''}"
    return f"grader_error: {verdict.error}"
