"""The best threshold of every unit at once equals a loop over all thresholds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from facerep.metrics.clusters import clusters
from facerep.metrics.selectiveness import balanced, balanced_rate, best_cuts, best_of_all, chance, rank, says_yes


def each(people):
    return clusters(people, people, "people")


def slow_best(values, positive):
    """Every threshold between two neighbouring values, in the direction of the means."""
    excitatory = values[positive].mean() > values[~positive].mean()
    distinct = np.unique(values)
    cuts = [-np.inf, *((distinct[1:] + distinct[:-1]) / 2), np.inf]
    accuracies = []
    for cut in cuts:
        yes = values > cut if excitatory else values < cut
        accuracies.append((np.mean(yes[positive]) + np.mean(~yes[~positive])) / 2)
    return excitatory, max(accuracies)


@settings(max_examples=150, deadline=None)
@given(
    arrays(np.int8, (3, 14), elements=st.integers(0, 5)), arrays(np.bool_, 14).filter(lambda mask: 0 < mask.sum() < 14)
)
def test_best_cuts_equal_a_loop_over_all_thresholds(whole, positive):
    values = whole.astype(np.float32)
    cuts = best_cuts(rank(values), positive)
    for unit in range(3):
        if whole[unit][positive].mean() == whole[unit][~positive].mean():
            continue  # either direction will do
        excitatory, accuracy = slow_best(values[unit].astype(float), positive)
        assert cuts.excitatory[unit] == excitatory
        assert cuts.accuracy[unit] == pytest.approx(accuracy, abs=1e-12)
    yes = says_yes(values, cuts)
    assert balanced(yes, positive) == pytest.approx(cuts.accuracy)


def test_a_cut_that_parts_all_faces_is_found_in_either_direction():
    values = np.array([[1, 2, 8, 9], [9, 8, 2, 1]], np.float32)
    cuts = best_cuts(rank(values), np.array([False, False, True, True]))
    assert cuts.excitatory.tolist() == [True, False]
    assert cuts.threshold.tolist() == [5, 5]
    assert cuts.accuracy.tolist() == [1, 1]


def test_a_unit_that_never_fires_is_worth_a_coin():
    values = np.zeros((1, 6), np.float32)
    positive = np.array([True, False, False, False, False, False])
    cuts = best_cuts(rank(values), positive)
    assert cuts.accuracy.tolist() == [0.5]
    assert np.isinf(cuts.threshold[0])
    assert len(set(says_yes(values, cuts)[0].tolist())) == 1


def test_the_best_of_all_is_the_best_of_the_single_cuts():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(20, 90)).astype(np.float32)
    groups = [rng.random(90) < share for share in (0.1, 0.5, 0.9)]
    ranked = rank(values)
    assert best_of_all(ranked, groups).tolist() == [best_cuts(ranked, group).accuracy.max() for group in groups]


def test_shuffled_labels_reach_a_tuned_share_of_the_time_and_no_more():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(10, 80)).astype(np.float32)
    ranked, positive = rank(values), np.arange(80) < 20
    null = best_of_all(ranked, (rng.permutation(positive) for _ in range(200)))
    shares = [chance(null, best_cuts(ranked, rng.permutation(positive)).accuracy.max())[1] for _ in range(200)]
    assert 0.4 < np.mean(shares) < 0.6
    assert chance(null, 1.0)[1] == 1 / 201


def test_the_rate_counts_couples_and_its_interval_follows_people():
    positive = np.arange(40) < 10
    yes = positive.copy()
    yes[[0, 11, 12]] ^= True
    rate = balanced_rate(yes, positive, each(np.arange(40)))
    assert rate.value == pytest.approx((9 / 10 + 28 / 30) / 2)
    assert (rate.count / rate.of, rate.of) == (pytest.approx(rate.value), 300)
    assert rate.low < rate.value < rate.high
    doubled = balanced_rate(np.tile(yes, 2), np.tile(positive, 2), each(np.tile(np.arange(40), 2)))
    assert doubled.value == rate.value
    assert doubled.high - doubled.low == pytest.approx(rate.high - rate.low, rel=1e-6)
    perfect = balanced_rate(positive, positive, each(np.arange(40)))
    assert perfect.value == perfect.high == 1
    assert 0.6 < perfect.low < 0.9


def test_the_faces_of_one_person_alone_do_not_make_an_interval_of_no_width():
    rng = np.random.default_rng(0)
    positive, yes = np.arange(60) < 25, rng.random(60) < 0.6
    one = balanced_rate(yes, positive, each(np.zeros(60, int)))
    many = balanced_rate(yes, positive, each(np.arange(60)))
    assert one.high - one.low > many.high - many.low > 0.1
