"""Pairs drawn by a seed."""

from itertools import combinations

import numpy as np
import pytest

from facerep.errors import BadInput
from facerep.metrics.pair_draws import _from_linear, count_pairs, draw_pairs


def labels(rng, n, persons):
    people = np.array([f"p{k}" for k in rng.integers(persons, size=n)], dtype=object)
    people[rng.random(n) < 0.1] = ""
    return people


def test_counts_are_those_of_a_double_loop():
    people = labels(np.random.default_rng(0), 60, 9)
    known = [person for person in people if person]
    genuine = sum(a == b for a, b in combinations(known, 2))
    assert count_pairs(people) == (genuine, len(known) * (len(known) - 1) // 2 - genuine)


def test_asking_for_more_than_there_are_gives_every_pair_once():
    people = labels(np.random.default_rng(1), 40, 6)
    left, right, same = draw_pairs(people, 10_000, seed=0)
    pairs = {frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)}
    assert len(pairs) == len(left) == sum(count_pairs(people))
    np.testing.assert_array_equal(people[left] == people[right], same)
    assert "" not in people[left]


def test_a_draw_depends_on_its_seed_and_no_pair_comes_twice():
    people = np.array([f"p{k // 4}" for k in range(6000)], dtype=object)  # enough for the way by rejection
    left, right, same = draw_pairs(people, 500, seed=3)
    again = draw_pairs(people, 500, seed=3)
    other = draw_pairs(people, 500, seed=4)
    np.testing.assert_array_equal(left, again[0])
    assert (left != other[0]).any()
    assert same.sum() == (~same).sum() == 500
    np.testing.assert_array_equal(people[left] == people[right], same)
    assert len({frozenset(pair) for pair in zip(left.tolist(), right.tolist(), strict=True)}) == 1000


def test_places_lead_to_pairs_even_where_the_root_rounds():
    first, second = _from_linear(np.arange(45))
    assert sorted(zip(first.tolist(), second.tolist(), strict=True)) == list(combinations(range(10), 2))
    j = 40_000_000
    edges = np.array([j * (j - 1) // 2 - 1, j * (j - 1) // 2])
    assert [pair.tolist() for pair in _from_linear(edges)] == [[j - 2, 0], [j - 1, j]]


def test_labels_without_a_genuine_pair_are_refused():
    with pytest.raises(BadInput, match="0 genuine and 3 impostor"):
        draw_pairs(np.array(["a", "b", "c"], dtype=object), 5, seed=0)
