"""A board as JSON and CSV, for programs."""

import csv
import io
import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_page import HOSTILE, LIVE, Text, small_board
from test_standings import Book

from leaderboard import data, page
from leaderboard.standings import Standing


def test_json_document() -> None:
    """The JSON has the keys that its documentation names, sorted, with scores at full precision."""
    book = Book()
    book.submit("ada", 0.1 + 0.2)
    board = book.board(as_of=LIVE)

    text = data.as_json(board)

    assert json.loads(text) == {
        "version": 1,
        "competition": {
            "slug": "fashion-mnist",
            "title": "Fashion-MNIST: what is in the picture?",
            "host": "Machine Learning Month",
            "opens": "2026-11-22T00:00:00.000000Z",
            "deadline": "2026-12-08T11:59:59.000000Z",
        },
        "board": "public",
        "as_of": "2026-11-28T09:20:13.000000Z",
        "phase": "open",
        "is_revealed": False,
        "metric": {"name": "accuracy", "title": "Accuracy", "higher_is_better": True, "decimals": 4},
        "teams": 1,
        "submissions": 1,
        "ledger_head": board.head,
        "frozen_at": None,
        "standings": [
            {
                "rank": 1,
                "is_tied": False,
                "team": "ada",
                "team_id": board.rows[0].team_id,
                "state": "ranked",
                "score": 0.30000000000000004,
                "low": None,
                "high": None,
                "best_rank": None,
                "worst_rank": None,
                "submission": board.rows[0].submission,
                "group": "",
                "submissions": 1,
                "last_at": "2026-11-22T01:00:00.000000Z",
                "counted_at": "2026-11-22T01:00:00.000000Z",
                "source": "",
            }
        ],
    }
    head = json.dumps({**json.loads(text), "standings": []}, sort_keys=True, indent=1, ensure_ascii=False)
    line = json.dumps(json.loads(text)["standings"][0], sort_keys=True)
    assert text == head.replace('"standings": []', f'"standings": [\n  {line}\n ]') + "\n"
    assert all(f"\n    {key} " in str(data.__doc__) for key in json.loads(text))


def test_csv_document() -> None:
    """The CSV has a documented column for each fact of a standing; what there is not is an empty cell."""
    text = data.as_csv(small_board())

    assert text.splitlines()[0] == (
        "rank,is_tied,team,team_id,state,score,low,high,best_rank,worst_rank,submissions,last_at,counted_at,submission,"
        "group,source"
    )
    assert [row["rank"] for row in csv.DictReader(io.StringIO(text))] == ["1", "2", "2", "", "", ""]
    assert text.splitlines()[-1].endswith(",unscored,,,,,,1,2026-11-22T09:00:00.000000Z,,,,")
    assert "\r" not in text
    split = {"interval", "ranks"}
    assert {field.name for field in fields(Standing)} - split < set(data.COLUMNS)
    documented = str(data.__doc__).replace("low, high ", "low \n    high ")
    assert all(f"\n    {column} " in documented for column in data.COLUMNS)


def test_intervals_ranks_and_groups_in_the_data() -> None:
    """Interval and rank interval are two columns each; a group is its team's."""
    board = small_board()
    rules = replace(board.competition, groups={"Tartu": ("first",)})
    first = replace(board.rows[0], interval=(0.85, 0.95), ranks=(1, 3), submission=7)
    board = replace(board, competition=rules, rows=(first, *board.rows[1:]))

    row, other, *_ = csv.DictReader(io.StringIO(data.as_csv(board)))

    assert [row[name] for name in ("low", "high", "best_rank", "worst_rank", "submission", "group")] == [
        *("0.85", "0.95", "1", "3", "7", "Tartu")
    ]
    assert (other["low"], other["best_rank"], other["group"]) == ("", "", "")
    assert json.loads(data.as_json(board))["standings"][0]["high"] == 0.95


def test_json_of_an_empty_board() -> None:
    """A board without rows has an empty list, and is a whole document."""
    assert json.loads(data.as_json(Book().board()))["standings"] == []


@given(name=st.text(min_size=1))
def test_any_title_keeps_the_json_whole(name: str) -> None:
    """The rows come in where they belong, whatever a title or a team says."""
    board = small_board()
    rules = replace(board.competition, title=name + '\n "standings": []')
    rows = (replace(board.rows[0], team=name), *board.rows[1:])

    document = json.loads(data.as_json(replace(board, competition=rules, rows=rows)))

    assert document["competition"]["title"] == rules.title
    assert [row["team"] for row in document["standings"]] == [row.team for row in rows]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_name_in_the_data(name: str) -> None:
    """In the CSV no name begins a formula or a cell of its own; in the JSON a name is itself."""
    book = Book()
    book.submit(name, 0.5)

    rows = list(csv.reader(io.StringIO(data.as_csv(book.board()), newline="")))

    assert [len(row) for row in rows] == [len(data.COLUMNS)] * 2
    assert rows[1][2] in {name, f"'{name}"}
    assert not rows[1][2].startswith(data.FORMULA_STARTS)
    assert json.loads(data.as_json(book.board()))["standings"][0]["team"] == name


def test_negative_score_is_no_formula() -> None:
    """An apostrophe stands before names only: a negative score is a number."""
    book = Book()
    book.submit("ada", -0.5)

    assert next(csv.DictReader(io.StringIO(data.as_csv(book.board()))))["score"] == "-0.5"


def test_outputs_agree() -> None:
    """Page, JSON and CSV have the same teams in the same order: the board's."""
    board = small_board()

    assert (
        Text(page.html(board)).names
        == [row["team"] for row in json.loads(data.as_json(board))["standings"]]
        == [row["team"] for row in csv.DictReader(io.StringIO(data.as_csv(board)))]
        == [row.team for row in board.rows]
    )
