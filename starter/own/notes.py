"""What an organiser should know of own data that can be used as it is."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from starter.dataset import Dataset, Original
from submissions.reading.cells import number
from submissions.shown import shown

NUMBERS_SHARE = 0.9
FEW_WORDS = 10
NAMED = 3


def notes(original: Original) -> list[str]:
    """A sentence for each thing that may surprise: of the features, column by column, of the labels and the row ids.

    Nothing in it depends on the label of a test row. Columns that are numbers but for a few words, that hold the same
    in every row or nothing at all; labels that differ in capitals only; texts that pandas does not give back as it
    reads them.
    """
    dataset = original.dataset
    return [
        *_of_features(dataset),
        *_of_capitals(dataset.labels),
        *_of_texts("label", dataset.label_column, dataset.labels),
        *_of_texts("row id", dataset.id_column, dataset.row_ids if original.is_numbered else ()),
    ]


def _of_features(dataset: Dataset) -> Iterator[str]:
    train, test = dataset.train_features, dataset.test_features
    assert not isinstance(train, np.ndarray) and not isinstance(test, np.ndarray)
    learned, tested = train.to_numpy(dtype=object), test.to_numpy(dtype=object)
    for place, name in enumerate(train.columns):
        counts = Counter(learned[:, place].tolist())
        counts.update(tested[:, place].tolist())
        if (note := _of_column(counts)) is not None:
            yield f"column {shown(str(name))} {note}"


def _of_column(counts: Counter[str]) -> str | None:
    if len(counts) == 1:
        [text] = counts
        return f"holds {shown(text)} in every row" if text.strip() else "is blank in every row"
    filled = {text: count for text, count in counts.items() if text.strip()}
    words = _words(filled)
    if not words or len(words) > FEW_WORDS:
        return None
    total, odd = sum(filled.values()), sum(filled[text] for text in words)
    if total - odd < NUMBERS_SHARE * total:
        return None
    common = sorted(words, key=lambda text: (-filled[text], text))
    named = ", ".join(shown(text) for text in common[:NAMED]) + (" …" if len(words) > NAMED else "")
    cells = "one cell" if odd == 1 else f"{odd:,} cells"
    return f"holds numbers but for {cells} with {named}: leave a cell blank where nothing is known"


def _words(texts: Iterable[str]) -> list[str]:
    """Those that are no numbers; cut off after one more than a few."""
    words = []
    for text in texts:
        value = number(text)
        if value is None or not math.isfinite(value):
            words.append(text)
            if len(words) > FEW_WORDS:
                break
    return words


def _of_capitals(labels: Sequence[str]) -> Iterator[str]:
    first: dict[str, str] = {}
    for label in labels:
        if (other := first.setdefault(label.casefold(), label)) != label:
            yield f"labels {shown(other)} and {shown(label)} differ in capitals only"


def _of_texts(what: str, column: str, texts: Sequence[str]) -> Iterator[str]:
    """Say so if pandas gives back other texts than it reads: participants would send those."""
    if not texts:
        return
    changed = [(text, other) for text, other in zip(texts, _through_pandas(texts), strict=True) if text != other]
    if changed:
        text, other = changed[0]
        count = f" (and {len(changed) - 1:,} more)" if len(changed) > 1 else ""
        becomes = shown(other) if other else "blank"
        yield (
            f"{what} {shown(text)}{count} becomes {becomes} when pandas reads and writes it: tell participants to read "
            f"the column as text, read_csv(path, dtype={{{column!r}: str}}, keep_default_na=False)"
        )


def _through_pandas(texts: Sequence[str]) -> list[str]:
    import pandas as pd

    # A second column, so that no text makes a blank line.
    table = pd.read_csv(io.StringIO(_csv(texts)))
    written = io.StringIO(table.to_csv(index=False), newline="")
    return [text for text, _ in csv.reader(written)][1:]


def _csv(texts: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([("text", "other"), *((text, "") for text in texts)])
    return text.getvalue()
