"""The data of one competition: training rows with their labels, test rows with hidden ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from starter import rows
from submissions.errors import OrganiserError

if TYPE_CHECKING:
    import pandas as pd

Codes: TypeAlias = npt.NDArray[np.int64]
Images: TypeAlias = npt.NDArray[np.uint8]
Features: TypeAlias = "Images | pd.DataFrame"


class DataUnavailable(OrganiserError):
    """A data set that is nowhere to be had.

    Attributes:
        title: the data set.
        tried: where it was looked for, each with why that failed.
        mend: what to do.
    """

    def __init__(self, title: str, tried: Sequence[str], mend: str) -> None:
        self.title = title
        self.tried = tuple(tried)
        self.mend = mend
        super().__init__("\n".join([f"{title} is not available", *(f"  tried {one}" for one in tried), mend]))


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Training rows with their labels, and test rows whose labels no participant sees.

    Attributes:
        name: one of `datasets.NAMES`.
        title: the competition's title, if the organiser has no other.
        labels: the texts a prediction may hold; a code is a place in this list.
        label_names: what each label means, in the same order.
        train_features, test_features: uint8 images (n, height, width), or a table with one row per test row.
        train_labels, test_labels: int64 codes (n,).
        source: where the data comes from and on what terms, for the kit's README.
        first_row_id: the row id of the first test row; the others count on from it.
    """

    name: str
    title: str
    labels: tuple[str, ...]
    label_names: tuple[str, ...]
    train_features: Features
    train_labels: Codes
    test_features: Features
    test_labels: Codes
    source: str = ""
    first_row_id: int = 0


def shuffled(dataset: Dataset, key: bytes) -> Dataset:
    """The same data with its test rows in an order, and under row ids, that only the key knows.

    The place of a row in a published data set gives its label away; after this it says nothing. The same key gives
    the same order on every machine and with every version of numpy.

    Raises:
        ValueError: the key is empty.
    """
    order = rows.keyed_order(row_ids(dataset), key)
    return replace(
        dataset,
        test_features=take(dataset.test_features, order),
        test_labels=dataset.test_labels[order],
        first_row_id=rows.keyed_start(len(order), key),
    )


def row_ids(dataset: Dataset) -> tuple[str, ...]:
    """The row id of each test row, in order: whole numbers without padding, which pandas would eat."""
    first = dataset.first_row_id
    return tuple(map(str, range(first, first + len(dataset.test_features))))


def take(features: Features, places: npt.NDArray[np.int64]) -> Features:
    """The rows at these places, in their order; a table is numbered from 0 again."""
    if isinstance(features, np.ndarray):
        return features[places]
    return features.iloc[places].reset_index(drop=True)
