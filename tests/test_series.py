"""Several competitions as one: points, missing results, the page and the command."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_page import HOSTILE, Text, seen
from test_standings import CLOSED, COMPETITION, START, Book

import podium
from conftest import CASES, Run
from leaderboard import data, page, series
from leaderboard.publish import publish
from leaderboard.series import BadBoard, Round, Total
from submissions.competition import Competition
from submissions.folder import Folder


def board_of(*scores: tuple[str, float], competition: Competition = COMPETITION, is_final: bool = False) -> str:
    book = Book(competition)
    for team, score in scores:
        book.submit(team, score)
    if is_final:
        book.reveal()
    return data.as_json(book.board("private" if is_final else "public"))


def round_of(*scores: tuple[str, float], link: str = "board.html", **facts: Any) -> Round:
    return series.read(board_of(*scores, **facts), link)


def points(totals: list[Total]) -> list[tuple[int, str, str]]:
    return [(total.rank, total.team, series.shown(total.points)) for total in totals]


def places(*teams: str) -> Round:
    return round_of(*((team, 1 - place / 100) for place, team in enumerate(teams)))


def test_points_by_rank() -> None:
    """The first of n gets 100 points, the last 100/n, and each place between one equal step less."""
    one = places("ada", "bob", "cyd", "dan")

    assert [one.points(rank) for rank in (1, 2, 3, 4)] == [100, 75, 50, 25]
    assert points(series.add_up([one])) == [
        (1, "ada", "100.0"),
        (2, "bob", "75.0"),
        (3, "cyd", "50.0"),
        (4, "dan", "25.0"),
    ]


def test_who_shares_a_rank_shares_its_points() -> None:
    """Equal ranks give equal points, and the rank after them is as low as on the board."""
    one = round_of(("ada", 0.9), ("bob", 0.8), ("cyd", 0.8), ("dan", 0.7))

    assert points(series.add_up([one])) == [
        (1, "ada", "100.0"),
        (2, "bob", "75.0"),
        (2, "cyd", "75.0"),
        (4, "dan", "25.0"),
    ]
    assert [total.is_tied for total in series.add_up([one])] == [False, True, True, False]


def test_a_missing_result_gives_nothing() -> None:
    """Who is not ranked in a competition gets no points there, and its result is missing, not zero."""
    totals = series.add_up([places("ada", "bob"), places("bob"), places()])

    assert points(totals) == [(1, "bob", "150.0"), (2, "ada", "100.0")]
    assert totals[1].results[1:] == (None, None)


def test_who_is_not_ranked_gets_no_points() -> None:
    """Baselines, late submissions and such without a score give nobody points, and take nobody's."""
    book = Book()
    book.submit("starter", 0.99, is_baseline=True)
    book.submit("ada", 0.5)
    book.receive("unlucky")
    book.submit("tardy", 0.9, at=CLOSED)

    one = series.read(data.as_json(book.board()), "")
    assert one.teams == 1
    assert points(series.add_up([one])) == [(1, "ada", "100.0")]


def test_only_the_best_results_count() -> None:
    """With --best, a team's best results count, of equal ones the first; the others are marked."""
    rounds = [places("ada", "bob"), places("bob", "ada"), places("bob", "ada")]

    assert points(series.add_up(rounds, 2)) == [(1, "bob", "200.0"), (2, "ada", "150.0")]
    ada = series.add_up(rounds, 2)[1]
    assert [result and result.counts for result in ada.results] == [True, True, False]
    assert series.add_up(rounds, 9) == series.add_up(rounds)


def test_the_same_look_is_the_same_team() -> None:
    """Names that differ in case, spacing or look-alikes are one team, spelt as the first competition spells it."""
    totals = series.add_up([places("Deep Foxes", "bob"), places("deep-foxes"), places("D\u0435ep Foxes")])

    assert points(totals) == [(1, "Deep Foxes", "300.0"), (2, "bob", "50.0")]


def test_sums_are_exact() -> None:
    """Sums that are equal share a rank, however many thirds they are made of; what is shown promotes nobody."""
    thirds = [places("ada", "bob", "cyd"), places("cyd", "ada", "bob"), places("bob", "cyd", "ada")]
    totals = series.add_up(thirds)

    assert {total.points for total in totals} == {Fraction(200)}
    assert [(total.rank, total.is_tied) for total in totals] == [(1, True)] * 3
    assert series.shown(Fraction(99_999, 1000)) == "99.9"
    assert series.shown(Fraction(123_456)) == "123,456.0"


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), min_size=1, max_size=5), st.integers(1, 6))
def test_rules_that_always_hold(orders: list[list[str]], best: int) -> None:
    """Each team stands once; ranks follow the points; no total is more than 100 for each result that counts."""
    totals = series.add_up([places(*order) for order in orders], best)

    assert sorted(total.team for total in totals) == sorted({team for order in orders for team in order})
    assert [total.rank for total in totals] == [
        1 + sum(other.points > total.points for other in totals) for total in totals
    ]
    assert all(total.points <= 100 * min(best, len(orders)) for total in totals)


