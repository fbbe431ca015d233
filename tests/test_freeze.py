"""The freeze: what the public site shows of which moment, and what it never shows."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_publish import FINAL, all_files, files_of, planted, public_files
from test_standings import CLOSED, COMPETITION, START, Book

from conftest import CASES, Clock, Run, make_folder
from grader.grades import Grade
from leaderboard import data, movement, news, site, team_page, visible
from leaderboard.leaks import LeakFound
from leaderboard.publish import publish
from leaderboard.site import Site
from leaderboard.standings import gather
from submissions.competition import Competition
from submissions.folder import Folder
from submissions.receipts import Receipt

RULES = replace(COMPETITION, freeze_hours=24, address="https://example.org/month/")
DEADLINE = COMPETITION.deadline
FREEZE = DEADLINE - timedelta(hours=24)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
REVEAL = CLOSED
MOMENTS = {"freeze - 1 s": FREEZE - SECOND, "freeze": FREEZE, "deadline": DEADLINE, "reveal - 1 s": REVEAL - SECOND}
BOARD = {"index.html", "leaderboard.csv", "leaderboard.json"}

SHOWN = (0.71230117, 0.69340228, 0.51010339)
AFTER = (0.81450441, 0.82560552, 0.83670663, 0.84780774, 0.85890885)
PRIVATE = (0.61120991, 0.62230882, 0.63340773, 0.64450664, 0.65560555, 0.66670446, 0.67780337)


def regrade(book: Book, submission: int, public: float, private: float, at: datetime) -> None:
    """A new grade of a submission that has one."""
    grade = Grade("graded", "accuracy", "t" * 64, public=public, private=private, shown=public)
    book.add("graded", grade.to_json(), at, book.entries[submission - 1].team, submission)


def vouch(book: Book, team: str, received_at: datetime, at: datetime) -> int:
    """A submission that came another way: recorded now, received then."""
    receipt = Receipt(
        0, team, "d" * 64, 9, received_at, in_time=True, attempts_left=None, door="submit", vouched="mail"
    )
    return book.add("received", receipt.to_json(), at, team, file=receipt.digest)


@pytest.fixture
def book() -> Book:
    """Two teams and a baseline before the freeze; in it a better score, a new team, a regrade, one vouched, one late.

    Each team's private scores are in PRIVATE; those that came in the freeze are in AFTER.
    """
    book = Book(RULES)
    day = FREEZE - 20 * HOUR
    ada = book.receive("ada", FREEZE - 60 * HOUR)
    book.grade(ada, SHOWN[0], PRIVATE[0])
    book.submit("start", SHOWN[2], PRIVATE[2], day, is_baseline=True)
    bob = book.receive("bob", day + HOUR)
    book.grade(bob, SHOWN[1], PRIVATE[1])
    book.submit("bob", AFTER[0], PRIVATE[3], FREEZE)
    book.submit("newcomer", AFTER[1], PRIVATE[4], FREEZE + HOUR)
    regrade(book, ada, AFTER[2], PRIVATE[5], FREEZE + 2 * HOUR)
    regrade(book, vouch(book, "ada", FREEZE - HOUR, FREEZE + 3 * HOUR), AFTER[3], PRIVATE[6], FREEZE + 3 * HOUR)
    book.submit("late", AFTER[4], 0.5, DEADLINE + SECOND)
    book.reveal(REVEAL)
    return book


def made(book: Book, folder: Path, as_of: datetime) -> dict[str, bytes]:
    """The site as of a moment."""
    publish(book.competition, book.entries, as_of, folder)
    return files_of(folder)


def texts(scores: Iterable[float]) -> list[bytes]:
    return [text.encode() for score in scores for text in (repr(score), f"{score:.4f}")]


def holders(files: dict[str, bytes], scores: Iterable[float]) -> set[str]:
    """The files that hold one of the scores, in full or as the page rounds it, anywhere among their bytes."""
    sought = texts(scores)
    return {name for name, held in files.items() if any(text in held for text in sought)}


def document(files: dict[str, bytes]) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(files["leaderboard.json"])
    return read


# What is shown when


@pytest.mark.parametrize("moment", MOMENTS)
def test_no_hidden_score_before_the_reveal(book: Book, tmp_path: Path, moment: str) -> None:
    """Until the reveal no file holds a score made after the freeze, nor a private one; what came before stays."""
    files = made(book, tmp_path, MOMENTS[moment])

    assert sorted(set(files) - {"card.png"}) == public_files("ada", "bob")
    assert [name for name in files if "final" in name] == []
    assert holders(files, AFTER) == set()
    assert holders(files, PRIVATE) == set()
    assert all(holders(files, [score]) >= BOARD for score in SHOWN)
    assert all(holders(files, [score]) >= {"hall.html", *BOARD} for score in SHOWN[:2])
    assert b"newcomer" not in b"".join(files.values())


def test_the_reveal_shows_all(book: Book, tmp_path: Path) -> None:
    """From the reveal on the public board has what came in the freeze, and the private scores stand beside it only."""
    made(book, tmp_path, REVEAL - SECOND)
    files = made(book, tmp_path, REVEAL)

    assert {*FINAL, *all_files("ada", "bob", "newcomer", "late")} <= set(files)
    assert holders(files, [AFTER[3]]) >= BOARD
    assert holders(files, PRIVATE) & BOARD == set()
    assert holders(files, [PRIVATE[6]]) >= {"final.html", "final.csv", "final.json", "hall.html", "feed.xml"}
    assert document(files)["frozen_at"] is None


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_comes_later_changes_no_byte(book: Book, tmp_path: Path, moment: str) -> None:
    """The site of a moment is the same whether it was made then or is made when more has come."""
    then = replace(book, entries=[entry for entry in book.entries if entry.at <= MOMENTS[moment]])

    assert made(book, tmp_path / "now", MOMENTS[moment]) == made(then, tmp_path / "then", MOMENTS[moment])


def test_the_frozen_site_stands_still(book: Book, tmp_path: Path) -> None:
    """Rows, figures, movement, feed, badges and picture are of the frozen moment for as long as it lasts."""
    before = made(book, tmp_path, FREEZE - SECOND)
    first = made(book, tmp_path, FREEZE)
    last = made(book, tmp_path, DEADLINE)

    moving = {"hall.html", *BOARD} - {"leaderboard.csv"}
    assert {name for name in first if first[name] != last.get(name)} == moving
    assert first["leaderboard.csv"] == before["leaderboard.csv"]
    still = ("standings", "teams", "submissions", "ledger_head", "frozen_at")
    assert [document(first)[key] for key in still] == [document(last)[key] for key in still]
    rows = [re.findall(rb"<tr.*?</tr>", files["index.html"], re.DOTALL) for files in (first, last)]
    assert rows[0] == rows[1] != []
    halls = [re.findall(rb"<ol.*?</ol>|<tr.*?</tr>", files["hall.html"], re.DOTALL) for files in (first, last)]
    assert halls[0] == halls[1] != []


def test_movement_is_that_of_the_freeze(book: Book) -> None:
    """A frozen board is beside that of a day before its freeze, however long it lasts."""
    board = book.board(as_of=FREEZE + 30 * HOUR)

    before = movement.day_before(board, book.entries)

    assert before.as_of == FREEZE - 24 * HOUR
    assert movement.moves(board, before) == {board.rows[0].team_id: 0, board.rows[1].team_id: "new"}


def test_the_state_is_told(book: Book, tmp_path: Path) -> None:
    """Page, JSON, hall and feed say since when the board is frozen, and before that say nothing of it."""
    assert holders_of_freeze(made(book, tmp_path, FREEZE - SECOND)) == set()
    files = made(book, tmp_path, FREEZE)
    assert holders_of_freeze(files) >= {"index.html", "hall.html", "leaderboard.json", "feed.xml"}
    assert document(files)["frozen_at"] == "2026-12-07T11:59:59.000000Z"

    by_hand = replace(book, competition=replace(RULES, freeze_hours=0), entries=book.entries[:6])
    by_hand.add("frozen", {}, FREEZE - HOUR)
    files = made(by_hand, tmp_path, FREEZE)
    assert holders_of_freeze(files) >= {"index.html", "hall.html", "leaderboard.json", "feed.xml"}
    assert document(files)["frozen_at"] == "2026-12-07T10:59:59.000000Z"


def holders_of_freeze(files: dict[str, bytes]) -> set[str]:
    """The files that tell of a freeze, beside the names of styles and keys."""
    told = re.compile(r'"frozen_at": "|[Ff]rozen (?:since )?<time|board is frozen|>Frozen<')
    return {name for name, held in files.items() if told.search(held.decode("utf-8", "replace"))}


def test_ledger_head_is_of_the_last_visible_entry(book: Book, tmp_path: Path) -> None:
    """The head on a frozen board is that of the last entry before the freeze: no digest tells of a later one."""
    last = [entry for entry in book.entries if entry.at < FREEZE][-1]

    for moment in (FREEZE - SECOND, FREEZE, DEADLINE):
        files = made(book, tmp_path, moment)
        assert document(files)["ledger_head"] == last.digest
        hidden = [entry.digest for entry in book.entries if entry.at >= FREEZE]
        assert [digest for digest in hidden if digest.encode() in b"".join(files.values())] == []


# What the freeze hides, and what it does not


@pytest.mark.parametrize("by_hand", [False, True])
def test_the_freeze_hides_nothing_from_before(by_hand: bool) -> None:
    """At the freeze the board is as it was just before, but for its moment and its state."""
    book = Book(replace(RULES, freeze_hours=0 if by_hand else 24))
    book.submit("ada", 0.7, at=FREEZE - HOUR)
    book.receive("bob", FREEZE - timedelta(microseconds=1))
    before = book.board(as_of=FREEZE - timedelta(microseconds=1))
    if by_hand:
        book.add("frozen", {}, FREEZE)

    assert book.board(as_of=FREEZE) == replace(before, as_of=FREEZE, frozen_at=FREEZE)


def test_what_was_there_at_the_very_moment_stays() -> None:
    """Of two entries of one moment that was recorded before `podium freeze` is shown, and that after it is not."""
    book = Book(replace(RULES, freeze_hours=0))
    book.submit("ada", 0.7, at=FREEZE)
    book.add("frozen", {}, FREEZE)
    book.submit("bob", 0.8, at=FREEZE)

    assert [row.team for row in book.board(as_of=FREEZE).rows] == ["ada"]
    assert book.board(as_of=FREEZE).head == book.entries[1].digest


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_clock_that_is_set_back_shows_nothing(by_hand: bool) -> None:
    """What is recorded after the freeze is hidden even if the desk's clock then says an earlier moment."""
    book = Book(replace(RULES, freeze_hours=0 if by_hand else 24))
    book.submit("ada", 0.7, at=FREEZE - HOUR)
    book.add("frozen", {}, FREEZE) if by_hand else book.receive("cyd", FREEZE)
    book.submit("bob", 0.8, at=FREEZE - SECOND)

    assert [row.team for row in book.board(as_of=FREEZE + HOUR).rows] == ["ada"]


