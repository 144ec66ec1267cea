"""Known answers. Numbers without a source in the test were computed with scipy or R, as the comments say."""

import math
import random

import numpy as np
import pytest

from beforehand.lib.statistics import (
    bootstrap,
    cluster,
    competing,
    discovery,
    explained,
    histogram,
    mean,
    nps,
    proportion,
    quantile,
    rate,
)

approx = pytest.approx


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [
        (81, 263, 0.255289, 0.36621),  # Newcombe 1998, Statistics in Medicine 17:857, table I
        (15, 148, 0.062386, 0.160487),
        (0, 20, 0.0, 0.161125),
        (1, 29, 0.006113, 0.171755),
        (7, 10, 0.396778, 0.892209),
        (10, 10, 0.722467, 1.0),
        (80, 100, 0.711171, 0.866633),
    ],
)
def test_wilson_gives_the_published_intervals(x, n, low, high):
    assert proportion.wilson(x, n) == approx((x / n, low, high), abs=1e-6)


@pytest.mark.parametrize(
    ("x", "n", "y", "m", "expected"),
    [(56, 70, 48, 80, (0.2, 0.052431, 0.333873)), (9, 10, 3, 10, (0.6, 0.170523, 0.809018))],
)
def test_newcombe_gives_the_published_difference(x, n, y, m, expected):
    assert proportion.newcombe(x, n, y, m) == approx(expected, abs=1e-6)


def test_a_share_of_nothing_is_not_a_number():
    assert all(math.isnan(part) for part in proportion.wilson(0, 0))


def test_more_successes_than_tries_are_refused():
    with pytest.raises(ValueError, match="not a share"):
        proportion.wilson(3, 2)


@pytest.mark.parametrize(
    ("promoters", "detractors", "n", "value", "low", "high"),
    [
        (250, 75, 1000, 0.175, 0.1409, 0.2081),
        (9, 2, 11, 0.6363636, 0.08, 0.92),
        (16, 7, 36, 0.25, -0.0072, 0.4687),
        (40, 30, 100, 0.1, -0.0627, 0.2569),
        (690, 1271, 2353, -0.246919, -0.28209, -0.21112),
        (3, 0, 3, 1.0, -0.06579, 1.0),  # the plain Wald interval would have no width
    ],
)
def test_nps_has_the_adjusted_wald_interval(promoters, detractors, n, value, low, high):
    assert nps.score(promoters, detractors, n) == approx((value, low, high), abs=6e-5)


def test_nps_does_not_take_promoters_and_detractors_for_independent():
    """Their variances added would give 0.143 to 0.205 here, a mistake found in the wild."""
    low, high = nps.score(250, 75, 1000)[1:]
    assert (round(low, 3), round(high, 3)) == (0.141, 0.208)


@pytest.mark.parametrize(
    ("first", "second", "gap", "low", "high", "p"),
    [
        ((250, 75, 1000), (200, 100, 1000), 0.07478, 0.0274, 0.1221, 0.00197),
        ((60, 15, 100), (50, 25, 100), 0.19417, -0.0205, 0.4088, 0.07626),
        ((12, 3, 20), (8, 6, 20), 0.30435, -0.149, 0.7577, 0.18826),
    ],
)
def test_nps_differences(first, second, gap, low, high, p):
    interval, chance = nps.difference(first, second)
    assert interval == approx((gap, low, high), abs=6e-5)
    assert chance == approx(p, abs=6e-6)


def test_mean_of_a_five_point_scale():
    counts = [3, 5, 12, 48, 32]
    total = sum(score * count for score, count in enumerate(counts, 1))
    squares = sum(score * score * count for score, count in enumerate(counts, 1))
    assert mean.mean(100, total, squares) == approx((4.01, 3.819775, 4.200225), abs=1e-6)


def test_mean_of_a_seven_point_scale():
    counts = [4, 6, 8, 12, 20, 30, 20]
    total = sum(score * count for score, count in enumerate(counts, 1))
    squares = sum(score * score * count for score, count in enumerate(counts, 1))
    assert mean.mean(100, total, squares) == approx((5.08, 4.751493, 5.408507), abs=1e-6)


