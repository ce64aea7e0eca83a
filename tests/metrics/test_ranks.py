"""Ranks, the CMC and the open set, against slow counting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerep.metrics.operating_points import tar_at_far
from facerep.metrics.ranks import NOBODY, cmc, open_set, ranks

coarse = st.integers(-3, 3).map(float) | st.sampled_from([np.inf, -np.inf])


def slow_rank(row, person):
    """1 + the others that score at least as much; 0 for an unknown probe."""
    if person == NOBODY:
        return 0
    return 1 + sum(score >= row[person] for other, score in enumerate(row) if other != person)


def slow_first(row, person):
    """Who leads: of several with the largest score one that is wrong."""
    leaders = [other for other, score in enumerate(row) if score == max(row)]
    wrong = [other for other in leaders if other != person]
    return wrong[0] if person == NOBODY or wrong else leaders[0]


def slow_dir(rank, own, unknown, far):
    """DIR at the smallest of the scores and +inf whose false alarm rate is at most `far`; None if refused."""
    held = [t for t in {*own, *unknown, np.inf} if sum(u >= t for u in unknown) / len(unknown) <= far]
    if 1 / len(unknown) > far or not held:
        return None
    return sum(r == 1 and score >= min(held) for r, score in zip(rank, own, strict=True)) / len(rank)


def test_ranks_are_those_of_a_slow_loop_on_thousands_of_small_cases_with_ties_and_infinities():
    rng = np.random.default_rng(0)
    values = np.array([-np.inf, -1.0, 0.0, 1.0, 2.0, np.inf])
    for _ in range(3000):
        probes, people = rng.integers(1, 6, size=2)
        scores = rng.choice(values, size=(probes, people))
        person = rng.integers(NOBODY, people, size=probes)
        found = ranks(scores, person)
        assert found.rank.tolist() == [slow_rank(*pair) for pair in zip(scores.tolist(), person, strict=True)]
        assert found.first.tolist() == [slow_first(*pair) for pair in zip(scores.tolist(), person, strict=True)]
        np.testing.assert_array_equal(found.top, scores.max(axis=1))
        expected = [scores[row, p] if p != NOBODY else np.nan for row, p in enumerate(person)]
        np.testing.assert_array_equal(found.own, expected)
        known = person != NOBODY
        right = found.first[known] == person[known]
        np.testing.assert_array_equal(right, found.rank[known] == 1)  # the first is right if and only if the rank is 1


def test_a_tie_counts_against_the_probe_wherever_its_person_stands():
    scores = np.array([[0.7, 0.7, 0.1], [0.7, 0.7, 0.1]])
    found = ranks(scores, np.array([0, 1]))
    assert found.rank.tolist() == [2, 2]
    assert found.first.tolist() == [1, 0]
    assert ranks(np.zeros((1, 5)), np.array([2])).rank.tolist() == [5]


def test_the_first_of_a_gallery_of_one_person_is_that_person():
    found = ranks(np.array([[0.3], [-np.inf]]), np.array([0, 0]))
    assert found.rank.tolist() == [1, 1]
    assert found.first.tolist() == [0, 0]


@given(st.lists(st.integers(1, 7), min_size=1, max_size=20))
def test_the_cmc_counts_ranks_of_at_most_k(rank):
    assert cmc(np.array(rank), 7).tolist() == [sum(r <= k for r in rank) for k in range(1, 8)]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), coarse), min_size=1, max_size=15),
    st.lists(coarse, min_size=1, max_size=15),
    st.sampled_from([0.05, 0.1, 0.29, 1 / 3, 0.5, 1.0]),
)
def test_dir_at_far_is_that_of_a_slow_loop_over_thresholds(known, unknown, far):
    rank, own = zip(*known, strict=True)
    curve = open_set(np.array(rank), np.array(own), np.array(unknown))
    assert tar_at_far(curve, far).tar == slow_dir(rank, own, unknown, far)
    for threshold, hits, alarms in zip(curve.thresholds, curve.true_accepts, curve.false_accepts, strict=True):
        assert hits == sum(r == 1 and score >= threshold for r, score in known)
        assert alarms == sum(score >= threshold for score in unknown)
    assert (curve.genuine, curve.impostor) == (len(known), len(unknown))


def test_the_threshold_comes_from_the_best_score_of_each_unknown_probe_not_from_all_its_scores():
    # 100 unknown probes against 50 people: 1 % of the probes is one probe, 1 % of the pairs would be fifty
    rng = np.random.default_rng(1)
    scores = rng.random((100, 50))
    unknown = ranks(scores, np.full(100, NOBODY)).top
    curve = open_set(np.array([1, 1]), np.array([2.0, 0.99]), unknown)
    point = tar_at_far(curve, 0.01)
    assert point.false_accepts == 1
    assert point.threshold == np.sort(unknown)[-1]
    assert point.tar == 0.5
    assert np.sum(scores >= np.quantile(scores, 0.99)) == 50


def test_the_example_of_the_numbers_page_is_right():
    scores = np.array([[0.9, 0.2, 0.4], [0.6, 0.6, 0.1], [0.3, 0.1, 0.5]])
    found = ranks(scores, np.array([0, 1, 2]))
    assert found.rank.tolist() == [1, 2, 1]
    assert cmc(found.rank, 3).tolist() == [2, 3, 3]
    point = tar_at_far(open_set(found.rank, found.own, np.array([0.7, 0.4, 0.3, 0.2])), 0.25)
    assert (point.threshold, point.far, point.tar) == (0.5, 0.25, 2 / 3)


def test_a_probe_of_rank_two_does_not_count_however_high_its_score():
    curve = open_set(np.array([2, 1]), np.array([0.9, 0.6]), np.array([0.5, 0.1]))
    assert tar_at_far(curve, 0.5).tar == 0.5


def test_a_false_alarm_rate_that_the_unknown_probes_cannot_show_is_refused_or_flagged():
    rank, own = np.ones(5, int), np.arange(5.0)
    assert tar_at_far(open_set(rank, own, np.zeros(99)), 0.01).flag == "refused"
    assert tar_at_far(open_set(rank, own, np.zeros(100)), 0.01).flag == "few impostors"
    assert tar_at_far(open_set(rank, own, np.zeros(1000)), 0.01).flag is None
    endless = open_set(rank, own, np.full(1000, np.inf))
    assert tar_at_far(endless, 0.01).flag == "refused"


@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_an_increasing_change_of_all_scores_changes_no_rank(shift):
    rng = np.random.default_rng(2)
    scores = rng.integers(0, 9, size=(40, 12)).astype(float)
    person = rng.integers(NOBODY, 12, size=40)
    np.testing.assert_array_equal(ranks(scores, person).rank, ranks(3 * scores + shift, person).rank)
