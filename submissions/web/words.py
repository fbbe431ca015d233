"""How moments, figures and states are written on the desk's pages: in English and UTC, the same for every reader."""

from datetime import UTC, datetime, timedelta

from submissions.web.told import Sent

# strftime's month names follow the machine's locale.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_TEENS = range(11, 14)
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}


def moment(at: datetime) -> str:
    """8 Dec 2026, 11:59:59 UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}, {at:%H:%M:%S} UTC"


def brief(at: datetime) -> str:
    """8 Dec 11:59, in UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at:%H:%M}"


def until(at: datetime, now: datetime) -> str:
    """How far away a moment is, in the largest unit that has two of them: in 2 days, in 40 minutes, 3 hours ago."""
    seconds = int(abs(at - now) / timedelta(seconds=1))
    size, unit = next((one for one in _UNITS if seconds >= 2 * one[0]), _UNITS[-1])
    text = count(seconds // size, unit)
    return f"in {text}" if at >= now else f"{text} ago"


def count(number: int, noun: str) -> str:
    """1 attempt, 2 attempts, 1,000 attempts, with a no-break space."""
    return f"{number:,}\N{NO-BREAK SPACE}{noun}{'' if number == 1 else 's'}"


def place(rank: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th, 1,021st."""
    ending = "th" if rank % 100 in _TEENS else _ENDINGS.get(rank % 10, "th")
    return f"{rank:,}{ending}"


def size(count_of_bytes: int) -> str:
    """10 MB in powers of ten; in bytes where that is not whole."""
    for unit, name in ((10**6, "MB"), (10**3, "KB")):
        if count_of_bytes % unit == 0:
            return f"{count_of_bytes // unit:,}\N{NO-BREAK SPACE}{name}"
    return count(count_of_bytes, "byte")


def state(sent: Sent) -> str:
    """What there is to say of a submission beside its score; nothing of one that has a score and counts."""
    if sent.is_withdrawn:
        return "withdrawn: it counts on no board"
    told = {
        "refused": "refused; no attempt was used",
        "grader_error": "the grader failed; no attempt was used, and the organiser is told",
        "waiting": "waits for its grade",
    }.get(sent.told.verdict, sent.told.reason)
    late = "" if sent.is_in_time else "late: outside the ranking"
    return "; ".join(filter(None, (told, late)))
