"""The page of a board, as HTML."""

import base64
import hashlib
import html as htmllib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_standings import CLOSED, COMPETITION, START, Book

from grader import metrics
from grader.metric import Metric
from leaderboard import data, page, words
from leaderboard.standings import Board
from submissions.checks import Quoted

ACCURACY = metrics.find("accuracy")
ERROR = Metric("error", "Error", "label", higher_is_better=False, range=(0, 1), whole=lambda *_: 0.0, decimals=2)
LIVE = datetime(2026, 11, 28, 9, 20, 13, tzinfo=UTC)

ASSETS = Path(page.__file__).parent / "assets"

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</bdi></th></tr></table><h1>ada wins</h1>",
    '" onmouseover="alert(1)" x="',
    "' autofocus onfocus='alert(1)",
    "<svg onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "<!-- ",
    "]]>",
    "{{ 7*7 }}",
    "{% raw %}",
    "&lt;b&gt; &amp; &#60;",
    "javascript:alert(1)",
    "live\u202egnikcah\u202c team",
    "zero\u200bwidth",
    "=1+1",
    "=cmd|'/c calc'!A1",
    "+1",
    "-1",
    "@SUM(1)",
    "\uff1d1+1",
    "\t=1",
    "\r=1",
    "a,b",
    'say "hi"',
    "two\nlines",
    "فريق الشبكات",
    "統計的機械学習研究会",
    "A" * 40,
    "@everyone",
    "Z\u0300\u0301\u0302\u0303" * 40,
    "\u0430da",
    "you",
    "Leader",
    "not ranked",
]


