"""Rows, large boards, states, and the faults of other leaderboards that this one must not have."""

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from markupsafe import Markup
from test_page import ASSETS, LIVE, Text, seen, small_board
from test_standings import CLOSED, COMPETITION, Book

from benchmarks import boards
from leaderboard import columns, leaks, page, rows, words
from leaderboard.page import Section
from leaderboard.standings import Board, Standing


def cells(text: str) -> list[list[str]]:
    return [[" ".join(cell.split()) for cell in row] for row in Text(text).rows]


def classes(text: str) -> dict[str, str]:
    """The classes of each row, by its team."""
    parsed = Text(text)
    of_rows = [str(attributes["class"]) for tag, attributes in parsed.tags if tag == "tr" and "id" in attributes]
    return dict(zip(parsed.names, of_rows, strict=True))


def with_intervals(half: float = 0.02) -> Board:
    board = small_board()
    made = [replace(r, interval=(r.score - half, r.score + half)) if r.rank and r.score else r for r in board.rows]
    return replace(board, rows=tuple(made))


def test_interval_in_words() -> None:
    """The interval is drawn for the eye and written for those who do not see it; a baseline is a dot."""
    text = page.html(with_intervals())

    assert [row[3] for row in cells(text)[1:5]] == ["0.8800 to 0.9200", *["0.7800 to 0.8200"] * 2, ""]
    assert text.count('<svg class="dot"') == 5
    assert text.count("<line x1=") == 2 * 3 + 1


def test_far_is_what_does_not_touch_the_leader() -> None:
    """While the competition runs, only an interval that does not reach the leader's is muted."""
    assert classes(page.html(with_intervals(0.02)))["tied"] == "ranked far"
    assert classes(page.html(with_intervals(0.06)))["tied"] == "ranked"
    assert classes(page.html(small_board()))["tied"] == "ranked"


def test_rank_intervals_on_the_final_board() -> None:
    """Where ranks are known they stand in a column, and decide who is not separable from the first."""
    board = with_intervals()
    ranks = [(1, 2), (1, 3), (2, 3)]
    made = [replace(row, ranks=one) for row, one in zip(board.rows, ranks, strict=False)]
    board = replace(board, board="private", is_revealed=True, rows=(*made, *board.rows[3:]))
    text = page.html(board)

    assert cells(text)[0][4] == "Likelyrank"
    assert [row[4] for row in cells(text)[1:5]] == [
        *("1–2, not separable from the first", "1–3, not separable from the first", "2–3", "")
    ]
    assert [classes(text)[team] for team in ("first", "tied", "tied too")] == ["ranked", "ranked", "ranked far"]
    assert "Likely rank: the ranks that the scores do not rule out" in seen(text)
    assert "Likely" not in cells(page.html(small_board()))[0]


def test_groups() -> None:
    """A team's group stands under its name, and all groups that are on the board in the filter."""
    rules = replace(COMPETITION, groups={"<b>": ("first",), "Oxford": ("tied",), "nobody": ("who",)})
    text = page.html(replace(small_board(), competition=rules))

    assert cells(text)[1][1].startswith("first<b>1 submission")
    assert re.findall("<option.*?>(.*?)</option>", text) == ["All groups", "&lt;b&gt;", "Oxford"]
    assert "<select" not in page.html(small_board())


def test_frozen() -> None:
    """A frozen board says since when, beside the tabs and above the table."""
    frozen = replace(small_board(), phase="open", as_of=LIVE, frozen_at=LIVE - timedelta(hours=1))
    text = seen(page.html(frozen))

    assert "Frozen since 28 Nov 2026, 08:20 UTC · updated 28 Nov 2026, 09:20 UTC" in text
    assert "it shows the scores of what was sent until 28 Nov 2026, 08:20:13 UTC ." in text
    with pytest.raises(AssertionError, match="not frozen before its time"):
        page.html(replace(frozen, frozen_at=LIVE + timedelta(seconds=1)))


