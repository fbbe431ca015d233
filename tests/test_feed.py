"""The feed of a board's news, and the news themselves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as Xml

import pytest
from test_leaders import shown
from test_page import HOSTILE
from test_standings import CLOSED, COMPETITION, START, Book

from grader.grades import Grade
from leaderboard import feed, names, news
from leaderboard.leaks import LeakFound, scan

ATOM = "{http://www.w3.org/2005/Atom}"
LIVE = datetime(2026, 12, 1, tzinfo=UTC)
SITE = "https://example.org/month/"


@pytest.fixture
def book() -> Book:
    book = Book()
    book.submit("ada", 0.9)
    book.submit("bob", 0.95, 0.8)
    return book


def atom(book: Book, as_of: datetime = LIVE) -> str:
    board = book.board(as_of=as_of)
    final = book.board("private", as_of) if board.is_revealed else None
    return feed.atom(board, book.entries, final=final)


def entries(text: str) -> list[Xml.Element]:
    return Xml.fromstring(text).findall(f"{ATOM}entry")


def said(entry: Xml.Element, name: str) -> str:
    return entry.findtext(ATOM + name) or ""


def titles(text: str) -> list[str]:
    return [said(entry, "title") for entry in entries(text)]


def test_the_newest_stands_first(book: Book) -> None:
    """An entry for each new leader, the newest first, each with its moment, its link and one sentence."""
    first = entries(atom(book))[0]

    assert titles(atom(book)) == ["New leader: bob", "New leader: ada"]
    assert said(first, "content") == "bob leads on the public board with 0.9500, before ada."
    assert said(first, "updated") == "2026-11-22T03:00:00.000000Z"
    link = first.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"index.html#{names.team_id('bob')}"


def test_what_a_feed_must_have(book: Book) -> None:
    """A feed has id, title, author, and the time of its newest entry; its links are absolute where the rules say so."""
    book.competition = replace(COMPETITION, address=SITE)
    root = Xml.fromstring(atom(book))

    assert root.tag == f"{ATOM}feed"
    assert (said(root, "title"), said(root, "updated"), root.findtext(f"{ATOM}author/{ATOM}name")) == (
        "Fashion-MNIST: what is in the picture? · leaderboard",
        "2026-11-22T03:00:00.000000Z",
        "Machine Learning Month",
    )
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    assert links == {"self": f"{SITE}feed.xml", "alternate": f"{SITE}index.html"}


def test_nothing_is_new_yet() -> None:
    """Before the first lead the feed is empty, valid, and as old as the competition."""
    root = Xml.fromstring(atom(Book()))

    assert root.findall(f"{ATOM}entry") == []
    assert said(root, "updated") == "2026-11-22T00:00:00.000000Z"


def test_ids_are_stable(book: Book) -> None:
    """News keeps its id when more comes, when the site moves and when the title changes; no two share one."""
    before = [said(entry, "id") for entry in entries(atom(book))]
    own = said(Xml.fromstring(atom(book)), "id")
    book.submit("cyd", 0.99)
    book.competition = replace(COMPETITION, address=SITE, title="Another title")
    book.add("frozen", {}, LIVE - timedelta(hours=1))
    text = atom(book)

    after = [said(entry, "id") for entry in entries(text)]
    assert after[2:] == before
    assert said(Xml.fromstring(text), "id") == own
    assert len({*after, own}) == 5
    assert all(one.startswith("urn:uuid:") for one in after)


def test_what_is_not_new_changes_nothing(book: Book) -> None:
    """A later look, and a submission that does not lead, give the same bytes."""
    before = atom(book)
    book.submit("cyd", 0.1)

    assert atom(book, LIVE + timedelta(hours=3)) == before


def test_freeze(book: Book) -> None:
    """The freeze is told from its moment on, and when that moment moves it is other news."""
    freeze = LIVE - timedelta(hours=1)
    book.add("frozen", {}, freeze)
    assert titles(atom(book, freeze - timedelta(seconds=1)))[0] == "New leader: bob"

    entry = entries(atom(book, LIVE))[0]
    assert said(entry, "title") == "The board is frozen"
    assert said(entry, "content") == (
        "The public board stays as it was at 30 Nov 2026, 23:00 UTC until the results are revealed."
    )
    book.add("thawed", {}, freeze + timedelta(minutes=10))
    assert titles(atom(book, LIVE))[0] == "New leader: bob"
    book.add("frozen", {}, freeze + timedelta(minutes=20))
    assert said(entries(atom(book, LIVE))[0], "title") == "The board is frozen"
    assert said(entries(atom(book, LIVE))[0], "id") != said(entry, "id")


def test_final(book: Book) -> None:
    """The reveal tells the winner and the first three of the private board, and links to it; before, nothing does."""
    book.submit("cyd", 0.5, 0.7)
    book.submit("dan", 0.4, 0.6)
    assert "private" not in atom(book, CLOSED)
    book.reveal()

    entry = entries(atom(book, CLOSED))[0]
    assert said(entry, "title") == "Final: ada wins"
    assert said(entry, "content") == (
        "The ranking on the private 70\N{NO-BREAK SPACE}% of the test rows is public.\n"
        "1 ada, 0.9000\n2 bob, 0.8000\n3 cyd, 0.7000"
    )
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.get("href") == f"final.html#{names.team_id('ada')}"


@pytest.mark.parametrize(
    ("scores", "title"),
    [
        ((), "Final: no team is ranked"),
        ((0.9, 0.9), "Final: team 0 and team 1 share first place"),
        ((0.9, 0.9, 0.9, 0.9), "Final: 4 teams share first place"),
    ],
)
def test_final_ties(scores: tuple[float, ...], title: str) -> None:
    """A shared first place is told as one, and so is a ranking without a team."""
    book = Book()
    for place, score in enumerate(scores):
        book.submit(f"team {place}", score)
    book.reveal()

    assert titles(atom(book, CLOSED))[0] == title


def test_shared_first_place(book: Book) -> None:
    """Who draws level shares first place: with the other by name, with more by their number."""
    book.submit("cyd", 0.95)
    assert titles(atom(book))[0] == "cyd shares first place"
    assert said(entries(atom(book))[0], "content") == "cyd and bob stand first on the public board with 0.9500."

    book.submit("dan", 0.95)
    assert said(entries(atom(book))[0], "content") == (
        "dan and 2 other teams stand first on the public board with 0.9500."
    )


def test_the_feed_is_bounded() -> None:
    """However often first place changes hands, the feed holds the newest fifty."""
    book = Book()
    for place in range(60):
        book.submit(f"team {place}", place / 100)

    assert titles(atom(book)) == [f"New leader: team {place}" for place in range(59, 9, -1)]


def test_hostile_names_are_text() -> None:
    """A name is text of one element: it opens none, breaks none, and holds nothing that hides or reorders."""
    book = Book(replace(COMPETITION, title="]]> <b>&amp;", host="{0} </name>"))
    hostile = [*HOSTILE, "nul\0", "\ufffe", "{0.__class__}", "{1}"]
    for place, name in enumerate(hostile):
        book.submit(name, place / 100)
    text = atom(book)

    assert all(c.isprintable() or c in "\n\u2068\u2069" for c in text)
    told = [title.removeprefix("New leader: ") for title in titles(text)]
    assert told == [names.plain(name) for name in reversed(hostile)]
    assert {element.tag.removeprefix(ATOM) for element in Xml.fromstring(text).iter()} == {
        *("feed", "id", "title", "updated", "author", "name", "link", "entry", "category", "content")
    }


def test_a_name_from_right_to_left_stays_apart() -> None:
    """The figures behind a name that runs from right to left stay behind it."""
    assert names.plain("فريق") == "\u2068فريق\u2069"
    assert names.plain("Ada Łović 統計") == "Ada Łović 統計"
    assert names.plain("live\u202egnikcah") == "live\ufffdgnikcah"
    assert names.plain("lone\ud800") == "lone\ufffd"


def test_the_feed_is_searched_for_leaks() -> None:
    """Before the reveal a private score in the feed is found, and an honest feed is let pass."""
    book = Book()
    book.submit("ada", 0.9, 0.876543219)
    board = book.board(as_of=LIVE)
    text = feed.atom(board, book.entries)
    scan({feed.FILE: text}, book.entries, board)

    with pytest.raises(LeakFound):
        scan({feed.FILE: text.replace("0.9000", "0.8765")}, book.entries, board)


def test_news_of_a_board_that_shows_less_than_it_knows(book: Book) -> None:
    """The news has the score that the board shows, not the exact one."""
    shown(book, book.receive("cyd"), Grade("graded", "accuracy", "s", public=0.98765, private=0.5, shown=0.98))

    told = news.gather(book.board(as_of=LIVE), book.entries)[-1]
    assert told.body(names.plain) == "cyd leads on the public board with 0.9800, before bob."


def test_news_is_in_order_of_time(book: Book) -> None:
    """What happened first stands first, whatever made it; what the freeze hides is told after the reveal."""
    book.add("frozen", {}, START + timedelta(hours=2))
    assert [one.kind for one in news.gather(book.board(as_of=LIVE), book.entries)] == ["leader", "frozen"]
    book.reveal()
    told = news.gather(book.board(), book.entries, final=book.board("private"))

    assert [one.kind for one in told] == ["leader", "frozen", "leader", "final"]
    assert [one.at for one in told] == sorted(one.at for one in told)
