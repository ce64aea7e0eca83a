"""Sparseness is counted in blocks and equals what slow loops give."""

from dataclasses import astuple

import numpy as np
import pytest

from facerep.metrics.sparseness import Tally, entropy, treves_rolls


def counted(values, people=None, step=7):
    people = np.full(len(values), "", dtype=object) if people is None else people
    tally = Tally(values.shape[1])
    for start in range(0, len(values), step):
        tally.add(values[start : start + step], people[start : start + step])
    return tally.result()


@pytest.fixture
def values():
    return np.maximum(np.random.default_rng(0).normal(size=(60, 12)), 0).astype(np.float32)


def test_both_sides_of_the_count_give_the_same_share(values):
    found = counted(values)
    assert found.active.mean / 12 == pytest.approx(found.exciting.mean / 60, abs=1e-15)
    assert found.active.mean / 12 == pytest.approx(found.share.value, abs=1e-15)
    assert found.faces_by_active.sum() == 60


def test_counts_equal_a_loop_over_faces_and_units(values):
    found = counted(values)
    on_face = [sum(float(x) > 0 for x in row) for row in values]
    on_unit = [sum(float(x) > 0 for x in column) for column in values.T]
    assert astuple(found.active) == pytest.approx((np.mean(on_face), np.std(on_face)))
    assert astuple(found.exciting) == pytest.approx((np.mean(on_unit), np.std(on_unit)))
    assert found.faces_of_unit.tolist() == on_unit
    assert found.deviation == pytest.approx(values.std(axis=0), rel=1e-5)


def test_blocks_of_any_size_give_the_same_counts(values):
    people = np.array([f"p{k % 9}" for k in range(60)], dtype=object)
    one, many = counted(values, people, step=60), counted(values, people, step=1)
    assert (one.faces_by_active == many.faces_by_active).all()
    assert one.share == many.share
    assert astuple(one.population) == pytest.approx(astuple(many.population))
    assert one.lifetime == pytest.approx(many.lifetime)


def test_sparseness_is_0_of_equal_values_and_1_of_a_single_one():
    equal, single = np.full((1, 8), 3.0), np.eye(8)[:1]
    for values, wanted in ((equal, 0.0), (single, 1.0)):
        assert treves_rolls(values.mean(1), (values**2).mean(1), 8) == pytest.approx(wanted)


def test_sparseness_equals_the_published_form_of_vinje_and_gallant(values):
    found = counted(values)
    for unit, column in enumerate(values.T.astype(float)):
        a = (sum(column) / 60) ** 2 / (sum(x * x for x in column) / 60)
        assert found.lifetime[unit] == pytest.approx((1 - a) / (1 - 1 / 60), rel=1e-6)


def test_a_unit_that_never_fires_is_counted_and_has_no_entropy(values):
    values[:, 3], values[:, 5] = 0, 1
    found = counted(values)
    assert (found.never, found.always) == (1, 1)
    assert found.entropy[3] == found.entropy[5] == 0
    assert np.isnan(found.lifetime[3])
    assert entropy(np.array([0.25])) == pytest.approx(0.8112781244591328)


def test_values_below_zero_leave_sparseness_undefined_and_are_counted(values):
    values[0, 0] = -1
    found = counted(values)
    assert found.negative == 1
    assert found.population is None
    assert np.isnan(found.lifetime).all()


def test_faces_on_which_nothing_fires_have_no_sparseness_of_their_own():
    values = np.zeros((4, 3), np.float32)
    values[0] = 1, 0, 0
    found = counted(values)
    assert astuple(found.population) == pytest.approx((1.0, 0.0))
    assert counted(np.zeros((4, 3), np.float32)).population is None


def test_the_interval_of_the_share_widens_where_a_person_repeats(values):
    alone = counted(values).share
    names = np.array([f"p{k}" for k in range(60)], dtype=object)
    assert counted(values, names).share.low == pytest.approx(alone.low)
    twice = counted(np.concatenate([values, values]), np.concatenate([names, names])).share
    assert twice.high - twice.low == pytest.approx(alone.high - alone.low)
    assert twice.interval.endswith("shared people")


def test_the_faces_of_one_person_alone_do_not_make_an_interval_of_no_width(values):
    one = counted(values, np.array(["p"] * len(values), dtype=object)).share
    alone = counted(values).share
    assert one.high - one.low > alone.high - alone.low > 0