class Text(HTMLParser):
    """What a reader sees of a page: the cells of its rows, and every tag with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.names: list[str] = []
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        elif tag == "bdi":
            self.names.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "bdi" in self._inside:
            self.names[-1] += data
        if {"td", "th"} & set(self._inside) and "svg" not in self._inside:
            self.rows[-1][-1] += data


@pytest.fixture
def book() -> Book:
    return Book()


def seen(text: str) -> str:
    """The text of a page, without tags, entities, drawings, scripts and the style, in single spaces."""
    body = re.sub(r"<(script|svg).*?</\1>", " ", text.partition("<body>")[2], flags=re.DOTALL)
    return " ".join(htmllib.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def small_board() -> Board:
    """A board with a row of each state."""
    book = Book()
    book.submit("first", 0.9)
    book.submit("tied", 0.8)
    book.submit("tied too", 0.8)
    book.submit("forest", 0.7, is_baseline=True)
    book.receive("unlucky")
    book.submit("tardy", 0.95, at=CLOSED)
    book.submit("tardy", 0.94, at=CLOSED)
    return book.board()


def test_a_quoted_score_names_its_source() -> None:
    """A score from elsewhere is marked, has neither rank nor submissions, and its source stands beneath the table."""
    human = Quoted("Humans <b>", 0.835, "accuracy", "Xiao & others, 2017")
    book = Book(replace(COMPETITION, quoted=(human,)))
    text = page.html(book.board(as_of=START + timedelta(hours=1)))

    assert "No submission yet." in seen(text)
    book.submit("first", 0.9)
    text = page.html(book.board())
    rows = [[" ".join(cell.split()) for cell in row] for row in Text(text).rows]
    assert rows[-1] == ["not ranked", "Humans <b>quoted", "0.8350", "", "", ""]
    assert "Quoted, not sent: Humans <b> , 0.8350. Source: Xiao & others, 2017." in seen(text)
    assert "No submission" not in text


def test_rows() -> None:
    """A row shows rank (shared: 1=), team, state in words, score, and the number and time of its submissions."""
    rows = Text(page.html(small_board())).rows

    assert [[" ".join(cell.split()) for cell in row] for row in rows] == [
        ["Rank", "Team", "Score", "95 % interval", "Submissions", "Last, UTC"],
        ["1", "first1 submission · 22 Nov 01:00", "0.9000", "", "1", "22 Nov 01:00"],
        ["2=", "tied1 submission · 22 Nov 03:00", "0.8000", "", "1", "22 Nov 03:00"],
        ["2=", "tied too1 submission · 22 Nov 05:00", "0.8000", "", "1", "22 Nov 05:00"],
        ["not ranked", "forestbaseline", "0.7000", "", "", ""],
        ["not ranked", "tardylate2 submissions · 9 Dec 00:00", "0.9500", "", "2", "9 Dec 00:00"],
        ["not ranked", "unluckyno score1 submission · 22 Nov 09:00", "–no score", "", "1", "22 Nov 09:00"],
    ]


def test_header() -> None:
    """The header says what, whose, how many, by which metric and which way, until when, and as of when."""
    text = seen(page.html(replace(small_board(), phase="open", as_of=LIVE)))

    assert text.startswith(
        "Skip to the table Fashion-MNIST: what is in the picture? "
        "Machine Learning Month · 5 teams · 6 submissions · Accuracy, higher is better "
        "Open closes 8 Dec 2026, 11:59:59 UTC that is 7 Dec, 23:59:59 at UTC−12 "
        "Public 30 % of test rows Private after the reveal "
        "Live · updated 28 Nov 2026, 09:20 UTC 5 teams Public leaderboard, best score first Rank Team"
    )


@pytest.mark.parametrize(
    ("facts", "above", "below"),
    [
        (
            {"phase": "upcoming"},
            "Upcoming opens 22 Nov 2026, 00:00 UTC closes 8 Dec 2026, 11:59:59 UTC Public",
            "Upcoming · updated 9 Dec 2026, 00:00 UTC",
        ),
        (
            {"phase": "open"},
            "Open closes 8 Dec 2026, 11:59:59 UTC that is 7 Dec, 23:59:59 at UTC−12 Public",
            "Live · updated 9 Dec 2026, 00:00 UTC",
        ),
        (
            {"phase": "closed"},
            "Closed closed 8 Dec 2026, 11:59:59 UTC that was 7 Dec, 23:59:59 at UTC−12 Public",
            "Closed , results pending · updated 9 Dec 2026, 00:00 UTC",
        ),
        (
            {"phase": "closed", "is_revealed": True},
            "Final closed 8 Dec 2026, 11:59:59 UTC that was 7 Dec, 23:59:59 at UTC−12 Public",
            "Final · updated 9 Dec 2026, 00:00 UTC",
        ),
    ],
    ids=["upcoming", "open", "closed", "final"],
)
def test_states(facts: dict[str, Any], above: str, below: str) -> None:
    """Each state of the competition is named, with its moment."""
    text = seen(page.html(replace(small_board(), **facts)))

    assert above in text
    assert below in text


def test_deadline_in_utc_is_said_once() -> None:
    """A deadline written in UTC is not said twice."""
    board = small_board()
    rules = replace(board.competition, deadline=datetime(2026, 12, 7, 12, tzinfo=UTC))

    text = seen(page.html(replace(board, competition=rules, phase="open")))

    assert "Open closes 7 Dec 2026, 12:00 UTC Public" in text


def test_private_tab_is_a_link_after_the_reveal() -> None:
    """Before the reveal the private tab is a text; after it a link, and the page shown is marked."""
    board = small_board()
    final = replace(board, is_revealed=True)

    def links(shown: Board) -> list[tuple[str | None, str | None]]:
        tags = Text(page.html(shown)).tags
        outer = [(a["href"], a.get("aria-current")) for tag, a in tags if tag == "a" and "#" not in str(a["href"])]
        return outer[:-2]

    assert links(board) == [("index.html", "page")]
    assert links(final) == [("index.html", "page"), ("final.html", None), ("final.html", None)]
    assert links(replace(final, board="private")) == [("index.html", None), ("final.html", "page")]


def test_footer_names_its_own_data() -> None:
    """Each page leads to the data of its own board, and says how it chooses among a team's submissions."""
    public, private = page.html(small_board()), page.html(replace(small_board(), board="private", is_revealed=True))

    assert 'href="leaderboard.csv"' in public
    assert 'href="leaderboard.json"' in public
    assert "A team stands with its best score on the public 30 % of the test rows." in seen(public)
    assert 'href="final.csv"' in private
    assert 'href="final.json"' in private
    assert (
        "A team stands with its best score on the private 70 % of the test rows, "
        "among the submissions that it selected, or else its 2 submissions with the best public score."
    ) in seen(private)


def test_footer_says_the_rules() -> None:
    """The footer says how ties are ranked, what becomes of a late submission, and the ledger's head."""
    board = small_board()
    refused = replace(board, competition=replace(COMPETITION, late="refused", grace_seconds=60))

    text = seen(page.html(board))

    assert "equal scores share a rank, and among them the earlier submission stands first." in text
    assert "A submission that arrives after the deadline is late and outside the ranking;" in text
    assert "after the deadline and 60 seconds of grace is refused;" in seen(page.html(refused))
    assert text.endswith(f"Ledger head {board.head}")


