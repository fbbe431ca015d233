"""The starter kit: complete, valid, the same twice, and silent about the hidden labels."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from grader.metrics import METRICS
from starter import archives, kit, readme
from starter.dataset import Dataset, row_ids, shuffled
from starter.sources import digits
from submissions import competition as competitions
from submissions import predictions, rules_text
from submissions.competition import Competition
from submissions.row_ids import RowIds

IMAGE_FILES = [
    "README.md",
    "baseline.ipynb",
    "sample_submission.csv",
    "train_images.npz",
    "test_images.npz",
    "digits-kit.zip",
]


def toml_for(data: Dataset) -> bytes:
    """The rules of a competition on this data set."""
    return rules_text.write(
        slug=data.name,
        title=data.title,
        host="Machine Learning Month",
        opens=datetime(2026, 11, 22, tzinfo=UTC),
        deadline=datetime(2026, 12, 7, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12))),
        labels=data.labels,
        metric="accuracy",
    ).encode()


def competition_on(data: Dataset) -> Competition:
    return competitions.parse(toml_for(data).decode())


def write(data: Dataset, folder: Path) -> dict[str, bytes]:
    """The files of the kit as they are on disk, by name."""
    return {path.name: path.read_bytes() for path in kit.write(data, competition_on(data), folder, toml_for(data))}


@pytest.fixture
def images() -> Dataset:
    return shuffled(digits.load(None, say=lambda _: None), b"secret")


@pytest.fixture
def table() -> Dataset:
    train = pd.DataFrame({"age": [22.5, None, 4.0], "home": ["York", "", 'a "b", c']})
    return Dataset(
        name="titanic",
        title="Titanic: who survived?",
        labels=("0", "1"),
        label_names=("died", "survived"),
        train_features=train,
        train_labels=np.array([0, 1, 1]),
        test_features=train.iloc[:2],
        test_labels=np.array([1, 0]),
    )


def test_a_kit_of_images_is_whole(images: Dataset, tmp_path: Path) -> None:
    """The folder holds what was promised, and nothing else."""
    assert list(write(images, tmp_path / "starter")) == IMAGE_FILES
    assert sorted(path.name for path in (tmp_path / "starter").iterdir()) == sorted(IMAGE_FILES)


def test_images_load_without_pickle(images: Dataset, tmp_path: Path) -> None:
    """The arrays come back as they were, and numpy need not trust the file."""
    write(images, tmp_path)

    with np.load(tmp_path / "train_images.npz", allow_pickle=False) as train:
        assert np.array_equal(train["image"], images.train_features)
        assert np.array_equal(train["label"], images.train_labels)
        assert train["label_name"].tolist() == list(images.label_names)
        assert {*train} == {"image", "label", "label_name"}
    with np.load(tmp_path / "test_images.npz", allow_pickle=False) as test:
        assert np.array_equal(test["image"], images.test_features)
        assert tuple(test["id"].tolist()) == row_ids(images)
        assert {*test} == {"id", "image"}


def test_a_table_is_written_as_csv(table: Dataset) -> None:
    """Training rows end in their label, test rows begin with their row id, and nothing known is lost."""
    files = kit.contents(table, competition_on(table))

    assert files["train.csv"] == b'age,home,label\n22.5,York,0\n,,1\n4.0,"a ""b"", c",1\n'
    assert files["test.csv"] == b"id,age,home\n0,22.5,York\n1,,\n"


def test_the_sample_submission_is_valid(images: Dataset) -> None:
    """The desk accepts it, and its labels take turns by row, so that they say nothing."""
    rules = competition_on(images)
    sample = kit.sample_submission(images, rules)

    assert sample.startswith(b"id,label\n%d,0\n%d,1\n%d,2\n" % tuple(images.first_row_id + row for row in range(3)))
    assert b"\r" not in sample
    assert predictions.read(sample, rules, RowIds(row_ids(images))).values.ravel().tolist() == [*range(10)] * 50


def test_the_sample_submission_has_the_competitions_columns(table: Dataset) -> None:
    """Row ids and labels stand under the names that the rules give them."""
    rules = replace(competition_on(table), id_column="passenger", columns=("survived",))

    assert kit.sample_submission(table, rules) == b"passenger,survived\n0,0\n1,1\n"


def test_the_zip_holds_the_kit_and_the_rules(images: Dataset, tmp_path: Path) -> None:
    """Unpacked, the zip is one folder with the same files, and competition.toml for `podium check`."""
    files = write(images, tmp_path)
    packed = files.pop("digits-kit.zip")

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        unpacked = {name: archive.read(name) for name in archive.namelist()}
        assert archive.testzip() is None
    assert unpacked == {f"digits/{name}": content for name, content in {**files, kit.TOML: toml_for(images)}.items()}


@pytest.mark.parametrize("name", ["images", "table"])
def test_the_same_input_gives_the_same_bytes(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """A kit made twice is one kit, to the last byte of its archives."""
    data = request.getfixturevalue(name)

    assert write(data, tmp_path / "one") == write(data, tmp_path / "two")


@pytest.mark.parametrize("name", ["images", "table"])
def test_hidden_labels_change_nothing(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """No byte of the kit depends on the labels of the test rows."""
    data = request.getfixturevalue(name)
    others = replace(data, test_labels=(data.test_labels + 1) % len(data.labels))

    assert write(data, tmp_path / "one") == write(others, tmp_path / "two")


def test_a_kit_is_written_over_the_old_one(images: Dataset, tmp_path: Path) -> None:
    """Writing again replaces each file, and leaves nothing half written beside it."""
    before = write(images, tmp_path)
    fewer = replace(images, test_features=images.test_features[:7], test_labels=images.test_labels[:7])
    after = write(fewer, tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(IMAGE_FILES)
    assert after["test_images.npz"] != before["test_images.npz"]
    assert after["train_images.npz"] == before["train_images.npz"]


def test_a_file_that_cannot_be_placed_leaves_no_rest(images: Dataset, tmp_path: Path) -> None:
    """Where a file cannot be moved into its place, the error says so, and no part of it stays behind."""
    (tmp_path / "train_images.npz" / "in the way").mkdir(parents=True)

    with pytest.raises(OSError, match=r"train_images\.npz"):
        write(images, tmp_path)

    assert not list(tmp_path.glob(".*"))


def test_archives_know_no_clock_and_no_system() -> None:
    """Entries are sorted, dated to the first moment a zip can name, and readable on every system."""
    packed = archives.zipped({"b.txt": b"text", "a.npz": b"packed already"})

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["a.npz", "b.txt"]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert [entry.compress_type for entry in entries] == [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]


def test_the_readme_tells_the_rules_in_words(images: Dataset) -> None:
    """A participant finds the files, the dates, the metric, the limits and what to type."""
    text = kit.contents(images, competition_on(images))["README.md"].decode()

    for line in (
        "# Digits: which one is written here?",
        "| `train_images.npz` | 1,297 images of 8 × 8 pixels of 0 to 16 (`image`), their labels (`label`), and what "
        "each label means (`label_name`) |",
        "| `test_images.npz` | 500 images without labels (`image`) and their row ids (`id`) |",
        "| `3` | three |",
        images.source,
        "| opens | Sunday, 22 November 2026, 00:00:00 UTC |",
        "| last second that counts | Tuesday, 8 December 2026, 11:59:59 UTC; "
        "that is 7 December, 23:59:59 at UTC-12:00 |",
        "What arrives later is scored and shown as late, outside the ranking.",
        "You may send at most 5 a day (UTC) from each team. A file has 10 MB at most.",
        "    podium check submission.csv",
    ):
        assert line in text.splitlines()
    assert "the share of the test rows whose label you predicted" in text
    assert "your score on 30 % of the test rows" in text
    assert "$" not in text


def test_the_readme_of_a_table_names_its_columns(table: Dataset) -> None:
    """The label and the row id are named as the competition names them."""
    text = readme.text(table, competition_on(table))

    assert "| `train.csv` | 3 rows, the last column is the label (`label`) |" in text.splitlines()
    assert "| `test.csv` | 2 rows without labels, the first column is the row id (`id`) |" in text.splitlines()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"late": "refused"}, "What arrives later is refused."),
        (
            {"grace_seconds": 600, "late": "refused"},
            "After that there are 10 min of grace. What arrives later is refused.",
        ),
        (
            {"grace_seconds": 90, "late": "refused"},
            "After that there are 90 s of grace. What arrives later is refused.",
        ),
        ({"daily_limit": 0}, "You may send as many as you like. A file has 10 MB at most."),
        ({"metric": "own"}, "The score is `own`."),
    ],
)
def test_the_readme_follows_the_rules(table: Dataset, changes: dict[str, object], sentence: str) -> None:
    """Other rules, other words."""
    rules = replace(competition_on(table), **changes)  # type: ignore[arg-type]

    assert sentence in readme.text(table, rules).splitlines()


def test_every_metric_is_explained() -> None:
    """A metric that the grader offers is told in words."""
    assert {*METRICS} <= {*readme.METRICS}
