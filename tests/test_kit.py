"""The starter kit: complete, valid, the same twice, and silent about the hidden labels."""

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from commands.creation import Wanted, create
from commands.host import Host
from grader import lint
from grader.metric import Task
from grader.metrics import METRICS
from starter import archives, kit, kit_data, metric_words, readme
from starter.dataset import Dataset, Original, numbered, shuffled
from starter.kit_data import BrokenKit
from starter.sources import digits
from submissions import checking, predictions, rules_text
from submissions import competition as competitions
from submissions.competition import Competition
from submissions.row_ids import RowIds
from submissions.rules import InvalidCompetition
from submissions.rules_text import Draft

IMAGE_FILES = [
    "README.md",
    "baseline.ipynb",
    "check.pyz",
    "digits-kit.zip",
    "pictures.py",
    "sample_submission.csv",
    "test_images.npz",
    "train_images.npz",
]


def toml_for(data: Dataset) -> bytes:
    """The rules of a competition on this data set."""
    return rules_text.write(
        Draft(
            slug=data.name,
            title=data.title,
            host="Machine Learning Month",
            opens=datetime(2026, 11, 22, tzinfo=UTC),
            deadline=datetime(2026, 12, 7, 23, 59, 59, tzinfo=timezone(timedelta(hours=-12))),
            labels=data.labels,
            label_column=data.label_column,
            label_names=data.label_names,
            source=data.source,
            dataset=data.name,
            metric="accuracy" if data.labels else "rmse",
        )
    ).encode()


def competition_on(data: Dataset) -> Competition:
    return competitions.parse(toml_for(data).decode())


def write(data: Dataset, folder: Path) -> dict[str, bytes]:
    """The files of the kit as they are on disk, by name."""
    kit.write_data(data, folder)
    kit.write(folder, competition_on(data), toml_for(data), {})
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


HOUSES = Dataset(
    name="own",
    title="Houses",
    labels=(),
    label_names=(),
    train_features=pd.DataFrame({"rooms": [1, 2, 3]}),
    train_labels=np.array([0.1, 2e5, 1e30]),
    test_features=pd.DataFrame({"rooms": [4, 5]}),
    row_ids=("0", "1"),
    label_column="price",
)


def random_table(labels: tuple[str, ...]) -> Original:
    """Rows of chance, with a number or one of these labels to predict."""
    chance = np.random.default_rng(5)
    features = pd.DataFrame({"size": chance.random(300), "colour": chance.choice(["red", "blue"], 300)})
    values = chance.integers(0, len(labels), 300) if labels else chance.random(300)
    dataset = replace(
        HOUSES,
        labels=labels,
        train_features=features[:200],
        train_labels=values[:200],
        test_features=features[200:].reset_index(drop=True),
        row_ids=numbered(100),
    )
    return Original(dataset, values[200:])


NOW = datetime(2026, 11, 22, tzinfo=UTC)
ORIGINALS = {
    "images": digits.load(None, say=lambda _: None),
    "labels": random_table(("no", "yes")),
    "numbers": random_table(()),
}


@pytest.fixture
def images() -> Dataset:
    return shuffled(digits.load(None, say=lambda _: None), b"secret").dataset


@pytest.fixture
def houses() -> Dataset:
    return HOUSES


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
        row_ids=("0", "1"),
    )


def test_a_kit_of_images_is_whole(images: Dataset, tmp_path: Path) -> None:
    """The folder holds what was promised, and nothing else."""
    assert list(write(images, tmp_path / "starter")) == IMAGE_FILES


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
        assert tuple(test["id"].tolist()) == images.row_ids
        assert {*test} == {"id", "image"}


def test_a_table_is_written_as_csv(table: Dataset) -> None:
    """Training rows end in their label, test rows begin with their row id, and nothing known is lost."""
    files = kit_data.files(table)

    assert files["train.csv"] == b'age,home,label\n22.5,York,0\n,,1\n4.0,"a ""b"", c",1\n'
    assert files["test.csv"] == b"id,age,home\n0,22.5,York\n1,,\n"


def test_the_sample_submission_is_valid(images: Dataset) -> None:
    """The desk accepts it, and its labels take turns by row, so that they say nothing."""
    rules = competition_on(images)
    sample = kit.sample_submission(images, rules)

    assert sample.startswith(b"id,label\n%d,0\n%d,1\n%d,2\n" % tuple(map(int, images.row_ids[:3])))
    assert b"\r" not in sample
    assert predictions.read(sample, rules, RowIds(images.row_ids)).values.ravel().tolist() == [*range(10)] * 50


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


