"""The kit's README: the competition in words, for participants."""

from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import resources
from string import Template

import numpy as np

from starter.dataset import Dataset
from submissions.competition import Competition

METRICS = {
    "accuracy": "The score is the accuracy: the share of the test rows whose label you predicted. 1 is the best, and "
    "7 right out of 10 are 0.7.",
    "balanced_accuracy": "The score is the balanced accuracy: for every label the share of its rows that you found, "
    "and of these shares the mean. 1 is the best; a rare label counts as much as a common one.",
    "f1_macro": "The score is the macro F1: for every label the harmonic mean of precision (how many of your rows with "
    "this label are right) and recall (how many of its rows you found), and of these the mean. 1 is the best.",
}
LATENESS = {
    "unranked": "What arrives later is scored and shown as late, outside the ranking.",
    "refused": "What arrives later is refused.",
}
SECONDS_PER_MINUTE = 60
BYTES_PER_MEGABYTE = 1_000_000


def text(dataset: Dataset, competition: Competition) -> str:
    """Markdown; moments are given in UTC."""
    template = resources.files("starter").joinpath("templates", "README.md").read_text("utf-8")
    test_rows = len(dataset.test_features)
    return Template(template).substitute(
        title=competition.title,
        host=competition.host,
        slug=competition.slug,
        rows="images" if isinstance(dataset.train_features, np.ndarray) else "rows",
        files="\n".join(_files(dataset, competition)),
        labels="\n".join(f"| `{a}` | {b} |" for a, b in zip(dataset.labels, dataset.label_names, strict=True)),
        opens=in_words(competition.opens),
        deadline=in_words(competition.deadline),
        lateness=_lateness(competition),
        metric=METRICS.get(competition.metric, f"The score is `{competition.metric}`."),
        split=_split(competition),
        header=f"{competition.id_column},{competition.columns[0]}",
        count=f"{test_rows:,}",
        limits=_limits(competition),
        source=dataset.source,
    )


def in_words(moment: datetime) -> str:
    """Tuesday, 8 December 2026, 11:59:59 UTC; behind it, if it is another, what the organiser's own clock shows."""
    at = moment.astimezone(UTC)
    text = f"{at:%A}, {at.day} {at:%B %Y}, {at:%H:%M:%S} UTC"
    if not moment.utcoffset():
        return text
    return f"{text}; that is {moment.day} {moment:%B}, {moment:%H:%M:%S} at {moment.tzname()}"


def _files(dataset: Dataset, competition: Competition) -> Iterable[str]:
    learn, test = len(dataset.train_labels), len(dataset.test_features)
    if isinstance(dataset.train_features, np.ndarray):
        _, height, width = dataset.train_features.shape
        size = f"{height} × {width} pixels of 0 to {dataset.train_features.max()}"
        yield (
            f"| `train_images.npz` | {learn:,} images of {size} (`image`), their labels (`label`), and what each label "
            "means (`label_name`) |"
        )
        yield f"| `test_images.npz` | {test:,} images without labels (`image`) and their row ids (`id`) |"
    else:
        label, row_id = competition.columns[0], competition.id_column
        yield f"| `train.csv` | {learn:,} rows, the last column is the label (`{label}`) |"
        yield f"| `test.csv` | {test:,} rows without labels, the first column is the row id (`{row_id}`) |"


def _lateness(competition: Competition) -> str:
    after = LATENESS[competition.late]
    if not competition.grace_seconds:
        return after
    minutes, seconds = divmod(competition.grace_seconds, SECONDS_PER_MINUTE)
    spelled = f"{minutes} min" if not seconds else f"{competition.grace_seconds} s"
    return f"After that there are {spelled} of grace. {after}"


def _split(competition: Competition) -> str:
    share = f"{competition.public_share:.0%}".replace("%", " %")
    return (
        f"Until the deadline the leaderboard shows your score on {share} of the test rows; which ones is secret. "
        "The final ranking is by the others, so a model that only fits the public rows will drop. It looks at "
        f"{_chosen(competition.final_selections)}."
    )


def _chosen(count: int) -> str:
    if count == 1:
        return "your submission with the best public score"
    return f"your {count} submissions with the best public score, and takes the best of them"


def _limits(competition: Competition) -> str:
    megabytes = competition.max_bytes / BYTES_PER_MEGABYTE
    attempts = (
        f"at most {competition.daily_limit} a day (UTC) from each team"
        if competition.daily_limit
        else "as many as you like"
    )
    return f"You may send {attempts}. A file has {megabytes:g} MB at most."
