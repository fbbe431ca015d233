"""The starter kit: what a participant begins with, as a folder and as a zip."""

from importlib import resources
from pathlib import Path

import numpy as np

from starter import readme
from starter.archives import npz, zipped
from starter.baselines import predictions_csv
from starter.dataset import Dataset, row_ids
from submissions import files
from submissions.competition import Competition

TOML = "competition.toml"
SAMPLE = "sample_submission.csv"


def write(dataset: Dataset, competition: Competition, folder: Path, toml: bytes) -> list[Path]:
    """Writes the kit, each file beside its place and then into it; the same input gives the same bytes.

    Nothing in it depends on the labels of the test rows.

    Args:
        dataset: its test rows already in their secret order: see `datasets.shuffled`.
        competition: the rules.
        folder: the competition's room `starter`; made if it is not there.
        toml: the bytes of competition.toml, which go into the zip so that `podium check` works beside it.

    Returns:
        The files written, the zip last.

    Raises:
        OSError: the folder cannot be written.
    """
    kit = contents(dataset, competition)
    carried = {f"{competition.slug}/{name}": data for name, data in {**kit, TOML: toml}.items()}
    kit[f"{competition.slug}-kit.zip"] = zipped(carried)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in kit.items():
        files.place(folder / name, data)
    return [folder / name for name in kit]


def contents(dataset: Dataset, competition: Competition) -> dict[str, bytes]:
    """The files of the kit by name, without the rules and the zip."""
    if isinstance(dataset.train_features, np.ndarray):
        data, notebook = _images(dataset), "images.ipynb"
    else:
        data, notebook = _tables(dataset, competition), "titanic.ipynb"
    return {
        "README.md": readme.text(dataset, competition).encode(),
        "baseline.ipynb": resources.files("starter").joinpath("notebooks", notebook).read_bytes(),
        SAMPLE: sample_submission(dataset, competition),
        **data,
    }


def sample_submission(dataset: Dataset, competition: Competition) -> bytes:
    """A valid submission that says nothing: the labels take turns, row by row."""
    turns = np.arange(len(row_ids(dataset))) % len(dataset.labels)
    return predictions_csv(turns, dataset, competition)


def _images(dataset: Dataset) -> dict[str, bytes]:
    assert isinstance(dataset.train_features, np.ndarray)
    assert isinstance(dataset.test_features, np.ndarray)
    names = np.array(dataset.label_names)
    return {
        "train_images.npz": npz({"image": dataset.train_features, "label": dataset.train_labels, "label_name": names}),
        "test_images.npz": npz({"id": np.array(row_ids(dataset)), "image": dataset.test_features}),
    }


def _tables(dataset: Dataset, competition: Competition) -> dict[str, bytes]:
    assert not isinstance(dataset.train_features, np.ndarray)
    assert not isinstance(dataset.test_features, np.ndarray)
    labels = np.array(dataset.labels)[dataset.train_labels]
    train = dataset.train_features.assign(**{competition.columns[0]: labels})
    test = dataset.test_features.copy()
    test.insert(0, competition.id_column, list(row_ids(dataset)))
    return {
        "train.csv": train.to_csv(index=False, lineterminator="\n").encode(),
        "test.csv": test.to_csv(index=False, lineterminator="\n").encode(),
    }
