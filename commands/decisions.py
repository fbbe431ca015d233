"""What is decided after submissions came: a team selects, the organiser withdraws and disqualifies."""

from typing import TYPE_CHECKING

import click

from commands.host import Session, in_competition
from commands.own_submissions import named, own_submissions, who
from commands.vouching import with_vouch
from submissions import moments, schedule

if TYPE_CHECKING:
    from submissions.decided import Decisions
    from submissions.receipts import Receipt
    from submissions.vouches import Vouch

_NEXT = "the board shows it after: podium publish (podium serve does that by itself)"


@click.command
@click.argument("numbers", nargs=-1, type=click.IntRange(min=1), metavar="[NUMBER]...")
@click.option("--team", required=True, metavar="NAME", help="Whose submissions.")
@click.option("--none", "is_none", is_flag=True, help="Take the team's selection back.")
@with_vouch
@in_competition
def select(session: Session, numbers: tuple[int, ...], team: str, is_none: bool, vouch: "Vouch | None") -> None:
    """Choose which of a team's submissions the private board looks at; without a NUMBER, list them.

    A team may choose until its deadline, and choose again: the last selection counts. Without one, or after --none,
    its best on the public board are looked at.

    \b
    Example: podium select --team Ada 3 5 -C fashion-mnist
    """
    if numbers and is_none:
        raise click.UsageError("--none takes the whole selection back: name no submission with it")
    if numbers or is_none:
        _select(session, numbers, team, vouch)
    elif vouch is None:
        click.echo("\n".join(own_submissions(session, team)))
    else:
        raise click.UsageError("--vouch is for a selection: name the submissions that were chosen then, or --none")


@click.command
@click.argument("number", type=click.IntRange(min=1))
@click.option("--because", required=True, metavar="TEXT", help="Why; goes into the ledger.")
@click.option("--undo", is_flag=True, help="Let it count again.")
@in_competition
def withdraw(session: Session, number: int, because: str, undo: bool) -> None:
    """Let a submission count on no board.

    It stays in the ledger, the attempt stays used, and it falls out of its team's selection. --undo restores all that.

    \b
    Example: podium withdraw 3 --because "sent for the other course" -C fashion-mnist
    """
    from submissions import decisions
    from submissions.decided import KINDS, Decisions

    now = session.host.clock()
    with session.ledger() as ledger:
        turn = decisions.restore if undo else decisions.withdraw
        receipt = turn(ledger, number, because=because, now=now)
        with ledger.reading() as view:
            after = Decisions.of(view.entries(*KINDS, team=receipt.team))
    click.echo(f"submission {number}, {who(receipt)}: {'restored' if undo else 'withdrawn'}")
    click.echo("it counts again" if undo else "it counts on no board; the attempt stays used")
    if told := _of_selection(after, receipt, is_restored=undo):
        click.echo(told)
    click.echo(_NEXT)


@click.command
@click.argument("team")
@click.option("--because", required=True, metavar="TEXT", help="Why; goes into the ledger.")
@click.option("--undo", is_flag=True, help="Put it back into the ranking.")
@in_competition
def disqualify(session: Session, team: str, because: str, undo: bool) -> None:
    """Take a team out of the ranking, with all that it has sent and will send.

    It stays on the board, below all others, without rank and score.

    \b
    Example: podium disqualify Ada --because "shared its predictions with Bob" -C fashion-mnist
    """
    from submissions import decisions

    now = session.host.clock()
    with session.ledger() as ledger:
        turn = decisions.reinstate if undo else decisions.disqualify
        name = turn(ledger, team, because=because, now=now)
    end = "reinstated; it stands where its scores put it" if undo else "disqualified; it stands without rank and score"
    click.echo(f"team {name}: {end}\n{_NEXT}")


def _select(session: Session, numbers: tuple[int, ...], team: str, vouch: "Vouch | None") -> None:
    from submissions.decisions import receipts_of
    from submissions.selecting import select as take

    now = session.host.clock()
    with session.ledger() as ledger:
        selection = take(ledger, session.competition, team, numbers, now=now, vouch=vouch)
        with ledger.reading() as view:
            name = receipts_of(view, team)[0].team
            rules = schedule.now_in_force(session.competition, view)
    is_known = selection.at != (vouch.received_at if vouch else now)
    what = named(selection.submissions) if selection.submissions else "nothing: its best on the public board count"
    click.echo(f"team {name}: selected {what}" + (" (as before: nothing was recorded)" if is_known else ""))
    click.echo(f"chosen      {moments.shown(selection.at)}")
    if selection.vouched:
        click.echo(f"vouched     {selection.vouched}")
    click.echo(f"deadline    {moments.shown(rules.ends_for(name))}")
    is_open = rules.is_open(now, name)
    click.echo("the private board goes by the last selection before the deadline" if is_open else _NEXT)


def _of_selection(decisions: "Decisions", receipt: "Receipt", *, is_restored: bool) -> str:
    """What a withdrawal, or its end, means for the team's selection; nothing if it means nothing."""
    selection = decisions.selections.get(receipt.team)
    if selection is None or receipt.submission not in selection.submissions:
        return ""
    left = decisions.selected(receipt.team)
    if is_restored:
        return f"the team's selection holds again: {named(left)}"
    if left:
        return f"it was selected; of the team's selection {named(left)} {'are' if len(left) > 1 else 'is'} left"
    return "it was all that the team had selected: its best on the public board count again"