def test_links_to_what_stands_beside() -> None:
    """The page links to other files only where they are there; team names lead to their pages."""
    beside = {"rules.html", "hall.html", "feed.xml", "teams/", "card.png"}
    rules = replace(COMPETITION, address="https://example.org/cup/")
    board = replace(small_board(), competition=rules)
    plain = [a["href"] for tag, a in Text(page.html(small_board())).tags if tag in {"a", "link"} and "href" in a]
    tags = Text(page.html(board, beside=beside)).tags
    links = [a["href"] for tag, a in tags if tag in {"a", "link"} and "href" in a]
    first = board.rows[0].team_id

    assert {*links} - {*plain} == {
        *("rules.html", "hall.html", "feed.xml", "https://example.org/cup/index.html"),
        *(f"teams/{row.team_id}.html" for row in board.rows if row.is_team),
    }
    assert f"#{first}" in plain
    cards = {a["property"]: a["content"] for tag, a in tags if tag == "meta" and "property" in a}
    assert cards == {
        "og:title": "Fashion-MNIST: what is in the picture?",
        "og:type": "website",
        "og:url": "https://example.org/cup/index.html",
        "og:description": "Public leaderboard: 5\N{NO-BREAK SPACE}teams, 6\N{NO-BREAK SPACE}submissions",
        "og:image": "https://example.org/cup/card.png",
    }
    assert not [a for tag, a in Text(page.html(small_board())).tags if "property" in a]


def test_sections() -> None:
    """Parts that others made stand beneath the table, and the policy allows their style."""
    text = page.html(small_board(), sections=[Section(Markup("<h2>Over time</h2>"), ".over{color:red}")])

    assert text.index("</table>") < text.index("<h2>Over time</h2>") < text.index("<footer")
    assert ".over{color:red}</style>" in text


@pytest.mark.parametrize(
    ("teams", "in_html", "files"),
    [
        (150, 152, ["index.html"]),
        (151, 100, ["index.html"]),
        (10_000, 100, ["index.html"]),
        (10_001, 100, ["board-data.js", "index.html"]),
    ],
)
def test_where_the_rows_are(teams: int, in_html: int, files: list[str]) -> None:
    """Up to 150 teams all rows are in the HTML, else 100; the rest is in the page, or of over 10,000 beside it."""
    made = page.files(boards.board(teams))

    assert list(made) == files
    assert made["index.html"].count("<tr id=") == in_html
    assert ('id="data"' in made["index.html"]) == (files == ["index.html"] and in_html == 100)


SIZES: Mapping[int, dict[str, int]] = {
    0: {"index.html": 30},
    150: {"index.html": 30},
    2_000: {"index.html": 65},
    10_000: {"index.html": 210},
    50_000: {"board-data.js": 850, "index.html": 20},
}


@pytest.mark.parametrize(
    "teams", [*(size for size in SIZES if size < 50_000), pytest.param(50_000, marks=pytest.mark.slow)]
)
def test_pages_keep_to_their_budget(teams: int) -> None:
    """Compressed, a page has no more kilobytes than the design allows for its size."""
    board = boards.board(teams)
    made = page.files(board, before=boards.earlier(board))

    assert list(made) == list(SIZES[teams])
    for name, most in SIZES[teams].items():
        assert len(gzip.compress(made[name].encode(), 9)) <= most * 1024, name


def test_style_and_script_keep_to_their_budget() -> None:
    """The page's own style and script have 10 KB together, compressed."""
    both = b"".join(ASSETS.joinpath(name).read_bytes() for name in ("base.css", "board.css", "board.js"))

    assert len(gzip.compress(both, 9)) <= 10 * 1024


def test_columns_are_the_rows() -> None:
    """The columns hold what the rows hold, each row's in its place; what no row has is left out."""
    board = boards.board(30)
    made = list(rows.of(board, None, {}))
    read = json.loads(columns.write(made, "stamp"))

    assert read["rows"] == len(made)
    assert read["stamp"] == "stamp"
    assert read["team"] == [row.team for row in board.rows]
    assert read["score"] == [words.score(row.score, board.metric) for row in board.rows if row.score is not None]
    assert [sum(filter(None, read["rank"][: place + 1])) for place, row in enumerate(board.rows) if row.rank] == [
        row.rank for row in board.rows if row.rank
    ]
    assert not {"dot", "low", "best", "group", "move"} & set(read)


def test_nothing_of_the_columns_is_html() -> None:
    """No team name ends the element that the columns stand in, or begins another."""
    name = "</script><!--<script>&amp;\u2028\u2029"
    made = [replace(row, team=name) for row in rows.of(small_board(), None, {})]
    text = columns.write(made, "")

    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text)["team"][0] == name


