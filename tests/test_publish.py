"""The site: which files there are, when, and what must not be in them."""

import json
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from test_standings import CLOSED, COMPETITION, START, Book

from leaderboard import badge, data, feed, hall, movement, names, page, site
from leaderboard.leaks import LeakFound
from leaderboard.publish import FILES, publish
from leaderboard.site import Site
from leaderboard.standings import Board
from submissions.record.ledger import Ledger

ALWAYS = ("feed.xml", "hall.html", "index.html", "leaderboard.csv", "leaderboard.json", "rules.html")
OF_A_TEAM = ("badge/{}.svg", "teams/{}.html")
FINAL = ("final.csv", "final.html", "final.json")
SECRET = 0.876543219


@pytest.fixture
def book() -> Book:
    book = Book()
    book.submit("ada", 0.9, SECRET)
    book.submit("bob", 0.8, 0.85)
    return book


def public_files(*teams: str) -> list[str]:
    """All files of the site before the reveal."""
    return sorted([*ALWAYS, *(place.format(names.team_id(team)) for place in OF_A_TEAM for team in teams)])


def all_files(*teams: str) -> list[str]:
    """All files of the site after the reveal."""
    return sorted([*FINAL, *public_files(*teams)])


PAGES = ("rules.html", *(f"teams/{names.team_id(team)}.html" for team in ("ada", "bob")))
PUBLIC, ALL = public_files("ada", "bob"), all_files("ada", "bob")


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file, by its place in the folder."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {name: found[name].read_bytes() for name in sorted(found)}


def write(book: Book, folder: Path, as_of: datetime = CLOSED) -> list[str]:
    """The files that were written, by their place in the folder."""
    return sorted(
        path.relative_to(folder).as_posix() for path in publish(book.competition, book.entries, as_of, folder)
    )


def test_public_site(book: Book, tmp_path: Path) -> None:
    """Before the reveal there are the files of the public board, and no other."""
    written = write(book, tmp_path / "leaderboard")

    assert written == PUBLIC
    board = book.board()
    before = movement.day_before(board, book.entries)
    # What stands on the pages of the teams and of the rules, test_team_page.py and test_rules_page.py say.
    made = {name: text for name, text in files_of(tmp_path / "leaderboard").items() if name not in PAGES}
    rows = made.pop("index.html").decode()
    assert all(f"<bdi>{team}</bdi>" in rows for team in ("ada", "bob"))
    assert made == {
        "hall.html": hall.html(board, before=before).encode(),
        "feed.xml": feed.atom(board, book.entries).encode(),
        "leaderboard.csv": data.as_csv(board).encode(),
        "leaderboard.json": data.as_json(board).encode(),
        **{name: text.encode() for name, text in badge.badges(board).items()},
    }


@pytest.mark.parametrize("is_revealed", [False, True])
def test_links_lead_to_files(book: Book, tmp_path: Path, is_revealed: bool) -> None:
    """What a page of the site links to in its folder is there, at its end and while it is used from a USB stick."""
    if is_revealed:
        book.reveal()
    write(book, tmp_path)

    for path in tmp_path.rglob("*.html"):
        links = re.findall(r'(?:href|src)="([^"#]+)', path.read_text("utf-8"))
        local = [link for link in links if not link.startswith(("http", "data:"))]
        assert [link for link in local if not (path.parent / link).is_file()] == []
        assert local or path.name == "hall.html"
    index = (tmp_path / "index.html").read_text("utf-8")
    assert all(f'href="{name}' in index for name in ("rules.html", "hall.html", "feed.xml", "leaderboard.csv"))


def test_private_board_after_the_reveal(book: Book, tmp_path: Path) -> None:
    """The private board is written from the reveal on, and only there do its scores stand."""
    book.reveal(CLOSED)
    write(book, tmp_path, CLOSED - timedelta(seconds=1))
    assert list(files_of(tmp_path)) == PUBLIC

    write(book, tmp_path, CLOSED)
    assert list(files_of(tmp_path)) == ALL
    holders = {name for name, data in files_of(tmp_path).items() if str(SECRET).encode() in data}
    assert holders == {"final.csv", "final.json"}
    rounded = {name for name, data in files_of(tmp_path).items() if b"0.8765" in data} - holders
    # Bob's page names the score that is next above.
    assert rounded == {"final.html", "hall.html", "feed.xml", *PAGES[1:], f"badge/{names.team_id('ada')}.svg"}


