"""The news of a board as an Atom feed (RFC 4287)."""

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from leaderboard import names, news
from leaderboard.news import News
from leaderboard.page import PAGES
from leaderboard.standings import Board
from submissions import moments
from submissions.record.entries import Entry

FILE = "feed.xml"
MOST = 50
_ATOM = "http://www.w3.org/2005/Atom"


def atom(
    public: Board,
    entries: Iterable[Entry],
    *,
    final: Board | None = None,
) -> str:
    """The feed of the newest 50: each new leader, each moved deadline, the freeze, the final ranking.

    The same news always has the same id, wherever the site stands; where the rules give no address of it, links are
    relative to the feed. What is not new changes nothing: the feed's own
    `updated` is that of its newest entry.

    Args:
        public: the public board.
        entries: in ledger order, as many as the public may see at the board's moment.
        final: the private board, once it is revealed; its scores stand in the feed from then on.
    """
    competition = public.competition
    told = news.gather(public, entries, final=final)[: -MOST - 1 : -1]
    feed = Xml.Element("feed", {"xmlns": _ATOM, "xml:lang": "en"})
    _add(feed, "id", news.identity("feed", competition).urn)
    _add(feed, "title", f"{names.plain(competition.title)} · leaderboard")
    _add(feed, "updated", moments.write(told[0].at if told else competition.opens))
    _add(_add(feed, "author"), "name", names.plain(competition.host))
    if competition.address:
        _add(feed, "link", rel="self", type="application/atom+xml", href=competition.address + FILE)
    _add(feed, "link", rel="alternate", type="text/html", href=competition.address + PAGES["public"])
    for one in told:
        _add_entry(feed, one, competition.address)
    Xml.indent(feed, " ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(feed, encoding="unicode")}\n'


def _add_entry(feed: Xml.Element, one: News, address: str) -> None:
    entry = _add(feed, "entry")
    page = PAGES["private" if one.kind == "final" else "public"]
    _add(entry, "id", one.id.urn)
    _add(entry, "title", one.heading(names.plain))
    _add(entry, "updated", moments.write(one.at))
    _add(entry, "category", term=one.kind)
    row = f"#{names.team_id(one.teams[0])}" if one.teams else ""
    _add(entry, "link", rel="alternate", type="text/html", href=address + page + row)
    _add(entry, "content", one.body(names.plain), type="text")


def _add(parent: Xml.Element, name: str, text: str | None = None, **attributes: str) -> Xml.Element:
    """A new element within another; what it holds is escaped when it is written."""
    made = Xml.SubElement(parent, name, attributes)
    made.text = text
    return made
