"""What is to be announced, and how: news of the board as messages for a Discord webhook, each of them once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from leaderboard import names, news, words
from leaderboard.news import Kind, News
from leaderboard.page import PAGES
from leaderboard.standings import Board
from submissions.errors import OrganiserError

LAST_HOURS = timedelta(hours=24)
_TITLES: Mapping[Kind, str] = {
    "leader": "New leader",
    "moved": "The deadline was moved",
    "closing": "The last 24 hours",
    "frozen": "The board is frozen",
    "final": "The final ranking",
}
_COLOURS: Mapping[Kind, int] = {
    "leader": 0x0B57C2,
    "moved": 0x8A3B12,
    "closing": 0x8A3B12,
    "frozen": 0x0E5A77,
    "final": 0xF2C94C,
}
_OVERTAKEN: frozenset[Kind] = frozenset({"leader", "moved"})  # by the next of the kind
# Discord's limits count the escapes; together they stay below its 6,000 for one message.
_LONGEST_NAME, _LONGEST_TITLE = 100, 256


class BadMemory(OrganiserError):
    """What was read is no record of announcements."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What was announced, or is too old to be.

    Attributes:
        seq: the ledger's entry of the last lead among it; 0: none.
        told: the ids of all other news among it.
    """

    seq: int = 0
    told: frozenset[str] = frozenset()

    def holds(self, one: News) -> bool:
        """True if this piece of news need not be told."""
        return one.seq <= self.seq if one.kind == "leader" else str(one.id) in self.told

    def and_also(self, told: Iterable[News]) -> "Memory":
        """The same memory, and this news."""
        told = tuple(told)
        seqs = (one.seq for one in told if one.kind == "leader")
        return Memory(max([self.seq, *seqs]), self.told | {str(one.id) for one in told if one.kind != "leader"})

    def to_json(self) -> str:
        """The text that `from_json` reads."""
        return json.dumps({"version": 1, "seq": self.seq, "told": sorted(self.told)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The memory that `to_json` wrote; BadMemory if it did not."""
        try:
            match json.loads(text):
                case {"version": 1, "seq": int(seq), "told": list(told)} if all(isinstance(one, str) for one in told):
                    return cls(seq, frozenset(told))
        except (ValueError, RecursionError):
            pass
        raise BadMemory("no record of announcements")


def gather(public: Board, told: Iterable[News]) -> list[News]:
    """The news of `news.gather`, and that the last 24 hours have begun."""
    return sorted([*told, *_closing(public)], key=lambda one: one.at)


def due(told: Sequence[News], memory: Memory) -> list[News]:
    """What to announce now, oldest first.

    Of several new leaders, or deadlines, only the last, which holds now. Once the final ranking is public, nothing
    else.
    """
    final = [one for one in told if one.kind == "final"]
    last = {one.kind: one for one in told if one.kind in _OVERTAKEN}.values()
    others = [one for one in told if one.kind not in {"final", *_OVERTAKEN}]
    return [one for one in final or sorted([*last, *others], key=lambda one: one.at) if not memory.holds(one)]


def message(one: News, public: Board) -> dict[str, Any]:
    """The body of a webhook's message: one embed, in which no name is a link, a mention or an emphasis.

    It links to the board where the rules say at what address that stands.
    """
    competition = public.competition
    page = PAGES["private" if one.kind == "final" else "public"]
    row = f"#{names.team_id(one.teams[0])}" if one.teams else ""
    embed = {
        "author": {"name": names.plain(_cut(competition.title, _LONGEST_TITLE - 2))},
        "title": _TITLES[one.kind],
        "description": f"{one.heading(_bold)}\n{one.body(_bold)}" if one.kind == "final" else one.body(_bold),
        "color": _COLOURS[one.kind],
        "fields": _fields(public),
        "timestamp": one.at.isoformat(),
        **({"url": competition.address + page + row} if competition.address else {}),
    }
    return {"username": "Leaderboard", "allowed_mentions": {"parse": []}, "embeds": [embed]}


def _closing(public: Board) -> list[News]:
    """The news that the last 24 hours have begun; none in a competition that is no longer than that."""
    competition = public.competition
    at = competition.deadline - LAST_HOURS
    if public.phase != "open" or not competition.opens < at <= public.as_of:
        return []
    text = f"Submissions count until {words.moment(competition.deadline)}."
    made = news.identity("closing", competition, competition.deadline)
    return [News("closing", made, at, 0, (), _TITLES["closing"], text)]


def _fields(public: Board) -> list[dict[str, Any]]:
    fields = [{"name": "Teams", "value": f"{public.teams:,}", "inline": True}]
    if public.phase == "open":
        # Discord writes such a moment in each reader's own zone and language.
        stamp = int(public.competition.deadline.timestamp())
        fields.append({"name": "Deadline", "value": f"<t:{stamp}:F> (<t:{stamp}:R>)", "inline": True})
    return fields


def _bold(team: str) -> str:
    return f"**{names.markdown(_cut(team, _LONGEST_NAME))}**"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