def test_the_pages_own_code_is_no_leak() -> None:
    """No number in our scripts and templates could be taken for a private score."""
    for path in [*ASSETS.glob("board.js"), *ASSETS.parent.joinpath("templates").glob("[br]o*.html")]:
        found = leaks._numbers(re.sub(r"\{[%#{].*?[%#}]\}", "", path.read_text("utf-8"), flags=re.DOTALL))
        assert [number for number in found if not number.lstrip("-").isdigit()] == [], path.name


# --- What has gone wrong on other leaderboards; each is named with the board where it did.


def test_no_score_is_never_first() -> None:
    """Codabench #2470 ranked n/a first: what has no score stands last, unranked, whichever way scores run."""
    book = Book(replace(COMPETITION, metric="brier", kind="probability", columns=("0", "1")))
    book.receive("nothing")
    book.submit("something", 0.4)

    board = book.board()
    assert [(row.team, row.rank) for row in board.rows] == [("something", 1), ("nothing", None)]
    assert [row[0] for row in cells(page.html(board))[1:]] == ["1", "not ranked"]


def test_the_earlier_submission_stands_first_of_equals() -> None:
    """EvalAI let the newest win a tie: here equals share a rank, and the earlier stands first."""
    book = Book()
    book.submit("early", 0.8)
    book.submit("late comer", 0.8)

    assert [row[:2] for row in cells(page.html(book.board()))[1:]] == [
        ["1=", "early1 submission · 22 Nov 01:00"],
        ["1=", "late comer1 submission · 22 Nov 03:00"],
    ]


def test_zero_is_a_score() -> None:
    """Codabench printed a score of 0 as n/a: it is a number like any other, and ranked."""
    book = Book()
    book.submit("zero", 0.0)

    assert cells(page.html(book.board()))[1][0] == "1"
    assert cells(page.html(book.board()))[1][2] == "0.0000"


def test_ranks_are_pythons() -> None:
    """Codabench ranked again in the browser: our script never writes a rank that it was not given, nor counts one."""
    script = ASSETS.joinpath("board.js").read_text("utf-8")

    assert re.findall(r".*\.rank\b.*", script) == []
    assert re.findall(r"'rank'[^,\]]*,? ?i?, null\)", script) == ["'rank', i, null)"]


def test_twenty_teams_at_the_top_have_no_disc() -> None:
    """Twenty teams tied at 1 once were twenty gold discs: a disc is for three at the most."""
    book = Book()
    for number in range(20):
        book.submit(f"team {number}", 0.9)
    text = page.html(book.board())

    assert 'class="disc' not in text
    assert [row[0] for row in cells(text)[1:]] == ["1="] * 20


def test_numbers_are_of_the_pages_language() -> None:
    """A German viewer once read rank "1.190" beside score 0.8803: ranks have no separator, counts have the page's."""
    board = boards.board(1_250)
    standing = next(row for row in board.rows if row.rank and row.rank > 1_000)
    shown = next(row for row in rows.of(board, None, {}) if row.id == standing.team_id)

    assert shown.place in {str(standing.rank), f"{standing.rank}="}
    assert words.number(1_190) == "1,190"
    assert "toLocaleString" not in ASSETS.joinpath("board.js").read_text("utf-8")
    assert "NumberFormat" not in ASSETS.joinpath("board.js").read_text("utf-8")


def test_one_submission_is_not_submissions() -> None:
    """A board once said "1 entries", and so must none."""
    assert "1\N{NO-BREAK SPACE}submission ·" in page.html(small_board())
    assert "1\N{NO-BREAK SPACE}submissions" not in page.html(small_board())


def test_every_ranked_row_is_in_order(book_of: Book) -> None:
    """Codabench #1171 showed an order that was not that of the ranks: rows with a rank go from first to last."""
    ranks = [row.rank for row in book_of.board().rows if row.rank]

    assert ranks == sorted(ranks)


@pytest.fixture
def book_of() -> Book:
    book = Book()
    for number, score in enumerate((0.3, 0.9, 0.5, 0.9, 0.0, 0.7)):
        book.submit(f"team {number}", score)
    book.submit("after the end", 0.95, at=CLOSED)
    return book


def test_a_row_of_every_state_has_its_word(book_of: Book) -> None:
    """Each state but ranked is written beside the name, and no state is left without a word."""
    states: list[Standing] = [replace(book_of.board().rows[0], state=state, rank=None) for state in rows.MARKS]  # type: ignore[arg-type]
    board = replace(book_of.board(), rows=tuple(states))

    assert [row.mark for row in rows.of(board, None, {})] == [
        *("", "baseline", "quoted", "late", "no score", "disqualified")
    ]