def test_link_is_written_after_what_it_leads_to(book: Book, tmp_path: Path) -> None:
    """The final board comes before the feed that links to it, the public page last: nobody finds a link to nothing."""
    book.reveal()

    written = [path.relative_to(tmp_path).as_posix() for path in publish(COMPETITION, book.entries, CLOSED, tmp_path)]

    assert sorted(written) == ALL
    assert written[:3] == ["final.csv", "final.json", "final.html"]
    assert written[-3:] == ["leaderboard.csv", "leaderboard.json", "index.html"]


def test_board_of_an_earlier_moment_takes_the_private_one_away(book: Book, tmp_path: Path) -> None:
    """A site as of a moment before the reveal has nothing of the private board, though there was one."""
    book.reveal(CLOSED)
    write(book, tmp_path, CLOSED)

    assert write(book, tmp_path, CLOSED - timedelta(seconds=1)) == sorted(set(PUBLIC) - {"leaderboard.csv"})
    assert list(files_of(tmp_path)) == PUBLIC
    assert not any(text in data for data in files_of(tmp_path).values() for text in (str(SECRET).encode(), b"0.8765"))


def test_what_is_no_longer_there_goes(book: Book, tmp_path: Path) -> None:
    """A site as of a moment before a team came has no file of that team, nor the picture that was once asked for."""
    came = book.next_at
    book.submit("cyd", 0.7)
    (tmp_path / "card.png").write_bytes(b"of another address")
    assert write(book, tmp_path) == public_files("ada", "bob", "cyd")
    assert list(files_of(tmp_path)) == public_files("ada", "bob", "cyd")

    write(book, tmp_path, came - timedelta(seconds=1))

    assert list(files_of(tmp_path)) == PUBLIC


def test_same_input_same_bytes(book: Book, tmp_path: Path) -> None:
    """The same input gives the same bytes, and what is there is not written again."""
    book.reveal()
    first, second = tmp_path / "first", tmp_path / "second"

    assert write(book, first) == write(book, second) == ALL
    assert files_of(first) == files_of(second)
    assert write(book, first) == []


def test_only_what_changed_is_written(book: Book, tmp_path: Path) -> None:
    """A later moment without news changes the pages and the JSON, which say the moment, and nothing else."""
    write(book, tmp_path)

    assert write(book, tmp_path, CLOSED + timedelta(hours=1)) == ["hall.html", "index.html", "leaderboard.json"]


def test_other_files_stay(book: Book, tmp_path: Path) -> None:
    """Files that are not the site's own are left alone."""
    (tmp_path / "CNAME").write_text("board.example.org")
    (tmp_path / ".index.html.bak").write_text("mine")
    (tmp_path / "badge").mkdir()
    (tmp_path / "badge" / "gold.svg").write_text("mine")
    write(book, tmp_path)

    assert list(files_of(tmp_path)) == sorted([".index.html.bak", "CNAME", "badge/gold.svg", *PUBLIC])


def test_leftovers_are_removed(book: Book, tmp_path: Path) -> None:
    """What an interrupted write left beside is removed."""
    for name in FILES:
        (tmp_path / f".{name}.4711.part").write_text("<!doc")
    (tmp_path / "badge").mkdir()
    (tmp_path / "badge" / f".{names.team_id('ada')}.svg.4711.part").write_text("<svg")
    write(book, tmp_path)

    assert list(files_of(tmp_path)) == PUBLIC


