"""The kit's README: the competition in words, for participants."""

from collections.abc import Iterable
from datetime import UTC, datetime
from importlib import resources
from string import Template

import numpy as np

from starter import notebook
from starter.dataset import Dataset
from starter.metric_words import METRICS, Explained
from submissions.competition import Competition

LATENESS = {
    "unranked": "What arrives later is scored and shown as late, outside the ranking.",
    "refused": "What arrives later is refused.",
}
FIRST_FAULTS = {
    "label": {
        "unknown-label": "labels were written otherwise than in the sample: 3.0 for 3 (`.astype(int)`), with spaces "
        "(`.str.strip()`), or as probabilities (take the most likely label)",
    },
    "number": {
        "not-finite": "the model said infinity, or NaN as a word, often because a cell of the row is blank",
        "not-a-number": "a number is written as 1234.5, without units and thousands separators",
    },
    "probability": {
        "does-not-sum-to-one": "divide each row by its sum: `p / p.sum(axis=1, keepdims=True)`",
        "out-of-range": "the model gave scores, not probabilities: a softmax makes them some",
        "not-finite": "the model said NaN for a row, often because a cell of the row is blank: fill the gaps first",
    },
    "ranking": {
        "too-many-labels": "send the likeliest labels only",
        "unknown-label": 'labels are separated by one space, without commas and brackets: `" ".join(labels)`',
    },
}
NOTEBOOK = "| `baseline.ipynb` | a first model, step by step; `{helper}` holds what it draws with |"
CHECKED = "The notebook checks the file before you send it. You can do so yourself at any time;"
MOST_COLUMNS = 12
LETTERS = ("a", "b", "c")  # for an example with more labels than the competition has
SECONDS_PER_MINUTE = 60
BYTES_PER_MEGABYTE = 1_000_000


def text(dataset: Dataset, competition: Competition) -> str:
    """Markdown; moments are given in UTC."""
    return _template("README.md").substitute(
        title=competition.title,
        host=competition.host,
        rows="images" if dataset.has_images else "rows",
        begin=_begin(competition),
        files="\n".join(_files(dataset, competition)),
        values="numbers" if competition.kind == "number" else "labels",
        description=f"\n{competition.description}\n" if competition.description else "",
        each=_each(competition),
        sent=_sent(competition),
        checked=CHECKED if competition.is_plain else "You can check the file at any time before you send it;",
        labels=_labels(competition),
        opens=in_words(competition.opens),
        deadline=in_words(competition.deadline),
        lateness=_lateness(competition),
        metric=_metric(competition),
        split=_split(competition),
        header=_header(competition),
        count=f"{len(dataset.row_ids):,}",
        limits=_limits(competition),
        send=_send(competition),
        sends=", and sends it" if competition.desk else "",
        first_faults="\n".join(f"| `{code}` | {mend} |" for code, mend in FIRST_FAULTS[competition.kind].items()),
        source=competition.source,
    )


def in_words(moment: datetime) -> str:
    """Tuesday, 8 December 2026, 11:59:59 UTC; behind it, if it is another, what the organiser's own clock shows."""
    at = moment.astimezone(UTC)
    text = f"{at:%A}, {at.day} {at:%B %Y}, {at:%H:%M:%S} UTC"
    if not moment.utcoffset():
        return text
    return f"{text}; that is {moment.day} {moment:%B}, {moment:%H:%M:%S} at {moment.tzname()}"


def _template(name: str) -> Template:
    return Template(resources.files("starter").joinpath("templates", name).read_text("utf-8"))


def _begin(competition: Competition) -> str:
    if competition.is_plain:
        return _template("begin.md").substitute(colab=_colab(competition)).rstrip()
    asked = "" if len(competition.columns) > 1 else "[:, 1:]"
    values = {
        "probability": f"model.predict_proba(test){asked}, of shape (rows, columns)",
        "ranking": "for each row its likeliest labels, separated by spaces",
    }.get(competition.kind, "model.predict(test), of shape (rows, columns)")
    begin = _template("begin_without_notebook.md")
    return begin.substitute(id_column=competition.id_column, values=values).rstrip()


def _header(competition: Competition) -> str:
    names = [competition.id_column, *competition.columns]
    return ",".join(names if len(names) <= MOST_COLUMNS else [*names[: MOST_COLUMNS - 2], "…", names[-1]])


def _each(competition: Competition) -> str:
    """What a row of a submission has behind its row id."""
    several = len(competition.columns) > 1
    match competition.kind:
        case "probability":
            return "a probability for each label" if several else f"the probability of `{competition.labels[1]}` each"
        case "ranking":
            return f"up to {competition.k} labels each"
        case kind:
            return f"one {kind} in each of the {len(competition.columns)} columns" if several else f"one {kind} each"


