"""The scores of every submission in every resample, one way for each family of metrics.

A resample is scored as if its rows were the whole: a row that was drawn twice counts twice, and a label that was not
drawn does not occur in it. What is undefined in a resample, such as the area under the ROC curve with one label only,
is nan there.

Sums are exact, so that they depend neither on the place of a submission among the others, nor on the machine, its
number of cores or its linear algebra: equal submissions have equal scores, bit for bit.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import frexp, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.uncertainty.resamples import Resamples

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]
Values = NDArray[Any]

CHUNK_VALUES = 2**24
_CACHED = 2**23  # bytes of weights that are added up at once: more than fit a cache take twice the time
_SINGLE, _DOUBLE = 2**24, 53  # whole numbers up to 2^24 are exact in single precision, up to 2^53 in double


def by_rows(resamples: Resamples, submissions: Iterable[Values], score: Callable[[Floats], Floats]) -> Floats:
    """The scores (resamples, submissions) of a metric that is a function of means over the rows: W @ X.

    Terms are rounded to 2^-33 of the largest in their column at a million rows, to 2^-39 at ten thousand; whole numbers
    are not. A submission with a term that is not finite has no score in any resample.

    Args:
        resamples: of the rows of the submissions.
        submissions: for each its terms, (rows, terms), of any type; as many terms for each.
        score: means (..., terms) to scores (...).

    Raises:
        ValueError: a submission has another number of rows.
    """
    none = np.empty((resamples.count, 0))
    scores = [_score_means(resamples, chunk, score) for chunk in _chunks(resamples, submissions)]
    return np.concatenate([none, *scores], axis=1)


def by_confusion(
    resamples: Resamples,
    true: Codes,
    submissions: Iterable[Codes],
    labels: int,
    score: Callable[[Floats, Floats, Floats], Floats],
) -> Floats:
    """The scores (resamples, submissions) of a metric of labels.

    The weights of the rows of each label are added up: time grows with rows × resamples, and not with the labels.

    Args:
        resamples: of the rows.
        true: the true codes (rows,), from 0 to labels - 1.
        submissions: for each its predicted codes (rows,).
        labels: how many labels there are.
        score: how many rows have each label and were given it, have it, and were given it, (..., labels), to scores
            (...): the diagonal and the margins of the confusion matrix.

    Raises:
        ValueError: a submission has another number of rows, or a code is not one of the labels'.
    """
    _check_codes(true, labels)
    results = [np.empty((resamples.count, 0))]
    for chunk in _chunks(resamples, submissions):
        scores = np.empty((resamples.count, len(chunk)))
        sums = [_sums(predicted, true == predicted, labels) for predicted in chunk]
        of_truth = _sums(true, np.ones(len(true), np.bool_), labels)
        for block, by_row in _by_row(resamples):
            _, support = of_truth(by_row)
            for place, of_submission in enumerate(sums):
                missed, hits = of_submission(by_row)
                scores[block, place] = score(hits, support, missed + hits)
        results.append(scores)
    return np.concatenate(results, axis=1)


def by_loop(
    resamples: Resamples, true: Values, submissions: Sequence[Values], score: Callable[[Values, Values], float]
) -> Floats:
    """The scores (resamples, submissions) of any metric, one call for each: for a few submissions only.

    Args:
        resamples: of the rows.
        true: the true values, (rows, ...).
        submissions: for each its predicted values, (rows, ...).
        score: true and predicted values to a score, nan where it is undefined.
    """
    scores = np.empty((resamples.count, len(submissions)))
    for block, weights in resamples.blocks():
        for resample, drawn in zip(range(resamples.count)[block], weights, strict=True):
            places = np.repeat(np.arange(resamples.rows), drawn.astype(np.int64))
            scores[resample] = [score(true[places], predicted[places]) for predicted in submissions]
    return scores


def _chunks(resamples: Resamples, submissions: Iterable[Values]) -> Iterator[list[Values]]:
    """The submissions in groups, so that no matrix made of a group takes more than 128 MiB."""
    chunk: list[Values] = []
    size = 0
    for values in submissions:
        if values.shape[0] != resamples.rows:
            raise ValueError(f"the resamples are of {resamples.rows:,} rows, a submission has {values.shape[0]:,}")
        cells = values.size // resamples.rows * max(resamples.rows, resamples.count)
        if chunk and size + cells > CHUNK_VALUES:
            yield chunk
            chunk, size = [], 0
        chunk.append(values)
        size += cells
    if chunk:
        yield chunk


def _score_means(resamples: Resamples, chunk: list[Values], score: Callable[[Floats], Floats]) -> Floats:
    numbers, shift, is_defined = _whole_numbers([column for terms in chunk for column in terms.T], resamples.rows)
    scores = np.empty((resamples.count, len(chunk)))
    for block, weights in resamples.blocks():
        means = (weights.astype(numbers.dtype, copy=False) @ numbers.T).astype(np.float64)
        means /= resamples.rows
        np.ldexp(means, -shift, out=means)
        means[:, ~is_defined] = np.nan
        scores[block] = score(means.reshape(len(weights), len(chunk), -1))
    return scores


def _whole_numbers(
    columns: list[Values], rows: int
) -> tuple[NDArray[np.floating], NDArray[np.int32], NDArray[np.bool_]]:
    """Whole numbers for the columns, whose weighted sums are exact: (columns, rows).

    With them by which power of two each column grew, and whether it is finite; if not, zeros stand for it.
    """
    is_single = all(_is_exact_in_single(column) for column in columns)
    numbers = np.zeros((len(columns), rows), np.float32 if is_single else np.float64)
    shift, is_defined = np.zeros(len(columns), np.int32), np.ones(len(columns), np.bool_)
    for place, column in enumerate(columns):
        if is_single:
            numbers[place] = column
            continue
        largest = float(np.abs(column).max())
        is_defined[place] = isfinite(largest)
        if isfinite(largest):
            shift[place] = _DOUBLE - rows.bit_length() - frexp(largest)[1]
            np.rint(np.ldexp(column.astype(np.float64), shift[place]), out=numbers[place])
    return numbers, shift, is_defined


def _is_exact_in_single(column: Values) -> bool:
    if column.dtype == np.bool_:
        return len(column) <= _SINGLE
    return bool(np.abs(column).max() <= _SINGLE / len(column) and (column == np.rint(column)).all())


def _by_row(resamples: Resamples) -> Iterator[tuple[slice, NDArray[np.floating]]]:
    """The weights (rows, some), a few resamples at a time."""
    exact = np.float32 if resamples.rows <= _SINGLE else np.float64
    size = max(_CACHED // (4 * resamples.rows), 1)
    for block, weights in resamples.blocks():
        for first in range(0, len(weights), size):
            some = weights[first : first + size]
            start = block.start + first
            yield slice(start, start + len(some)), np.ascontiguousarray(some.T, exact)


def _sums(codes: Codes, is_hit: NDArray[np.bool_], labels: int) -> Callable[[NDArray[Any]], tuple[Floats, Floats]]:
    """What makes of weights (rows, some) their sums over each label's rows without a hit, and with: (some, labels)."""
    from scipy.sparse import csr_array

    _check_codes(codes, labels)
    groups = 2 * codes.astype(np.int32 if 2 * labels > np.iinfo(np.uint16).max else np.uint16) + is_hit
    ends = np.concatenate([[0], np.cumsum(np.bincount(groups, minlength=2 * labels))])
    rows = np.argsort(groups, kind="stable").astype(np.int32)

    def sums(by_row: NDArray[Any]) -> tuple[Floats, Floats]:
        ones = np.ones(len(rows), by_row.dtype)
        both = csr_array((ones, rows, ends), shape=(2 * labels, len(rows))) @ by_row
        both = both.astype(np.float64).reshape(labels, 2, -1)
        return both[:, 0].T, both[:, 1].T

    return sums


def _check_codes(codes: Codes, labels: int) -> None:
    if codes.min() < 0 or codes.max() >= labels:
        raise ValueError(f"codes go from 0 to {labels - 1}, not from {codes.min()} to {codes.max()}")
