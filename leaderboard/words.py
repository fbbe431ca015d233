"""How figures and moments are written on the page: in English and UTC, the same for every reader."""

from datetime import UTC, datetime, timedelta
from math import inf

from grader.metric import Metric
from leaderboard.standings import Board, Standing
from submissions import moments
from submissions.competition import Competition

# strftime's month names follow the machine's locale; the same input must give the same bytes.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DISCS = 3
_SMALL, _LARGE = 1e-3, 1e9


def score(value: float, metric: Metric) -> str:
    """The score to the metric's decimals; rounding never makes it the best there can be.

    An error in the participants' own unit may be of any size: what would be all zeros, or too long to read, gets five
    digits.
    """
    is_in_a_unit = metric.kind == "number" and inf in map(abs, metric.range)
    if is_in_a_unit and value and not (_SMALL <= abs(value) < _LARGE):
        return f"{value:.5g}"
    text = f"{value:z.{metric.decimals}f}"
    if value == metric.best or float(text) != metric.best:
        return text
    step = 10.0**-metric.decimals
    return f"{metric.best - step if metric.higher_is_better else metric.best + step:z.{metric.decimals}f}"


def rank(standing: Standing) -> str:
    """2, or 2= for a shared rank; nothing outside the ranking."""
    if standing.rank is None:
        return ""
    return f"{standing.rank}=" if standing.is_tied else str(standing.rank)


def ranks(best: int, worst: int) -> str:
    """2–5, or 2 where no other rank is left."""
    return f"{best}" if best == worst else f"{best}\N{EN DASH}{worst}"


def discs(board: Board) -> frozenset[int]:
    """The ranks that get a disc: 1 to 3, as long as no more than three teams would have one."""
    ranks = [row.rank for row in board.rows if row.rank is not None]
    return frozenset(rank for rank in range(1, DISCS + 1) if 0 < ranks.count(rank) <= DISCS + 1 - rank)


def state(board: Board) -> tuple[str, str]:
    """The word for the state that the board is in, and the class of its colour."""
    if board.phase == "upcoming":
        return "Upcoming", "soon"
    if board.phase == "open":
        return ("Frozen", "shut") if board.frozen_at else ("Live", "open")
    return ("Final", "") if board.is_revealed else ("Closed", "shut")


def number(count: int) -> str:
    """1,000."""
    return f"{count:,}"


def count(number: int, noun: str) -> str:
    """1 team, 2 teams, 1,000 teams, with a no-break space."""
    return f"{number:,}\N{NO-BREAK SPACE}{noun}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """30 %, with a no-break space."""
    return f"{100 * share:.3g}\N{NO-BREAK SPACE}%"


def moment(at: datetime) -> str:
    """8 Dec 2026, 11:59:59 UTC."""
    at = at.astimezone(UTC)
    return f"{_day(at)} {at.year}, {_clock(at)} UTC"


def minute(at: datetime) -> str:
    """28 Nov 2026, 09:20 UTC: the minute that had begun."""
    return moment(at.replace(second=0))


def brief(at: datetime) -> str:
    """8 Nov 08:37, in UTC."""
    at = at.astimezone(UTC)
    return f"{_day(at)} {at:%H:%M}"


def iso_minute(at: datetime) -> str:
    """2026-11-08T08:37Z: the minute that had begun, for programs."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"


def end(competition: Competition) -> str:
    """When the last submission of a team without an extension may arrive, the grace included, for programs."""
    return moments.write(competition.deadline + timedelta(seconds=competition.grace_seconds))


def elsewhere(at: datetime) -> str:
    """7 Dec, 23:59:59 at UTC-12: a moment as its own offset writes it; nothing if that is UTC."""
    offset = at.utcoffset()
    if not offset:
        return ""
    sign = "\N{MINUS SIGN}" if offset.days < 0 else "+"
    hours, minutes = divmod(abs(offset).seconds // 60, 60)
    return f"{_day(at)}, {_clock(at)} at UTC{sign}{hours}{f':{minutes:02}' if minutes else ''}"


def _day(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1]}"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
