"""A test with nothing hidden in it: all rows, not told apart by share, with labels that are wrong in every row.

A metric that says the same of a file here as it says of it over the true labels says nothing that depends on them.
Comparing two runs that differ in the secret alone is self-composition (Barthe, D'Argenio and Rezk 2004).
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from grader.own_metric.hidden import Columns, Hidden
from submissions.reading.cells import Values

SHARE = "all"
_SEED = 0


def blind(hidden: Hidden) -> Hidden:
    """The same row ids and columns, with one share of all rows and with wrong labels."""
    values = wrong(hidden.solution, hidden.solution.fit(hidden.values))
    return replace(hidden, values=values, shares={SHARE: np.arange(len(hidden.row_ids))})


def wrong(columns: Columns, values: Values) -> Values:
    """Values of the same shape of which none is the true one; a place without a label (-1) stays so."""
    chance = np.random.default_rng(_SEED)
    if columns.kind == "number":
        return np.stack([_shifted(column, chance) for column in values.T], axis=1)
    labels = len(columns.labels)
    # One turn for a whole row: the labels of a ranking stay different from one another.
    turns = chance.integers(1, max(labels, 2), size=(len(values), 1))
    return np.where(values < 0, values, (values + turns) % labels).astype(np.int32)


def _shifted(column: NDArray[np.float64], chance: np.random.Generator) -> NDArray[np.float64]:
    """Each number larger than it was, by so much that rounding does not hide it; whole numbers stay whole."""
    spread = float(column.std() + 1e-6 * np.abs(column).max(initial=0)) or 1.0
    steps: NDArray[np.float64] = chance.uniform(0.5, 2, size=len(column)) * spread
    is_whole = bool((column == np.floor(column)).all())
    return column + (np.ceil(steps) if is_whole else steps)