def _sent(competition: Competition) -> str:
    several = len(competition.columns) > 1
    match competition.kind:
        case "probability" if several:
            return "how likely each label is, from 0 to 1; the probabilities of a row sum to 1, to within a thousandth."
        case "probability":
            return f"how likely `{competition.labels[1]}` is for each, from 0 to 1."
        case "ranking":
            return f"{competition.k} labels at most for each: the likeliest first, separated by single spaces."
        case kind:
            return f"your {kind}s for each." if several else f"your {kind} for each."


def _colab(competition: Competition) -> str:
    if competition.zip_address:
        return "and run it: its first cells fetch the kit"
    return f"upload\n`{competition.slug}-kit.zip` in the file panel on the left, and run the first cells"


def _labels(competition: Competition) -> str:
    if not competition.labels:
        if len(competition.columns) == 1:
            return f"You predict a number, `{competition.columns[0]}`."
        return (
            f"You predict {len(competition.columns)} numbers, {', '.join(f'`{name}`' for name in competition.columns)}."
        )
    if not competition.label_names:
        return f"The labels are {', '.join(f'`{label}`' for label in competition.labels)}."
    pairs = zip(competition.labels, competition.label_names, strict=True)
    return "\n".join(
        ["The labels are:", "", "| label | meaning |", "|---|---|", *(f"| `{a}` | {b} |" for a, b in pairs)]
    )


def _metric(competition: Competition) -> str:
    told = METRICS.get(competition.metric)
    if competition.has_own_metric:
        direction = "higher" if competition.higher_is_better else "lower"
        title = competition.metric_title or "a metric of the organiser's own"
        return f"The score is {title}; {direction} is better. The organiser's own program computes it."
    if told is None:
        return f"The score is `{competition.metric}`."
    several = " With several columns it is the mean over the columns." if _is_mean_of_columns(competition) else ""
    return f"{told.words.format(k=competition.k)}{several}\n\n{_example(told, competition)}"


def _is_mean_of_columns(competition: Competition) -> bool:
    return competition.kind in {"label", "number"} and len(competition.columns) > 1


def _example(told: Explained, competition: Competition) -> str:
    if not competition.labels:
        true, said = (", ".join(f"{value:g}" for value in values) for values in (told.true, told.predicted))
        return f"An example: the truth is {true}, and you say {said}. The score is {told.score:g}: {told.because}."
    names = competition.labels if len(competition.labels) >= told.labels else LETTERS
    true = ", ".join(names[int(code)] for code in told.true)
    match competition.kind:
        case "probability":
            where = f"An example with the labels {', '.join(names[: told.labels])}"
            said = " and ".join(f"({', '.join(f'{value:g}' for value in row)})" for row in told.rows)
        case "ranking":
            where, said = (
                "An example",
                " and ".join(f"'{' '.join(names[code] for code in map(int, row))}'" for row in told.rows),
            )
        case _:
            where, said = "An example", ", ".join(names[int(code)] for code in told.predicted)
    which = (f" and k = {told.k}" if told.rows and "labels" in where else f" with k = {told.k}") if told.k else ""
    return f"{where}{which}: the truth is {true}, and you say {said}. The score is {told.score:g}: {told.because}."


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
        names, row_id = competition.true_columns, competition.id_column
        last = "the last column is the label" if len(names) == 1 else f"{len(names)} columns are the labels"
        yield f"| `train.csv` | {learn:,} rows, {last} ({', '.join(f'`{name}`' for name in names)}) |"
        yield f"| `test.csv` | {test:,} rows without labels, the first column is the row id (`{row_id}`) |"
    if competition.is_plain:
        yield NOTEBOOK.format(
            helper=next(name for name in notebook.files(competition.dataset, "") if name != notebook.FILE)
        )


def _lateness(competition: Competition) -> str:
    after = LATENESS[competition.late]
    if not competition.grace_seconds:
        return after
    minutes, seconds = divmod(competition.grace_seconds, SECONDS_PER_MINUTE)
    spelled = f"{minutes} min" if not seconds else f"{competition.grace_seconds} s"
    return f"After that there are {spelled} of grace. {after}"


def _send(competition: Competition) -> str:
    if not competition.desk:
        return "Then send the file to the organiser, in the way you were told."
    last_cell = "The last cell of the notebook does the same. " if competition.is_plain else ""
    return _template("send.md").substitute(desk=competition.desk, last_cell=last_cell).rstrip()


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