def test_a_grade_in_the_freeze_is_hidden_and_its_receipt_is_not() -> None:
    """What came before the freeze and is graded in it stands without that score; an earlier score still counts."""
    book = Book(RULES)
    book.submit("ada", 0.7, at=FREEZE - 2 * HOUR)
    sent = [book.receive(team, FREEZE - HOUR) for team in ("ada", "bob")]
    for number in sent:
        regrade(book, number, 0.9, 0.8, FREEZE + HOUR)
    board = book.board(as_of=FREEZE + 2 * HOUR)

    assert [(row.team, row.state, row.score, row.submissions) for row in board.rows] == [
        ("ada", "ranked", 0.7, 2),
        ("bob", "unscored", None, 1),
    ]


def test_a_regrade_in_the_freeze_comes_with_the_reveal() -> None:
    """A regrade in the freeze moves nobody until the reveal, and then everybody."""
    book = Book(RULES)
    ada = book.receive("ada", FREEZE - HOUR)
    book.grade(ada, 0.7)
    book.submit("bob", 0.6, at=FREEZE - HOUR)
    regrade(book, ada, 0.5, 0.4, FREEZE + HOUR)
    book.reveal()

    assert [(row.team, row.score) for row in book.board(as_of=DEADLINE).rows] == [("ada", 0.7), ("bob", 0.6)]
    assert [(row.team, row.score) for row in book.board(as_of=CLOSED).rows] == [("bob", 0.6), ("ada", 0.5)]