@pytest.mark.parametrize("kind", ["images", "labels", "numbers"])
def test_hidden_labels_change_nothing(kind: str, tmp_path: Path) -> None:
    """No byte of any public file depends on the labels of the test rows: with others, all are the same."""
    original = ORIGINALS[kind]
    others = replace(original, test_labels=original.test_labels[::-1].copy())
    assert not np.array_equal(original.test_labels, others.test_labels)

    assert public(original, tmp_path / "one") == public(others, tmp_path / "two")


def public(original: Original, root: Path) -> dict[str, bytes]:
    """Every public file of a competition on this data, by name."""
    data = original.dataset
    wanted = Wanted(data.name, data.title, "Host", NOW, NOW + timedelta(days=9), "accuracy" if data.labels else "rmse")
    create(root, original, wanted, key=b"key", host=Host(lambda: NOW, None))
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in lint.public_files(root)}


def test_a_kit_is_written_over_the_old_one(images: Dataset, tmp_path: Path) -> None:
    """Writing again replaces each file, and leaves nothing half written beside it."""
    before = write(images, tmp_path)
    fewer = replace(images, test_features=images.test_features[:7], row_ids=images.row_ids[:7])
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
    text = kit.generated(images, competition_on(images))["README.md"].decode()

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
        "    python check.pyz submission.csv",
    ):
        assert line in text.splitlines()
    assert "the share of the test rows whose label you predicted" in text
    assert "your score on 30 % of the test rows" in text
    assert "$" not in text


def test_the_readme_tells_how_to_send(images: Dataset) -> None:
    """With a desk on the web, three ways to hand a file in; without one, nothing that does not work."""
    rules = competition_on(images)
    plain = readme.text(images, rules)
    told = readme.text(images, replace(rules, desk="https://example.org/cup/"))
    without_notebook = readme.text(images, replace(rules, desk="https://example.org/cup/", columns=("a", "b")))

    assert "Then send the file to the organiser, in the way you were told." in plain
    assert "--submit" not in plain
    assert "    python check.pyz submission.csv --submit" in told.splitlines()
    assert "You join, and make one, at https://example.org/cup/; keep it to yourself." in told
    browser = "In a browser you send it at https://example.org/cup/submit."
    assert f"is not asked. The last cell of the notebook does the same. {browser}" in told
    assert "| `check.pyz` | finds every fault in a submission before you send it, and sends it |" in told
    assert "in the way you were told" not in told
    assert f"is not asked. {browser}" in without_notebook


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


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_is_explained(name: str) -> None:
    """A metric that the grader offers is told in words, with an example whose score is what the grader would say."""
    told, kind = metric_words.METRICS[name], METRICS[name].kind
    true = np.array(told.true, np.float64 if kind == "number" else np.int32)[:, None]
    predicted = np.array(told.rows) if told.rows else np.array(told.predicted, true.dtype)[:, None]

    assert bool(told.rows) == (kind in {"probability", "ranking"})
    assert round(METRICS[name].score(true, predicted, Task(told.labels, told.k)), 4) == told.score


def test_only_metrics_of_the_registry_are_explained() -> None:
    """No words are left of a metric that is not offered any more."""
    assert {*metric_words.METRICS} == {*METRICS}


def test_the_readme_gives_an_example(images: Dataset, houses: Dataset) -> None:
    """The example speaks in the competition's own labels, or in numbers."""
    assert (
        "An example: the truth is 0, 0, 0, 1, and you say 0, 1, 0, 1. The score is 0.75: three of four are right."
    ) in readme.text(images, competition_on(images)).splitlines()
    text = readme.text(houses, competition_on(houses))
    assert "You predict a number, `price`." in text.splitlines()
    assert (
        "An example: the truth is 10, 20, and you say 13, 16. The score is 3.5355: the errors are 3 and 4, and the "
        "square root of (9 + 16) / 2 is that."
    ) in text.splitlines()
    assert "| `not-finite` |" in text
    assert "unknown-label" not in text


SPECIES = ("cat", "dog", "owl")
OF_KINDS: dict[str, dict[str, Any]] = {
    "probabilities": {"kind": "probability", "columns": SPECIES, "labels": SPECIES, "metric": "brier"},
    "one probability": {"kind": "probability", "columns": ("dog",), "labels": SPECIES[:2], "metric": "roc_auc"},
    "rankings": {"kind": "ranking", "labels": SPECIES, "metric": "map_at_k", "k": 2},
    "numbers": {"kind": "number", "labels": (), "columns": ("x", "y"), "metric": "mae"},
    "labels": {"labels": SPECIES, "columns": ("left", "right")},
}


