"""Metrics of labels: with one label per row, each is a function of three numbers for each label, or of means over rows.

The three are how many rows have the label and were given it (`hits`), how many have it (`support`), and how many were
given it (`predicted`): the diagonal and the margins of the confusion matrix (Stehman 1997). They are counts or weights,
(..., labels); any axes before the last are kept, so that a thousand resamples are scored at once. `*_rows` gives what
is averaged over the rows, (rows, terms). Each metric is defined as scikit-learn defines it.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]
Codes = NDArray[np.int32]


def hit_rows(true: Codes, predicted: Codes) -> NDArray[np.bool_]:
    """Whether each row's label was predicted."""
    is_hit: NDArray[np.bool_] = true == predicted
    return is_hit[:, None]


def balanced_accuracy(hits: Floats, support: Floats, predicted: Floats) -> Floats:  # noqa: ARG001 - one shape for all
    """The mean recall of the labels that occur."""
    return _mean(_ratio(hits, support), support > 0)


def f1_macro(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    """The mean F1 of the labels that occur or are predicted."""
    sums = support + predicted
    return _mean(_ratio(2 * hits, sums), sums > 0)


def f1_weighted(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    """The mean F1 of the labels, each weighted by how often it occurs."""
    scores = _ratio(2 * hits, support + predicted)
    mean: Floats = (scores * support).sum(axis=-1) / support.sum(axis=-1)
    return mean


def jaccard(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    """The mean over the labels that occur or are predicted of hits over rows that have or are given the label."""
    union = support + predicted - hits
    return _mean(_ratio(hits, union), union > 0)


def matthews(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    """The correlation of true and predicted labels (Gorodkin 2004, R_K); 0 where either side says one label only."""
    total = support.sum(axis=-1)
    shared = hits.sum(axis=-1) * total - (support * predicted).sum(axis=-1)
    spread = (total**2 - (support**2).sum(axis=-1)) * (total**2 - (predicted**2).sum(axis=-1))
    return _ratio(shared, np.sqrt(np.maximum(spread, 0)))


def cohen_kappa(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    """Agreement beyond chance (Cohen 1960); undefined, nan, where all rows have one label and it was predicted."""
    total = support.sum(axis=-1)
    return _kappa(total - hits.sum(axis=-1), total - (support * predicted).sum(axis=-1) / total)


def quadratic_rows(true: Codes, predicted: Codes) -> NDArray[np.int64]:
    """Both codes, their squares and their product: whole numbers."""
    t, p = true.astype(np.int64), predicted.astype(np.int64)
    return np.stack([t, p, t * t, p * p, t * p], axis=1)


def quadratic_kappa(means: Floats) -> Floats:
    """Kappa with errors weighted by the square of their distance in the list of labels (Cohen 1968).

    The mean square of the errors over what it would be if both sides were dealt out anew.
    """
    t, p, tt, pp, tp = np.moveaxis(means, -1, 0)
    return _kappa(tt - 2 * tp + pp, tt - 2 * t * p + pp)


def _kappa(disagreement: Floats, by_chance: Floats) -> Floats:
    return np.where(by_chance > 0, 1 - _ratio(disagreement, by_chance), np.nan)


def _ratio(over: Floats, under: Floats) -> Floats:
    """The ratio; 0 where there is nothing to divide by."""
    quotient: Floats = np.divide(over, under, out=np.zeros(np.broadcast(over, under).shape), where=under > 0)
    return quotient


def _mean(scores: Floats, counts: NDArray[np.bool_]) -> Floats:
    mean: Floats = np.where(counts, scores, 0).sum(axis=-1) / counts.sum(axis=-1)
    return mean
