"""Rules of grader/uncertainty: one W for all submissions, and scores in its resamples that equal scikit-learn's."""

import hashlib
import hmac
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics

from grader.uncertainty import area, bootstrap
from grader.uncertainty.resamples import Resamples

Floats = NDArray[np.float64]

LABELS = 4
MASK = 2**64 - 1


def mean(means: Floats) -> Floats:
    return means[..., 0]


def macro_f1(hits: Floats, support: Floats, predicted: Floats) -> Floats:
    sums = support + predicted
    scores = np.divide(2 * hits, sums, out=np.zeros_like(hits), where=sums > 0)
    return scores.sum(axis=-1) / (sums > 0).sum(axis=-1)


def placements(is_positive: NDArray[np.bool_], scores: Floats) -> tuple[Floats, Floats]:
    above = np.sign(np.subtract.outer(scores[is_positive], scores[~is_positive])) / 2 + 0.5
    return above.mean(axis=1), above.mean(axis=0)


def area_terms(is_positive: NDArray[np.bool_], scores: Floats) -> Floats:
    return area.rows(is_positive, *placements(is_positive, scores))


class Sample:
    """Labels, and what three submissions say of them: of different skill, and the third as the first."""

    def __init__(self, rows: int, seed: int = 1) -> None:
        chance = np.random.default_rng(seed)
        self.true = chance.choice(LABELS, rows, p=[0.5, 0.3, 0.15, 0.05])
        told = chance.dirichlet(np.ones(LABELS), (2, rows))
        told[:, np.arange(rows), self.true] += np.array([[0.3], [0.6]])
        self.told = [*(told / told.sum(axis=2, keepdims=True)), told[0] / told[0].sum(axis=1, keepdims=True)]
        self.codes = [one.argmax(axis=1) for one in self.told]
        self.resamples = Resamples(b"sample", rows, 40)

    def drawn(self) -> list[NDArray[np.int64]]:
        """The rows of each resample, as often as they were drawn."""
        counts = self.resamples.weights(0, self.resamples.count).astype(np.int64)
        return [np.repeat(np.arange(self.resamples.rows), one) for one in counts]

    def log_losses(self) -> list[Floats]:
        return [-np.log(told[np.arange(len(told)), self.true])[:, None] for told in self.told]


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Four numbers of 64 bits of Philox 4x64-10, as its authors define it."""
    for _ in range(10):
        low, high = 0xD2E7470EE14C6C93 * counter[0], 0xCA5A826395121157 * counter[2]
        counter = [(high >> 64) ^ counter[1] ^ key[0], high & MASK, (low >> 64) ^ counter[3] ^ key[1], low & MASK]
        key = [(key[0] + 0x9E3779B97F4A7C15) & MASK, (key[1] + 0xBB67AE8584CAA73B) & MASK]
    return counter


def test_the_generator_is_the_published_one() -> None:
    """The known answer for counter 0 and key 0 (Random123's kat_vectors)."""
    known = [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B]

    assert philox([0] * 4, [0] * 2) == known


def test_weights_depend_on_the_seed_alone() -> None:
    """W can be told without numpy: Philox keyed by the seed, a stretch for each resample, whole numbers throughout."""
    rows, count = 11, 5
    key = int.from_bytes(hmac.digest(b"podium", b"bootstrap", hashlib.sha256)[:16], "big")
    expected = np.zeros((count, rows))
    for resample in range(count):
        raw = [
            one
            for block in range(1, 4)
            for one in philox([block, 0, 0, resample], [key & MASK, key >> 64])
        ]  # fmt: skip
        for one in raw[:rows]:
            expected[resample, (one >> 4) * rows >> 60] += 1

    assert Resamples(b"podium", rows, count).weights(0, count).tolist() == expected.tolist()


def test_weights_are_literally_these() -> None:
    """What was computed for one board is computed for the next: W of a known seed."""
    assert Resamples(b"podium", 6, 3).weights(0, 3).tolist() == [
        [2, 1, 1, 2, 0, 0],
        [0, 1, 2, 0, 0, 3],
        [1, 2, 0, 1, 1, 1],
    ]


def test_each_resample_has_as_many_rows_as_the_whole() -> None:
    """The counts of a resample add up to the rows, and are those of draws with replacement: mean 1, variance 1."""
    weights = Resamples(b"a", 400, 500).weights(0, 500)

    assert weights.dtype == np.float32
    assert set(weights.sum(axis=1)) == {400}
    assert weights.var() == pytest.approx(1 - 1 / 400, abs=0.01)
    assert np.abs(weights.mean(axis=0) - 1).max() < 4.5 / np.sqrt(500)


def test_other_seeds_give_other_weights() -> None:
    """Neither two seeds nor two resamples of one share their draws."""
    first, second = (Resamples(seed, 50, 20).weights(0, 20) for seed in (b"a", b"b"))

    assert len(np.unique(np.concatenate([first, second]), axis=0)) == 40


def test_blocks_make_the_same_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows need no more than a block at a time, and W does not depend on the blocks."""
    resamples = Resamples(b"a", 30, 10)
    whole = resamples.weights(0, 10)
    monkeypatch.setattr("grader.uncertainty.resamples.BLOCK_BYTES", 3 * 30 * 4)

    blocks = list(resamples.blocks())

    assert [block for block, _ in blocks] == [slice(0, 3), slice(3, 6), slice(6, 9), slice(9, 10)]
    assert np.array_equal(np.concatenate([weights for _, weights in blocks]), whole)
    assert [len(weights) for _, weights in Resamples(b"a", 10**6, 2).blocks()] == [1, 1]


@pytest.mark.parametrize(
    ("rows", "count", "message"),
    [
        (0, 5, "a resample is of 1 to 2,147,483,647 rows, not 0"),
        (2**31, 5, "a resample is of 1 to 2,147,483,647 rows, not 2,147,483,648"),
        (5, 0, "a bootstrap takes at least one resample, not 0"),
    ],
)
def test_no_resamples_of_nothing(rows: int, count: int, message: str) -> None:
    """Without rows or resamples there is no bootstrap, and the message says what there must be."""
    with pytest.raises(ValueError) as caught:
        Resamples(b"a", rows, count)

    assert str(caught.value) == message


def test_accuracy_and_log_loss_equal_scikit_learn() -> None:
    """W @ X is scikit-learn's score of the drawn rows, and of the weighted ones, to 1e-6."""
    sample = Sample(300)
    hits = bootstrap.by_rows(sample.resamples, [(codes == sample.true)[:, None] for codes in sample.codes], mean)
    losses = bootstrap.by_rows(sample.resamples, sample.log_losses(), mean)
    weights = sample.resamples.weights(0, 40)

    for resample, drawn in enumerate(sample.drawn()):
        for place, codes in enumerate(sample.codes):
            accuracy = metrics.accuracy_score(sample.true[drawn], codes[drawn])
            told = sample.told[place]
            loss = metrics.log_loss(sample.true, told, sample_weight=weights[resample], labels=range(LABELS))
            assert hits[resample, place] == pytest.approx(accuracy, abs=1e-9)
            assert losses[resample, place] == pytest.approx(loss, abs=1e-6)


def test_rmse_equals_scikit_learn() -> None:
    """A root of a mean is one too, whatever the size of the numbers."""
    chance = np.random.default_rng(2)
    true, predicted = chance.normal(1e6, 1e3, 500), chance.normal(1e6, 1e3, (3, 500))
    resamples = Resamples(b"r", 500, 20)
    squares = [((true - one) ** 2)[:, None] for one in predicted]

    scores = bootstrap.by_rows(resamples, squares, lambda means: np.sqrt(means[..., 0]))

    weights = resamples.weights(0, 20)
    expected = [
        [metrics.root_mean_squared_error(true, one, sample_weight=drawn) for one in predicted] for drawn in weights
    ]
    assert scores == pytest.approx(np.array(expected), rel=1e-9)


def test_macro_f1_equals_scikit_learn() -> None:
    """Labels added up are scikit-learn's score of the drawn rows; a label that was not drawn is none of its labels."""
    sample = Sample(40)

    scores = bootstrap.by_confusion(sample.resamples, sample.true, sample.codes, LABELS, macro_f1)

    drawn = sample.drawn()
    assert min(len(np.unique(sample.true[one])) for one in drawn) < LABELS
    expected = [
        [metrics.f1_score(sample.true[one], codes[one], average="macro") for codes in sample.codes] for one in drawn
    ]
    assert scores == pytest.approx(np.array(expected), abs=1e-9)


def test_very_many_labels_are_labels() -> None:
    """40,000 labels, of which each row has another, take no more memory than a few."""
    labels, rows = 40_000, 30
    true = np.arange(rows, dtype=np.int32) * 1_333
    told = np.where(np.arange(rows) % 3 == 0, true, true + 1)
    resamples = Resamples(b"many", rows, 5)

    scores = bootstrap.by_confusion(resamples, true, [told], labels, macro_f1)

    expected = [
        [metrics.f1_score(np.repeat(true, drawn), np.repeat(told, drawn), average="macro")]
        for drawn in resamples.weights(0, 5).astype(int)
    ]
    assert scores == pytest.approx(np.array(expected), abs=1e-12)


def test_anything_else_loops() -> None:
    """A metric that is no function of means is called with the drawn rows of each resample."""
    sample = Sample(50)
    told = [one[:, 1] for one in sample.told]

    scores = bootstrap.by_loop(
        sample.resamples, sample.true, told, lambda true, predicted: float(np.median(np.abs(true - predicted)))
    )

    expected = [[np.median(np.abs(sample.true - one)[drawn]) for one in told] for drawn in sample.drawn()]
    assert scores == pytest.approx(np.array(expected))


def test_equal_submissions_have_equal_scores_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the place of a submission among others, nor their number, nor the blocks change a bit of its scores."""
    rows = 257
    chance = np.random.default_rng(3)
    many = [chance.lognormal(0, 3, (rows, 2)) for _ in range(33)]
    many[7] = many[32] = many[0]
    resamples = Resamples(b"bits", rows, 64)

    together = bootstrap.by_rows(resamples, many, lambda means: means[..., 0] / means[..., 1])
    alone = bootstrap.by_rows(resamples, many[:1], lambda means: means[..., 0] / means[..., 1])
    monkeypatch.setattr("grader.uncertainty.resamples.BLOCK_BYTES", 5 * rows * 4)
    monkeypatch.setattr(bootstrap, "CHUNK_VALUES", 4 * rows)
    in_pieces = bootstrap.by_rows(resamples, many, lambda means: means[..., 0] / means[..., 1])

    for place in (0, 7, 32):
        assert together[:, place].tobytes() == alone[:, 0].tobytes()
    assert in_pieces.tobytes() == together.tobytes()


def test_sums_are_exact() -> None:
    """The sums of rounded terms have no error at all: they equal those of Python's whole numbers."""
    rows = 1_000
    terms = np.random.default_rng(5).normal(size=rows)
    resamples = Resamples(b"exact", rows, 10)

    scores = bootstrap.by_rows(resamples, [terms[:, None]], mean)[:, 0]

    power = 53 - 10 - 2  # of the largest double, less the bits of 1,000 rows, less those of the largest term, below 4
    assert 2 <= np.abs(terms).max() < 4
    whole = [round(one * 2**power) for one in terms.tolist()]
    for drawn, score in zip(resamples.weights(0, 10).astype(int).tolist(), scores.tolist(), strict=True):
        total = sum(count * one for count, one in zip(drawn, whole, strict=True))
        assert score == total / rows / 2**power


def test_equal_labels_have_equal_scores_bit_for_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds of metrics of labels, however few resamples are added up at once."""
    sample = Sample(200)
    whole = bootstrap.by_confusion(sample.resamples, sample.true, sample.codes, LABELS, macro_f1)
    monkeypatch.setattr("grader.uncertainty.resamples.BLOCK_BYTES", 7 * 200 * 4)
    monkeypatch.setattr(bootstrap, "CHUNK_VALUES", 200)
    monkeypatch.setattr(bootstrap, "_CACHED", 3 * 200 * 4)

    in_pieces = bootstrap.by_confusion(sample.resamples, sample.true, sample.codes, LABELS, macro_f1)

    assert whole[:, 0].tobytes() == whole[:, 2].tobytes()
    assert whole[:, 0].tobytes() != whole[:, 1].tobytes()
    assert in_pieces.tobytes() == whole.tobytes()


@pytest.mark.parametrize("dtype", [np.bool_, np.uint8, np.int64, np.float32, np.float64])
def test_terms_of_any_type(dtype: Any) -> None:
    """Hits may be given as truth values, whole numbers or fractions: the scores are the same."""
    hits = np.random.default_rng(6).random((90, 1)) < 0.7
    resamples = Resamples(b"t", 90, 30)

    scores = bootstrap.by_rows(resamples, [hits.astype(dtype)], mean)

    expected = resamples.weights(0, 30).astype(np.float64) @ hits / 90
    assert scores.tolist() == expected.tolist()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_term_that_is_not_finite_leaves_no_score(value: float) -> None:
    """It makes its own submission undefined in all resamples, drawn or not, and no other."""
    terms = [np.ones((5, 1)), np.array([[1.0], [value], [1], [1], [1]]), np.full((5, 1), 0.5)]

    scores = bootstrap.by_rows(Resamples(b"t", 5, 10), terms, mean)

    assert np.isnan(scores[:, 1]).all()
    assert (scores[:, [0, 2]] == [1, 0.5]).all()


def test_huge_and_tiny_terms_keep_their_precision() -> None:
    """Terms up to the largest number and down to very small ones are averaged alike."""
    terms = np.array([[1.0], [2.0], [4.0]])
    resamples = Resamples(b"t", 3, 10)
    plain = bootstrap.by_rows(resamples, [terms], mean)

    for size in (2.0**1021, 2.0**-900):
        assert (bootstrap.by_rows(resamples, [terms * size], mean) == plain * size).all()


def test_constant_scores_do_not_vary() -> None:
    """Where every row is right every resample is perfect; zeros stay zeros."""
    ends = bootstrap.by_rows(Resamples(b"t", 7, 20), [np.ones((7, 1)), np.zeros((7, 1))], mean)

    assert (ends == [1, 0]).all()


def test_no_submissions_have_no_scores() -> None:
    """Nobody has sent anything yet: a matrix of no columns."""
    resamples = Resamples(b"t", 7, 20)

    assert bootstrap.by_rows(resamples, [], mean).shape == (20, 0)
    assert bootstrap.by_confusion(resamples, np.zeros(7, int), [], 2, macro_f1).shape == (20, 0)
    assert bootstrap.by_loop(resamples, np.zeros(7), [], lambda *_: 0.0).shape == (20, 0)


def test_a_submission_of_other_rows_is_refused() -> None:
    """The resamples are of certain rows: a submission that has another number of them is none of this split."""
    with pytest.raises(ValueError) as caught:
        bootstrap.by_rows(Resamples(b"t", 7, 20), [np.ones((8, 1))], mean)

    assert str(caught.value) == "the resamples are of 7 rows, a submission has 8"


@pytest.mark.parametrize(
    ("codes", "message"),
    [([0, 1, 2], "codes go from 0 to 1, not from 0 to 2"), ([-1, 0, 0], "codes go from 0 to 1, not from -1 to 0")],
)
def test_a_code_that_is_no_labels_is_refused(codes: list[int], message: str) -> None:
    """A code beyond the labels would be counted in another label's cell; it is told, on either side."""
    resamples, good = Resamples(b"t", 3, 20), np.array([0, 1, 1])
    for true, predicted in [(good, np.array(codes)), (np.array(codes), good)]:
        with pytest.raises(ValueError) as caught:
            bootstrap.by_confusion(resamples, true, [predicted], 2, macro_f1)
        assert str(caught.value) == message


def test_the_areas_standard_error_needs_no_resamples() -> None:
    """DeLong's standard error is within 1 % of that of 20,000 plain resamples, each with its own area."""
    chance = np.random.default_rng(7)
    is_positive = chance.random(600) < 0.4
    scores = chance.normal(size=600) + is_positive
    order = np.argsort(scores)
    is_up = is_positive[order]

    areas = []
    for _, weights in Resamples(b"plain", 600, 20_000).blocks():
        sorted_weights = weights[:, order].astype(np.float64)
        up, down = sorted_weights * is_up, sorted_weights * ~is_up
        areas.append((up * down.cumsum(axis=1)).sum(axis=1) / (up.sum(axis=1) * down.sum(axis=1)))

    error = area.standard_error(area_terms(is_positive, scores))
    assert error == pytest.approx(np.concatenate(areas).std(), rel=0.01)


def test_the_areas_standard_error_is_delongs() -> None:
    """For one label: the variances of the two kinds of placements, each over its number of rows, ties and all."""
    chance = np.random.default_rng(8)
    is_positive, scores = chance.random(60) < 0.4, chance.integers(0, 9, 60).astype(float)
    above, below = placements(is_positive, scores)

    expected = np.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))

    assert area.standard_error(area.rows(is_positive, above, below)) == pytest.approx(expected, rel=1e-12)


