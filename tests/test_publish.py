"""The site: which files there are, when, and what must not be in them."""

import json
import os
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_standings import CLOSED, COMPETITION, START, Book

from leaderboard import data, page
from leaderboard.leaks import LeakFound
from leaderboard.publish import FILES, publish
from leaderboard.standings import Board
from submissions.ledger import Ledger

PUBLIC = ["index.html", "leaderboard.csv", "leaderboard.json"]
ALL = ["final.csv", "final.html", "final.json", *PUBLIC]
SECRET = 0.876543219


@pytest.fixture
def book() -> Book:
    book = Book()
    book.submit("ada", 0.9, SECRET)
    book.submit("bob", 0.8, 0.85)
    return book


def site(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def write(book: Book, folder: Path, as_of: datetime = CLOSED) -> list[str]:
    return sorted(path.name for path in publish(book.competition, book.entries, as_of, folder))


def test_public_site(book: Book, tmp_path: Path) -> None:
    """Before the reveal there are the three files of the public board, and no other."""
    written = write(book, tmp_path / "leaderboard")

    assert written == sorted(PUBLIC)
    board = book.board()
    assert site(tmp_path / "leaderboard") == {
        "index.html": page.html(board).encode(),
        "leaderboard.csv": data.as_csv(board).encode(),
        "leaderboard.json": data.as_json(board).encode(),
    }


def test_private_board_after_the_reveal(book: Book, tmp_path: Path) -> None:
    """The private board is written from the reveal on, and only there do its scores stand."""
    book.reveal(CLOSED)
    write(book, tmp_path, CLOSED - timedelta(seconds=1))
    assert list(site(tmp_path)) == sorted(PUBLIC)

    write(book, tmp_path, CLOSED)
    assert list(site(tmp_path)) == sorted(ALL)
    holders = {name for name, data in site(tmp_path).items() if str(SECRET).encode() in data}
    assert holders == {"final.csv", "final.json"}


def test_link_is_written_after_what_it_leads_to(book: Book, tmp_path: Path) -> None:
    """The page that links to others is written last: no reader finds a link to nothing."""
    book.reveal()

    written = [path.name for path in publish(COMPETITION, book.entries, CLOSED, tmp_path)]

    assert written == [
        "final.csv",
        "final.json",
        "final.html",
        "leaderboard.csv",
        "leaderboard.json",
        "index.html",
    ]


def test_board_of_an_earlier_moment_takes_the_private_one_away(book: Book, tmp_path: Path) -> None:
    """A site as of a moment before the reveal has no private board, though there was one."""
    book.reveal(CLOSED)
    write(book, tmp_path, CLOSED)

    assert write(book, tmp_path, CLOSED - timedelta(seconds=1)) == ["index.html", "leaderboard.json"]
    assert list(site(tmp_path)) == sorted(PUBLIC)


def test_same_input_same_bytes(book: Book, tmp_path: Path) -> None:
    """The same input gives the same bytes, and what is there is not written again."""
    book.reveal()
    first, second = tmp_path / "first", tmp_path / "second"

    assert write(book, first) == write(book, second) == sorted(ALL)
    assert site(first) == site(second)
    assert write(book, first) == []


def test_only_what_changed_is_written(book: Book, tmp_path: Path) -> None:
    """A later moment without news changes the page and the JSON, which say the moment, and not the CSV."""
    write(book, tmp_path)

    assert write(book, tmp_path, CLOSED + timedelta(hours=1)) == ["index.html", "leaderboard.json"]


def test_other_files_stay(book: Book, tmp_path: Path) -> None:
    """Files that are not the site's own are left alone."""
    (tmp_path / "CNAME").write_text("board.example.org")
    (tmp_path / ".index.html.bak").write_text("mine")
    write(book, tmp_path)

    assert list(site(tmp_path)) == [".index.html.bak", "CNAME", *sorted(PUBLIC)]


def test_leftovers_are_removed(book: Book, tmp_path: Path) -> None:
    """What an interrupted write left beside is removed."""
    for name in FILES:
        (tmp_path / f".{name}.4711.part").write_text("<!doc")
    write(book, tmp_path)

    assert list(site(tmp_path)) == sorted(PUBLIC)


def test_interrupted_write_leaves_whole_files(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fills up in the middle, each file is the old one or the new one, and nothing lies beside."""
    write(book, tmp_path)
    before = site(tmp_path)
    book.submit("cyd", 0.95)

    really_write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if "index" in path.name:
            really_write(path, data[:9])
            raise OSError(28, "No space left on device")
        return really_write(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space left on device"):
            write(book, tmp_path)

    assert list(site(tmp_path)) == sorted(PUBLIC)
    assert site(tmp_path)["index.html"] == before["index.html"]
    assert write(book, tmp_path) == ["index.html"]


def test_unwritable_folder(book: Book, tmp_path: Path) -> None:
    """A folder that cannot be written is an OSError that names the place."""
    (tmp_path / "leaderboard").write_text("a file where the folder should be")

    with pytest.raises(FileExistsError, match="leaderboard"):
        write(book, tmp_path / "leaderboard")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_files_are_readable_by_the_web_server(book: Book, tmp_path: Path) -> None:
    """A written file has the mode that the umask gives, not that of a private temporary file."""
    (tmp_path / "usual").touch()
    write(book, tmp_path / "site")

    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "usual", *(tmp_path / "site").iterdir())}
    assert len(modes) == 1


def leaky_json(board: Board) -> str:
    document = json.loads(LEAKS["json"](board))
    return json.dumps({**document, "note": f"the best is {SECRET}."}) + "\n"


def leaky_field(board: Board) -> str:
    return json.dumps({"standings": [{"team": "ada", "private_score": None}], "of": LEAKS["json"](board)})


def leaky_csv(board: Board) -> str:
    return LEAKS["csv"](board) + f"3,ada,{SECRET!r}\n"


def leaky_header(board: Board) -> str:
    return LEAKS["csv"](board).replace("score", "score,private")


def leaky_page(board: Board) -> dict[str, str]:
    return {"index.html": WHOLE(board)["index.html"].replace("</footer>", f'<b data-s="{SECRET}"></b></footer>')}


def leaky_rounded(board: Board) -> dict[str, str]:
    return {"index.html": WHOLE(board)["index.html"].replace("</footer>", "<b>0.8765</b></footer>")}


LEAKS: dict[str, Callable[[Board], str]] = {"json": data.as_json, "csv": data.as_csv}
WHOLE = page.files


@pytest.mark.parametrize(
    ("render", "leaky", "message"),
    [
        ("as_json", leaky_json, "leaderboard.json would show a score that is still hidden: nothing was published"),
        ("as_json", leaky_field, "leaderboard.json would show the field 'private_score': nothing was published"),
        ("as_csv", leaky_csv, "leaderboard.csv would show a score that is still hidden: nothing was published"),
        ("as_csv", leaky_header, "leaderboard.csv would show the field 'private': nothing was published"),
        ("files", leaky_page, "index.html would show a score that is still hidden: nothing was published"),
        ("files", leaky_rounded, "index.html would show a score that is still hidden: nothing was published"),
    ],
)
@pytest.mark.parametrize("is_revealed", [False, True])
def test_leak_is_found_before_anything_is_written(
    book: Book,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    render: str,
    leaky: Callable[[Board], Any],
    message: str,
    is_revealed: bool,
) -> None:
    """A private score in a public file, or a field for one, stops the publication; the old site stays as it was."""
    write(book, tmp_path)
    before = site(tmp_path)
    book.submit("cyd", 0.95, 0.94)
    if is_revealed:
        book.reveal()
    monkeypatch.setattr(page if render == "files" else data, render, leaky)

    with pytest.raises(LeakFound) as found:
        write(book, tmp_path)

    assert str(found.value) == message
    assert site(tmp_path) == before


def test_score_recorded_later_is_secret_too(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scan knows the private scores of every grade, also of those that the board does not see yet."""
    monkeypatch.setattr(data, "as_json", leaky_json)

    with pytest.raises(LeakFound):
        write(book, tmp_path, START)


def test_no_false_alarm(tmp_path: Path) -> None:
    """A private score that is also a public one, or is written in a name, stops nothing."""
    book = Book(replace(COMPETITION, title="Net 0.25", host="0.75 Club"))
    book.submit("ada", 0.9, 0.8)
    book.submit("bob", 0.8, 0.9)
    book.submit("0.125 \"quoted\" private: {'private': 1}", 0.5, 0.125)
    book.submit("title", 0.4, 0.25)
    book.submit("host", 0.3, 0.75)
    book.submit("as the page rounds it", 0.87654321, 0.8765)
    book.submit("as a count", 0.6, 1.0)
    book.submit("as the share", 0.7, 0.3)
    book.submit("nothing", 0.0, 0.0)

    assert write(book, tmp_path) == sorted(PUBLIC)


def test_empty_ledger(tmp_path: Path) -> None:
    """A competition has a site before anything is sent."""
    assert write(Book(), tmp_path, START - timedelta(days=1)) == sorted(PUBLIC)


def test_entries_of_a_real_ledger(tmp_path: Path) -> None:
    """Entries that come back from a ledger make the same site as those that went in."""
    book = Book()
    book.submit("ada", 0.1 + 0.2, 0.7)
    book.submit("統計", 0.0, 0.1)
    with Ledger.create(tmp_path / "ledger.db") as ledger:
        with ledger.writing() as transaction:
            for entry in book.entries:
                transaction.append(
                    entry.kind, entry.at, entry.body, team=entry.team, submission=entry.submission, file=entry.file
                )
        with ledger.reading() as view:
            publish(COMPETITION, view.entries(), CLOSED, tmp_path / "site")

    assert (tmp_path / "site" / "leaderboard.csv").read_text("utf-8") == data.as_csv(book.board())
