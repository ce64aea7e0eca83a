"""Rates averaged over sets: thresholds against a slow search, the interval against Student's and by simulation."""

import numpy as np
import pytest
from scipy.stats import t

from facerep.metrics.intervals import clopper_pearson
from facerep.metrics.set_means import mean_rate, threshold_at
from facerep.results.figures import Rate


def rate(count, of):
    return Rate(count / of, *clopper_pearson(count, of), count, of, "")


@pytest.mark.parametrize("far", [0.5, 0.1, 0.05])
def test_the_threshold_is_the_smallest_score_at_which_the_mean_over_sets_holds_the_target(far):
    rng = np.random.default_rng(0)
    sets = {name: rng.normal(shift, 1, size).round(1) for name, shift, size in (("a", 0, 400), ("b", 1, 30))}
    candidates = np.unique(np.concatenate([*sets.values()]))
    held = [c for c in candidates if np.mean([np.mean(scores >= c) for scores in sets.values()]) <= far]
    assert threshold_at(sets, far) == min(held)


def test_a_target_that_no_score_holds_has_an_infinite_threshold():
    assert threshold_at({"a": np.array([0.5, 0.5])}, 0.1) == np.inf


def test_shares_that_add_up_to_the_target_meet_it():
    thirds = {name: np.array([0.9, *[0.1] * 9]) for name in "abc"}
    assert threshold_at(thirds, 0.1) == 0.9


def test_every_set_counts_once_however_many_pairs_it_has():
    mean = mean_rate([rate(10, 100), rate(0, 10_000), rate(2, 10)])
    assert (mean.value, mean.count, mean.of) == (pytest.approx(0.1), 12, 10_110)


def test_the_interval_follows_from_how_much_sets_differ():
    rates = [rate(count, 1_000_000) for count in (480_000, 500_000, 520_000, 500_000)]
    mean = mean_rate(rates)
    error = np.std([one.value for one in rates], ddof=1) / 2
    # in the middle Wilson's interval is Student's
    assert (mean.low, mean.high) == pytest.approx(
        (0.5 - t.ppf(0.975, 3) * error, 0.5 + t.ppf(0.975, 3) * error), abs=1e-3
    )
    assert mean.interval == "Wilson, variance of the mean of 4 sets"


def test_sets_that_do_not_differ_have_the_interval_of_their_people():
    one = rate(0, 50)
    assert (mean_rate([one]).low, mean_rate([one]).high) == (0, one.high)
    both = mean_rate([one, one])
    assert (both.low, both.high) == (0, pytest.approx(one.high / 2**0.5))
    assert both.interval == "MOVER of the people of 2 sets"


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.5, 1.0])
def test_the_interval_holds_the_mean_of_all_such_sets(spread):
    """Five sets of 20 people, whose false accept rates differ by a factor of exp(spread)."""
    rng = np.random.default_rng(0)
    held, truth = 0, 0.01 * np.exp(spread**2 / 2)
    for _ in range(2000):
        values = np.minimum(0.01 * np.exp(spread * rng.normal(size=5)), 1)
        counts = rng.binomial(20_000, values)
        mean = mean_rate([rate(int(count), 20_000) for count in counts])
        held += mean.low <= truth <= mean.high
    assert held / 2000 > 0.88