def of_kind(name: str) -> tuple[Dataset, Competition]:
    rows = {"train_features": pd.DataFrame({"size": [1, 2]}), "test_features": pd.DataFrame({"size": [3, 4, 5]})}
    labels = OF_KINDS[name]["labels"]
    data = replace(HOUSES, labels=labels, **rows, train_labels=np.array([0, 1]), row_ids=("7", "8", "9"))
    rules = replace(competition_on(replace(data, label_column="label")), **{"label_names": (), **OF_KINDS[name]})
    return data, rules


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("probabilities", "id,cat,dog,owl\n" + "".join(f"{row}{',0.3333333333333333' * 3}\n" for row in (7, 8, 9))),
        ("one probability", "id,dog\n7,0.5\n8,0.5\n9,0.5\n"),
        ("rankings", "id,label\n7,cat dog\n8,dog owl\n9,owl cat\n"),
        ("numbers", "id,x,y\n7,0.0,0.0\n8,0.0,0.0\n9,0.0,0.0\n"),
        ("labels", "id,left,right\n7,cat,cat\n8,dog,dog\n9,owl,owl\n"),
    ],
)
def test_the_sample_of_every_kind_is_valid_and_says_nothing(name: str, sample: str) -> None:
    """Equal shares, turns or zeros in every column that the rules ask for; the desk takes them."""
    data, rules = of_kind(name)

    assert kit.sample_submission(data, rules).decode() == sample
    assert len(predictions.read(sample.encode(), rules, RowIds(data.row_ids)).values) == 3


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "probabilities",
            [
                "| `sample_submission.csv` | what you send, with dummy values: every row id once, a probability for "
                "each label |",
                "how likely each label is, from 0 to 1; the probabilities of a row sum to 1, to within a thousandth.",
                "| `missing-column` | the header must be `id,cat,dog,owl`, spelled like that |",
                "| `does-not-sum-to-one` | divide each row by its sum: `p / p.sum(axis=1, keepdims=True)` |",
                "    sample[sample.columns[1:]] = ...    # model.predict_proba(test), of shape (rows, columns)",
                "An example with the labels cat, dog, owl: the truth is cat, owl, and you say (0.7, 0.2, 0.1) and "
                "(0.5, 0.3, 0.2). The score is 0.56: 0.3² + 0.2² + 0.1² is 0.14 and 0.5² + 0.3² + 0.8² is 0.98, of "
                "which the mean is that.",
            ],
        ),
        ("one probability", ["how likely `dog` is for each, from 0 to 1."]),
        (
            "rankings",
            [
                "2 labels at most for each: the likeliest first, separated by single spaces.",
                "An example with k = 3: the truth is cat, dog, and you say 'cat dog owl' and 'cat dog owl'. The score "
                "is 0.75: the first truth stands first, the second second, (1 + 1/2) / 2.",
            ],
        ),
        (
            "numbers",
            [
                "You predict 2 numbers, `x`, `y`.",
                "your numbers for each.",
                "The score is the mean absolute error: by how much you are off, on average. 0 is the best, lower is "
                "better. With several columns it is the mean over the columns.",
                "| `train.csv` | 2 rows, 2 columns are the labels (`x`, `y`) |",
            ],
        ),
        (
            "labels",
            [
                "A CSV file with the header `id,left,right`: the 3 row ids of the test rows, each exactly once, in "
                "any order, and",
                "your labels for each.",
            ],
        ),
    ],
)
def test_the_readme_of_every_kind(name: str, lines: list[str]) -> None:
    """What is sent, how it is scored and what goes wrong first is told for the kind; no notebook is promised."""
    files = kit.generated(*of_kind(name))
    text = files["README.md"].decode()

    for line in lines:
        assert line in text.splitlines()
    assert "baseline.ipynb" not in {*files}
    assert "baseline.ipynb" not in text
    assert "$" not in text


def test_a_long_header_is_cut(images: Dataset) -> None:
    """Of a hundred columns the README names the first and the last."""
    labels = tuple(f"c{number}" for number in range(100))
    rules = replace(competition_on(images), kind="probability", labels=labels, columns=labels, label_names=())

    text = readme.text(images, replace(rules, metric="log_loss"))
    assert "`id,c0,c1,c2,c3,c4,c5,c6,c7,c8,…,c99`" in text


