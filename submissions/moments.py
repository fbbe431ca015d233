"""Moments: aware, within years that any zone can write, and as text in UTC."""

from datetime import UTC, datetime

YEARS = range(2000, 3000)


def checked(at: datetime) -> datetime:
    """The same moment, of which the offset is known and the year is sensible.

    Raises:
        ValueError: it has no offset, or lies outside of `YEARS`.
    """
    if at.tzinfo is None:
        raise ValueError(f"has no offset from UTC: write {at.isoformat()}Z, or +01:00 and the like behind it")
    if at.year not in YEARS:
        raise ValueError(f"must lie in the years {YEARS[0]} to {YEARS[-1]}, not in {at.year}")
    return at


def write(at: datetime) -> str:
    """ISO 8601 in UTC, to the microsecond, so that texts sort as the moments do: 2026-12-08T11:59:59.000000Z."""
    return checked(at).astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def shown(at: datetime) -> str:
    """2026-12-08 11:59:59 UTC, and behind it the moment as its own zone writes it, where that is another."""
    text = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return f"{text} ({at.isoformat(' ', 'seconds')})" if at.utcoffset() else text


def read(text: str) -> datetime:
    """The aware moment in UTC that a text in ISO 8601 names.

    Raises:
        ValueError: the text is no date-time, or not a `checked` one.
    """
    return checked(datetime.fromisoformat(text)).astimezone(UTC)
