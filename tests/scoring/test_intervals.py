import math
import statistics
from itertools import chain

import numpy as np
import pytest
from scipy.stats import bootstrap

from xner.scoring import intervals as stats
from xner.scoring.intervals import interval


def draw(sentences, skill, seeds=1, seed=0, gold=None):
    """Counts (seeds, sentences, 3) of a method that finds an entity with the chance `skill`."""
    rng = np.random.default_rng(seed)
    gold = np.random.default_rng(sentences).poisson(1.2, sentences) if gold is None else gold
    right = rng.binomial(gold, skill, (seeds, sentences))
    found = right + rng.binomial(1, 0.2, (seeds, sentences))
    return np.stack([right, found, np.broadcast_to(gold, right.shape)], axis=-1)


def mean_f1(method, rows):
    """The mean over seeds of micro F1 on some sentences, in plain Python."""
    values = []
    for seed in method.tolist():
        right, found, gold = (sum(seed[row][column] for row in rows) for column in range(3))
        values.append(200 * right / (found + gold) if found + gold else 0.0)
    return statistics.fmean(values)


def naive(first, other, resamples):
    """Interval and p from the same draws, by hand: for each target its sentences, then the mean over targets."""
    rng = np.random.default_rng(0)
    numbers = [rng.integers(0, one.shape[1], (resamples, one.shape[1])).tolist() for one in first]
    gains = [
        statistics.fmean(
            mean_f1(two, rows[number]) - mean_f1(one, rows[number])
            for one, two, rows in zip(first, other, numbers, strict=True)
        )
        for number in range(resamples)
    ]
    low, high = np.percentile(gains, [2.5, 97.5])
    fewer = min(sum(gain <= 0 for gain in gains), sum(gain >= 0 for gain in gains))
    return pytest.approx((low, high, min(1.0, 2 * (fewer + 1) / (resamples + 1))))


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("sizes", [(40,), (40, 25, 2)])
def test_like_a_naive_bootstrap(seeds, sizes, monkeypatch):
    monkeypatch.setattr(stats, "_HELD", 10**9)  # all in one batch, so that the draws come in the naive order
    first = [draw(size, 0.6, seeds, 1) for size in sizes]
    other = [draw(size, 0.7, seeds, 2) for size in sizes]
    assert interval(first, other, resamples=200) == naive(first, other, 200)


def test_it_is_scipys_own_paired_bootstrap():
    """With the counts themselves as paired samples, which takes longer and cannot draw from several targets."""
    first, other = draw(60, 0.6, 2, 1), draw(60, 0.7, 2, 2)

    def gain(*columns, axis):
        sums = [column.sum(axis=axis) for column in columns]
        f1 = [200 * right / (found + gold) for right, found, gold in zip(*[iter(sums)] * 3, strict=True)]
        return (f1[2] + f1[3] - f1[0] - f1[1]) / 2

    samples = list(chain.from_iterable(seed.T for seed in (*first, *other)))
    options = {"paired": True, "vectorized": True, "method": "percentile", "n_resamples": stats.RESAMPLES}
    result = bootstrap(samples, gain, **options, rng=np.random.default_rng(0))
    assert interval([first], [other])[:2] == pytest.approx(tuple(result.confidence_interval))


def test_it_is_the_same_every_time_whatever_is_held_at_once(monkeypatch):
    sides = [draw(50, 0.6, 2, 1)], [draw(50, 0.65, 2, 2)]
    first = interval(*sides, resamples=300)
    assert interval(*sides, resamples=300) == first
    monkeypatch.setattr(stats, "_HELD", 1)
    assert interval(*sides, resamples=300) == first


def test_the_other_way_round_is_the_same_with_other_signs():
    first, other = [draw(80, 0.6, 1, 1)], [draw(80, 0.7, 1, 2)]
    one, two = interval(first, other), interval(other, first)
    assert one == pytest.approx((-two.high, -two.low, two.p))


def test_a_method_is_no_better_than_itself():
    one = [draw(50, 0.6, 3)]
    assert interval(one, one) == (0.0, 0.0, 1.0)


def test_a_method_that_is_always_better_has_the_smallest_p():
    gold = np.full(50, 2)
    first, other = draw(50, 0.3, gold=gold), draw(50, 1.0, gold=gold)
    found = interval([first], [other])
    assert 0 < found.low < found.high < 100
    assert found.p == pytest.approx(2 / 10_001)
    assert interval([first], [other], resamples=99).p == pytest.approx(0.02)


def test_the_interval_holds_the_difference_and_narrows_with_more_sentences():
    widths = []
    for sentences in (100, 1600):
        first, other = draw(sentences, 0.6, 2, 1), draw(sentences, 0.66, 2, 2)
        rows = range(sentences)
        low, high, _ = interval([first], [other], resamples=2000)
        assert low < mean_f1(other, rows) - mean_f1(first, rows) < high
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(math.sqrt(1600 / 100), rel=0.25)


def test_pairing_takes_out_what_both_methods_share():
    """Both fail at the same sentences, the other at a few less; apart, their intervals would overlap."""
    first = draw(400, 0.6)
    other = first.copy()
    other[0, ::20, 0] = other[0, ::20, 2]  # what the first method missed in every twentieth sentence
    other[..., 1] = first[..., 1] + other[..., 0] - first[..., 0]
    low, high, p = interval([first], [other])
    assert low > 0 and high - low < 5 and p < 0.005


def test_p_and_interval_agree():
    found = [interval([draw(120, 0.6, 1, n)], [draw(120, 0.7, 1, 100 + n)]) for n in range(40)]
    assert {one.p < 0.05 for one in found} == {True, False}
    assert all((one.p < 0.05) == (one.low > 0 or one.high < 0) for one in found if abs(one.p - 0.05) > 0.001)


def test_without_a_difference_p_is_small_as_rarely_as_it_says():
    found = [interval([draw(200, 0.6, 1, 2 * n)], [draw(200, 0.6, 1, 2 * n + 1)], resamples=300).p for n in range(200)]
    assert 0.01 <= np.mean([p < 0.05 for p in found]) <= 0.09
    assert 0.4 <= np.mean([p < 0.5 for p in found]) <= 0.6


def test_each_target_counts_the_same_however_large():
    small, large = (draw(30, 0.5, 1, 1), draw(30, 0.9, 1, 2)), (draw(900, 0.6, 1, 1), draw(900, 0.6, 1, 2))
    low, high, _ = interval([small[0], large[0]], [small[1], large[1]])
    gains = [mean_f1(two, range(two.shape[1])) - mean_f1(one, range(one.shape[1])) for one, two in (small, large)]
    assert low < statistics.fmean(gains) < high and gains[1] < low


def test_other_gold_entities_are_other_sentences():
    first, other = draw(50, 0.6, 2, 1), draw(50, 0.6, 2, 2)
    other[1, 3, 2] += 1
    with pytest.raises(ValueError, match="the gold entities are not the same"):
        interval([first], [other])
    with pytest.raises(ValueError, match="same shape"):
        interval([first], [first[:, 1:]])


def test_a_single_sentence_has_no_interval():
    with pytest.raises(ValueError, match="two or more"):
        interval([draw(50, 0.6), draw(1, 0.6)], [draw(50, 0.7), draw(1, 0.7)])