def test_interrupted_write_leaves_whole_files(book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the disk fills up in the middle, each file is the old one or the new one, and nothing lies beside."""
    write(book, tmp_path)
    before = files_of(tmp_path)
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

    assert list(files_of(tmp_path)) == public_files("ada", "bob", "cyd")
    assert files_of(tmp_path)["index.html"] == before["index.html"]
    assert write(book, tmp_path) == ["index.html"]


def test_unwritable_folder(book: Book, tmp_path: Path) -> None:
    """A folder that cannot be written is an OSError that names the place."""
    (tmp_path / "leaderboard").write_text("a file where the folder should be")

    with pytest.raises(FileExistsError, match="leaderboard"):
        write(book, tmp_path / "leaderboard")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_files_are_readable_by_the_web_server(book: Book, tmp_path: Path) -> None:
    """What is written has the mode that the umask gives to files and to folders, and no private temporary file's."""
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    write(book, tmp_path / "site")

    usual = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "file", tmp_path / "folder")}
    made = [tmp_path / "site", *(tmp_path / "site").rglob("*")]
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in made} == {
        path.name: usual[path.is_dir()] for path in made
    }


def leaky_json(board: Board) -> str:
    document = json.loads(LEAKS["json"](board))
    return json.dumps({**document, "note": f"the best is {SECRET}."}) + "\n"


def leaky_field(board: Board) -> str:
    return json.dumps({"standings": [{"team": "ada", "private_score": None}], "of": LEAKS["json"](board)})


def leaky_csv(board: Board) -> str:
    return LEAKS["csv"](board) + f"3,ada,{SECRET!r}\n"


def leaky_header(board: Board) -> str:
    return LEAKS["csv"](board).replace("score", "score,private")


def leaky_page(board: Board, **more: Any) -> dict[str, str]:
    return {
        "index.html": WHOLE(board, **more)["index.html"].replace("</footer>", f'<b data-s="{SECRET}"></b></footer>')
    }


def leaky_rounded(board: Board, **more: Any) -> dict[str, str]:
    return {"index.html": WHOLE(board, **more)["index.html"].replace("</footer>", "<b>0.8765</b></footer>")}


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
    before = files_of(tmp_path)
    book.submit("cyd", 0.95, 0.94)
    if is_revealed:
        book.reveal()
    monkeypatch.setattr(page if render == "files" else data, render, leaky)

    with pytest.raises(LeakFound) as found:
        write(book, tmp_path)

    assert str(found.value) == message
    assert files_of(tmp_path) == before


def planted(file: str, text: str, secret: str) -> str:
    """The file with a secret where a reader would find it and a parser would not fail."""
    if file.endswith(".json"):
        return json.dumps({**json.loads(text), "note": f"the best is {secret}."})
    if file.endswith(".csv"):
        return f"{text}3,ada,{secret}\n"
    start, end, rest = text.rpartition("</")
    return f"{start}<!-- {secret} -->{end}{rest}"


@pytest.mark.parametrize("secret", [repr(SECRET), "0.8765"])
@pytest.mark.parametrize("file", PUBLIC)
def test_leak_is_found_in_every_file(
    book: Book, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, secret: str
) -> None:
    """Whichever file a private score gets into, in full or rounded, nothing is published."""
    write(book, tmp_path)
    before = files_of(tmp_path)
    book.submit("bob", 0.95, 0.94)
    board, around = site.public, site.around

    def with_leak(made: Site) -> Site:
        return {name: planted(name, str(text), secret) if name == file else text for name, text in made.items()}

    def leaky_public(*facts: Any, **more: Any) -> tuple[Site, tuple[str, ...]]:
        made, scales = board(*facts, **more)
        return with_leak(made), scales

    monkeypatch.setattr(site, "public", leaky_public)
    monkeypatch.setattr(site, "around", lambda *facts, **more: with_leak(around(*facts, **more)))

    with pytest.raises(LeakFound) as found:
        write(book, tmp_path)

    assert str(found.value) == f"{file} would show a score that is still hidden: nothing was published"
    assert files_of(tmp_path) == before


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
    book.submit("the version of XML", 0.2, 1.0)
    book.submit("the end of an axis", 0.15, 100.0)

    assert write(book, tmp_path) == public_files(*{entry.team for entry in book.entries if entry.team})


def test_empty_ledger(tmp_path: Path) -> None:
    """A competition has a site before anything is sent."""
    assert write(Book(), tmp_path, START - timedelta(days=1)) == public_files()


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
