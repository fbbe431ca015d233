"""What every page, feed and message says of a moved deadline and of extensions; and what stays hidden."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from test_freeze import document, holders, made
from test_page import HOSTILE, Text, seen
from test_publish import FINAL
from test_standings import COMPETITION, START, Book

from leaderboard import announce, card, feed, hall, history, names, news, page, rules_page, words
from leaderboard.announce import Memory
from leaderboard.standings import Board
from submissions import moments

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
DEADLINE = COMPETITION.deadline
FURTHER = DEADLINE + 3 * DAY
SHOWN, PRIVATE = (0.71230117, 0.81450441, 0.82560552), (0.61120991, 0.62230882, 0.63340773)


class Changed(Book):
    """A book in which the deadline moves too."""

    def move(self, to: datetime, at: datetime, because: str = "power cut", before: datetime = DEADLINE) -> int:
        body = {"from": moments.write(before), "to": moments.write(to), "because": because}
        return self.add("deadline_moved", body, at)

    def extend(self, team: str, until: datetime | None, at: datetime, because: str = "was ill") -> int:
        return self.add("extended", {"until": moments.write(until) if until else None, "because": because}, at, team)


def rows(board: Board) -> list[tuple[str, int | None, str, float | None]]:
    return [(row.team, row.rank, row.state, row.score) for row in board.rows]


def states(board: Board) -> Mapping[str, str]:
    return {row.team: row.state for row in board.rows}


@pytest.fixture
def book() -> Changed:
    """Ada sends in time; she and Bob send after the deadline, and Ada has an extension."""
    book = Changed()
    book.submit("ada", SHOWN[0], PRIVATE[0], DEADLINE - 2 * DAY)
    book.extend("ada", FURTHER, DEADLINE - DAY)
    book.submit("ada", SHOWN[1], PRIVATE[1], DEADLINE + HOUR)
    book.submit("bob", SHOWN[2], PRIVATE[2], DEADLINE + HOUR)
    return book


def frozen(book: Changed) -> Changed:
    book.competition = replace(book.competition, freeze_hours=24)
    return book


# The board


def test_what_an_extended_team_sends_counts(book: Changed) -> None:
    """After the deadline the extended team moves on the public board, and another is late; the board says closed."""
    board = book.board(as_of=DEADLINE + 2 * HOUR)

    assert rows(board) == [("ada", 1, "ranked", SHOWN[1]), ("bob", None, "late", SHOWN[2])]
    assert (board.phase, words.state(board)) == ("closed", ("Closed", "shut"))
    assert (board.competition.extensions, board.competition.deadline) == ({"ada": FURTHER}, DEADLINE)


def test_an_earlier_board_can_be_made_again(book: Changed) -> None:
    """A board is of the deadline and the extensions of its moment, whatever came since."""
    before = book.board(as_of=DEADLINE - DAY - SECOND)
    book.move(FURTHER, DEADLINE + 5 * HOUR)
    book.extend("ada", None, DEADLINE + 6 * HOUR)
    after = book.board(as_of=DEADLINE + 6 * HOUR)

    assert before.competition == COMPETITION
    assert before == book.board(as_of=DEADLINE - DAY - SECOND)
    assert states(book.board(as_of=DEADLINE + 4 * HOUR)) == {"ada": "ranked", "bob": "late"}
    assert states(book.board(as_of=DEADLINE + 5 * HOUR)) == {"ada": "ranked", "bob": "ranked"}
    assert (after.phase, after.competition.deadline, after.competition.extensions) == ("open", FURTHER, {})
    assert [change.team for change in after.changes] == ["ada", None, "ada"]


def test_a_retracted_extension_takes_nothing_in_time_back() -> None:
    """What the desk said was in time counts after the extension was ended too."""
    book = Changed(replace(COMPETITION, extensions={"ada": FURTHER}))
    book.extend("ada", FURTHER, START + HOUR)
    received = book.add(
        "received",
        {**_receipt(DEADLINE + HOUR), "in_time": True},
        DEADLINE + HOUR,
        "ada",
        file="d" * 64,
    )
    book.grade(received, SHOWN[0])
    book.extend("ada", None, DEADLINE + 2 * HOUR)

    assert states(book.board(as_of=DEADLINE + 3 * HOUR)) == {"ada": "ranked"}


def _receipt(at: datetime) -> dict[str, object]:
    return {
        "size": 9,
        "received_at": moments.write(at),
        "attempts_left": None,
        "door": "submit",
        "vouched": None,
        "is_baseline": False,
    }


def test_the_reveal_waits_for_the_last_extension(book: Changed) -> None:
    """A reveal recorded while a team may still send shows nothing; one of the second after its end does."""
    book.reveal(FURTHER)
    assert not book.board(as_of=FURTHER + HOUR).is_revealed
    book.reveal(FURTHER + SECOND)

    assert book.board(as_of=FURTHER + HOUR).is_revealed


def test_the_reveal_waits_for_a_moved_deadline() -> None:
    """A reveal after the file's deadline shows nothing while the moved one has not passed."""
    book = Changed()
    book.submit("ada", SHOWN[0], PRIVATE[0])
    book.move(FURTHER, DEADLINE - HOUR)
    book.reveal(DEADLINE + HOUR)

    assert not book.board(as_of=DEADLINE + HOUR).is_revealed


