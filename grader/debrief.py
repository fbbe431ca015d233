"""What a competition's predictions teach when it is over: confusions, all teams together, and the hardest images."""

import base64
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.judging import Judge
from grader.matrix import Matrix
from grader.pictures import png
from submissions.reading.cells import Values
from submissions.record.database import Place

TABLE = 30  # labels: of more only the largest confusions are told
LARGEST, HARDEST, SAID = 20, 20, 4  # confusions, images, and wrong labels of one image
CROWD = 3  # teams at least
_HELD = 1 << 24  # numbers that are held at once
_MOST = 1 << 29  # numbers of all teams together: of more the median would take minutes

Images = NDArray[np.uint8]
Codes = NDArray[np.int64]
Told = Callable[[], Iterator[Values]]


def debrief(judge: Judge, ledger: Place, digests: Sequence[str], images: Images | None = None) -> dict[str, Any]:
    """What is to be told, as JSON values whose size has a bound; a part that does not apply is None.

    - "rows", "teams": how many private rows and ranked teams there are.
    - "crowd": the "score" on the private rows of what all teams say together, and its "way": "majority" of labels, in a
      tie the answer of the better team; "mean" of probabilities; "median" of numbers.
    - "confusion", of one label a row: the first team's "right" rows, "counts" [label][prediction] with the "labels"
      where they are few, and the "largest" confusions as [label, prediction, rows, rows with that label].
    - "hardest", of one label a row with images: those private rows that most teams have wrong, then those that were
      beyond the better teams, each with "row_id", "truth", how many have it "right", what else they "said" as [label,
      teams], and its "png" in Base64.

    Args:
        judge: the judge of the competition.
        ledger: where the ledger lies that keeps the files.
        digests: of the files that count, one for each ranked team, the best first.
        images: of the test rows, (rows, height, width), in the order of the judge's row ids; None: there are none.
    """
    with Matrix.open(judge.folder, judge.competition, judge.row_ids) as matrix:
        for _ in matrix.extend(ledger, digests):
            pass
        told = _told(matrix, digests)
        rules = judge.competition
        has_one_label = rules.kind == "label" and len(rules.columns) == 1
        return {
            "rows": len(judge.solution.private),
            "teams": len(digests),
            "crowd": _crowd(judge, told, len(digests)),
            "confusion": _confusion(judge, next(told())) if has_one_label else None,
            "hardest": _hardest(judge, told, images) if has_one_label and images is not None else None,
        }


def _told(matrix: Matrix, digests: Sequence[str]) -> Told:
    """The predictions of each file, again and again, one at a time."""

    def told() -> Iterator[Values]:
        for digest in digests:
            values = matrix.values(digest)
            assert values is not None, "what has a score can be read"
            yield values

    return told


def _crowd(judge: Judge, told: Told, teams: int) -> dict[str, Any] | None:
    if teams < CROWD:
        return None
    together: Values
    match judge.competition.kind:
        case "label":
            way, together = "majority", majority(told, len(judge.competition.labels))
        case "probability":
            way, together = "mean", np.divide(sum(told()), teams)
        case "number" if teams * next(told()).size <= _MOST:
            way, together = "median", _median(told, teams)
        case _:
            return None
    score = judge.judge(lambda: together)[0].private
    return None if score is None else {"way": way, "score": score}


def majority(told: Told, labels: int) -> Values:
    """What most say in each cell, in the shape of what each says; in a tie the first of those who are in it."""
    first = next(told())
    size = max(_HELD // labels, 1)
    parts = [_most_said(_cells(told, start, size), labels) for start in range(0, first.size, size)]
    return np.concatenate(parts).reshape(first.shape)


def _cells(told: Told, start: int, size: int) -> Told:
    """So many cells of what each says, in one row."""
    return lambda: (values.ravel()[start : start + size] for values in told())


def _most_said(told: Told, labels: int) -> Values:
    chosen = np.full_like(next(told()), -1)
    cells = np.arange(len(chosen))
    votes = np.zeros((len(cells), labels), dtype=np.uint32)
    for codes in told():
        votes[cells, codes] += 1
    is_most = votes == votes.max(axis=1, keepdims=True)
    for codes in told():
        is_first = (chosen < 0) & is_most[cells, codes]
        chosen[is_first] = codes[is_first]
        if (chosen >= 0).all():
            break
    return chosen


def _median(told: Told, teams: int) -> Values:
    first = next(told())
    size = max(_HELD // teams, 1)
    parts = [np.median(np.stack([*_cells(told, start, size)()]), axis=0) for start in range(0, first.size, size)]
    return np.concatenate(parts).reshape(first.shape)


def _confusion(judge: Judge, best: Values) -> dict[str, Any]:
    labels, private = judge.competition.labels, judge.solution.private
    true = judge.solution.values[private, 0].astype(np.int64)
    said = best[private, 0].astype(np.int64)
    pairs, counts = np.unique(true * len(labels) + said, return_counts=True)
    sizes = np.bincount(true, minlength=len(labels))
    is_wrong = pairs // len(labels) != pairs % len(labels)
    order = np.argsort(-counts[is_wrong], kind="stable")[:LARGEST]
    wrong = zip(pairs[is_wrong][order].tolist(), counts[is_wrong][order].tolist(), strict=True)
    largest = [[*divmod(pair, len(labels)), count] for pair, count in wrong]
    found: dict[str, Any] = {
        "right": int(counts[~is_wrong].sum()),
        "largest": [[labels[one], labels[other], count, int(sizes[one])] for one, other, count in largest],
    }
    if len(labels) > TABLE:
        return {**found, "labels": None, "counts": None}
    table = np.zeros(len(labels) ** 2, dtype=np.int64)
    table[pairs] = counts
    return {**found, "labels": [*labels], "counts": table.reshape(len(labels), -1).tolist()}


def _hardest(judge: Judge, told: Told, images: Images) -> list[dict[str, Any]]:
    private, labels, most = judge.solution.private, judge.competition.labels, int(images.max(initial=1))
    true = judge.solution.values[private, 0]
    right, first = np.zeros(len(private), np.int64), np.full(len(private), np.iinfo(np.int64).max)
    for rank, values in enumerate(told()):
        is_right = values[private, 0] == true
        right += is_right
        first[is_right] = np.minimum(first[is_right], rank)
    order = np.lexsort((-first, right))[:HARDEST]
    said = np.stack([values[private[order], 0] for values in told()])
    return [
        {
            "row_id": judge.row_ids.texts[private[row]],
            "truth": labels[true[row]],
            "right": int(right[row]),
            "said": _wrong(said[:, place].astype(np.int64), int(true[row]), labels),
            "png": base64.b64encode(png(images[private[row]], most)).decode(),
        }
        for place, row in enumerate(order)
        if right[row] < len(said)
    ]


def _wrong(said: Codes, truth: int, labels: Sequence[str]) -> list[list[Any]]:
    """The labels that were said most often, and by how many; not the true one."""
    counts = np.bincount(said, minlength=len(labels))
    counts[truth] = 0
    order = np.argsort(-counts, kind="stable")[:SAID]
    return [[labels[code], int(counts[code])] for code in order if counts[code]]
