"""How sure the final board is, from the files to the page: measured once, and again when ranks change."""

import json
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from conftest import CASES, WEDNESDAY, Clock, Run, make_folder
from grader.uncertainty import intervals
from leaderboard.standings import Board, Standing, gather
from submissions.folder import Folder
from submissions.record import chain

ROWS, PUBLIC = 600, 300
TRUTH = np.arange(ROWS) % 10
RULES = (CASES / "competition.toml").read_text().replace("max_bytes = 1000", "")
RIGHT = {"Ada": 270, "Bob": 264, "Cleo": 180, "Copy of Bob": 264}


def file(right: int, mark: int) -> bytes:
    """So many of the private rows are right; `mark` makes the files differ on a public row."""
    labels = np.where(np.arange(ROWS) < PUBLIC + right, TRUTH, (TRUTH + 1) % 10)
    labels[mark] = 9 - labels[mark]
    return b"id,label\n" + b"".join(b"%d,%d\n" % (row, label) for row, label in enumerate(labels, start=1))


@pytest.fixture
def folder(tmp_path: Path, run: Run, clock: Clock) -> Folder:
    """Four teams, received and graded, after the deadline."""
    made = make_folder(tmp_path / "final", RULES, list(TRUTH), public=PUBLIC)
    for mark, (team, right) in enumerate(RIGHT.items()):
        path = tmp_path / "submission.csv"
        path.write_bytes(file(right, mark))
        assert run("submit", path, "--team", team, "-C", made.root)[0] == 0
    clock.now = made.competition().deadline + timedelta(hours=1)
    return made


def final(folder: Folder, clock: Clock) -> Board:
    with folder.open_ledger() as ledger, ledger.reading() as view:
        chain.verify(view)
        return gather(folder.competition(), list(view.entries()), clock.now, "private")


def rows(folder: Folder, clock: Clock) -> dict[str, Standing]:
    return {row.team: row for row in final(folder, clock).rows}


def measured(folder: Folder) -> int:
    with folder.open_ledger() as ledger, ledger.reading() as view:
        return len(list(view.entries("measured")))


def test_the_final_board_tells_what_is_sure(folder: Folder, run: Run, clock: Clock) -> None:
    """Each score has its Wilson interval, each team the ranks it may have; equal files have equal ones."""
    assert run("reveal", "-C", folder.root)[0] == 0
    found = rows(folder, clock)

    assert {team: row.interval for team, row in found.items()} == {
        team: intervals.wilson(right / PUBLIC, ROWS - PUBLIC) for team, right in RIGHT.items()
    }
    assert {team: row.ranks for team, row in found.items()} == {
        "Ada": (1, 1),
        "Bob": (2, 3),
        "Copy of Bob": (2, 3),
        "Cleo": (4, 4),
    }
    assert [team for team, row in found.items() if row.may_be_first] == ["Ada"]
    document = json.loads((folder.leaderboard / "final.json").read_text())
    assert [(one["best_rank"], one["worst_rank"]) for one in document["standings"]] == [(1, 1), (2, 3), (2, 3), (4, 4)]


def test_nothing_of_it_is_known_before_the_reveal(folder: Folder, run: Run) -> None:
    """Before the reveal nothing is measured, whatever is published."""
    run("publish", "-C", folder.root)

    assert measured(folder) == 0
    assert "best_rank" in (folder.leaderboard / "leaderboard.csv").read_text().splitlines()[0]


def test_it_is_measured_once(folder: Folder, run: Run) -> None:
    """To publish again measures nothing again, as long as the ranks are the same."""
    run("reveal", "-C", folder.root)
    run("publish", "-C", folder.root)
    run("reveal", "-C", folder.root)

    assert measured(folder) == 1


def test_it_is_measured_again_when_ranks_change(folder: Folder, run: Run, clock: Clock) -> None:
    """After a disqualification the ranks are those among the teams that are left."""
    run("reveal", "-C", folder.root)
    run("disqualify", "Ada", "--because", "copied", "-C", folder.root)
    assert {row.ranks for row in final(folder, clock).rows} == {None}
    run("publish", "-C", folder.root)

    assert measured(folder) == 2
    assert [(row.team, row.rank, row.ranks) for row in final(folder, clock).rows] == [
        ("Bob", 1, (1, 2)),
        ("Copy of Bob", 1, (1, 2)),
        ("Cleo", 3, (3, 3)),
        ("Ada", None, None),
    ]


def test_the_board_does_not_depend_on_the_matrix(folder: Folder, run: Run, clock: Clock) -> None:
    """Measured from the files or from what is kept of them, it is the same, on any day."""
    run("reveal", "-C", folder.root)
    first = [(row.interval, row.ranks) for row in final(folder, clock).rows]
    for path in (folder.grader / "predictions").iterdir():
        path.unlink()
    run("disqualify", "Cleo", "--because", "to and fro", "-C", folder.root)
    run("publish", "-C", folder.root)
    run("disqualify", "Cleo", "--undo", "--because", "to and fro", "-C", folder.root)
    run("publish", "-C", folder.root)

    assert [(row.interval, row.ranks) for row in final(folder, clock).rows] == first


def test_where_it_cannot_be_measured_the_board_is_shown(folder: Folder, run: Run, clock: Clock) -> None:
    """A solution that was changed after the grades is told, and the final board stands without intervals."""
    run("reveal", "-C", folder.root)
    solution = folder.grader / "solution.csv"
    solution.write_text(solution.read_text().replace("600,9,Private", "600,9,Ignored"))
    run("disqualify", "Ada", "--because", "copied", "-C", folder.root)
    code, _, err = run("publish", "-C", folder.root)

    assert code == 0
    assert err.startswith("the final board has no intervals: the solution, its split or the scoring was changed")
    assert {row.interval for row in final(folder, clock).rows} == {None}
    assert clock.now > WEDNESDAY
