"""What is in force of all that was decided: what is selected and withdrawn, and who is disqualified."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from submissions import moments
from submissions.record.entries import Entry

KINDS = ("selected", "withdrawn", "restored", "disqualified", "reinstated")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a team has chosen for the private board.

    Attributes:
        submissions: their numbers, from the lowest; none: it has taken back what it had chosen.
        at: the desk's clock when it was chosen, aware UTC; for a vouched selection what the organiser says.
        vouched: why the organiser vouches for `at`; None: the desk's own clock.
    """

    submissions: tuple[int, ...]
    at: datetime
    vouched: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The body of the selection's `selected` entry."""
        return {"submissions": list(self.submissions), "at": moments.write(self.at), "vouched": self.vouched}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Selection":
        """The selection that `to_json` wrote."""
        return cls(tuple(values["submissions"]), moments.read(values["at"]), values["vouched"])


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is in force after some entries.

    Attributes:
        withdrawn: the numbers of the submissions that count on no board.
        disqualified: the teams that are out of the ranking.
        selections: each team's last selection, whatever became of its submissions; see `selected`. A team that
            selected nothing has none.
    """

    withdrawn: frozenset[int] = frozenset()
    disqualified: frozenset[str] = frozenset()
    selections: Mapping[str, Selection] = field(default_factory=dict)

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Decisions":
        """What follows from these entries, given in ledger order; those of other kinds are passed over."""
        withdrawn, disqualified, selections = set[int](), set[str](), dict[str, Selection]()
        for entry in (entry for entry in entries if entry.kind in KINDS):
            match entry:
                case Entry(kind="selected", team=str(team)):
                    selections[team] = Selection.from_json(entry.body)
                case Entry(kind="withdrawn", submission=int(number)):
                    withdrawn.add(number)
                case Entry(kind="restored", submission=int(number)):
                    withdrawn.discard(number)
                case Entry(kind="disqualified", team=str(team)):
                    disqualified.add(team)
                case Entry(kind="reinstated", team=str(team)):
                    disqualified.discard(team)
        made = {team: selection for team, selection in selections.items() if selection.submissions}
        return cls(frozenset(withdrawn), frozenset(disqualified), made)

    def selected(self, team: str) -> tuple[int, ...]:
        """What a team's selection holds now: all of it but what is withdrawn.

        Empty if it has made none or nothing of it is left: then the team has no selection, and its best public
        submissions count again. What is restored is selected again.
        """
        selection = self.selections.get(team)
        return tuple(n for n in selection.submissions if n not in self.withdrawn) if selection else ()
