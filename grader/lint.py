"""The look at a whole competition before it begins: leaks of the hidden labels, and what would go wrong later."""

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from grader import metrics, scoring, solution
from grader.judging import Judge
from grader.leaks import search
from grader.leaks.findings import Finding, in_order
from grader.leaks.truth import Truth
from grader.own_metric.metric import OwnMetric
from grader.own_metric.rehearsal import rehearse
from submissions import predictions
from submissions.faults import InvalidSubmission
from submissions.folder import RULES, Folder
from submissions.predictions import Predictions
from submissions.reading.cells import Values
from submissions.reading.kinds import truth_of

# Whose labels anybody can look up: the data sets that Podium brings.
PUBLISHED = {
    "fashion-mnist": "the test images of Fashion-MNIST are published with their labels",
    "titanic": "the fate of every passenger of the Titanic is published",
    "digits": "the labels of all digits come with scikit-learn",
}
PRIVATE_ROOMS = ("grader", "submissions")
PERMUTATIONS = 200
MANY_DEVIATIONS = 5


def lint(folder: Folder, judge: Judge, *, is_kit_due: bool = False) -> list[Finding]:
    """Everything that is found: errors first, then warnings, then notes.

    Args:
        folder: the competition on disk.
        judge: its judge, with the hidden labels.
        is_kit_due: whether the kit's zip is about to be made again, so that the old one is not looked at.
    """
    zipped = folder.starter / f"{judge.competition.slug}-kit.zip"
    public = [path for path in public_files(folder.root) if not (is_kit_due and path == zipped)]
    return in_order(
        [
            *(
                one
                for truth in _truths(folder, judge)
                for one in search.search(folder.root, public, judge.competition.id_column, truth)
            ),
            *_metric(folder, judge),
            *_sample(folder, judge),
            *_quoted(judge),
            *([] if is_kit_due else _kit(folder, zipped, judge)),
            *_published(judge),
        ]
    )


def public_files(root: Path) -> list[Path]:
    """Every file of a competition's folder that is not in a private room; hidden ones that git keeps are its own."""
    return sorted(
        path
        for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).parts[0] not in {*PRIVATE_ROOMS, ".git"}
    )


def _truths(folder: Folder, judge: Judge) -> Iterator[Truth]:
    """The hidden labels, a column at a time."""
    rules, hidden = judge.competition, judge.solution
    columns, _ = truth_of(rules)
    for column, values in zip(columns, np.split(hidden.values, len(columns), axis=1), strict=True):
        yield Truth(
            column=column,
            row_ids=judge.row_ids.texts,
            values=_texts(values, rules.labels) if rules.labels else values[:, 0].astype(np.float64),
            public=hidden.public,
            private=hidden.private,
            labels=rules.labels,
            label_names=rules.label_names,
            secrets=solution.secrets(folder.grader),
        )


def _texts(codes: Values, labels: tuple[str, ...]) -> NDArray[np.str_]:
    """The labels of each row (rows,), several of one row separated by spaces."""
    if codes.shape[1] == 1:
        return np.array(labels)[codes[:, 0]]
    return np.array([" ".join(labels[code] for code in row if code >= 0) for row in codes.tolist()])


def _own_metric(folder: Folder, own: OwnMetric, judge: Judge) -> Iterator[Finding]:
    """What the organiser's metric says of known files."""
    sample = _read_sample(folder, judge)
    if isinstance(sample, Finding):
        return  # told as invalid-sample
    rules = judge.competition
    perfect = judge.solution.perfect(rules)
    flaws = rehearse(own, sample.values, perfect, higher_is_better=judge.metric.higher_is_better)
    yield from (Finding(flaw.code, rules.metric, flaw.text) for flaw in flaws)


def _metric(folder: Folder, judge: Judge) -> Iterator[Finding]:
    if judge.own:
        yield from _own_metric(folder, judge.own, judge)
        return
    perfect = judge.solution.perfect(judge.competition)
    try:
        scores = scoring.score(perfect, judge.solution, judge.metric, metrics.task_of(judge.competition))
    except ValueError as error:
        yield Finding("undefined-metric", f"{RULES}, [scoring] metric", str(error))
        return
    for share, score in (("public", scores.public), ("private", scores.private)):
        if not np.isclose(score, judge.metric.best):
            told = f"the solution itself scores {score:g} on the {share} rows, and the best there can be is"
            yield Finding("undefined-metric", f"{RULES}, [scoring] metric", f"{told} {judge.metric.best:g}")