def test_garwood_is_exact():
    """R: poisson.test(10, 2)$conf.int is 2.397695, 9.195178; for no event 0, 3.688879."""
    assert rate.garwood(10, 2) == approx((5, 2.397695, 9.195178), abs=1e-6)
    assert rate.garwood(0, 1) == approx((0, 0, 3.688879), abs=1e-6)


def products(groups):
    ys, xs = zip(*groups, strict=True)
    return cluster.Products(
        len(groups), sum(ys), sum(xs), sum(y * y for y in ys),
        sum(x * y for x, y in groups), sum(x * x for x in xs),
    )  # fmt: skip


def test_ratio_by_hand():
    """(1, 2), (3, 2), (2, 2): ratio 1, residuals -1, 1, 0, variance 2 * 3/2 / 36, t(2) = 4.302653."""
    half = 4.302653 * math.sqrt(3 / 36)
    assert cluster.ratio(products([(1, 2), (3, 2), (2, 2)])) == approx((1, 1 - half, 1 + half), abs=1e-6)


def test_ratio_of_single_rows_is_the_mean():
    values = [1.0, 4.0, 2.0, 8.0]
    clustered = cluster.ratio(products([(value, 1) for value in values]))
    assert clustered == approx(mean.mean(4, sum(values), sum(v * v for v in values)))


def test_repeated_rows_of_a_customer_are_worth_one():
    """Each customer says the same thing ten times: forty rows are worth about four."""
    of = products([(10, 10), (0, 10), (10, 10), (0, 10)])
    assert cluster.effective(40, 0.25 / 40, of) == approx(3)


def test_independent_rows_are_worth_no_more_than_they_are():
    of = products([(5, 10), (5, 10), (5, 10), (5, 10)])
    assert cluster.effective(40, 0.25 / 40, of) == 40


def test_a_single_group_has_no_interval():
    value, low, high = cluster.ratio(products([(3, 4)]))
    assert value == 0.75 and math.isnan(low) and math.isnan(high)


def covered(draws, one):
    return sum(one(random.Random(seed)) for seed in range(draws)) / draws


def test_clustered_intervals_hold_what_they_promise():
    """Customers differ in their mean and in how many rows they bring: 95 % should be near 95 %."""

    def one(chance):
        groups = [[0.0, 0] for _ in range(32)]
        for _ in range(300):
            own, group = chance.gauss(10, 3), groups[chance.randrange(32)]
            for _ in range(chance.randint(1, 6)):
                group[0] += own + chance.gauss(0, 1)
                group[1] += 1
        interval = cluster.ratio(products([tuple(group) for group in groups]))
        return interval.low <= 10 <= interval.high

    assert 0.91 <= covered(300, one) <= 0.99


def test_median_intervals_hold_what_they_promise():
    def one(chance):
        interval = quantile.quantile([chance.expovariate(1) for _ in range(80)], 0.5)
        return interval.low <= math.log(2) <= interval.high

    assert 0.91 <= covered(400, one) <= 0.99


def test_median_lies_between_the_two_in_the_middle():
    assert quantile.quantile([4, 1, 3, 2], 0.5).value == 2.5


def test_five_values_bound_no_median():
    """All five lie below the median once in 32 times, more often than the 2.5 % that an end may miss."""
    assert all(math.isnan(end) for end in quantile.quantile([1, 2, 3, 4, 5], 0.5)[1:])
    assert quantile.quantile([1, 2, 3, 4, 5, 6], 0.5).low < 3.5
    assert math.isnan(quantile.quantile(range(34), 0.9).high) and quantile.quantile(range(36), 0.9).high > 32


def test_histogram_quantiles_are_within_their_error():
    chance = random.Random(5)
    values = [chance.lognormvariate(6, 2) for _ in range(999)] + [0.0]
    counts = {}
    for value in values:
        counts[histogram.bin_of(value)] = counts.get(histogram.bin_of(value), 0) + 1
    bins = sorted(counts)
    shares = [0.0, 0.001, 0.1, 0.5, 0.9, 0.999, 1.0]
    for share, about in zip(shares, histogram.quantiles(bins, [counts[b] for b in bins], shares), strict=True):
        assert about == approx(quantile.at(sorted(values), share), rel=histogram.ERROR + 1e-9, abs=1e-12)