def test_vouched_and_late_ones_are_hidden() -> None:
    """What counts is when the desk recorded it: a receipt for an earlier moment, and one after the deadline, wait."""
    book = Book(RULES)
    book.submit("ada", 0.7, at=FREEZE - HOUR)
    regrade(book, vouch(book, "bob", FREEZE - 2 * HOUR, FREEZE + HOUR), 0.9, 0.9, FREEZE + HOUR)
    book.submit("tardy", 0.95, at=DEADLINE + HOUR)

    assert [row.team for row in book.board(as_of=CLOSED).rows] == ["ada"]
    book.reveal()
    assert [(row.team, row.state) for row in book.board(as_of=CLOSED).rows] == [
        ("bob", "ranked"),
        ("ada", "ranked"),
        ("tardy", "late"),
    ]


def test_decisions_in_the_freeze_wait() -> None:
    """Who withdraws or is disqualified in the freeze stands as before until the reveal."""
    book = Book(RULES)
    ada = book.receive("ada", FREEZE - HOUR)
    book.grade(ada, 0.7)
    book.submit("bob", 0.6, at=FREEZE - HOUR)
    book.add("withdrawn", {}, FREEZE + HOUR, "ada", ada)
    book.add("disqualified", {}, FREEZE + HOUR, "bob")

    assert [(row.team, row.state) for row in book.board(as_of=DEADLINE).rows] == [("ada", "ranked"), ("bob", "ranked")]


