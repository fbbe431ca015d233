"""The debrief's facts, from the files to the ledger: what is found, when, and how much of it."""

import base64
import json
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from conftest import CASES, Clock, Run, make_folder
from grader import debrief as module
from grader.debrief import debrief, majority
from grader.judging import open_judge
from grader.pictures import SIDE, png
from leaderboard import debrief as page
from leaderboard.standings import gather
from starter.archives import npz
from submissions.folder import Folder
from submissions.record import chain
from submissions.record.entries import Entry

ROWS, PUBLIC = 40, 10
RULES = (
    (CASES / "competition.toml")
    .read_text()
    .replace("max_bytes = 1000", "")
    .replace("public_share = 0.5", "public_share = 0.25")
)
TRUTH = np.arange(ROWS) % 10
Make = Callable[..., Folder]


def wrong(*rows: int, by: int = 1) -> NDArray[np.int64]:
    """The true labels, but of these rows the one `by` further on."""
    labels = TRUTH.copy()
    labels[list(rows)] = (labels[list(rows)] + by) % 10
    return labels


# Rows 10 to 39 are private; of Ada row 12 is wrong, of Bob 12 and 13, …
TOLD = {"Ada": wrong(12), "Bob": wrong(12, 13), "Cleo": wrong(12, 13, 14), "Dan": wrong(12, 13, 15, 16, 17, by=2)}


def file(cells: Sequence[Any], columns: str = "label") -> bytes:
    return f"id,{columns}\n".encode() + b"".join(f"{row},{cell}\n".encode() for row, cell in enumerate(cells, 1))


@pytest.fixture
def make(tmp_path: Path, run: Run, clock: Clock) -> Make:
    """A competition with these files of teams, after the deadline."""

    def make(
        told: dict[str, Sequence[Any]], rules: str = RULES, truth: Sequence[Any] = TRUTH, columns: str = "label"
    ) -> Folder:
        made = make_folder(tmp_path / "competition", rules, list(truth), public=PUBLIC)
        for team, cells in told.items():
            (tmp_path / "submission.csv").write_bytes(file(cells, columns))
            assert run("submit", tmp_path / "submission.csv", "--team", team, "-C", made.root)[0] == 0
        clock.now = made.competition().deadline + timedelta(hours=1)
        return made

    return make


def add_images(folder: Folder, ids: Sequence[int]) -> NDArray[np.uint8]:
    """Images for the kit, stored under these row ids; in the order of the row ids each is as bright as its place."""
    images = np.repeat(np.array([row - 1 for row in ids], np.uint8), 6).reshape(-1, 2, 3)
    (folder.starter / "test_images.npz").write_bytes(npz({"id": np.array([*map(str, ids)]), "image": images}))
    (folder.starter / "train_images.npz").write_bytes(npz({"image": images[:1], "label": np.array([0])}))
    return images


def entries(folder: Folder) -> list[Entry]:
    with folder.open_ledger() as ledger, ledger.reading() as view:
        chain.verify(view)
        return list(view.entries())


def debriefed(folder: Folder) -> list[Any]:
    return [entry.body for entry in entries(folder) if entry.kind == "debriefed"]


def pixels(data: bytes) -> list[list[int]]:
    """The grey values of a picture, read as the standard has it; its sums are checked."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size]) == (zlib.crc32(name + body),)
        chunks[name], at = body, at + 12 + size
    assert [*chunks] == [b"IHDR", b"IDAT", b"IEND"]
    width, height, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert rest == [8, 0, 0, 0, 0]
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not lines[:, 0].any()
    return [[*map(int, line)] for line in lines[:, 1:]]


def test_it_tells_what_the_winner_confused(make: Make, run: Run) -> None:
    """Of the best file, each private row is counted by its label and prediction, and the errors are named."""
    folder = make(TOLD)
    assert run("reveal", "-C", folder.root)[0] == 0
    [found] = debriefed(folder)
    table = np.diag([3] * 10)
    table[2, 2], table[2, 3] = 2, 1

    assert (found["rows"], found["teams"]) == (30, 4)
    assert found["confusion"] == {
        "right": 29,
        "largest": [["2", "3", 1, 3]],
        "labels": [*"0123456789"],
        "counts": table.tolist(),
    }
    assert found["hardest"] is None


def test_all_teams_vote(make: Make, run: Run) -> None:
    """The majority has the winner's error only; the vote is scored like a submission, on the private rows."""
    folder = make(TOLD)
    run("reveal", "-C", folder.root)

    [found] = debriefed(folder)
    assert found["crowd"] == {"way": "majority", "score": pytest.approx(28 / 30)}


