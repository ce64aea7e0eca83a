"""Groups beside people, against loops over all pairs and all faces."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from facerep.metrics.grouping import group_figures


def f_of(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("seed", range(4))
def test_both_agreements_are_those_of_loops_over_faces_and_pairs(seed):
    draw = np.random.default_rng(seed)
    groups, people = draw.integers(0, 7, 40), draw.integers(0, 5, 40).astype(str).astype(object)
    found = group_figures(groups, people)
    assert found is not None
    pairs = list(itertools.combinations(range(40), 2))
    both = sum(groups[a] == groups[b] and people[a] == people[b] for a, b in pairs)
    precision = both / sum(groups[a] == groups[b] for a, b in pairs)
    recall = both / sum(people[a] == people[b] for a, b in pairs)
    values = (found.pairs.precision.value, found.pairs.recall.value, found.pairs.f.value)
    assert values == pytest.approx((precision, recall, f_of(precision, recall)))
    same = [(groups == groups[face]) & (people == people[face]) for face in range(40)]
    precision = np.mean([same[face].sum() / (groups == groups[face]).sum() for face in range(40)])
    recall = np.mean([same[face].sum() / (people == people[face]).sum() for face in range(40)])
    values = (found.bcubed.precision.value, found.bcubed.recall.value, found.bcubed.f.value)
    assert values == pytest.approx((precision, recall, f_of(float(precision), float(recall))))
    for each in (found.pairs, found.bcubed):
        for share in (each.precision, each.recall, each.f):
            assert 0 <= share.low <= share.value <= share.high <= 1


def test_groups_that_are_the_people_are_right_and_faces_of_nobody_are_left_out():
    people = np.array(["a", "a", "b", "b", "c", "", ""], dtype=object)
    found = group_figures(np.array([3, 3, 1, 1, 0, 3, 1]), people)
    assert found is not None
    assert (found.faces, found.people) == (5, 3)
    for each in (found.pairs, found.bcubed):
        assert [(share.value, share.low, share.high) for share in (each.precision, each.recall, each.f)] == [
            (1, 1, 1)
        ] * 3


def test_faces_all_alone_are_pure_and_no_person_is_whole():
    people = np.repeat(["a", "b"], 3).astype(object)
    found = group_figures(np.arange(6), people)
    assert found is not None
    assert (found.pairs.precision.value, found.pairs.recall.value, found.pairs.f.value) == (1, 0, 0)
    assert (found.bcubed.precision.value, found.bcubed.recall.value) == pytest.approx((1, 1 / 3))


def test_without_two_known_people_there_is_nothing_to_compare_with():
    assert group_figures(np.array([0, 0, 1]), np.array(["a", "a", ""], dtype=object)) is None