def test_moved_ranks_are_of_the_deadline_of_then(book: Changed, tmp_path: Path) -> None:
    """The board of a day ago, by which ranks have moved, is that of the rules of a day ago."""
    book.submit("cyd", 0.5, 0.5, DEADLINE - 2 * HOUR)
    book.move(FURTHER, DEADLINE + DAY)
    text = made(book, tmp_path, DEADLINE + DAY + 2 * HOUR)["index.html"].decode()

    assert "bob" in text
    assert ">new<" in text  # Bob, who was late until the deadline moved


# What stays hidden


def test_after_a_freeze_nothing_of_an_extended_team_is_seen(book: Changed, tmp_path: Path) -> None:
    """A freeze goes by the common deadline: what an extended team scores after it is seen at the reveal only."""
    frozen(book).reveal(FURTHER + SECOND)
    for at in (DEADLINE, DEADLINE + 2 * HOUR, FURTHER, FURTHER + SECOND - timedelta(microseconds=1)):
        files = made(book, tmp_path / f"{at:%j%H%M%S}", at)
        assert holders(files, (*SHOWN[1:], *PRIVATE)) == set()
        assert document(files)["frozen_at"] == moments.write(DEADLINE - DAY)
        assert not set(FINAL) & set(files)

    files = made(book, tmp_path / "revealed", FURTHER + SECOND)
    assert {*FINAL} <= set(files)
    assert document(files)["standings"][0]["score"] == SHOWN[1]


def test_without_a_freeze_no_private_score_is_seen(book: Changed, tmp_path: Path) -> None:
    """Between the deadline and the last extension the public scores go on; private ones are in no file."""
    files = made(book, tmp_path, DEADLINE + 2 * HOUR)

    assert holders(files, PRIVATE) == set()
    assert holders(files, [SHOWN[1]]) >= {"index.html", "leaderboard.json", "leaderboard.csv"}
    assert not set(FINAL) & set(files)


def test_the_rules_page_tells_a_change_in_the_freeze(book: Changed, tmp_path: Path) -> None:
    """A change of the dates is no score: the freeze hides none, and a moved deadline moves the freeze."""
    frozen(book).extend("bob", FURTHER, DEADLINE - HOUR)
    rules = seen(made(book, tmp_path / "1", DEADLINE - HOUR)["rules.html"].decode())
    assert "bob was given time until 11 Dec 2026, 11:59:59 UTC . Reason: was ill" in rules

    book.move(FURTHER, DEADLINE - HOUR)
    files = made(book, tmp_path / "2", DEADLINE - HOUR)
    assert document(files)["frozen_at"] is None
    assert "Board frozen from 10 Dec 2026, 11:59:59 UTC" in seen(files["rules.html"].decode())


def test_a_deadline_that_moves_nearer_freezes_sooner(tmp_path: Path) -> None:
    """What came in the freeze of the moved deadline stands in no file, though the first one froze later."""
    book = frozen(Changed())
    book.submit("ada", SHOWN[0], PRIVATE[0], DEADLINE - 4 * DAY)
    book.move(DEADLINE - DAY, DEADLINE - 3 * DAY)
    book.submit("ada", SHOWN[1], PRIVATE[1], DEADLINE - 2 * DAY + HOUR)
    book.submit("bob", SHOWN[2], PRIVATE[2], DEADLINE - 2 * DAY + HOUR)
    files = made(book, tmp_path, DEADLINE - 2 * DAY + 2 * HOUR)

    assert holders(files, (*SHOWN[1:], *PRIVATE)) == set()
    assert b"bob" not in b"".join(files.values())


def test_a_deadline_that_moves_away_freezes_later(tmp_path: Path) -> None:
    """What came after the first deadline's freeze and before the moved one's is shown, on every page."""
    book = frozen(Changed())
    book.move(FURTHER, DEADLINE - 2 * DAY)
    book.submit("ada", SHOWN[0], PRIVATE[0], DEADLINE - HOUR)
    files = made(book, tmp_path, DEADLINE + HOUR)

    assert holders(files, [SHOWN[0]]) >= {"index.html", "feed.xml", f"teams/{names.team_id('ada')}.html"}


