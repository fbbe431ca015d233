"""Reference models for the board: a competition is worth joining where they can be beaten."""

import csv
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from starter import matrices, networks
from starter.dataset import Codes, Dataset, row_ids
from starter.models import Model, learner

if TYPE_CHECKING:
    from submissions.competition import Competition


def predictions_csv(codes: Codes, dataset: Dataset, competition: "Competition") -> bytes:
    """A submission file: a header, then row id and label of each test row.

    Args:
        codes: a place in `dataset.labels` for each test row (n_test,).
        dataset: whose row ids and labels are written.
        competition: whose column names are written.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([competition.id_column, competition.columns[0]])
    labels = [dataset.labels[code] for code in codes.tolist()]
    rows.writerows(zip(row_ids(dataset), labels, strict=True))
    return text.getvalue().encode()


def _majority_class(dataset: Dataset, seed: int) -> Codes:
    del seed  # nothing about it is random
    commonest = np.bincount(dataset.train_labels).argmax()
    return np.full(len(dataset.test_features), commonest, dtype=np.int64)


def _nearest_centroid(dataset: Dataset, seed: int) -> Codes:
    del seed
    train, test = matrices.flat(dataset)
    seen = np.unique(dataset.train_labels)
    centres = np.stack([train[dataset.train_labels == code].mean(axis=0) for code in seen])
    # |x - c|² = |x|² - 2xc + |c|², and |x|² is the same for every centre.
    distances = (centres**2).sum(axis=1) - 2 * test @ centres.T
    return np.asarray(seen[distances.argmin(axis=1)], dtype=np.int64)


def _logistic_regression(seed: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(tol=0.001, max_iter=1_000, random_state=seed)


def _random_forest(seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(100, random_state=seed, n_jobs=-1)


def _notebook_network(dataset: Dataset, seed: int) -> Codes:
    is_table = not matrices.has_pictures(dataset)
    network = networks.NOTEBOOK_TABLES if is_table else networks.NOTEBOOK_IMAGES
    return network.fit_predict(dataset, seed)


BASELINES = (
    Model("majority-class", "Majority class", _majority_class),
    Model("nearest-centroid", "Nearest centroid", _nearest_centroid),
    Model("logistic-regression", "Logistic regression", learner(_logistic_regression), 10_000, is_pooled=True),
    Model("random-forest", "Random forest", learner(_random_forest), 20_000, is_pooled=True),
    Model("notebook-network", "The notebook's network", _notebook_network, needs_keras=True),
)
