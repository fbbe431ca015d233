"""The page of a team: its place, the reasons for it, and every submission."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_page import HOSTILE, Text, digests, seen
from test_standings import CLOSED, COMPETITION, START, Book

from grader import metrics
from leaderboard import leaks, team_page
from leaderboard.names import team_id
from leaderboard.standings import Board
from submissions.competition import Competition

LIVE = START + timedelta(days=9)
AFTER = CLOSED + timedelta(hours=1)


def file(team: str) -> str:
    return f"teams/{team_id(team)}.html"


def public(book: Book, **facts: object) -> dict[str, str]:
    """The pages while the competition runs."""
    return team_page.pages(replace(book.board(as_of=LIVE), **facts), book.entries)


def final(book: Book) -> dict[str, str]:
    """The pages after the reveal."""
    book.reveal()
    return team_page.pages(book.board(as_of=AFTER), book.entries, book.board("private", AFTER))


def reasons(text: str) -> list[str]:
    """The sentences that say why."""
    inside = text.partition('<ul class="reasons">')[2].partition("</ul>")[0]
    return [" ".join(seen(f"<body>{one}").split()) for one in re.findall(r"<li>(.*?)</li>", inside, re.DOTALL)]


def lines(text: str) -> list[list[str]]:
    return [[" ".join(cell.split()) for cell in row] for row in Text(text).rows]


@pytest.fixture
def book() -> Book:
    """Three teams, of which two are level, and a baseline."""
    book = Book()
    book.submit("forest", 0.95, is_baseline=True)
    for team, score in (("ada", 0.9), ("bob", 0.8), ("cyd", 0.8), ("ada", 0.7)):
        book.score(team, score, score - 0.1)
    return book


def test_a_page_for_each_team(book: Book) -> None:
    """Each team has a page, named for its id; baselines have none; only the wanted ones are made."""
    assert set(public(book)) == {file("ada"), file("bob"), file("cyd")}

    only = team_page.pages(book.board(as_of=LIVE), book.entries, only={team_id("bob")})

    assert only == {file("bob"): public(book)[file("bob")]}


def test_head(book: Book) -> None:
    """The head says whose page it is and in which competition; the tabs lead back to the boards."""
    text = public(book)[file("ada")]

    assert "<title>ada · Fashion-MNIST: what is in the picture?</title>" in text
    assert seen(text).startswith(
        "Skip to the team Fashion-MNIST: what is in the picture? ada 2 submissions, the last on 22 Nov 2026, 09:00 UTC "
        "Public 30 % of test rows Private after the reveal Live Public rank 1 of 3 teams Public score 0.9000 Why this "
    )
    links = [a["href"] for tag, a in Text(text).tags if tag == "a"]
    assert links == ["#team", "../index.html", f"../index.html#{team_id('ada')}", f"../index.html#{team_id('ada')}"]


def test_tabs_lead_to_what_there_is(book: Book) -> None:
    """Rules are linked if they are written, the private board once it is revealed."""
    book.reveal()
    boards = book.board(as_of=AFTER), book.entries, book.board("private", AFTER)
    text = team_page.pages(*boards, beside=["rules.html"])[file("ada")]

    links = [a["href"] for tag, a in Text(text).tags if tag == "a"]
    assert links[1:5] == ["../index.html", "../final.html", "../rules.html", f"../final.html#{team_id('ada')}"]


def test_submissions_newest_first(book: Book) -> None:
    """Each submission has a row with number, moment, score, and what became of it."""
    refused = book.receive("ada")
    book.grade(refused, None, verdict="refused")

    assert lines(public(book)[file("ada")]) == [
        ["No.", "Received, UTC", "Score", "State"],
        ["11", "22 Nov 11:00", "–no score", "refused the file breaks a rule"],
        ["9", "22 Nov 09:00", "0.7000", "another is better"],
        ["3", "22 Nov 03:00", "0.9000", "counts best score shown"],
    ]


def test_the_first(book: Book) -> None:
    """Of the leader it is said that no team has a better score, whatever a baseline has."""
    assert reasons(public(book)[file("ada")]) == [
        "Submission 3 counts: of those in time it has the best score shown.",
        "No team has a better score.",
    ]


def test_who_is_level_and_who_is_next(book: Book) -> None:
    """Of a shared rank it is said with whom; of the next, which score has to be bettered."""
    assert reasons(public(book)[file("cyd")]) == [
        "Submission 7 counts: of those in time it has the best score shown.",
        "It shares rank 2 with bob : their scores are equal. Of equals the earlier submission stands first.",
        "To pass ada , next above with 0.9000, a submission must show a score above 0.9000.",
    ]


def test_many_are_level(book: Book) -> None:
    """Of many equal teams two are named, and the others counted; all that are next above have one score."""
    for number in range(5):
        book.score(f"team {number}", 0.8, 0.8)
    book.score("last", 0.1, 0.1)
    pages = public(book)

    assert reasons(pages[file("bob")])[1].startswith("It shares rank 2 with cyd , team 0 and 4 more teams: ")
    assert reasons(pages[file("team 3")])[1].startswith("It shares rank 2 with bob , cyd and 4 more teams: ")
    assert reasons(pages[file("last")])[1].startswith("To pass bob , cyd and 5 more teams, next above with 0.8000, ")


def test_lower_is_better() -> None:
    """Where lower is better, the score to show lies below."""
    book = Book(replace(COMPETITION, kind="number", labels=(), metric="rmse"))
    book.score("ada", 1.5, 1.5)
    book.score("bob", 2.5, 2.5)

    (_, sentence) = reasons(public(book)[file("bob")])

    assert sentence == "To pass ada , next above with 1.5000, a submission must show a score below 1.5000."


def test_digits_that_have_no_room() -> None:
    """Two scores that look alike and are not equal are told apart in words."""
    book = Book()
    book.score("ada", 0.80001, 0.8)
    book.score("bob", 0.80000, 0.8)

    (_, sentence) = reasons(public(book)[file("bob")])

    assert sentence == (
        "To pass ada , next above with 0.8000, a submission must show a score above 0.8000. "
        "The two differ in digits that have no room here."
    )


def test_on_the_ladder_chance_is_not_enough(book: Book) -> None:
    """Where the live board is a ladder, it is said that a better score alone does not show."""
    ladder = replace(COMPETITION, live="ladder")

    assert reasons(public(book, competition=ladder)[file("cyd")])[-1] == (
        "To pass ada , next above with 0.9000, a submission must show a score above 0.9000, "
        "and differ from its own by more than chance explains."
    )


def test_nobody_is_passed_on_a_board_that_stands_still(book: Book) -> None:
    """After the deadline, and while the board is frozen, the next team is told and nothing is promised."""
    expected = "Next above: ada , with 0.9000."

    assert reasons(public(book, phase="closed")[file("cyd")])[-1] == expected
    assert reasons(public(book, frozen_at=LIVE)[file("cyd")])[-1] == expected


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (None, "Outside the ranking: no submission has a score yet."),
        ("refused", "Outside the ranking: no submission has a score. Any score gives it a rank."),
    ],
)
def test_without_a_score(book: Book, verdict: str | None, said: str) -> None:
    """A team without a score is told why it has no rank."""
    number = book.receive("dan")
    if verdict:
        book.grade(number, None, verdict=verdict)

    text = public(book)[file("dan")]

    assert reasons(text) == [said]
    assert "Public rank no score Why no rank" in seen(text)


def test_outside_the_ranking(book: Book) -> None:
    """Late and disqualified teams are told that they are."""
    late = book.score("dan", 0.9, 0.9, at=CLOSED)
    book.decide("disqualified", "bob", because="two accounts")
    pages = team_page.pages(book.board(as_of=AFTER), book.entries)

    assert reasons(pages[file("dan")]) == [
        f"Outside the ranking: nothing that came in time has a score. Of the late submissions {late} is best."
    ]
    assert reasons(pages[file("bob")]) == ["Outside the ranking: the organiser has disqualified the team."]
    assert "two accounts" not in pages[file("bob")]


def test_after_the_reveal(book: Book) -> None:
    """After the reveal the final rank is told first, and the private score of every submission."""
    rival = book.score("bob", 0.6, 0.95)
    book.select("bob", rival)
    text = final(book)[file("ada")]

    assert (
        "Final rank 2 of 3 teams ▼ 1 down 1 since the public board Private score 0.8000 Public rank 1 "
        "Public score 0.9000 Why this rank"
    ) in seen(text)
    assert lines(text) == [
        ["No.", "Received, UTC", "Public", "Private", "State"],
        ["9", "22 Nov 09:00", "0.7000", "0.6000", "of the 2 best shown, another is better"],
        ["3", "22 Nov 03:00", "0.9000", "0.8000", "counts of the 2 best shown, best private score of these"],
    ]
    assert reasons(text) == [
        "The team has no selection, so that its 2 best on the public board were looked at. "
        "Of these, submission 3 counts: it has the best private score.",
        "Next above: bob , with 0.9500.",
        "On the public board it had rank 1; this is 1 rank lower.",
    ]


def test_what_the_team_selected(book: Book) -> None:
    """After the reveal it is said whether one, several or nothing was selected."""
    more = book.score("bob", 0.85, 0.6)
    book.select("ada", 3, 9)
    book.select("bob", more)
    pages = final(book)

    assert reasons(pages[file("ada")])[0] == (
        "Submission 3 counts: it has the best private score of the 2 that the team selected."
    )
    assert reasons(pages[file("bob")])[0] == f"Submission {more} counts: the team selected it."
    assert reasons(pages[file("cyd")])[0] == (
        "The team has no selection, so that its best on the public board counts: submission 7."
    )


def test_a_selection_without_a_score(book: Book) -> None:
    """A selection of which nothing has a score is told as such."""
    number = book.receive("bob")
    book.select("bob", number)
    book.grade(number, None)

    assert reasons(final(book)[file("bob")])[0] == (
        "Nothing that the team selected has a score, so that its best on the public board counts: submission 5."
    )


def test_before_the_reveal_nothing_private_is_told(book: Book) -> None:
    """Before the reveal no page has a private score, a digest of a file, or a fault of one; the scan finds none."""
    board = book.board(as_of=LIVE)
    pages = team_page.pages(board, book.entries)

    leaks.scan(pages, book.entries, board)
    assert not any("d" * 64 in text for text in pages.values())
    planted = {file("ada"): pages[file("ada")].replace("0.9000", "0.6999")}
    book.score("ada", 0.5, 0.6999)
    with pytest.raises(leaks.LeakFound, match="would show a score that is still hidden"):
        leaks.scan(planted, book.entries, board)


@given(scores=st.lists(st.integers(0, 400), min_size=2, max_size=12))
def test_no_score_is_reckoned(scores: list[int]) -> None:
    """Every number with a decimal point is a score that the board shows, or the axis does: none is made up."""
    book = Book()
    for number, score in enumerate(scores):
        book.score(f"team {number}", 0.5 + score / 1000, 0.4 + score / 999)
    board = book.board(as_of=LIVE)

    leaks.scan(team_page.pages(board, book.entries), book.entries, board)


def test_the_private_board_must_be_revealed(book: Book) -> None:
    """A private board before the reveal is not made into pages."""
    with pytest.raises(AssertionError, match="no private score is told before the reveal"):
        team_page.pages(book.board(as_of=AFTER), book.entries, book.board("private", AFTER))


def test_same_bytes_while_nothing_changes(book: Book) -> None:
    """A page does not change with the time at which it is made."""
    later = team_page.pages(book.board(as_of=LIVE + timedelta(hours=1)), book.entries)

    assert later == public(book)


def test_hostile_names() -> None:
    """Names stay text, in an element of their own, on their own page and where others name them."""
    book = Book()
    for place, name in enumerate(HOSTILE):
        book.score(name, 0.9 - place // 3 / 100, 0.8)
    tags = {"html", "head", "meta", "link", "style", "title", "body", "a", "header", "div", "p", "h1", "bdi", "time"}
    tags |= {"nav", "small", "span", "b", "main", "dl", "dt", "dd", "svg", "text", "line", "circle", "rect", "section"}
    tags |= {"h2", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "footer"}

    for name, text in public(book).items():
        parsed = Text(text)
        assert {tag for tag, _ in parsed.tags} <= tags, name
        assert not any(key.startswith("on") or key == "style" for _, facts in parsed.tags for key in facts), name
        assert set(parsed.names) <= {one.replace("\r", "\n") for one in HOSTILE} | set(HOSTILE), name


def test_policy_allows_the_style_alone(book: Book) -> None:
    """The page forbids itself everything but its own style, and has no script."""
    text = public(book)[file("ada")]
    policy = next(a["content"] for _, a in Text(text).tags if a.get("http-equiv") == "Content-Security-Policy")

    assert policy == (
        f"default-src 'none'; style-src {''.join(digests('style', text))}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert "<script" not in text


def test_axis_shows_interval_others_and_who_is_off() -> None:
    """The figure has the score, its interval and the team's other scores; one that lies off the axis is an arrow."""
    book = Book()
    for place in range(9):
        book.score(f"team {place}", 0.9 - place / 1000, 0.9)
    book.score("team 0", 0.897, 0.9)
    book.score("far", 0.1, 0.1)
    board = book.board(as_of=LIVE)
    rows = tuple(replace(row, interval=(row.score - 0.01, row.score + 0.01)) for row in board.rows if row.score)
    pages = team_page.pages(replace(board, rows=rows), book.entries)

    own, far = pages[file("team 0")], pages[file("far")]
    assert re.findall(r'<(?:circle|line) class="(\w+)"', own) == ["other", "bar95", "own"]
    assert "95 %: 0.8900 to 0.9100" in seen(own)
    assert "◂" in far
    assert "The bar is the score’s 95 % interval, the blue band the leader’s." in seen(own)


def test_own_metric_and_odd_sizes() -> None:
    """Scores of any size are written as on the board."""
    rules: Competition = replace(COMPETITION, kind="number", labels=(), metric="mae")
    book = Book(rules)
    book.score("ada", 3e99, 3e99)
    board: Board = book.board(as_of=LIVE)

    assert board.metric is metrics.find("mae")
    assert lines(team_page.pages(board, book.entries)[file("ada")])[1][2] == "3e+99"