def test_what_comes_later_changes_no_byte(book: Changed, tmp_path: Path) -> None:
    """The site of a moment is the same whether it was made then or is made when more was changed."""
    whole, at = frozen(book), DEADLINE + 2 * HOUR
    whole.extend("bob", FURTHER, at + HOUR)
    whole.move(FURTHER, at + 2 * HOUR)
    then = replace(whole, entries=[entry for entry in whole.entries if entry.at <= at])

    assert made(whole, tmp_path / "later", at) == made(then, tmp_path / "then", at)


# The pages


def test_the_rules_page_lists_every_change() -> None:
    """Each move and extension stands there with its moment, in plain words and with its reason; and what holds."""
    book = Changed()
    book.submit("ada", 0.9, at=START + HOUR)
    book.move(FURTHER, START + 2 * HOUR, "the server was down")
    book.extend("ada", FURTHER + DAY, START + 3 * HOUR, "was ill")
    book.extend("ada", None, START + 4 * HOUR, "is well")
    book.extend("Bob & Co", FURTHER + 2 * DAY, START + 5 * HOUR, "a long journey")
    text = seen(rules_page.html(book.board(as_of=START + DAY)))

    assert (
        "Changed dates "
        "22 Nov 2026, 02:00 UTC The deadline was moved from 8 Dec 2026, 11:59:59 UTC to 11 Dec 2026, 11:59:59 UTC . "
        "Reason: the server was down "
        "22 Nov 2026, 03:00 UTC ada was given time until 12 Dec 2026, 11:59:59 UTC . Reason: was ill "
        "22 Nov 2026, 04:00 UTC The extension of ada was ended. Reason: is well "
        "22 Nov 2026, 05:00 UTC Bob & Co was given time until 13 Dec 2026, 11:59:59 UTC . Reason: a long journey "
        "What holds The last of each. No team has less time than the deadline gives to all."
    ) in text
    assert "Deadline 11 Dec 2026, 11:59:59 UTC (10 Dec, 23:59:59 at UTC−12) ." in text
    assert (
        "Graded and shown as late, outside the ranking. A team that was given more time sends and selects until its "
        "own end."
    ) in text
    assert (
        "Reveal After the end of the last extension, 13 Dec 2026, 11:59:59 UTC, the organiser shows the private board, "
        "which is the final ranking."
    ) in text


