"""Moments as text: ISO 8601 in UTC, to the microsecond, so that texts sort as the moments do."""

from datetime import UTC, datetime


def write(at: datetime) -> str:
    """2026-12-08T11:59:59.000000Z; ValueError for a moment without an offset."""
    if at.tzinfo is None:
        raise ValueError("a moment without an offset")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read(text: str) -> datetime:
    """The aware moment that a text with an offset names.

    Raises:
        ValueError: the text is no date-time, or has no offset.
    """
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC: write {at.isoformat()}Z, or +01:00 and the like behind it")
    return at.astimezone(UTC)