@pytest.mark.parametrize(
    ("events", "since"),
    [
        ([], FREEZE),
        ([("frozen", -5)], FREEZE - 5 * HOUR),
        ([("frozen", -5), ("thawed", -4)], FREEZE),
        ([("frozen", -5), ("thawed", -4), ("frozen", -3)], FREEZE - 3 * HOUR),
        ([("frozen", -5), ("frozen", -3)], FREEZE - 5 * HOUR),
        ([("frozen", -5), ("thawed", 1)], FREEZE),
        ([("thawed", -4)], FREEZE),
    ],
)
def test_the_earlier_freeze_counts(events: Sequence[tuple[str, int]], since: datetime) -> None:
    """The board is frozen since the organiser's word or the rules' moment, whichever came first and still holds."""
    book = Book(RULES)
    for kind, hours in events:
        book.add(kind, {}, FREEZE + hours * HOUR)

    assert visible.frozen_at(RULES, book.entries, DEADLINE) == since
    book.reveal()
    assert visible.frozen_at(RULES, book.entries, CLOSED) is None
    assert visible.freeze(RULES, book.entries, CLOSED) == since
    assert visible.frozen_at(RULES, book.entries, FREEZE - 6 * HOUR) is None


def test_a_reveal_before_the_deadline_shows_nothing(book: Book, tmp_path: Path) -> None:
    """A reveal before a deadline that was then moved back neither ends the freeze nor shows a private score."""
    book.competition = replace(RULES, deadline=CLOSED + 10 * HOUR)
    files = made(book, tmp_path, CLOSED + HOUR)

    assert [name for name in files if "final" in name] == []
    assert holders(files, PRIVATE) == set()
    assert document(files)["frozen_at"] == "2026-12-08T10:00:00.000000Z"