def test_without_changes_nothing_is_said_of_any() -> None:
    """A competition whose dates were never changed has no such section."""
    text = rules_page.html(Changed().board(as_of=START + DAY))

    assert "Changed dates" not in text
    assert "given more time" not in text
    assert "After the deadline the organiser shows the private board" in seen(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_and_reasons(text: str) -> None:
    """Name and reason are text in their <bdi>, whatever they hold, and add no tag; nothing in a reason is hidden."""

    def tags_and_names(name: str, reason: str) -> Text:
        book = Changed()
        book.extend(name, FURTHER, START + HOUR, reason)
        book.move(FURTHER - DAY, START + 2 * HOUR, reason)
        return Text(rules_page.html(book.board(as_of=START + DAY)))

    found, harmless = tags_and_names(text, text), tags_and_names("ada", "was ill")
    assert found.names == [text, names.visible(text), names.visible(text)]
    assert found.tags == harmless.tags


def test_a_reason_cannot_reorder_the_page() -> None:
    """What hides or reorders text in a reason is shown as a mark."""
    book = Changed()
    book.move(FURTHER, START + HOUR, "late \N{RIGHT-TO-LEFT OVERRIDE}txt.exe\0")

    assert "Reason: late \N{REPLACEMENT CHARACTER}txt.exe\N{REPLACEMENT CHARACTER}" in seen(
        rules_page.html(book.board(as_of=START + DAY))
    )


def test_a_reason_with_a_number_is_no_leak(book: Changed, tmp_path: Path) -> None:
    """A number that the organiser wrote is no score that leaked."""
    book.extend("0.6223 fans", FURTHER, DEADLINE - HOUR, "score was 0.6112")

    assert b"score was 0.6112" in made(book, tmp_path, DEADLINE + 2 * HOUR)["rules.html"]


def test_every_page_has_the_moved_deadline() -> None:
    """Countdown, closing time, hall, card and JSON are of the moved deadline; none of the file's is left."""
    book = Changed(replace(COMPETITION, grace_seconds=60))
    book.submit("ada", 0.9, at=START + HOUR)
    book.move(FURTHER, START + 2 * HOUR)
    board = book.board(as_of=DEADLINE + HOUR)

    text = page.html(board)
    assert 'data-to="2026-12-11T12:00:59.000000Z"' in text
    assert "closes 11 Dec 2026, 11:59:59 UTC that is 10 Dec, 23:59:59 at UTC−12" in seen(text)
    assert "8 Dec 2026, 11:59" not in text
    assert "2026-12-11T11:59:59.000000Z" in hall.html(board)
    assert "2026-12-08T11:59:59" not in hall.html(board)
    assert board.phase == "open"
    assert card._state(board, is_frozen=False) == "open until 11 Dec 2026, 11:59:59 UTC"


def test_the_published_deadline_is_the_moved_one(tmp_path: Path) -> None:
    """The board for programs names the deadline that holds."""
    book = Changed()
    book.move(FURTHER, START + HOUR)

    assert document(made(book, tmp_path, START + DAY))["competition"]["deadline"] == moments.write(FURTHER)


def test_a_team_page_tells_the_extended_from_the_late(book: Changed) -> None:
    """In the list of submissions those of the extended team count, and the other's came after the deadline."""
    board = book.board(as_of=DEADLINE + 2 * HOUR)
    found = {
        one.team: [(sent.state, sent.why) for sent in one.sent] for one in history.of(board, book.entries).values()
    }

    assert found == {
        "ada": [("spare", "another is better"), ("counts", "best score shown")],
        "bob": [("late", "best of the late ones")],
    }


def test_the_figure_goes_on_while_anybody_may_send(book: Changed, tmp_path: Path) -> None:
    """The course of the scores has room for what an extended team sends, and ends with the last extension."""
    book.submit("cyd", 0.5, 0.5, DEADLINE - 3 * DAY)
    moments_of = {"before": DEADLINE + 2 * HOUR, "end": FURTHER, "after": FURTHER + HOUR, "later": FURTHER + 30 * HOUR}
    pages = {name: made(book, tmp_path / name, at)["index.html"].decode() for name, at in moments_of.items()}
    figure = {name: text.partition("<figure")[2].partition("</figure>")[0] for name, text in pages.items()}

    assert "" not in figure.values()
    assert figure["before"] != figure["end"]
    assert figure["end"] == figure["after"] == figure["later"]


# News


def test_a_moved_deadline_is_news() -> None:
    """Each move is one piece of news, with the new deadline and the one before; extensions are none."""
    book = Changed()
    book.move(FURTHER, START + HOUR)
    book.move(FURTHER + DAY, START + 2 * HOUR, before=FURTHER)
    book.extend("ada", FURTHER + 2 * DAY, START + 3 * HOUR)
    board = book.board(as_of=START + DAY)

    told = news.gather(board, book.entries)
    assert [(one.kind, one.at, one.title, one.text) for one in told] == [
        (
            "moved",
            START + HOUR,
            "The deadline was moved to 11 Dec 2026, 11:59:59 UTC",
            "Submissions count until 11 Dec 2026, 11:59:59 UTC. The deadline was 8 Dec 2026, 11:59:59 UTC before.",
        ),
        (
            "moved",
            START + 2 * HOUR,
            "The deadline was moved to 12 Dec 2026, 11:59:59 UTC",
            "Submissions count until 12 Dec 2026, 11:59:59 UTC. The deadline was 11 Dec 2026, 11:59:59 UTC before.",
        ),
    ]
    assert len({one.id for one in told}) == 2
    text = feed.atom(board, book.entries)
    titles = [one.text for one in Xml.fromstring(text).iter("{http://www.w3.org/2005/Atom}title")]
    assert titles[1:] == [told[1].title, told[0].title]


def test_a_moved_deadline_is_announced_once() -> None:
    """Of several moves the last is announced, once, and then the last 24 hours before the new deadline."""
    book = Changed()
    memory = Memory()
    book.move(DEADLINE + DAY, START + HOUR)
    book.move(FURTHER, START + 2 * HOUR, before=DEADLINE + DAY)

    def due(at: datetime) -> list[announce.News]:
        board = book.board(as_of=at)
        return announce.due(announce.gather(board, news.gather(board, book.entries)), memory)

    first = due(START + DAY)
    assert [announce.message(one, book.board(as_of=START + DAY))["embeds"][0] for one in first] == [
        {
            "author": {"name": COMPETITION.title},
            "title": "The deadline was moved",
            "description": "Submissions count until 11 Dec 2026, 11:59:59 UTC. "
            "The deadline was 9 Dec 2026, 11:59:59 UTC before.",
            "color": 0x8A3B12,
            "fields": [
                {"name": "Teams", "value": "0", "inline": True},
                {"name": "Deadline", "value": "<t:1796990399:F> (<t:1796990399:R>)", "inline": True},
            ],
            "timestamp": "2026-11-22T02:00:00+00:00",
        }
    ]
    memory = memory.and_also(first)
    assert due(START + DAY) == []
    assert due(DEADLINE - HOUR) == []
    assert [(one.kind, one.at) for one in due(FURTHER - HOUR)] == [("closing", FURTHER - DAY)]
