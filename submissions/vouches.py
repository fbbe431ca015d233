"""The organiser's word for a moment that the desk did not see."""

from dataclasses import dataclass
from datetime import UTC, datetime

from submissions import moments
from submissions.errors import Refused


class InvalidVouch(Refused):
    """The organiser vouches for a moment that has not come yet."""


@dataclass(frozen=True, slots=True)
class Vouch:
    """The organiser's word that something was there at a moment the desk did not see, and why."""

    received_at: datetime
    reason: str


def moment_of(now: datetime, vouch: Vouch | None) -> datetime:
    """The moment that counts, in UTC: what is vouched for, or else the desk's clock.

    Raises:
        InvalidVouch: it lies in the future.
    """
    if vouch is None:
        return now.astimezone(UTC)
    if vouch.received_at > now:
        raise InvalidVouch(
            f"{moments.shown(vouch.received_at)} is in the future: only a past moment can be vouched for"
        )
    return vouch.received_at.astimezone(UTC)
