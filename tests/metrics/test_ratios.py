"""Ratios of rates: MOVER-R by its equation and by simulation."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facerep.metrics.group_ratios import BOUNDS, MOVER, GroupRates, Groups, ratio
from facerep.metrics.intervals import clopper_pearson, wilson
from facerep.results.figures import Rate
from facerep.results.to_json import to_json


def rate(count, of):
    return Rate(count / of, *clopper_pearson(count, of), count, of, "Clopper-Pearson")


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_bounds_of_a_ratio_solve_the_equation_that_they_are_defined_by(first, second):
    one, other = rate(first, 60), rate(second, 60)
    found = ratio(one, other, apart=True)
    if found.low > 0:
        left = (one.value - found.low * other.value) ** 2
        assert left == pytest.approx(
            (one.value - one.low) ** 2 + found.low**2 * (other.high - other.value) ** 2, abs=1e-9
        )
    if math.isfinite(found.high):
        left = (one.value - found.high * other.value) ** 2
        right = (one.high - one.value) ** 2 + found.high**2 * (other.value - other.low) ** 2
        assert left == pytest.approx(right, rel=1e-6, abs=1e-9)
    assert found.value is None or found.low <= found.value <= found.high


def test_a_rate_of_nothing_has_an_infinite_or_no_ratio_and_the_bounds_still_say_something():
    none, some = rate(0, 50), rate(5, 50)
    over = ratio(some, none, apart=True)
    assert (over.value, over.high) == (math.inf, math.inf)
    assert over.low > 0.3
    under = ratio(none, some, apart=True)
    assert (under.value, under.low) == (0, 0)
    assert 0 < under.high < 3
    assert ratio(none, none, apart=True).value is None
    assert json.dumps(to_json(over), allow_nan=False).count('"inf"') == 2


def test_people_in_both_groups_give_the_widest_interval():
    one, other = rate(20, 100), rate(10, 100)
    wide, narrow = ratio(one, other, apart=False), ratio(one, other, apart=True)
    assert (wide.interval, narrow.interval) == (BOUNDS, MOVER)
    assert (wide.low, wide.high) == (one.low / other.high, one.high / other.low)
    assert wide.low < narrow.low < narrow.high < wide.high


@pytest.mark.parametrize("shares", [(0.3, 0.3), (0.1, 0.05)])
def test_mover_r_of_wilson_intervals_holds_the_true_ratio_in_95_of_100_draws(shares):
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(2000):
        counts = [rng.binomial(300, share) for share in shares]
        rates = [Rate(count / 300, *wilson(count / 300, 300), count, 300, "Wilson") for count in counts]
        found = ratio(*rates, apart=True)
        held += found.low <= shares[0] / shares[1] <= found.high
    assert 0.935 < held / 2000 < 0.965


def test_groups_without_pairs_of_a_kind_are_none_in_the_json():
    group = GroupRates("a", 3, 3, None, None, None, None)
    told = to_json(Groups("view", math.inf, "a", (group, group), {"genuine": 0, "impostor": 3}, 0))
    assert told["threshold"] == "inf"
    assert told["each"][0] == {
        "name": "a", "faces": 3, "people": 3, "genuine": 0, "impostor": 0, "fmr": None, "fnmr": None,
        "fmr_ratio": None, "fnmr_ratio": None,
    }  # fmt: skip
