"""The rules of one competition: `competition.toml` as a frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from submissions import rules
from submissions.checks import Quoted


@dataclass(frozen=True, slots=True)
class Competition:
    """What a competition.toml says, checked; every moment is aware.

    Attributes:
        description: what the competition is about, in Markdown, for the kit's README; may be empty.
        deadline: the last second that counts.
        grace_seconds: how long after the deadline a submission still counts as in time.
        late: what becomes of a later one: "unranked" or "refused".
        freeze_hours: how long before the deadline the public board is frozen; 0: it is not.
        columns: the prediction columns of a submission, beside `id_column`.
        kind: what a prediction is: "label", one of `labels`; "number"; "probability", of each label in the order of
            `labels`, or of the second of two; "ranking", the likeliest labels first.
        labels: the texts a label may be, in the organiser's order; none for kind "number".
        max_bytes: the size of a submission at most.
        daily_limit: attempts per team and UTC day; 0: no limit.
        final_selections: how many submissions of a team the private board looks at.
        public_share: the share of test rows that the public board is scored on, in (0, 1).
        metric: the name of one that Podium offers, or "grader/metric.py", the organiser's own.
        metric_title: what the own metric is called on the board.
        higher_is_better: the direction of the own metric; None for all others, which know theirs.
        options: what the own metric is given by name beside the two frames.
        live: what the public board and the answer to a submission reveal: "exact", "rounded" or "ladder".
        k: how many labels of a ranking, or of the likeliest, count.
        quoted: scores that others have reported, for the board.
        dataset: what the kit's data is: a name that `podium new --dataset` knows, or "own".
        label_names: what each label means, in the order of `labels`; none where labels speak for themselves.
        label_column: what the true label is called in the kit's data and in the solution, for kind "probability"; else
            it is called as its column of predictions is.
        source: where the data comes from and on what terms; may be empty.
        zip_address: where the kit's zip can be fetched; may be empty.
        groups: the names of the teams of each group, by the group's name; a team is in one of them or in none.
        address: where the site will stand, with "/" at its end; may be empty.
        desk: where the web desk stands, with "/" at its end; may be empty.
        extensions: until when each team that has more time than the others may send, by its name.
        written_deadline: the deadline in the file, where it was moved since; None: it was not. See `schedule`.
    """

    slug: str
    title: str
    host: str
    opens: datetime
    deadline: datetime
    grace_seconds: int
    late: str
    id_column: str
    columns: tuple[str, ...]
    kind: str
    labels: tuple[str, ...]
    max_bytes: int
    daily_limit: int
    final_selections: int
    metric: str
    public_share: float
    description: str = ""
    freeze_hours: int = 0
    metric_title: str = ""
    higher_is_better: bool | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    live: str = "exact"
    k: int = 5
    quoted: tuple[Quoted, ...] = ()
    dataset: str = "own"
    label_names: tuple[str, ...] = ()
    label_column: str = "label"
    source: str = ""
    zip_address: str = ""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    address: str = ""
    desk: str = ""
    extensions: Mapping[str, datetime] = field(default_factory=dict)
    written_deadline: datetime | None = None

    @property
    def is_plain(self) -> bool:
        """True where a submission has one label or one number for each row: what notebooks can write."""
        return self.kind in {"label", "number"} and len(self.columns) == 1

    @property
    def has_own_metric(self) -> bool:
        """True where the organiser brings the metric."""
        return self.metric == rules.OWN_METRIC

    @property
    def true_columns(self) -> tuple[str, ...]:
        """What the true labels or numbers are called."""
        return (self.label_column,) if self.kind == "probability" else self.columns

    @property
    def freezes_at(self) -> datetime | None:
        """From when on the public board stands still, in UTC; None: it does not by itself."""
        return _utc(self.deadline) - timedelta(hours=self.freeze_hours) if self.freeze_hours else None

    def has_opened(self, at: datetime) -> bool:
        """True from the opening on."""
        return _utc(at) >= _utc(self.opens)

    def ends_for(self, team: str | None = None) -> datetime:
        """The last second that counts for this team; without one, for those who have no extension.

        An extension is never shorter than the common deadline.
        """
        extension = self.extensions.get(team) if team is not None else None
        return self.deadline if extension is None else max(self.deadline, extension, key=_utc)

    @property
    def last_end(self) -> datetime:
        """The last second that counts for anybody: the deadline, or the end of the last extension."""
        return max([self.deadline, *self.extensions.values()], key=_utc)

    def is_open(self, at: datetime, team: str | None = None) -> bool:
        """True if a submission received at this moment counts: the only comparison with the deadline.

        The team's extension counts; without a team, the common deadline. Its own second is in time, to its last
        microsecond.
        """
        return self.has_opened(at) and self._is_within(at, self.ends_for(team))

    def is_over(self, at: datetime) -> bool:
        """True once nobody may send any more in time: the last extension has passed."""
        return self.has_opened(at) and not self._is_within(at, self.last_end)

    def phase(self, at: datetime) -> str:
        """The phase at this moment by the common deadline: "upcoming", "open" or "closed"."""
        if not self.has_opened(at):
            return "upcoming"
        return "open" if self.is_open(at) else "closed"

    def _is_within(self, at: datetime, end: datetime) -> bool:
        # Moments are compared in UTC: Python compares two moments of one zone by their wall clocks, which is an hour
        # wrong where summer time ends.
        last = _utc(end) + timedelta(seconds=self.grace_seconds)
        return _utc(at).replace(microsecond=0) <= last.replace(microsecond=0)


def parse(text: str) -> Competition:
    """The competition that a competition.toml describes; InvalidCompetition with all its faults otherwise."""
    return Competition(**rules.parse(text))


def load(path: Path) -> Competition:
    """The competition in this file.

    Raises:
        InvalidCompetition: the file cannot be read, or breaks a rule; holds every fault.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise rules.InvalidCompetition([f"byte {error.start} is not UTF-8: save the file as UTF-8"]) from None
    except OSError as error:
        raise rules.InvalidCompetition([f"cannot be read: {error.strerror}: {path}"]) from None
    return parse(text)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a moment without an offset cannot be placed before or after the deadline")
    return at.astimezone(UTC)
