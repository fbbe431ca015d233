"""The metrics on offer: a closed list, each with its direction and range."""

import difflib
from collections.abc import Callable, Mapping
from functools import partial
from math import inf

from grader import label_metrics as of_labels
from grader import number_metrics as of_numbers
from grader import probability_metrics as of_probabilities
from grader import ranking_metrics as of_rankings
from grader.metric import Metric, Task, Terms, Values
from submissions.competition import Competition
from submissions.rules import InvalidCompetition


def find(name: str) -> Metric:
    """The metric of this name.

    Raises:
        InvalidCompetition: there is none.
    """
    if name in METRICS:
        return METRICS[name]
    close = difflib.get_close_matches(name, METRICS, n=1)
    guess = f", did you mean {close[0]!r}?" if close else f"; offered are {', '.join(METRICS)}"
    raise InvalidCompetition([f"[scoring] metric: unknown metric {name!r}{guess}"])


def of(competition: Competition) -> Metric:
    """The metric of a competition.

    Raises:
        InvalidCompetition: there is none of this name, it takes another kind of prediction, or k is too many.
    """
    if competition.has_own_metric:
        return own(competition)
    metric = find(competition.metric)
    if metric.kind != competition.kind:
        offered = ", ".join(one.name for one in METRICS.values() if one.kind == competition.kind)
        told = f"{metric.name!r} takes predictions of kind {metric.kind!r}, not {competition.kind!r}"
        raise InvalidCompetition([f"[scoring] metric: {told}; for these there are {offered}"])
    if metric.name == "top_k_accuracy" and competition.k >= len(competition.labels):
        told = f"{competition.k} of {len(competition.labels)} labels are all of them, and everybody would be right"
        raise InvalidCompetition([f"[scoring] k: {told}; give fewer"])
    return metric


def own(competition: Competition) -> Metric:
    """What is known of the organiser's own metric without opening it: its name, direction and kind."""
    title = competition.metric_title or "The organiser's metric"
    is_higher = bool(competition.higher_is_better)
    return Metric(competition.metric, title, competition.kind, higher_is_better=is_higher, range=(-inf, inf))


def task_of(competition: Competition) -> Task:
    """What a metric must know of this competition."""
    return Task(len(competition.labels), competition.k)


def _plain(rows: Callable[[Values, Values], Values]) -> Callable[[Values, Values, Task], Values]:
    """The rows of a metric that asks nothing of the task."""
    return lambda true, predicted, _: rows(true, predicted)


def _whole(score: Callable[[Values, Values], float]) -> Callable[[Values, Values, Task], float]:
    return lambda true, predicted, _: score(true, predicted)


_label = partial(Metric, kind="label", higher_is_better=True, spread="bounded")
_number = partial(Metric, kind="number")
_probability = partial(Metric, kind="probability")
_error = partial(_number, higher_is_better=False, range=(0, inf), spread="proportional")
_HITS = Terms(_plain(of_labels.hit_rows), of_numbers.mean)
_BOTH = "every label must occur in the share"
_TWO = "the share must have more than one label"
_NOT_CONSTANT = "the numbers must not be all the same, neither the true nor the predicted ones"

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        _label("accuracy", "Accuracy", terms=_HITS, spread="share"),
        _label("balanced_accuracy", "Balanced accuracy", confusion=of_labels.balanced_accuracy),
        _label("f1_macro", "Macro-averaged F1", confusion=of_labels.f1_macro),
        # With one label per row every false positive is another label's false negative: the same number.
        _label("f1_micro", "Micro-averaged F1", terms=_HITS, spread="share"),
        _label("f1_weighted", "Weighted F1", confusion=of_labels.f1_weighted),
        _label("jaccard", "Macro-averaged Jaccard index", confusion=of_labels.jaccard),
        _label("matthews", "Matthews correlation", confusion=of_labels.matthews, range=(-1, 1)),
        _label("cohen_kappa", "Cohen's kappa", confusion=of_labels.cohen_kappa, range=(-1, 1), needs=_TWO),
        _label(
            "quadratic_kappa",
            "Quadratically weighted kappa",
            terms=Terms(_plain(of_labels.quadratic_rows), of_labels.quadratic_kappa),
            range=(-1, 1),
            needs=_TWO,
        ),
        _probability(
            "top_k_accuracy",
            "Top-k accuracy",
            higher_is_better=True,
            terms=Terms(lambda true, told, task: of_probabilities.top_rows(true, told, task.k), of_numbers.mean),
            spread="share",
        ),
        _probability(
            "log_loss",
            "Log loss",
            higher_is_better=False,
            range=(0, inf),
            terms=Terms(_plain(of_probabilities.log_rows), of_numbers.mean),
            spread="constant",
        ),
        _probability(
            "brier",
            "Brier score",
            higher_is_better=False,
            range=(0, 2),
            terms=Terms(_plain(of_probabilities.brier_rows), of_numbers.mean),
            spread="constant",
        ),
        _probability(
            "roc_auc",
            "Area under the ROC curve",
            higher_is_better=True,
            whole=_whole(of_probabilities.roc_auc),
            is_area=True,
            needs=_BOTH,
            spread="bounded",
        ),
        _probability(
            "average_precision",
            "Average precision",
            higher_is_better=True,
            whole=_whole(of_probabilities.average_precision),
            needs=_BOTH,
            spread="bounded",
        ),
        _error("rmse", "Root mean squared error", terms=Terms(_plain(of_numbers.squared_rows), of_numbers.rmse)),
        _error("mae", "Mean absolute error", terms=Terms(_plain(of_numbers.absolute_rows), of_numbers.mean)),
        _error("median_absolute_error", "Median absolute error", whole=_whole(of_numbers.median_absolute_error)),
        _error(
            "rmsle",
            "Root mean squared logarithmic error",
            terms=Terms(_plain(of_numbers.logarithmic_rows), of_numbers.rmse),
            needs="every number must be above -1",
        ),
        _number(
            "r2",
            "R², explained variance",
            higher_is_better=True,
            range=(-inf, 1),
            terms=Terms(_plain(of_numbers.r2_rows), of_numbers.r2),
            needs="the true numbers must not be all the same",
            spread="proportional",
        ),
        _error(
            "smape",
            "Symmetric mean absolute percentage error",
            range=(0, 200),
            decimals=3,
            terms=Terms(_plain(of_numbers.symmetric_rows), of_numbers.mean),
        ),
        _number(
            "pearson",
            "Pearson correlation",
            higher_is_better=True,
            range=(-1, 1),
            terms=Terms(_plain(of_numbers.pearson_rows), of_numbers.pearson),
            needs=_NOT_CONSTANT,
            spread="bounded",
        ),
        _number(
            "spearman",
            "Spearman rank correlation",
            higher_is_better=True,
            range=(-1, 1),
            whole=_whole(of_numbers.spearman),
            needs=_NOT_CONSTANT,
            spread="bounded",
        ),
        Metric(
            "map_at_k",
            "Mean average precision at k",
            kind="ranking",
            higher_is_better=True,
            terms=Terms(
                lambda true, told, task: of_rankings.average_precision_rows(true, told, task.k), of_numbers.mean
            ),
            spread="bounded",
        ),
    )
}