def _sample(folder: Folder, judge: Judge) -> Iterator[Finding]:
    read = _read_sample(folder, judge)
    if isinstance(read, Finding):
        yield read
    elif (deviations := _above_chance(read, judge)) > MANY_DEVIATIONS:
        told = f"scores {deviations:.0f} standard deviations above the same predictions in other orders"
        yield Finding("sample-scores-well", _sample_place(folder), told)


def _read_sample(folder: Folder, judge: Judge) -> Predictions | Finding:
    """The predictions of the sample submission, or what is wrong with it."""
    try:
        data = predictions.read_bytes(folder.sample, judge.competition)
        return predictions.read(data, judge.competition, judge.row_ids)
    except InvalidSubmission as invalid:
        return Finding("invalid-sample", _sample_place(folder), next(invalid.faults.lines()))


def _sample_place(folder: Folder) -> str:
    return folder.sample.relative_to(folder.root).as_posix()


def _quoted(judge: Judge) -> Iterator[Finding]:
    """Quoted scores that the board cannot show as they are meant."""
    lowest, highest = judge.metric.range
    for one in judge.competition.quoted:
        where = f"{RULES}, [scoring] quoted, {one.name!r}"
        if one.metric != judge.metric.name:
            yield Finding("bad-quote", where, f"is in {one.metric}, and not shown on a board in {judge.metric.name}")
        elif not lowest <= one.score <= highest:
            yield Finding(
                "bad-quote", where, f"{one.score:g} is no {one.metric}: it goes from {lowest:g} to {highest:g}"
            )


def _above_chance(read: Predictions, judge: Judge) -> float:
    """How many standard deviations better these predictions score than when they are dealt out by chance."""
    if judge.own:
        return 0.0  # told as metric-not-best; and two hundred calls may take long
    chance = np.random.default_rng(0)
    rows = np.concatenate([judge.solution.public, judge.solution.private])
    true, given, task = judge.solution.values[rows], read.values[rows], metrics.task_of(judge.competition)
    try:
        score = judge.metric.score(true, given, task)
        dealt = [judge.metric.score(true, chance.permutation(given), task) for _ in range(PERMUTATIONS)]
    except ValueError:
        return 0.0  # told as undefined-metric
    better = (score - np.mean(dealt)) * (1 if judge.metric.higher_is_better else -1)
    return float(better / np.std(dealt)) if np.std(dealt) > 0 else 0.0


def _kit(folder: Folder, zipped: Path, judge: Judge) -> Iterator[Finding]:
    if judge.competition.is_plain and not (folder.starter / "baseline.ipynb").is_file():
        yield Finding("no-notebook", "starter/baseline.ipynb", "is missing")
    where = zipped.relative_to(folder.root).as_posix()
    try:
        with zipfile.ZipFile(zipped) as archive:
            carried = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        yield Finding("stale-kit", where, "is missing, or is not a zip")
        return
    beside = {path.relative_to(folder.starter).as_posix() for path in public_files(folder.starter)}
    changed = [name for name, data in sorted(carried.items()) if _differs(folder, name, data)]
    if changed:
        yield Finding("stale-kit", where, f"holds {', '.join(changed)} otherwise than the folder")
    if new := sorted(name for name in beside - carried.keys() if not name.endswith("-kit.zip") and name[0] != "."):
        yield Finding("stale-kit", where, f"lacks {', '.join(new)}")


def _differs(folder: Folder, name: str, data: bytes) -> bool:
    path = folder.rules if name == RULES else folder.starter / name
    return not path.is_file() or path.read_bytes() != data


def _published(judge: Judge) -> Sequence[Finding]:
    name = judge.competition.dataset
    return [Finding("public-labels", "the data set", PUBLISHED[name])] if name in PUBLISHED else []