def test_a_kit_of_several_columns_is_read(tmp_path: Path) -> None:
    """Several label columns, and rankings of several true labels, come back as columns of values."""
    (tmp_path / "test.csv").write_text("id,size\n7,1\n8,2\n9,3\n")
    for name, train, values in (
        ("numbers", "size,x,y\n1,0.5,2\n2,1.5,3\n", [[0.5, 2.0], [1.5, 3.0]]),
        ("labels", "size,left,right\n1,cat,dog\n2,owl,cat\n", [[0, 1], [2, 0]]),
        ("rankings", "size,label\n1,cat\n2,owl dog\n", [[0, -1], [2, 1]]),
        ("probabilities", "size,label\n1,cat\n2,owl\n", [0, 2]),
    ):
        (tmp_path / "train.csv").write_text(train)
        read = kit_data.read(tmp_path, of_kind(name)[1])
        assert read.train_labels.tolist() == values, name
        assert read.row_ids == ("7", "8", "9")

    (tmp_path / "train.csv").write_text("size,label\n1,cat\n2,owl ant\n")
    with pytest.raises(BrokenKit, match=r"train\.csv: row 3: label 'ant' is not one of cat, dog, owl$"):
        kit_data.read(tmp_path, of_kind("rankings")[1])


def test_numbers_are_written_to_the_last_digit(houses: Dataset) -> None:
    """Numbers to be predicted come back as they were, and the sample submission says 0 for each row."""
    files = kit_data.files(houses)

    assert files["train.csv"] == b"rooms,price\n1,0.1\n2,200000.0\n3,1e+30\n"
    assert kit.sample_submission(houses, competition_on(houses)) == b"id,price\n0,0.0\n1,0.0\n"


