"""Who sent which bytes when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from submissions import moments
from submissions.competition import Competition
from submissions.record.entries import Entry


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that the desk has a submission; given only once the ledger holds it.

    Attributes:
        submission: the submission's number, from 1.
        digest: SHA-256 of the bytes, in hex.
        received_at: the desk's clock at the last byte, aware UTC; for a vouched submission what the organiser says.
        in_time: whether the rules of that moment counted it.
        attempts_left: the team's attempts left on that UTC day; None: no limit.
        door: how it came: "submit", "inbox", …
        vouched: why the organiser vouches for `received_at`; None: the desk's own clock.
        is_baseline: a reference row of the organiser's, never ranked.
        proof: the digest of the ledger's entry.
    """

    submission: int
    team: str
    digest: str
    size: int
    received_at: datetime
    in_time: bool
    attempts_left: int | None
    door: str
    vouched: str | None = None
    is_baseline: bool = False
    proof: str = ""

    def counts(self, competition: Competition) -> bool:
        """True if the submission is in time: as the rules were when it came, or as they are now.

        `competition`: the rules in force. A deadline that is moved back makes more submissions count, and so does a
        team's extension; one that is moved forward breaks no receipt.
        """
        return self.in_time or competition.is_open(self.received_at, self.team)

    def to_json(self) -> dict[str, Any]:
        """The body of the receipt's `received` entry: all that the entry does not hold in columns of its own."""
        return {
            "size": self.size,
            "received_at": moments.write(self.received_at),
            "in_time": self.in_time,
            "attempts_left": self.attempts_left,
            "door": self.door,
            "vouched": self.vouched,
            "is_baseline": self.is_baseline,
        }

    @classmethod
    def from_entry(cls, entry: Entry) -> "Receipt":
        """The receipt that a `received` entry records."""
        facts = {**entry.body, "received_at": moments.read(entry.body["received_at"])}
        assert entry.submission is not None and entry.team is not None and entry.file is not None
        return cls(entry.submission, entry.team, entry.file, **facts, proof=entry.digest)