def test_the_state_of_a_competition() -> None:
    """A board says what its competition's state is; a frozen one says so."""
    frozen = json.loads(board_of()) | {"phase": "open", "frozen_at": "2026-12-01T00:00:00.000000Z"}
    upcoming = data.as_json(Book().board(as_of=START.replace(year=2025)))

    assert series.read(upcoming, "").state == "upcoming"
    assert series.read(data.as_json(Book().board(as_of=START)), "").state == "open"
    assert series.read(json.dumps(frozen), "").state == "frozen"
    assert round_of().state == "closed"
    assert round_of(is_final=True).state == "final"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": 2}, "is no board of version 1"),
        ({"competition": {"slug": "a", "title": "A"}}, "has no 'host'"),
        ({"competition": []}, "has a value of another type than a board's"),
        ({"as_of": "soon"}, "has a value of another type than a board's"),
        ({"standings": [{"rank": "1", "team": "a", "is_tied": False}]}, "has a value of another type than a board's"),
        ({"standings": [{"rank": 0, "team": "a", "is_tied": False}]}, "has a value of another type than a board's"),
        ({"standings": [{"rank": 1, "team": None, "is_tied": False}]}, "has a value of another type than a board's"),
        (
            {"standings": [{"rank": 2, "team": "a", "is_tied": False}]},
            "has a rank that is higher than the number of its teams",
        ),
    ],
)
def test_what_is_no_board(change: dict[str, Any], said: str) -> None:
    """A file that is no board is refused, with what is wrong."""
    with pytest.raises(BadBoard) as raised:
        series.read(json.dumps(json.loads(board_of()) | change), "")
    assert str(raised.value) == said


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000])
def test_what_is_no_json(text: str) -> None:
    """A file that is not JSON is refused as that."""
    with pytest.raises(BadBoard, match=r"^is not JSON$"):
        series.read(text, "")


def test_page() -> None:
    """The page has a row for each team, a link for each competition, and the rule that made the points."""
    rounds = [
        round_of(("ada", 0.9), ("bob", 0.8), link="../titanic/leaderboard/final.html", is_final=True),
        round_of(
            ("bob", 0.9), link="../digits/leaderboard/index.html", competition=replace(COMPETITION, slug="digits")
        ),
    ]
    text = series.html("The month", rounds, series.add_up(rounds))
    rows = [[" ".join(cell.split()) for cell in row] for row in Text(text).rows]

    assert rows[1:] == [
        ["1", "bob fashion-mnist 50.0 digits 100.0", "150.0", "50.02 of 2", "100.01 of 1"],
        ["2", "ada fashion-mnist 100.0", "100.0", "100.01 of 2", "–not ranked"],
    ]
    links = [attributes["href"] for tag, attributes in Text(text).tags if tag == "a" and "href" in attributes]
    boards = ["../titanic/leaderboard/final.html", "../digits/leaderboard/index.html"]
    assert links == ["#standings", *boards, *boards]
    assert "the first of n ranked teams gets 100 points and the last 100 ÷ n" in seen(text)
    assert "gets nothing there. The total is the sum of all competitions." in seen(text)
    assert "Provisional 1 of 2\N{NO-BREAK SPACE}competitions final" in text.replace("</b> <span>", " ")


def test_page_with_best() -> None:
    """What does not count stands in parentheses, and the rule says how many count."""
    rounds = [places("ada", "bob"), places("bob", "ada")]
    text = series.html("The month", rounds, series.add_up(rounds, 1), 1)

    assert "the sum of a team's 1 best result; points in parentheses are not among them" in seen(text).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "(50.0) does not count" in seen(text)


def test_page_when_all_is_final_and_when_nothing_is_there() -> None:
    """The page says that it is final, and an empty one says that it is empty."""
    done = round_of(("ada", 0.9), is_final=True)
    assert "Provisional" not in series.html("The month", [done], series.add_up([done]))

    text = series.html("The month", [round_of()], [])
    assert "No team is ranked in any of the competitions yet." in text


def test_hostile_names_are_text() -> None:
    """A name is text, in a <bdi>; the page allows no script and has neither handlers nor style attributes."""
    title = HOSTILE[2]
    rounds = [round_of(*((name, 0.5) for name in HOSTILE), competition=replace(COMPETITION, title=title, host=title))]
    parsed = Text(series.html(title, rounds, series.add_up(rounds)))

    shown = {place.team for place in rounds[0].places.values()}
    assert shown <= set(parsed.names)
    assert len(shown) > len(HOSTILE) - 5
    assert not [tag for tag, _ in parsed.tags if tag in {"script", "img", "iframe", "form"}]
    assert not [key for _, attributes in parsed.tags for key in attributes if key.startswith("on") or key == "style"]
    policy = next(attributes["content"] for _, attributes in parsed.tags if "http-equiv" in attributes)
    assert (policy or "").startswith("default-src 'none'; style-src 'sha256-")