def test_areas_through_placements() -> None:
    """The area of the whole is scikit-learn's; those of the resamples are, up to what is of the order of 1 / rows."""
    chance = np.random.default_rng(9)
    is_positive = chance.random(800) < 0.5
    scores = [chance.normal(size=800) + skill * is_positive for skill in (0.5, 1, 2)]
    terms = [area_terms(is_positive, one) for one in scores]
    resamples = Resamples(b"area", 800, 60)

    resampled = bootstrap.by_rows(resamples, terms, area.area)

    weights = resamples.weights(0, 60)
    exact = np.array([[metrics.roc_auc_score(is_positive, one, sample_weight=w) for one in scores] for w in weights])
    assert [area.area(one.mean(axis=0)) for one in terms] == pytest.approx(
        [metrics.roc_auc_score(is_positive, one) for one in scores], abs=1e-12
    )
    assert resampled == pytest.approx(exact, abs=4 / 800)
    assert resampled.std(axis=0) == pytest.approx(exact.std(axis=0), rel=0.02)


def test_areas_of_several_labels() -> None:
    """Terms side by side give the mean of each label's area, and one standard error for it."""
    sample = Sample(600)
    terms = np.hstack([area_terms(sample.true == label, sample.told[0][:, label]) for label in range(LABELS)])
    resamples = Resamples(b"area", 600, 2_000)

    expected = metrics.roc_auc_score(sample.true, sample.told[0], multi_class="ovr")
    resampled = bootstrap.by_rows(resamples, [terms], area.area)

    assert area.area(terms.mean(axis=0)) == pytest.approx(expected, abs=1e-12)
    assert area.standard_error(terms) == pytest.approx(resampled.std(), rel=0.05)


def test_an_area_is_undefined_without_both_kinds_of_rows() -> None:
    """A resample in which no positive row was drawn has no area; the others have one."""
    is_positive = np.arange(20) == 3
    terms = area_terms(is_positive, np.arange(20.0))
    resamples = Resamples(b"rare", 20, 200)

    resampled = bootstrap.by_rows(resamples, [terms], area.area)[:, 0]

    is_missing = resamples.weights(0, 200)[:, 3] == 0
    assert 0 < is_missing.sum() < 200
    assert (np.isnan(resampled) == is_missing).all()
    assert np.isnan(area.standard_error(terms))
    assert np.isnan(area.area(area.rows(np.ones(4, bool), np.zeros(4), np.empty(0)).mean(axis=0)))
    assert np.isnan(area.area(area.rows(np.zeros(4, bool), np.empty(0), np.zeros(4)).mean(axis=0)))
