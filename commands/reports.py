"""What commands say, as text: refusals, receipts, moments."""

from typing import TYPE_CHECKING

from submissions import moments
from submissions.competition import Competition

if TYPE_CHECKING:
    from grader.grades import Grade
    from submissions.receipts import Receipt


def receipt_lines(
    receipt: "Receipt", grade: "Grade | None", competition: Competition, *, is_known: bool = False
) -> list[str]:
    """A receipt and what may be told of its grade: never a private score.

    `competition`: the rules in force. `is_known`: the same bytes had this receipt before.
    """
    in_time = ", in time" if receipt.counts(competition) else ", LATE: graded, outside the ranking"
    late = "" if receipt.is_baseline else in_time
    again = " (the same file as before: nothing was used up)" if is_known else ""
    lines = [
        f"submission  {receipt.submission}, {'baseline' if receipt.is_baseline else 'team'} {receipt.team}{again}",
        f"sha256      {receipt.digest}",
        f"received    {moments.shown(receipt.received_at)}{late}",
        f"deadline    {moments.shown(competition.ends_for(receipt.team))}",
    ]
    if receipt.vouched:
        lines.append(f"vouched     {receipt.vouched}")
    if receipt.attempts_left is not None and not is_known:
        lines.append(f"attempts    {receipt.attempts_left} of {competition.daily_limit} left on that UTC day")
    lines += [f"proof       {receipt.proof}", *_score_lines(grade, competition)]
    return lines


def public_score(grade: "Grade", competition: Competition) -> str:
    """As much of the public score as the rules reveal, with the metric; or why nothing is."""
    from grader import metrics
    from leaderboard import words

    if grade.reason or grade.shown is None:
        return grade.reason
    metric = metrics.of(competition)
    return f"{words.score(grade.shown, metric)} {metric.title if competition.has_own_metric else metric.name}"


def _score_lines(grade: "Grade | None", competition: Competition) -> list[str]:
    if grade is None:
        return ["score       waits for its grade; the organiser must see to the grader"]
    if grade.verdict == "graded":
        where = "" if grade.reason else " on the public rows"
        return [f"score       {public_score(grade, competition)}{where}"]
    if grade.verdict == "refused" and grade.faults:
        return ["score       none: the file was refused", *(f"  {line}" for line in grade.faults.lines())]
    return ["score       none: the grader failed; the organiser is told, and no attempt was used"]