def test_gold_is_not_given_away() -> None:
    """More than three teams in first place have no disc."""
    rounds = [round_of(*((f"team {place}", 0.5) for place in range(4)))]

    assert "disc1" in series.html("x", [places("ada")], series.add_up([places("ada")])).partition("<body>")[2]
    assert "disc1" not in series.html("x", rounds, series.add_up(rounds)).partition("<body>")[2]


# The command


def competition_in(folder: Path, *scores: tuple[str, float], address: str = "", is_final: bool = False) -> Path:
    """A competition's folder with a published board."""
    folder.mkdir()
    rules = (CASES / "competition.toml").read_text().replace('slug = "cases"', f'slug = "{folder.name}"')
    (folder / "competition.toml").write_text(rules + (f'\n[board]\naddress = "{address}"\n' if address else ""))
    book = Book(Folder(folder).competition())
    for team, score in scores:
        book.submit(team, score)
    if is_final:
        book.reveal()
    publish(book.competition, book.entries, CLOSED, folder / "leaderboard")
    return folder


@pytest.fixture(autouse=True)
def command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(podium.COMMANDS, "series", "series")


def test_series(run: Run, tmp_path: Path) -> None:
    """The command writes one page, which links to the boards from folder to folder or at their addresses."""
    one = competition_in(tmp_path / "titanic", ("ada", 0.9), ("bob", 0.8), is_final=True)
    two = competition_in(tmp_path / "digits", ("bob", 0.9), address="https://example.org/digits")
    out = tmp_path / "site" / "month"

    assert run("series", one, two, "--out", out) == (
        0,
        f"  1  150.0  bob\n  2  100.0  ada\nseries: {out / 'index.html'}\n",
        "",
    )
    text = (out / "index.html").read_text("utf-8")
    assert "<h1>Machine Learning Month</h1>" in text
    assert 'href="../../titanic/leaderboard/final.html"' in text
    assert 'href="https://example.org/digits/index.html"' in text
    assert (out / "../../titanic/leaderboard/final.html").is_file()


def test_a_folder_name_is_no_address(run: Run, tmp_path: Path) -> None:
    """A folder's name is quoted in the link, whatever it holds."""
    folder = competition_in(tmp_path / "digits", ("ada", 0.9)).rename(tmp_path / "java script:%41&")

    assert run("series", folder, "--out", tmp_path)[0] == 0
    assert 'href="java%20script%3A%2541%26/leaderboard/index.html"' in (tmp_path / "index.html").read_text("utf-8")


def test_options(run: Run, tmp_path: Path) -> None:
    """--title names the page, --best says how many results count."""
    folders = [competition_in(tmp_path / name, ("ada", 0.9)) for name in ("one", "two")]
    code, out, _ = run("series", *folders, "--out", tmp_path / "out", "--title", "Nets & co", "--best", "1")

    assert (code, out.splitlines()[0]) == (0, "  1  100.0  ada")
    assert "<h1>Nets &amp; co</h1>" in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_what_the_command_refuses(run: Run, tmp_path: Path) -> None:
    """A competition given twice, a folder that would be overwritten, a board that is not there or is none."""
    folder = competition_in(tmp_path / "digits", ("ada", 0.9))
    room = folder / "leaderboard"
    before = (room / "index.html").read_bytes()

    code, _, err = run("series", folder, tmp_path / "digits" / ".", "--out", tmp_path / "out")
    assert (code, err.splitlines()[0]) == (2, f"podium: {folder} is given twice: a competition counts once")
    code, _, err = run("series", folder, "--out", room)
    assert (code, err.splitlines()[0]) == (
        2,
        f"podium: {room} holds a board, which the page would overwrite: name another folder in --out",
    )
    assert (room / "index.html").read_bytes() == before

    (room / f"{data.FILES['public']}.json").write_bytes(b"\xff")
    path = room / "leaderboard.json"
    assert run("series", folder, "--out", tmp_path / "out") == (
        3,
        "",
        f"podium: {path} is not UTF-8: run podium publish -C {folder}\n",
    )
    path.unlink()
    assert run("series", folder, "--out", tmp_path / "out") == (
        3,
        "",
        f"podium: {room} holds no board: run podium publish -C {folder}\n",
    )
    assert not (tmp_path / "out").exists()


def test_the_pages_that_are_linked_are_those_that_are_published() -> None:
    """The link is to the page that stands beside the JSON that was read."""
    assert page.PAGES.keys() == data.FILES.keys()
