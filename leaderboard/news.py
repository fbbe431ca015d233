"""What is new on a board, for feeds and messages: a new leader, another deadline, the freeze, the final ranking."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid5

from leaderboard import leaders, visible, words
from leaderboard.leaders import Lead
from leaderboard.standings import Board
from submissions import moments, schedule
from submissions.competition import Competition
from submissions.record.entries import Entry
from submissions.schedule import Change

Kind = Literal["leader", "moved", "closing", "frozen", "final"]

_NAMESPACE = UUID("6f0b2c1e-2a52-5d0c-9d3f-0c5f5b1f8a11")
_TOLD = 3


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news.

    Attributes:
        id: of this piece of news, always, and of no other.
        at: when it happened.
        seq: the ledger's entry that made it; 0: none did, only time.
        teams: whose names it tells.
        title: one line, with a field such as {0} for each name.
        text: some lines, with the same fields.
    """

    kind: Kind
    id: UUID
    at: datetime
    seq: int
    teams: tuple[str, ...]
    title: str
    text: str

    def heading(self, write: Callable[[str], str]) -> str:
        """The title; `write` makes a team's name fit for the place where it is told."""
        return self.title.format(*map(write, self.teams))

    def body(self, write: Callable[[str], str]) -> str:
        """The text, with the names as `write` gives them."""
        return self.text.format(*map(write, self.teams))


def gather(public: Board, entries: Iterable[Entry], *, final: Board | None = None) -> list[News]:
    """All the news up to the board's moment, oldest first.

    Args:
        public: the public board.
        entries: in ledger order; what the public may not see yet is left out here.
        final: the private board, once it is revealed.
    """
    rules, recorded = public.competition, tuple(entries)
    frozen_at = public.frozen_at or visible.freeze(rules, recorded, public.as_of)
    entries = visible.entries_at(rules, recorded, public.as_of)
    told = [_leader(lead, public) for lead in leaders.leads(rules, entries, public.as_of)]
    told += [_moved(change) for change in public.changes if change.team is None]
    if frozen_at is not None:
        told.append(_frozen(rules, frozen_at))
    reveals = (entry for entry in entries if schedule.is_reveal(entry, rules))
    if final is not None and (reveal := next(reveals, None)):
        told.append(_final(final, reveal))
    return sorted(told, key=lambda news: news.at)


def identity(what: str, competition: Competition, at: datetime | None = None) -> UUID:
    """The id of something that no entry of the ledger makes: of one competition and, where it is given, one moment."""
    facts = [what, competition.host, competition.slug, moments.write(competition.opens)]
    return uuid5(_NAMESPACE, "\n".join([*facts, moments.write(at)] if at else facts))


def _leader(lead: Lead, board: Board) -> News:
    score = words.score(lead.score, board.metric)
    title, rest = "New leader: {0}", f"on the public board with {score}."
    if lead.sharing == 1:
        text = f"{{0}} leads {rest[:-1]}, before {{1}}." if lead.over else f"{{0}} leads {rest}"
    else:
        title = "{0} shares first place"
        others = "{1}" if lead.other else f"{lead.sharing - 1:,} other teams"
        text = f"{{0}} and {others} stand first {rest}"
    teams = tuple(filter(None, (lead.team, lead.over if lead.sharing == 1 else lead.other)))
    return News("leader", uuid5(_NAMESPACE, f"leader\n{lead.digest}"), lead.at, lead.seq, teams, title, text)


def _moved(change: Change) -> News:
    assert change.before is not None and change.until is not None
    until = words.moment(change.until)
    text = f"Submissions count until {until}. The deadline was {words.moment(change.before)} before."
    made = uuid5(_NAMESPACE, f"moved\n{change.entry}")
    return News("moved", made, change.at, change.seq, (), f"The deadline was moved to {until}", text)


def _frozen(competition: Competition, at: datetime) -> News:
    text = f"The public board stays as it was at {words.moment(at)} until the results are revealed."
    return News("frozen", identity("frozen", competition, at), at, 0, (), "The board is frozen", text)


def _final(board: Board, reveal: Entry) -> News:
    ranked = [row for row in board.rows if row.rank is not None]
    first, told = sum(row.rank == 1 for row in ranked), ranked[:_TOLD]
    title = {0: "Final: no team is ranked", 1: "Final: {0} wins", 2: "Final: {0} and {1} share first place"}.get(
        first, f"Final: {first:,} teams share first place"
    )
    share = words.percent(1 - board.competition.public_share)
    lines = [
        f"{words.rank(row)} {{{place}}}, {words.score(row.score, board.metric)}"
        for place, row in enumerate(told)
        if row.score is not None
    ]
    text = "\n".join([f"The ranking on the private {share} of the test rows is public.", *lines])
    teams = tuple(row.team for row in told)
    return News("final", uuid5(_NAMESPACE, f"final\n{reveal.digest}"), reveal.at, reveal.seq, teams, title, text)