def test_team_pages_are_of_the_frozen_moment(book: Book) -> None:
    """A team's page tells of no submission, score or grade that came in the freeze; a new team has none."""
    pages = {
        moment: team_page.pages(gather(RULES, book.entries, at, "public"), book.entries)
        for moment, at in MOMENTS.items()
    }
    frozen = {name: text.encode() for name, text in pages["deadline"].items()}

    assert len(frozen) == 2
    assert holders(frozen, [*AFTER, *PRIVATE]) == set()
    assert holders(frozen, SHOWN[:1]) != set()
    assert pages["freeze"] == pages["deadline"]


def test_news_of_the_freeze_alone(book: Book) -> None:
    """The news of a frozen board end with the freeze, whether they are made of all entries or of those to be seen."""
    board = book.board(as_of=DEADLINE)
    seen = visible.entries_at(RULES, book.entries, DEADLINE)

    told = news.gather(board, book.entries)
    assert [one.kind for one in told] == ["leader", "frozen"]
    assert news.gather(board, seen) == told


# What is planted is found


@pytest.mark.parametrize("moment", ["freeze", "deadline"])
@pytest.mark.parametrize("secret", [repr(AFTER[0]), f"{AFTER[2]:.4f}", repr(PRIVATE[0]), f"{PRIVATE[6]:.4f}"])
def test_planted_scores_fail_the_build(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str, secret: str
) -> None:
    """A score from after the freeze, or a private one, in any file: nothing is published, and no message tells it."""
    before = made(book, tmp_path, FREEZE - SECOND)
    public, around = site.public, site.around
    chosen = ""

    def with_leak(files: Site) -> Site:
        return {name: planted(name, str(text), secret) if name == chosen else text for name, text in files.items()}

    def leaky(*facts: Any) -> tuple[Site, tuple[str, ...]]:
        files, scales = public(*facts)
        return with_leak(files), scales

    monkeypatch.setattr(site, "public", leaky)
    monkeypatch.setattr(site, "around", lambda *facts: with_leak(around(*facts)))
    for chosen in public_files("ada", "bob"):
        with pytest.raises(LeakFound) as found:
            publish(RULES, book.entries, MOMENTS[moment], tmp_path)
        assert str(found.value) == f"{chosen} would show a score that is still hidden: nothing was published"
    assert files_of(tmp_path) == before


