"""Means that are drawn together, and the interval of the equal error rate."""

import numpy as np
import pytest

from facerep.metrics.bootstrap import drawn_means, middle
from facerep.metrics.clusters import clusters
from facerep.metrics.differences import compare


def pairs(seed: int = 0, people: int = 12, count: int = 90):
    rng = np.random.default_rng(seed)
    left, right = rng.integers(people, size=count), rng.integers(people, size=count)
    columns = rng.random((count, 3)) < [0.9, 0.7, 0.6]
    return columns, clusters(left, right, "people")


def test_a_draw_weighs_pairs_by_how_often_both_sides_were_drawn():
    """Against a loop over draws and pairs."""
    columns, of = pairs()
    found = drawn_means(columns, of, seed=3, draws=60)
    rng = np.random.default_rng(3)
    for row in found:
        drawn = rng.integers(of.count, size=of.count)
        weights = []
        for left, right in zip(of.left, of.right, strict=True):
            times = np.count_nonzero(drawn == left)
            weights.append(times if left == right else times * np.count_nonzero(drawn == right))
        assert row == pytest.approx(np.average(columns, axis=0, weights=weights))
    assert found.shape == (60, 3)


def test_a_difference_of_two_columns_has_the_interval_that_compare_gives():
    columns, of = pairs()
    drawn = drawn_means(columns, of, seed=5)
    told = compare(columns[:, 0], columns[:, 1], of, seed=5)
    assert middle(drawn[:, 1] - drawn[:, 0]) == pytest.approx((told.low, told.high))


def test_pairs_that_share_nobody_are_drawn_themselves():
    columns = np.arange(50, dtype=float)[:, None]
    alone = clusters(np.arange(0, 100, 2), np.arange(1, 100, 2), "people")
    drawn = drawn_means(columns, alone, seed=0)
    assert drawn.std() == pytest.approx(columns.std() / np.sqrt(50), rel=0.1)
    assert drawn.mean() == pytest.approx(24.5, abs=0.3)


def test_draws_that_hit_no_pair_are_left_out():
    of = clusters(np.array([0, 0, 0]), np.array([1, 1, 2]), "people")
    drawn = drawn_means(np.ones((3, 1)), of, seed=0, draws=300)
    assert 0 < len(drawn) < 300
    assert (drawn == 1).all()
    assert middle(np.zeros(0)) == (-1.0, 1.0)