def test_two_teams_are_no_crowd(make: Make, run: Run) -> None:
    """Where each tie is the better team's, two teams say what the better one says: nothing is told of them."""
    folder = make({"Ada": TOLD["Ada"], "Bob": TOLD["Bob"]})
    run("reveal", "-C", folder.root)

    assert [found["crowd"] for found in debriefed(folder)] == [None]


@given(arrays.arrays(np.int32, st.tuples(st.integers(1, 6), st.integers(1, 9)), elements=st.integers(0, 3)))
def test_majority_and_ties(said: NDArray[np.int32]) -> None:
    """What most say; in a tie the first team whose answer is among those said most often."""

    def expected(votes: list[int]) -> int:
        most = max(map(votes.count, votes))
        return next(vote for vote in votes if votes.count(vote) == most)

    def told() -> Iterator[NDArray[np.int32]]:
        return iter(said[:, :, None])

    found = majority(told, 4)

    assert found.shape == (said.shape[1], 1)
    assert found[:, 0].tolist() == [expected(votes) for votes in said.T.tolist()]


def test_many_cells_are_gone_through_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is held at once has a bound, and the answer does not depend on it."""
    said = np.random.default_rng(0).integers(0, 3, (5, 50, 2))
    numbers = said.astype(float)
    whole = majority(lambda: iter(said), 3), module._median(lambda: iter(numbers), 5)
    monkeypatch.setattr(module, "_HELD", 21)

    parts = majority(lambda: iter(said), 3), module._median(lambda: iter(numbers), 5)

    assert [one.tolist() for one in parts] == [one.tolist() for one in whole]
    assert whole[1].tolist() == np.median(numbers, axis=0).tolist()


def test_the_hardest_images(make: Make, run: Run) -> None:
    """The images that the most teams have wrong, of equals those beyond the better teams; each with what was said."""
    folder = make(TOLD)
    add_images(folder, [*range(ROWS, 0, -1)])
    code, _, err = run("reveal", "-C", folder.root)
    [found] = debriefed(folder)

    assert (code, err) == (0, "")
    told = [(one["row_id"], one["truth"], one["right"], one["said"]) for one in found["hardest"]]
    assert told == [
        ("13", "2", 0, [["3", 3], ["4", 1]]),
        ("14", "3", 1, [["4", 2], ["5", 1]]),
        ("15", "4", 3, [["5", 1]]),
        ("16", "5", 3, [["7", 1]]),
        ("17", "6", 3, [["8", 1]]),
        ("18", "7", 3, [["9", 1]]),
    ]
    shades = [round((int(one["row_id"]) - 1) * 255 / (ROWS - 1)) for one in found["hardest"]]
    assert [pixels(base64.b64decode(one["png"])) for one in found["hardest"]] == [[[one] * 3] * 2 for one in shades]


def test_a_kit_without_an_image_is_told(make: Make, run: Run) -> None:
    """Where a test row has no image there are none, and why is said; the rest is debriefed."""
    folder = make(TOLD)
    add_images(folder, [*range(1, ROWS)])
    code, _, err = run("reveal", "-C", folder.root)

    assert (code, err) == (0, "the debrief has no images: test_images.npz lacks row id '40'\n")
    assert [found["hardest"] for found in debriefed(folder)] == [None]


def test_a_broken_kit_is_told(make: Make, run: Run) -> None:
    """Images that cannot be read stop no reveal."""
    folder = make(TOLD)
    add_images(folder, [*range(1, ROWS + 1)])
    (folder.starter / "test_images.npz").write_bytes(b"no archive")
    code, _, err = run("reveal", "-C", folder.root)

    assert code == 0
    assert err.startswith(f"the debrief has no images: {folder.starter / 'test_images.npz'} cannot be read")
    assert len(debriefed(folder)) == 1


def test_it_has_a_bound(make: Make, run: Run) -> None:
    """Of many labels the largest confusions are told without a table, and of many errors the first twenty images."""
    labels = [f"label {place}" for place in range(1000)]
    rules = RULES.replace(next(line for line in RULES.splitlines() if line.startswith("labels")), f"labels = {labels}")
    truth = [labels[row] for row in range(ROWS)]
    said = [labels[999 - row] for row in range(ROWS)]
    folder = make({f"team {place}": [*said[:10], labels[place], *said[11:]] for place in range(9)}, rules, truth)
    add_images(folder, [*range(1, ROWS + 1)])
    run("reveal", "-C", folder.root)
    [found] = debriefed(folder)

    assert (found["confusion"]["labels"], found["confusion"]["counts"]) == (None, None)
    assert found["confusion"]["largest"][:2] == [["label 10", "label 0", 1, 1], ["label 11", "label 988", 1, 1]]
    assert [len(found["confusion"]["largest"]), len(found["hardest"])] == [20, 20]
    assert {len(one["said"]) for one in found["hardest"]} == {1, 4}
    assert len(json.dumps(found)) < 10_000


def test_before_the_reveal_there_is_nothing(make: Make, run: Run) -> None:
    """Whatever is published before the reveal, the ledger holds no debrief, and no file has one."""
    folder = make(TOLD)
    add_images(folder, [*range(1, ROWS + 1)])
    run("publish", "-C", folder.root)

    assert debriefed(folder) == []
    texts = [path.read_bytes() for path in folder.leaderboard.rglob("*") if path.is_file()]
    assert texts
    assert not any(b"debrief" in text or b"<img" in text for text in texts)


def test_once_and_again_when_the_ranking_changes(make: Make, run: Run) -> None:
    """To publish again finds nothing new; after a disqualification the next best is the winner."""
    folder = make(TOLD)
    run("reveal", "-C", folder.root)
    run("publish", "-C", folder.root)
    assert len(debriefed(folder)) == 1

    run("disqualify", "Ada", "--because", "copied", "-C", folder.root)
    run("publish", "-C", folder.root)

    assert [(found["teams"], found["confusion"]["right"]) for found in debriefed(folder)] == [(4, 29), (3, 28)]


def test_again_when_the_solution_changes(make: Make, run: Run, tmp_path: Path) -> None:
    """Corrected labels make another debrief, even where every score stays."""
    folder = make({"Ada": wrong(12, by=2), "Bob": wrong(12, 13, by=2), "Cleo": wrong(12, 13, 14, by=2)})
    run("reveal", "-C", folder.root)
    solution = (folder.grader / "solution.csv").read_text()
    (tmp_path / "corrected.csv").write_text(solution.replace("13,2,Private", "13,3,Private"))
    done = run("solution", "replace", tmp_path / "corrected.csv", "--because", "a slip", "-C", folder.root)
    assert done[0] == 0
    run("publish", "-C", folder.root)

    assert [found["confusion"]["largest"] for found in debriefed(folder)] == [[["2", "4", 1, 3]], [["3", "4", 1, 4]]]


def test_where_it_cannot_be_done_the_board_is_shown(make: Make, run: Run) -> None:
    """A solution that was changed after the grades is told, and the final board stands without a debrief."""
    folder = make(TOLD)
    run("reveal", "-C", folder.root)
    solution = folder.grader / "solution.csv"
    solution.write_text(solution.read_text().replace("40,9,Private", "40,9,Ignored"))
    run("disqualify", "Ada", "--because", "copied", "-C", folder.root)
    code, _, err = run("publish", "-C", folder.root)

    assert code == 0
    assert "the final board has no debrief: the solution, its split or the scoring was changed" in err
    assert len(debriefed(folder)) == 1


def other_kind(kind: str, metric: str, **keys: str) -> str:
    """The rules for another kind of prediction."""
    lines = [line for line in RULES.splitlines() if not line.startswith(("kind", "metric", *keys))]
    submission, scoring = lines.index("[submission]"), lines.index("[scoring]")
    lines.insert(scoring + 1, f'metric = "{metric}"')
    for line in (f'kind = "{kind}"', *(f"{key} = {value}" for key, value in keys.items() if value)):
        lines.insert(submission + 1, line)
    return "\n".join(lines)


def test_numbers_have_a_median(make: Make, run: Run) -> None:
    """Of numbers the median of all teams is scored: one team that is far off does no harm. There is no matrix."""
    truth = [float(row) for row in range(ROWS)]
    told = {"up": [row + 1 for row in truth], "down": [row - 2 for row in truth], "wild": [1e9 for _ in truth]}
    folder = make(told, other_kind("number", "mae", labels=""), truth)
    run("reveal", "-C", folder.root)
    [found] = debriefed(folder)

    assert found["crowd"] == {"way": "median", "score": 1.0}
    assert (found["confusion"], found["hardest"]) == (None, None)


def test_probabilities_have_a_mean(tmp_path: Path) -> None:
    """Of probabilities the mean of all teams is scored."""
    rules = other_kind("probability", "brier", labels='["no", "yes"]', columns='["p"]')
    folder = make_folder(tmp_path / "p", rules, [0] * 4, public=1)
    (folder.grader / "solution.csv").write_text(
        "id,label,Usage\n1,no,Public\n2,yes,Private\n3,no,Private\n4,yes,Private\n"
    )
    competition = folder.competition()
    judge = open_judge(folder.grader, competition, folder.row_ids(competition))
    told = [np.full((4, 1), share) for share in (0.3, 0.3, 0.9)]

    found = module._crowd(judge, lambda: iter(told), 3)

    assert found == {"way": "mean", "score": pytest.approx(judge.judge(lambda: np.full((4, 1), 0.5))[0].private)}


def test_of_rankings_nothing_is_recorded(make: Make, run: Run) -> None:
    """There is nothing to say of them, and so nothing is recorded."""
    rules = other_kind("ranking", "map_at_k", labels='["a", "b", "c"]')
    folder = make({"Ada": ["a b"] * ROWS, "Bob": ["b"] * ROWS, "Cleo": ["c"] * ROWS}, rules, ["a"] * ROWS)
    assert run("reveal", "-C", folder.root)[0] == 0

    assert debriefed(folder) == []


def test_several_columns_of_labels_have_a_vote(make: Make, run: Run) -> None:
    """With more than one label a row there is the vote, column by column, and no matrix."""
    rules = other_kind("label", "accuracy", columns='["x", "y"]')
    both = [f"{label},{label}" for label in TRUTH]
    off = [f"{(label + 1) % 10},{label}" for label in TRUTH]
    folder = make({"Ada": both, "Bob": off, "Cleo": off}, rules, both, "x,y")
    run("reveal", "-C", folder.root)
    [found] = debriefed(folder)

    assert found["crowd"] == {"way": "majority", "score": 0.5}
    assert (found["confusion"], found["hardest"]) == (None, None)


def test_the_board_finds_its_debrief(make: Make, run: Run, clock: Clock) -> None:
    """The entry that the command records is the one that the final board shows; the public board shows none."""
    folder = make(TOLD)
    run("reveal", "-C", folder.root)
    recorded = entries(folder)
    boards = {name: gather(folder.competition(), recorded, clock.now, name) for name in ("public", "private")}

    assert page.section(boards["public"], recorded) is None
    assert not page.is_due(boards["private"], recorded)
    assert page.section(boards["private"], recorded) is not None


def test_the_facts_do_not_depend_on_the_matrix(make: Make, run: Run) -> None:
    """Read from the files or from what is kept of them, it is the same."""
    folder = make(TOLD)
    run("reveal", "-C", folder.root)
    [found] = debriefed(folder)
    competition = folder.competition()
    judge = open_judge(folder.grader, competition, folder.row_ids(competition))
    files = [entry.file for entry in entries(folder) if entry.kind == "received"]
    for path in (folder.grader / "predictions").iterdir():
        path.unlink()

    again = debrief(judge, folder.ledger, [file for file in files if file])

    assert {**again, "of": found["of"]} == found


@given(
    arrays.arrays(np.uint8, st.tuples(st.integers(1, 200), st.integers(1, 200)), elements=st.integers(0, 16)),
)
def test_pictures_are_small(image: NDArray[np.uint8]) -> None:
    """A picture of any size has at most 64 pixels on a side, and the grey values of what it is made from."""
    drawn = np.array(pixels(png(image, 16)))
    size = -(-max(image.shape) // SIDE)

    assert max(drawn.shape) <= SIDE
    if size == 1:
        assert drawn.tolist() == np.rint(image * (255 / 16)).astype(int).tolist()
    elif min(image.shape) >= size:
        assert drawn[0, 0] == round(float(image[:size, :size].mean() * 255 / 16))
