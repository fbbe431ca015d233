"""Rules of grader/solution.py and grader/split.py."""

import stat
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import solution, split
from grader.solution import BrokenSolution
from starter.rows import keyed_order
from submissions.competition import Competition
from submissions.row_ids import RowIds

KEY = bytes(range(32))
IDS = [str(number) for number in range(1000)]
LABELS = [str(number % 7) for number in range(1000)]
TEXT = "id,label,Usage\n1,0,Public\n2,1,Private\n3,2,Public\n4,3,Private\n5,4,Public\n6,5,Ignored\n"


def write(folder: Path, text: str) -> None:
    (folder / "solution.csv").write_text(text)


def test_the_solution_is_placed_by_row_id(tmp_path: Path, competition: Competition, row_ids: RowIds) -> None:
    """Rows of the solution may stand in any order; ignored rows belong to neither share."""
    header, *rows = TEXT.splitlines(keepends=True)
    write(tmp_path, header + "".join(reversed(rows)))
    loaded = solution.load(tmp_path / solution.FILE, competition, row_ids)

    assert loaded.values.tolist() == [[0], [1], [2], [3], [4], [5]]
    assert loaded.public.tolist() == [0, 2, 4]
    assert loaded.private.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2,1,Private\n", "", "lacks 1 of the sample submission's row ids"),
        ("2,1,Private", "1,1,Private", "line 3: the row id was given before"),
        ("2,1,Private", "9,1,Private", "line 3: the row id is not in the sample submission"),
        ("2,1,Private", "2,cat,Private", "line 3: the label is not one of the competition's labels"),
        ("2,1,Private", "2,1,Secret", "line 3: Usage must be Public, Private or Ignored"),
        ("2,1,Private", "2,1", "line 3: expected 3 cells"),
        ("id,label,Usage", "id,label,usage", "line 1: the header must be id,label,Usage"),
        ("Private", "Public", "has no Private row to score on"),
    ],
)
def test_a_broken_solution_is_named_without_its_labels(
    tmp_path: Path, competition: Competition, row_ids: RowIds, old: str, new: str, message: str
) -> None:
    """What is wrong with the solution is told with its line, and never with a label."""
    write(tmp_path, TEXT.replace(old, new))
    with pytest.raises(BrokenSolution) as caught:
        solution.load(tmp_path / solution.FILE, competition, row_ids)

    assert str(caught.value).endswith(message)
    assert "cat" not in str(caught.value)


ABC = ("a", "b", "c")


@pytest.mark.parametrize(
    ("changes", "header", "cells", "values", "perfect"),
    [
        (
            {"kind": "probability", "labels": ABC, "columns": ABC, "label_column": "species"},
            "species",
            ["b", "a"],
            [[1], [0]],
            [[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]],
        ),
        (
            {"kind": "probability", "labels": ("no", "yes"), "columns": ("yes",)},
            "label",
            ["yes", "no"],
            [[1], [0]],
            [[1.0], [0.0]],
        ),
        (
            {"kind": "ranking", "labels": ABC, "k": 2},
            "label",
            ["c", "b a c"],
            [[2, -1, -1], [1, 0, 2]],
            [[2, -1], [1, 0]],
        ),
        ({"kind": "number", "labels": (), "columns": ("x", "y")}, "x,y", ["1,2.5", "3,4"], [[1, 2.5], [3, 4]], None),
        ({"columns": ("x", "y")}, "x,y", ["1,2", "3,4"], [[1, 2], [3, 4]], None),
    ],
    ids=["probabilities", "one probability", "rankings", "numbers", "labels"],
)
def test_the_truth_of_every_kind(
    tmp_path: Path,
    competition: Competition,
    row_ids: RowIds,
    changes: dict[str, Any],
    header: str,
    cells: list[str],
    values: list[list[float]],
    perfect: list[list[float]] | None,
) -> None:
    """Probabilities are held against one label, rankings against labels, several columns against as many."""
    rules = replace(competition, **changes)
    shares = ("Public", "Private")
    rows = "".join(f"{row},{cells[row % 2 == 0]},{shares[row % 2]}\n" for row in range(1, 7))
    write(tmp_path, f"id,{header},Usage\n{rows}")
    loaded = solution.load(tmp_path / solution.FILE, rules, row_ids)

    assert loaded.values.tolist() == values * 3
    assert loaded.perfect(rules).tolist() == (perfect or values) * 3


def test_a_missing_solution_is_named(tmp_path: Path, competition: Competition, row_ids: RowIds) -> None:
    """No solution is a message with its path."""
    with pytest.raises(BrokenSolution, match=r"solution\.csv is missing"):
        solution.load(tmp_path / solution.FILE, competition, row_ids)


def test_the_solution_is_written_once_and_for_its_owner(tmp_path: Path, competition: Competition) -> None:
    """The hidden labels are readable by their owner only, and never overwritten."""
    ids, labels = ["1", "2", "3", "4", "5", "6"], ["0", "1"] * 3
    split.hide(tmp_path, competition, ids, labels, KEY)

    for name in ("solution.csv", "key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        split.hide(tmp_path, competition, ids, labels, KEY)
    assert split.usage(ids, labels, 0.5, bytes.fromhex((tmp_path / "key").read_text())) == [
        line.split(",")[2] for line in (tmp_path / "solution.csv").read_text().splitlines()[1:]
    ]


@given(st.permutations(range(40)), st.floats(0.1, 0.9))
def test_the_split_depends_on_row_id_and_label_only(order: list[int], share: float) -> None:
    """The same key gives each row the same share, in whatever order the rows come."""
    usage = split.usage(IDS[:40], LABELS[:40], share, KEY)
    shuffled = split.usage([IDS[at] for at in order], [LABELS[at] for at in order], share, KEY)

    assert shuffled == [usage[at] for at in order]


@given(st.lists(st.sampled_from("abc"), min_size=10, max_size=200), st.floats(0.05, 0.95))
def test_the_split_is_stratified(labels: list[str], share: float) -> None:
    """Each label has its share of public rows to the nearest row, and so has the whole."""
    usage = split.usage(IDS[: len(labels)], labels, share, KEY)
    public = Counter(label for label, used in zip(labels, usage, strict=True) if used == "Public")

    assert sum(public.values()) == round(len(labels) * share)
    for label, size in Counter(labels).items():
        assert abs(public[label] - size * share) < 1


def test_the_published_order_of_the_rows_says_nothing_of_the_split() -> None:
    """The test rows are published in an order made with the same key: the split does not follow from it."""
    order = {row_id: rank for rank, row_id in enumerate(IDS[at] for at in keyed_order(IDS, KEY))}
    usage = split.usage(IDS, LABELS, 0.3, KEY)
    guessed = ["Public" if order[row_id] < 300 else "Private" for row_id in IDS]
    right = sum(one == other for one, other in zip(usage, guessed, strict=True))

    assert right == pytest.approx(1000 * (0.3 * 0.3 + 0.7 * 0.7), abs=60)  # as many as by chance: 580, 4 deviations


def test_another_key_is_another_split() -> None:
    """Who lacks the key cannot tell the split."""
    assert split.usage(IDS, LABELS, 0.3, KEY) != split.usage(IDS, LABELS, 0.3, bytes(32))