@pytest.mark.parametrize("name", ["images", "table", "houses"])
def test_a_kit_is_read_as_it_was_written(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Whoever works with the kit later finds the same rows, labels and row ids in it."""
    data = request.getfixturevalue(name)
    kit.write_data(data, tmp_path)
    read = kit_data.read(tmp_path, competition_on(data))

    assert read.row_ids == data.row_ids
    assert read.train_labels.tolist() == data.train_labels.tolist()
    assert (read.labels, read.label_names, read.label_column) == (data.labels, data.label_names, data.label_column)
    for ours, theirs in ((read.train_features, data.train_features), (read.test_features, data.test_features)):
        if data.has_images:
            np.testing.assert_array_equal(ours, theirs)
        else:
            pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("train.csv", None, None, "holds no data: it needs train.csv and test.csv, or train_images.npz and test_im"),
        ("test.csv", None, None, "test.csv is missing"),
        ("train.csv", "label", "labels", "train.csv has no column 'label', which competition.toml names"),
        ("test.csv", "id,", "key,", "test.csv has no column 'id', which competition.toml names"),
        ("test.csv", "age", "Age", "must have the same columns in the same order, but 'age' is in one of them only"),
        ("train.csv", "York,0", "York,7", "label '7' in row 2 is not one of competition.toml's labels"),
        ("train.csv", "York,0", "York,", "column 'label' is blank in row 2"),
        ("train.csv", "York", "\xff", "train.csv cannot be read as a CSV"),
    ],
)
def test_a_broken_kit_is_named(
    table: Dataset, tmp_path: Path, name: str, old: str | None, new: str | None, message: str
) -> None:
    """What is wrong with a data file is told with its name and what was expected."""
    kit.write_data(table, tmp_path)
    if old is None or new is None:
        (tmp_path / name).unlink()
    else:
        text = (tmp_path / name).read_text("utf-8").replace(old, new, 1)
        (tmp_path / name).write_bytes(text.encode("latin-1"))

    with pytest.raises(BrokenKit) as caught:
        kit_data.read(tmp_path, competition_on(table))

    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"image": np.zeros((2, 2, 2)), "label": np.array([0, 12])}, "'label' must hold 0 to 9"),
        ({"image": np.zeros((2, 2, 2)), "label": np.array([0])}, "'image' and 'label' must have equally many rows"),
        ({"picture": np.zeros((2, 2, 2))}, "must hold the arrays 'image' and 'label'"),
    ],
)
def test_a_broken_archive_is_named(
    images: Dataset, tmp_path: Path, arrays: dict[str, "np.ndarray[Any, Any]"], message: str
) -> None:
    """An archive with other arrays than promised is told apart from one that is none."""
    kit.write_data(images, tmp_path)
    (tmp_path / "train_images.npz").write_bytes(archives.npz(arrays))
    with pytest.raises(BrokenKit) as caught:
        kit_data.read(tmp_path, competition_on(images))
    assert message in str(caught.value)

    (tmp_path / "train_images.npz").write_bytes(b"PK")
    with pytest.raises(BrokenKit, match="cannot be read as a NumPy archive"):
        kit_data.read(tmp_path, competition_on(images))


def test_what_the_organiser_edits_stays(images: Dataset, tmp_path: Path) -> None:
    """A file that Podium made is made again; one that was edited since is kept, told, and goes into the zip."""
    rules, toml = competition_on(images), toml_for(images)
    kit.write_data(images, tmp_path)
    first = kit.write(tmp_path, rules, toml, {})
    (tmp_path / "README.md").write_text("Our own words\n")
    (tmp_path / "extra" / "notes.txt").parent.mkdir()
    (tmp_path / "extra" / "notes.txt").write_text("more\n")
    later = replace(rules, daily_limit=9, zip_address="https://example.org/kit.zip")
    second = kit.write(tmp_path, later, toml, first.made)

    assert [path.name for path in second.kept] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "Our own words\n"
    assert [path.name for path in second.written] == ["baseline.ipynb", "digits-kit.zip"]
    with zipfile.ZipFile(tmp_path / "digits-kit.zip") as archive:
        assert archive.read("digits/README.md") == b"Our own words\n"
        assert archive.read("digits/extra/notes.txt") == b"more\n"
    (tmp_path / "README.md").unlink()
    third = kit.write(tmp_path, later, toml, second.made)
    assert not third.kept
    assert "at most 9 a day" in (tmp_path / "README.md").read_text()


def test_the_notebook_knows_where_the_kit_is(images: Dataset) -> None:
    """The address in the rules stands in the notebook's code, whatever characters it has."""
    rules = replace(competition_on(images), zip_address="https://example.org/a?b='c'&d=%20")
    book = json.loads(kit.generated(images, rules)["baseline.ipynb"])
    code = ["".join(cell["source"]) for cell in book["cells"] if cell["id"] == "find-data"]

    assert "KIT = \"https://example.org/a?b='c'&d=%20\"" in code[0]


def test_an_unknown_data_set_gets_a_guess(images: Dataset) -> None:
    """A data set that the rules misspell is named, with the nearest that there is."""
    with pytest.raises(InvalidCompetition, match=r"\[kit\] dataset: unknown data set 'digit', did you mean 'digits'\?"):
        kit.generated(images, replace(competition_on(images), dataset="digit"))


def test_check_pyz_is_podiums_own_check(images: Dataset, tmp_path: Path) -> None:
    """Beside nothing but Python and numpy the kit's check says what `podium check` says, word for word."""
    kit.write_data(images, tmp_path)
    kit.write(tmp_path, competition_on(images), toml_for(images), {})
    (tmp_path / "competition.toml").write_bytes(toml_for(images))
    good, bad = (tmp_path / "sample_submission.csv").read_bytes(), b"id,label\n1,cat\n"
    (tmp_path / "bad.csv").write_bytes(bad)
    (tmp_path / "mine.csv").write_bytes(good.replace(b"\n", b"\r\n"))

    def check(*arguments: str) -> tuple[int, str, str]:
        # Only numpy's folder is on the path: neither Podium nor pyarrow can be imported.
        lone = tmp_path / "lone"
        lone.mkdir(exist_ok=True)
        for folder in Path(np.__file__).parents[1].glob("numpy*"):
            if not (lone / folder.name).exists():
                (lone / folder.name).symlink_to(folder)
        program = [sys.executable, "-S", "-X", "utf8", "check.pyz", *arguments]
        alone = {"PYTHONPATH": str(lone)}
        done = subprocess.run(program, cwd=tmp_path, env=alone, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert check("mine.csv") == (0, "mine.csv: ready to submit (500 predictions)\n", "")
    code, said, errors = check("bad.csv")
    ids = RowIds(images.row_ids)
    assert (code, errors) == (1, "")
    assert (
        said == checking.check(tmp_path / "bad.csv", competition_on(images), ids)[1].replace(f"{tmp_path}/", "") + "\n"
    )
    assert check() == (
        2,
        "usage: python check.pyz submission.csv\n       python check.pyz submission.csv --submit [--server URL]\n"
        "says what is wrong with the file, if anything is; with --submit sends it to the web desk, if nothing is\n",
        "",
    )
    assert check("none.csv") == (2, f"none.csv: No such file or directory; looked in {tmp_path}\n", "")
    (tmp_path / "competition.toml").write_text("[competition")
    code, said, errors = check("mine.csv")
    assert (code, errors) == (3, "")
    assert said.startswith("competition.toml is not TOML")
    (tmp_path / "competition.toml").unlink()
    alone = "check.pyz must lie beside competition.toml: leave it in the unpacked kit\n"
    assert check("mine.csv") == (3, alone, "")
