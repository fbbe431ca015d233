"""The data files of a kit: a data set as participants find it, written once and read by whoever works with the kit."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from starter.archives import npz
from starter.dataset import Dataset, Values
from submissions.errors import OrganiserError
from submissions.reading.cells import BadCell
from submissions.reading.rankings import Rankings

if TYPE_CHECKING:
    import pandas as pd

    from submissions.competition import Competition

TRAIN_IMAGES, TEST_IMAGES = "train_images.npz", "test_images.npz"
TRAIN_TABLE, TEST_TABLE = "train.csv", "test.csv"


class BrokenKit(OrganiserError):
    """A data file of the kit is missing, or does not fit the rules; says which, and what was expected."""


def files(dataset: Dataset) -> dict[str, bytes]:
    """The data files by name: arrays without pickle for images, CSV for tables."""
    return _images(dataset) if dataset.has_images else _tables(dataset)


def read(folder: Path, competition: Competition) -> Dataset:
    """The data set in a kit's folder.

    Raises:
        BrokenKit: there is none, or it does not fit the rules.
    """
    if (folder / TRAIN_IMAGES).exists():
        return _read_images(folder, competition)
    if (folder / TRAIN_TABLE).exists():
        return _read_tables(folder, competition)
    raise BrokenKit(
        f"{folder} holds no data: it needs {TRAIN_TABLE} and {TEST_TABLE}, or {TRAIN_IMAGES} and {TEST_IMAGES}"
    )


def _images(dataset: Dataset) -> dict[str, bytes]:
    assert isinstance(dataset.train_features, np.ndarray)
    assert isinstance(dataset.test_features, np.ndarray)
    train = {
        "image": dataset.train_features,
        "label": dataset.train_labels,
        "label_name": np.array(dataset.label_names or dataset.labels),
    }
    return {
        TRAIN_IMAGES: npz(train),
        TEST_IMAGES: npz({"id": np.array(dataset.row_ids), "image": dataset.test_features}),
    }


def _tables(dataset: Dataset) -> dict[str, bytes]:
    assert not isinstance(dataset.train_features, np.ndarray)
    assert not isinstance(dataset.test_features, np.ndarray)
    train = dataset.train_features.copy()
    train[dataset.label_column] = dataset.texts(dataset.train_labels)
    test = dataset.test_features.copy()
    test.insert(0, dataset.id_column, list(dataset.row_ids))
    return {
        TRAIN_TABLE: train.to_csv(index=False, lineterminator="\n").encode(),
        TEST_TABLE: test.to_csv(index=False, lineterminator="\n").encode(),
    }


def _read_images(folder: Path, competition: Competition) -> Dataset:
    train = _arrays(folder / TRAIN_IMAGES, ("image", "label"))
    test = _arrays(folder / TEST_IMAGES, ("id", "image"))
    codes = train["label"].astype(np.int64)
    if codes.min(initial=0) < 0 or codes.max(initial=0) >= len(competition.labels):
        raise BrokenKit(f"{folder / TRAIN_IMAGES}: 'label' must hold 0 to {len(competition.labels) - 1}")
    return _dataset(competition, train["image"], codes, test["image"], map(str, test["id"].tolist()))


def _arrays(path: Path, names: tuple[str, ...]) -> dict[str, npt.NDArray[Any]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {name: archive[name] for name in names}
    except FileNotFoundError:
        raise BrokenKit(f"{path} is missing") from None
    except KeyError:
        raise BrokenKit(f"{path} must hold the arrays {' and '.join(map(repr, names))}") from None
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise BrokenKit(f"{path} cannot be read as a NumPy archive: {error}") from None
    if len({len(array) for array in found.values()}) > 1:
        raise BrokenKit(f"{path}: {' and '.join(map(repr, names))} must have equally many rows")
    return found


def _read_tables(folder: Path, competition: Competition) -> Dataset:
    names, row_id = competition.true_columns, competition.id_column
    train = _table(folder / TRAIN_TABLE, *names)
    test = _table(folder / TEST_TABLE, row_id)
    columns = [_values(train.pop(name), competition, folder / TRAIN_TABLE) for name in names]
    labels = columns[0] if len(columns) == 1 else np.column_stack(columns)
    row_ids = test.pop(row_id)
    if [*train] != [*test]:
        odd = [*(column for column in train if column not in test), *(column for column in test if column not in train)]
        raise BrokenKit(
            f"{folder}: {TRAIN_TABLE} (beside {', '.join(map(repr, names))}) and {TEST_TABLE} (beside {row_id!r}) must "
            "have the same columns in the same order" + (f", but {odd[0]!r} is in one of them only" if odd else "")
        )
    return _dataset(competition, train, labels, test, row_ids)


def _table(path: Path, *columns: str) -> pd.DataFrame:
    import pandas as pd

    try:
        # Row ids and labels are texts; only an empty cell is a missing one.
        table = pd.read_csv(
            path, dtype=dict.fromkeys(columns, str), encoding="utf-8-sig", keep_default_na=False, na_values=[""]
        )
    except FileNotFoundError:
        raise BrokenKit(f"{path} is missing") from None
    except (OSError, ValueError) as error:
        raise BrokenKit(f"{path} cannot be read as a CSV: {error}") from None
    for column in columns:
        if column not in table:
            raise BrokenKit(f"{path} has no column {column!r}, which competition.toml names")
        if table[column].isna().any():
            line = int(np.flatnonzero(table[column].isna())[0]) + 2
            raise BrokenKit(f"{path}: column {column!r} is blank in row {line}")
    texts = [name for name in table if table[name].dtype.kind not in "iufb"]
    return table.assign(**{str(name): table[name].fillna("").astype(object) for name in texts})


def _values(column: pd.Series, competition: Competition, path: Path) -> Values:
    if not competition.labels:
        try:
            return column.astype(float).to_numpy(np.float64)
        except ValueError as error:
            raise BrokenKit(f"{path}: column {column.name!r} must hold numbers: {error}") from None
    if competition.kind == "ranking":
        return _rankings(column, competition, path)
    codes = column.map({label: code for code, label in enumerate(competition.labels)})
    if codes.isna().any():
        row = int(np.flatnonzero(codes.isna())[0])
        raise BrokenKit(f"{path}: label {column.iloc[row]!r} in row {row + 2} is not one of competition.toml's labels")
    return codes.to_numpy(np.int64)


def _rankings(column: pd.Series, competition: Competition, path: Path) -> Values:
    """The codes of the labels of each row, shape (n, most), with -1 behind the last."""
    kind = Rankings(competition.labels, int(column.str.count(" ").max()) + 1)
    codes = np.empty((len(column), kind.width), dtype=np.int64)
    for row, cell in enumerate(column):
        try:
            codes[row] = kind.parse(cell)
        except BadCell as fault:
            raise BrokenKit(f"{path}: row {row + 2}: {fault.message()}") from None
    return codes


def _dataset(competition: Competition, train: Any, labels: Values, test: Any, row_ids: Any) -> Dataset:
    return Dataset(
        name=competition.dataset,
        title=competition.title,
        labels=competition.labels,
        label_names=competition.label_names,
        train_features=train,
        train_labels=labels,
        test_features=test,
        row_ids=tuple(row_ids),
        id_column=competition.id_column,
        label_column=competition.true_columns[0],
        source=competition.source,
    )
