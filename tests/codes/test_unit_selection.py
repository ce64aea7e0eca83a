"""Choosing units: each criterion against a slow loop over units, or scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_selection import f_classif

from facerep.codes.unit_selection import CRITERIA, choose_units, discriminative_power
from facerep.errors import BadInput, Usage

NOBODY = np.array([""] * 8, dtype=object)


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.sampled_from(["variance", "entropy"]))
@settings(max_examples=30, deadline=None)
def test_the_best_units_are_those_of_a_slow_sort(seed: int, count: int, criterion) -> None:
    random = np.random.default_rng(seed)
    values = random.normal(size=(8, 6)) * random.permutation(6)
    ones = values > 0.5

    def merit(unit: int) -> float:
        if criterion == "variance":
            return float(np.var(values[:, unit]))
        share = ones[:, unit].mean()
        return -sum(p * np.log2(p) for p in (share, 1 - share) if p > 0)

    if criterion == "entropy" and len({round(merit(unit), 9) for unit in range(6)}) == 1:
        return
    wanted = sorted(range(6), key=lambda unit: (-round(merit(unit), 9), unit))[:count]
    assert choose_units(values, ones, NOBODY, count, criterion).tolist() == wanted


def test_discriminative_power_is_the_f_of_scikit_learn_and_leaves_unknown_people_out() -> None:
    random = np.random.default_rng(0)
    people = np.array(["a", "a", "b", "b", "c", "c", "c", ""] * 10, dtype=object)
    ones = random.random((80, 9)) < 0.5
    ones[:, 4] |= people == "b"
    known = people != ""
    wanted = f_classif(ones[known].astype(float), people[known].astype(str))[0]
    np.testing.assert_allclose(discriminative_power(ones, people), wanted)
    assert choose_units(ones.astype(float), ones, people, 1, "discriminative").tolist() == [4]


def test_a_bit_that_never_changes_is_worth_nothing_and_one_that_tells_all_apart_everything() -> None:
    people = np.array(["a", "a", "b", "b"], dtype=object)
    ones = np.array([[1, 1, 0], [1, 1, 1], [1, 0, 0], [1, 0, 1]], dtype=bool)
    power = discriminative_power(ones, people)
    assert (power[0], power[1]) == (0, np.inf)
    assert choose_units(ones.astype(float), ones, people, 3, "discriminative")[0] == 1


def test_random_units_are_different_and_depend_on_the_seed() -> None:
    values = np.zeros((8, 40))
    one, two = (choose_units(values, values > 0, NOBODY, 20, "random", seed=seed) for seed in (0, 1))
    assert len(set(one)) == 20
    assert one.tolist() != two.tolist()
    assert one.tolist() == choose_units(values, values > 0, NOBODY, 20, "random", seed=0).tolist()


def test_a_criterion_that_sees_no_difference_is_refused() -> None:
    values = np.random.default_rng(0).normal(size=(8, 5))
    halves = values > np.median(values, axis=0)
    with pytest.raises(Usage, match="entropy is the same for all 5 units"):
        choose_units(values, halves, NOBODY, 2, "entropy")
    assert choose_units(values, halves, NOBODY, 5, "entropy").tolist() == [0, 1, 2, 3, 4]


def test_people_who_do_not_show_a_difference_are_refused() -> None:
    ones = np.random.default_rng(0).random((8, 5)) < 0.5
    for people in (NOBODY, np.array(list("aaaaaaaa"), dtype=object), np.array(list("abcdefgh"), dtype=object)):
        with pytest.raises(BadInput, match="do not show what tells people apart"):
            choose_units(ones.astype(float), ones, people, 2, "discriminative")


@pytest.mark.parametrize("criterion", CRITERIA)
def test_more_units_than_there_are_is_a_usage_error(criterion) -> None:
    for count in (0, 6):
        with pytest.raises(Usage, match=f"{count} bits of 5 units"):
            choose_units(np.zeros((8, 5)), np.zeros((8, 5), bool), NOBODY, count, criterion)