def test_histogram_interpolates_between_two_far_values():
    assert histogram.quantiles([histogram.bin_of(1), histogram.bin_of(1000)], [1, 1], [0.5])[0] == approx(
        500.5, rel=0.025
    )


def test_bootstrap_draws_whole_customers():
    """One value ten times over is one customer's: the interval stays as wide as for four customers."""
    customers, values = [c for c in "abcd" for _ in range(10)], [0] * 20 + [1] * 20
    wide = bootstrap.over_customers(customers, values)
    narrow = bootstrap.over_customers(range(40), values)
    assert wide.high - wide.low > 2.5 * (narrow.high - narrow.low)
    assert wide == bootstrap.over_customers(customers, values)


def test_false_discovery_rate():
    """R: p.adjust(c(.01, .02, .03, .04, .5), "BH") is .05, .05, .05, .05, .5."""
    assert discovery.adjusted([0.04, 0.01, 0.5, 0.03, 0.02]) == approx([0.05, 0.05, 0.5, 0.05, 0.05])
    assert discovery.found([0.04, 0.001, 0.5], 0.05) == [False, True, False]


def counted(ends, watched):
    """Counts by age in seconds: `ends` as (age, way), `watched` as ages."""
    bins = max(competing.bin_of(age) for age in [*(age for age, _way in ends), *watched]) + 1
    counts = competing.Counts(np.zeros((1, bins, 2)), np.zeros((1, bins)))
    for age, way in ends:
        counts.ends[0, competing.bin_of(age), way] += 1
    for age in watched:
        counts.watched[0, competing.bin_of(age)] += 1
    return counts


def test_competing_risks_without_anybody_lost_are_plain_shares():
    found = competing.incidence(counted([(60, 0), (3600, 1), (7200, 0), (90_000, 1)], [])).sum(axis=-2)
    assert found[0].tolist() == approx([0.5, 0.5])


def test_competing_risks_by_hand():
    """Aalen–Johansen: ends of way 0 at 1 and 4 h, of way 1 at 2 h, one watched for 3 h. S: 3/4, 2/4; then 1 at risk."""
    found = competing.incidence(counted([(3600, 0), (7200, 1), (14_400, 0)], [10_800])).sum(axis=-2)
    assert found[0].tolist() == approx([1 / 4 + 1 / 2, 1 / 4])


def test_ages_that_a_young_cohort_has_not_reached_come_from_the_one_before():
    young = counted([(3600, 0)] * 50, [7200] * 50)
    old = counted([(3600, 0)] * 20 + [(86_400, 0)] * 40 + [(86_400, 1)] * 40, [])
    bins = max(young.ends.shape[1], old.ends.shape[1])
    wide = [
        competing.Counts(
            np.pad(one.ends, ((0, 0), (0, bins - one.ends.shape[1]), (0, 0))),
            np.pad(one.watched, ((0, 0), (0, bins - one.watched.shape[1]))),
        )
        for one in (young, old)
    ]
    assert competing.incidence(*wide).sum(axis=-2)[0].tolist() == approx([0.75, 0.25])


def test_the_quantile_of_competing_risks_may_never_be_reached():
    chances = np.array([[0.1, 0.3, 0.5], [0.1, 0.2, 0.3]])
    found = competing.quantile(chances, 0.4)
    assert competing.age_at(2) < found[0] < competing.age_at(3) and np.isnan(found[1])


def test_what_explains_a_number_is_shared_out():
    """The value is the first variable plus twice the second, which are independent: a fifth and four fifths."""
    chance = np.random.default_rng(3)
    variables = chance.normal(size=(4000, 2))
    sums = explained.products(variables[:, 0] + 2 * variables[:, 1], variables).sum(axis=0)
    assert explained.explained(sums, [0, 1]) == approx(1)
    assert explained.share(sums, [0], [1]) == approx(0.2, abs=0.02)
    noise = explained.products(chance.normal(size=4000), variables).sum(axis=0)
    assert explained.chance(explained.explained(noise, [0, 1]), 4000, 2) > 0.01