@pytest.mark.parametrize(
    ("phase", "sentence"),
    [
        ("upcoming", "Nothing is sent yet: the competition has not opened."),
        ("open", "No submission yet. The first one will stand here at once."),
        ("closed", "No submission was sent."),
    ],
)
def test_empty_board(book: Book, phase: str, sentence: str) -> None:
    """A board without rows says so in a sentence, and has no table."""
    text = page.html(replace(book.board(), phase=phase))

    assert sentence in seen(text)
    assert "<table" not in text
    assert seen(text).endswith("The ledger is empty.")


def test_discs_only_for_three(book: Book) -> None:
    """Ranks 1 to 3 get a disc as long as no more than three teams would have one."""
    for team, score in (("a", 0.9), ("b", 0.9), ("c", 0.8), ("d", 0.7)):
        book.submit(team, score)
    assert words.discs(book.board()) == {1, 3}

    book.submit("e", 0.8)
    assert words.discs(book.board()) == {1}

    for team in "fghijklmnopqrstuvwxyz":
        book.submit(team, 0.9)
    assert words.discs(book.board()) == set()


@pytest.mark.parametrize(
    ("value", "metric", "shown"),
    [
        (0.99999, ACCURACY, "0.9999"),
        (1.0, ACCURACY, "1.0000"),
        (0.99994, ACCURACY, "0.9999"),
        (0.0, ACCURACY, "0.0000"),
        (-0.00001, ACCURACY, "0.0000"),
        (0.87654, ACCURACY, "0.8765"),
        (0.001, ERROR, "0.01"),
        (0.0, ERROR, "0.00"),
        (0.999, ERROR, "1.00"),
        (-0.5, ERROR, "-0.50"),
    ],
)
def test_rounding_promotes_nobody(value: float, metric: Metric, shown: str) -> None:
    """A score is rounded to the metric's decimals, but never to the best there can be."""
    assert words.score(value, metric) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("rmse", 23456.78912, "23456.7891"),
        ("rmse", 0.0, "0.0000"),
        ("rmse", 0.0000123456, "1.2346e-05"),
        ("mae", 3e99, "3e+99"),
        ("r2", -12345678912.3, "-1.2346e+10"),
        ("r2", 0.99999, "0.9999"),
        ("log_loss", 0.00001, "0.0001"),
        ("log_loss", 2.302585, "2.3026"),
        ("smape", 12.34567, "12.346"),
        ("matthews", -0.33333, "-0.3333"),
    ],
)
def test_scores_of_any_size_can_be_read(name: str, value: float, shown: str) -> None:
    """An error in the data's own unit is neither all zeros nor a hundred digits; other metrics keep their decimals."""
    assert words.score(value, metrics.find(name)) == shown


@pytest.mark.parametrize("metric", [ACCURACY, ERROR], ids=lambda metric: metric.name)
@given(value=st.floats(0, 1))
def test_only_the_best_looks_best(metric: Metric, value: float) -> None:
    """Only the best possible score is shown as it."""
    best = 1.0 if metric.higher_is_better else 0.0

    assert (float(words.score(value, metric)) == best) == (value == best)


def test_plurals() -> None:
    """One is singular; thousands are separated."""
    counts = [words.count(number, "team").replace("\N{NO-BREAK SPACE}", " ") for number in (0, 1, 2, 1_000)]
    assert counts == ["0 teams", "1 team", "2 teams", "1,000 teams"]


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        (timedelta(0), ""),
        (timedelta(hours=1), "7 Dec, 23:59:59 at UTC+1"),
        (timedelta(hours=5, minutes=45), "7 Dec, 23:59:59 at UTC+5:45"),
        (-timedelta(hours=3, minutes=30), "7 Dec, 23:59:59 at UTC−3:30"),
        (-timedelta(hours=12), "7 Dec, 23:59:59 at UTC−12"),
    ],
)
def test_own_offset(offset: timedelta, said: str) -> None:
    """The organiser's own offset is said in hours, and not at all if it is UTC."""
    assert words.elsewhere(datetime(2026, 12, 7, 23, 59, 59, tzinfo=timezone(offset))) == said