def test_a_board_that_forgets_the_freeze_fails_the_build(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were an output made of all entries by mistake, the build would fail."""
    unfrozen = gather(RULES, book.entries, DEADLINE, "public", is_frozen_seen=True)
    whole = data.as_csv
    monkeypatch.setattr(data, "as_csv", lambda _board: whole(unfrozen))

    with pytest.raises(LeakFound, match=r"^leaderboard\.csv would show"):
        made(book, tmp_path, DEADLINE)
    assert not tmp_path.joinpath("leaderboard.csv").exists()


def test_a_hidden_interval_fails_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The interval of a hidden score would tell it: it is searched for too."""
    book = Book(RULES)
    book.submit("ada", 0.7, at=FREEZE - HOUR)
    number = book.receive("ada", FREEZE + HOUR)
    grade = Grade("graded", "accuracy", "s", public=0.8, private=0.8, shown=0.8, interval=(0.78123456, 0.81234567))
    book.add("graded", grade.to_json(), FREEZE + HOUR, "ada", number)
    whole = data.as_csv
    monkeypatch.setattr(data, "as_csv", lambda board: whole(board) + "2,0.78123456\n")

    with pytest.raises(LeakFound):
        made(book, tmp_path, DEADLINE)


# The commands


TRUTH = [row % 2 for row in range(198)]
RULES_TEXT = (CASES / "competition.toml").read_text().replace("max_bytes = 1000", "").replace("daily_limit = 5", "")
OPENING = datetime.fromisoformat("2026-12-01T12:00:00+00:00")


@dataclass
class Room:
    """A competition's folder of 97 public and 101 private rows, and the commands in it."""

    folder: Folder
    run: Run
    clock: Clock
    sent: int = 0

    def submit(self, team: str, public: int, private: int) -> None:
        """A submission with so many rows right, graded."""
        self.sent += 1
        self.clock.now += timedelta(minutes=1)
        right = [row < public for row in range(97)] + [row < private for row in range(101)]
        labels = [truth if is_right else 1 - truth for truth, is_right in zip(TRUTH, right, strict=True)]
        path = self.folder.root.parent / f"{self.sent}.csv"
        path.write_text("id,label\n" + "".join(f"{row},{label}\n" for row, label in enumerate(labels, start=1)))
        assert self.run("submit", path, "--team", team, "-C", self.folder.root)[0] == 0
        assert self.run("grade", "-C", self.folder.root)[0] == 0

    def do(self, *words: str) -> tuple[int, str, str]:
        return self.run(*words, "-C", self.folder.root)

    @property
    def files(self) -> dict[str, bytes]:
        return files_of(self.folder.leaderboard)

    @property
    def standings(self) -> list[tuple[str, float]]:
        return [(row["team"], row["score"]) for row in document(self.files)["standings"]]


@pytest.fixture
def room(tmp_path: Path, run: Run, clock: Clock) -> Room:
    clock.now = OPENING
    made_room = Room(make_folder(tmp_path / "cases", RULES_TEXT, TRUTH, public=97), run, clock)
    made_room.submit("Ada", 61, 47)
    return made_room


def test_freeze_and_undo(room: Room) -> None:
    """`podium freeze` stops the board and `--undo` lets it move again; the desk answers as before."""
    room.clock.now = OPENING + HOUR
    assert room.do("freeze") == (0, "the board is frozen since 2026-12-01 13:00:00 UTC\n", "")
    room.submit("Bob", 73, 59)
    assert room.do("publish")[0] == 0
    assert room.standings == [("Ada", 61 / 97)]
    assert holders(room.files, [73 / 97, 59 / 101, 47 / 101]) == set()
    assert document(room.files)["frozen_at"] == "2026-12-01T13:00:00.000000Z"

    assert room.do("freeze", "--undo") == (0, "the board moves again\n", "")
    assert room.standings == [("Bob", 73 / 97), ("Ada", 61 / 97)]
    assert document(room.files)["frozen_at"] is None
    assert "board is frozen" not in room.files["feed.xml"].decode()
    assert holders(room.files, [59 / 101, 47 / 101]) == set()


def test_freeze_twice(room: Room) -> None:
    """What is frozen is not frozen again, nor thawed what is not: neither is recorded."""
    assert room.do("freeze", "--undo") == (1, "", "podium: the board is not frozen\n")
    assert room.do("freeze")[0] == 0
    room.clock.now += HOUR
    assert room.do("freeze") == (1, "", "podium: the board is frozen since 2026-12-01 12:01:00 UTC\n")

    assert kinds(room) == ["received", "graded", "frozen"]


def test_freeze_by_the_rules(room: Room) -> None:
    """What the rules freeze is not thawed by hand; an earlier freeze by hand is, until the rules' own moment."""
    with_freeze(room)
    freeze = DEADLINE - 24 * HOUR
    room.clock.now = freeze - 3 * HOUR
    assert room.do("freeze")[0] == 0
    room.submit("Bob", 73, 59)
    room.clock.now = freeze + HOUR
    room.submit("Cyd", 79, 67)

    assert room.do("freeze", "--undo") == (0, "the board is frozen since 2026-12-07 11:59:59 UTC\n", "")
    assert room.standings == [("Bob", 73 / 97), ("Ada", 61 / 97)]
    assert holders(room.files, [79 / 97, 67 / 101]) == set()
    assert room.do("freeze", "--undo") == (
        1,
        "",
        "podium: the board is by the rules: change freeze_hours in competition.toml\n",
    )
    assert room.do("freeze") == (1, "", "podium: the board is frozen since 2026-12-07 11:59:59 UTC\n")


def test_freeze_after_the_reveal(room: Room) -> None:
    """The reveal ends the freeze, and after it there is nothing to freeze."""
    assert room.do("freeze")[0] == 0
    room.submit("Bob", 73, 41)
    room.clock.now = CLOSED
    assert room.do("reveal", "--rehearse")[0] == 0
    assert room.do("publish")[0] == 0
    assert holders(room.files, [73 / 97, 47 / 101, 41 / 101]) == set()

    assert room.do("reveal")[0] == 0
    assert room.standings == [("Bob", 73 / 97), ("Ada", 61 / 97)]
    assert set(room.files) >= set(all_files("Ada", "Bob"))
    for words in (["freeze"], ["freeze", "--undo"]):
        assert room.do(*words) == (1, "", "podium: the private board is public: there is nothing to freeze\n")
    assert "reveal.html" not in room.files


def test_a_watching_desk_freezes_in_time(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run --watch` writes the board at the scheduled freeze though nothing else has happened, and then is still."""
    with_freeze(room)
    freeze = DEADLINE - 24 * HOUR
    room.clock.now = freeze - 2 * SECOND
    place = room.folder.inbox / "Cyd"
    place.mkdir(parents=True)
    seen: list[str | None] = []

    def look(step: Callable[[], None]) -> None:
        seen.append(document(room.files)["frozen_at"])
        step()

    def to(at: datetime) -> Callable[[], None]:
        return lambda: setattr(room.clock, "now", at)

    def ends() -> None:
        raise KeyboardInterrupt

    def comes() -> None:
        rows = "".join(f"{row},{truth}\n" for row, truth in enumerate(TRUTH, start=1))
        (place / "x.csv").write_text("id,label\n" + rows)

    steps = iter([to(freeze - SECOND), to(freeze), comes, to(freeze + 2 * SECOND), ends])
    monkeypatch.setattr("commands.watching.time.sleep", lambda _seconds: look(next(steps)))
    assert room.do("run", "--watch")[0] == 0

    told = "2026-12-07T11:59:59.000000Z"
    assert seen == [None, None, told, told, told]
    assert room.standings == [("Ada", 61 / 97)]
    assert b"Cyd" not in b"".join(room.files.values())


def test_an_earlier_moment_is_as_it_was(room: Room) -> None:
    """`publish --as-of` shows what the public saw then, also from within a freeze that is over."""
    room.clock.now = OPENING + HOUR
    assert room.do("freeze")[0] == 0
    frozen = room.files
    room.submit("Bob", 73, 59)
    room.clock.now = OPENING + 3 * HOUR
    assert room.do("freeze", "--undo")[0] == 0
    assert holders(room.files, [73 / 97]) != set()

    assert room.do("publish", "--as-of", "2026-12-01T13:00:00Z")[0] == 0
    assert room.files == frozen


def with_freeze(room: Room) -> None:
    rules = room.folder.rules
    rules.write_text(rules.read_text().replace("[submission]", "freeze_hours = 24\n\n[submission]"))


def kinds(room: Room) -> list[str]:
    with room.folder.open_ledger() as ledger, ledger.reading() as view:
        return [entry.kind for entry in view.entries()]


# Any order


Step = Literal["submit", "regrade", "vouch", "withdraw", "freeze", "thaw", "reveal", "publish", "as of"]
STEPS: tuple[Step, ...] = ("submit", "regrade", "vouch", "withdraw", "freeze", "thaw", "reveal", "publish", "as of")


@dataclass
class Story:
    """What happens in a competition, and a model of its own of what the public may know."""

    competition: Competition
    folder: Path
    now: datetime = START
    numbers: int = 0
    grades: list[tuple[datetime, float, float, float]] = field(default_factory=list)
    events: list[tuple[datetime, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = Book(self.competition)

    def number(self) -> float:
        """One that is like no other, nor a tick of a scale, at full precision and with four decimals."""
        self.numbers += 1
        return 0.2003 + 0.001 * self.numbers + 0.00000123

    def grade(self, submission: int) -> None:
        public, private, shown = (self.number() for _ in range(3))
        grade = Grade("graded", "accuracy", "s", public=public, private=private, shown=shown)
        self.book.add("graded", grade.to_json(), self.now, self.book.entries[submission - 1].team, submission)
        self.grades.append((self.now, public, private, shown))

    def step(self, step: Step, pick: int, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        received = [entry for entry in self.book.entries if entry.kind == "received"]
        picked = received[pick % len(received)] if received else None
        if step == "submit":
            self.grade(self.book.receive(f"team {pick % 4}", self.now))
        elif step == "vouch":
            self.grade(vouch(self.book, f"team {pick % 4}", START + (self.now - START) / 2, self.now))
        elif step == "regrade" and picked and picked.submission:
            self.grade(picked.submission)
        elif step == "withdraw" and picked:
            self.book.add("withdrawn", {}, self.now, picked.team, picked.submission)
        elif step in {"freeze", "thaw", "reveal"}:
            self.book.add({"freeze": "frozen", "thaw": "thawed", "reveal": "revealed"}[step], {}, self.now)
            self.events.append((self.now, step))
        elif step == "publish":
            self.publish(self.now)
        elif step == "as of":
            self.publish(START + (self.now - START) * (pick / 100))

    def hides_from(self, as_of: datetime) -> tuple[datetime, bool]:
        """From when on nothing may be seen, and whether the private scores may be."""
        end = self.competition.deadline + SECOND
        if any(step == "reveal" and end <= at <= as_of for at, step in self.events):
            return as_of + SECOND, True
        freezes = [at for at, step in self.events if step == "freeze" and at <= as_of]
        thaws = [at for at, step in self.events if step == "thaw" and at <= as_of]
        standing = [at for at in freezes if at > max(thaws, default=START)]
        scheduled = end - SECOND - timedelta(hours=self.competition.freeze_hours)
        if self.competition.freeze_hours and scheduled <= as_of:
            standing.append(scheduled)
        return min(standing, default=as_of + timedelta(microseconds=1)), False

    def publish(self, as_of: datetime) -> None:
        files = made(self.book, self.folder, as_of)
        since, is_revealed = self.hides_from(as_of)
        seen = [grade for grade in self.grades if grade[0] < since and grade[0] <= as_of]
        shown = {shown for *_, shown in seen}
        told = shown | {private for _, _, private, _ in seen if is_revealed}
        every = {number for _, *numbers in self.grades for number in numbers}
        assert holders(files, every - told) == set()
        assert holders({name: files[name] for name in BOARD}, every - shown) == set()
        assert ("final.html" in files) == is_revealed


@settings(deadline=None)
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 100), st.integers(1, 60 * 60)), max_size=25),
    freeze_hours=st.sampled_from([0, 24, 24 * 12]),
)
def test_no_order_of_events_shows_what_is_hidden(steps: Sequence[tuple[Step, int, int]], freeze_hours: int) -> None:
    """Whatever happens in whatever order, no public file holds a number that only hidden entries have."""
    with TemporaryDirectory() as folder:
        story = Story(replace(COMPETITION, freeze_hours=freeze_hours), Path(folder))
        for step in steps:
            story.step(*step)
        story.publish(story.now)
