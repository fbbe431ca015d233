"""The metrics in words, a sentence for each, for whoever reads the rules."""

from collections.abc import Mapping
from math import isinf

from grader.metric import Metric
from submissions.competition import Competition

SENTENCES: Mapping[str, str] = {
    "accuracy": "The share of the test rows whose label is right.",
    "balanced_accuracy": "Of each label, the share of its rows that are found; over the labels, the mean of that.",
    "f1_macro": "Of each label, the harmonic mean of precision and recall; over the labels, the mean of that.",
    "f1_micro": "Precision and recall over all labels at once: the share of the test rows whose label is right.",
    "f1_weighted": "Of each label, the harmonic mean of precision and recall; over the labels, the mean of that, in "
    "which a label weighs as much as it has rows.",
    "jaccard": "Of each label, the rows that have it and are given it, over the rows that have it or are given it; of "
    "that the mean over the labels.",
    "matthews": "The correlation of the labels given with the true ones; guessing gets 0.",
    "cohen_kappa": "How much of the agreement that chance does not bring is reached; guessing gets 0.",
    "quadratic_kappa": "How much of the agreement that chance does not bring is reached, where an error costs the "
    "square of how many labels it is off; guessing gets 0.",
    "rmse": "The square root of the mean of the squared errors.",
    "mae": "The mean size of the errors.",
    "median_absolute_error": "The size that half of the errors do not exceed.",
    "rmsle": "The root mean squared error of the logarithms of the numbers plus one: ratios count, not differences.",
    "r2": "The share of the variance that is explained; the mean of the true numbers would get 0.",
    "smape": "The size of each error in per cent of the mean size of the number given and the true one; of that the "
    "mean over the rows.",
    "pearson": "The correlation of the numbers given with the true ones: how well they lie on a rising line.",
    "spearman": "The correlation of the ranks of the numbers given with those of the true ones: how well the order is "
    "right.",
    "log_loss": "Minus the logarithm of the probability given to the true label; of that the mean over the rows.",
    "brier": "The squared distance of the probabilities from the truth, halved where there are only two labels; of "
    "that the mean over the rows.",
    "top_k_accuracy": "The share of the test rows whose true label is among the {k} likeliest ones given.",
    "roc_auc": "How often a row that has the label is given a higher probability of it than one that has it not: the "
    "area under the ROC curve.",
    "average_precision": "With the rows in the order of their probability, the precision at each row that has the "
    "label; of that the mean.",
    "map_at_k": "Of the first {k} labels given, the precision at each that is right; of that the mean over the rows.",
}


def sentence(metric: Metric, competition: Competition) -> str:
    """What the score is, in one sentence."""
    if competition.has_own_metric:
        return "The organiser’s own metric."
    return SENTENCES[metric.name].format(k=competition.k)


def direction(metric: Metric) -> str:
    """Which way is better, and where it ends."""
    better = "Higher" if metric.higher_is_better else "Lower"
    return (
        f"{better} is better." if isinf(metric.best) else f"{better} is better; {metric.best:g} is the best there is."
    )