def test_updated_is_the_minute_that_had_begun() -> None:
    """A moment is rounded down: a page never claims to be newer than it is."""
    assert words.minute(datetime(2026, 11, 28, 9, 59, 59, 999_999, tzinfo=UTC)) == "28 Nov 2026, 09:59 UTC"


def test_times_are_machine_readable() -> None:
    """Every time has its moment in UTC beside its words."""
    times = [attributes["datetime"] for tag, attributes in Text(page.html(small_board())).tags if tag == "time"]

    assert times[0] == "2026-12-08T11:59:59.000000Z"
    assert times[-1] == "2026-11-22T09:00Z"
    assert all(datetime.fromisoformat(str(time)).tzinfo == UTC for time in times)


def digests(tag: str, text: str) -> list[str]:
    """The digests of what stands in these elements, as a policy writes them."""
    inside = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in inside]


@pytest.mark.parametrize(("teams", "own"), [(3, ""), (150, ""), (151, ""), (10_001, "'self' ")])
def test_content_security_policy_allows_only_its_own_style_and_scripts(teams: int, own: str) -> None:
    """The page forbids itself everything but its style, its scripts and pictures beside it, and every sink of a DOM."""
    board = small_board()
    rows = [replace(board.rows[0], team=f"team {number}", team_id=f"t-{number:012x}") for number in range(teams)]
    text = page.html(replace(board, rows=tuple(rows), teams=teams))
    policy = next(a["content"] for tag, a in Text(text).tags if a.get("http-equiv") == "Content-Security-Policy")

    assert policy == (
        f"default-src 'none'; script-src {own}{' '.join(digests('script', text))}; "
        f"style-src {''.join(digests('style', text))}; img-src 'self' data:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    assert text.index(str(policy)[:20]) < text.index("<style>")


def test_page_is_self_contained() -> None:
    """No style attribute, no handler, no script but its own two, and no address outside the site."""
    tags = Text(page.html(small_board())).tags
    names = {name for _, attributes in tags for name in attributes}
    addresses = [a.get("href") or a.get("src") for _, a in tags if a.get("href") or a.get("src")]

    assert not {"iframe", "object", "img", "form", "base"} & {tag for tag, _ in tags}
    assert [attributes for tag, attributes in tags if tag == "script"] == [{}, {}]
    assert not {name for name in names if name == "style" or name.startswith("on")}
    assert not [a for a in addresses if ":" in str(a) and not str(a).startswith("data:image/png;base64,")]


@pytest.mark.parametrize("script", sorted(ASSETS.glob("*.js")), ids=lambda path: path.name)
def test_scripts_write_text_only(script: Path) -> None:
    """No script of ours uses what turns text into HTML or code."""
    sinks = (
        r"innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|document\.write|\beval\b|new Function|"
        r"setTimeout\(['\"`]|\.src\b|srcdoc|javascript:"
    )

    assert re.findall(sinks, script.read_text("utf-8")) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_name_in_the_page(name: str) -> None:
    """A name is text in its <bdi>, whatever it holds, and adds no tag; so are title and host."""
    harmless = Text(page.html(small_board()))
    board = small_board()
    rows = (replace(board.rows[0], team=name), *board.rows[1:])

    text = Text(page.html(replace(board, rows=rows, competition=replace(COMPETITION, title=name, host=name))))

    assert text.names == [name, *harmless.names[1:]]
    assert text.tags == harmless.tags


@given(name=st.text(min_size=1))
def test_any_name_keeps_the_page_whole(name: str) -> None:
    """No name adds a tag, an attribute or a row."""
    board = small_board()
    rows = (replace(board.rows[0], team=name), *board.rows[1:])

    assert Text(page.html(replace(board, rows=rows))).tags == Text(page.html(board)).tags


def test_ids_are_unique_and_safe() -> None:
    """A row's id is made of the hash of its team, never of the name."""
    ids = [str(attributes["id"]) for _, attributes in Text(page.html(small_board())).tags if "id" in attributes]

    assert len(ids) == len(set(ids))
    ours = {"clock", "state", "find", "count", "say", "board", "zone", "zones"}
    assert all(re.fullmatch(r"t-[0-9a-f]{12}", one) for one in set(ids) - ours)


def test_same_board_same_bytes() -> None:
    """The same board gives the same text."""
    outputs = [[render(small_board()) for render in (page.html, data.as_json, data.as_csv)] for _ in range(2)]

    assert outputs[0] == outputs[1]
