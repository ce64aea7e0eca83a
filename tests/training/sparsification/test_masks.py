"""Masks keep exactly as many connections as asked, from the halves and signs that the rule names."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facerep.training.sparsification.masks import RULES, choose


def chosen(values, kept, *, rule="correlation", strong=0.75, weights=None, allowed=None, seed=0):
    values = np.asarray(values, float)
    return choose(
        values, values if weights is None else weights, np.ones(values.shape, bool) if allowed is None else allowed,
        kept, rule=rule, strong=strong, draw=np.random.default_rng(seed),
    )  # fmt: skip


def normal(units, inputs, seed=0):
    return np.random.default_rng(seed).normal(size=(units, inputs))


@given(
    seed=st.integers(0, 1000), inputs=st.integers(1, 40), rule=st.sampled_from(RULES), strong=st.floats(0, 1),
    data=st.data(),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_every_unit_keeps_exactly_as_many_as_asked_of_those_that_are_there(seed, inputs, rule, strong, data):
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(5, inputs)) * (draw.random((5, inputs)) < 0.7)  # some without correlation
    allowed = draw.random((5, inputs)) < 0.8
    allowed[:, 0] = True
    kept = data.draw(st.integers(1, int(allowed.sum(axis=1).min())))
    mask = chosen(values, kept, rule=rule, strong=strong, allowed=allowed, seed=seed)
    assert (mask.sum(axis=1) == kept).all()
    assert not (mask & ~allowed).any()


def test_three_quarters_come_from_the_stronger_half_positive_and_negative_apart():
    positive, negative = np.linspace(0.01, 0.8, 80), -np.linspace(0.01, 0.8, 160)
    values = np.stack([np.random.default_rng(unit).permutation(np.r_[positive, negative]) for unit in range(20)])
    mask = chosen(values, 24)  # a tenth
    for row, stays in zip(values, mask, strict=True):
        kept = row[stays]
        assert (np.sum(kept > 0), np.sum(kept < 0)) == (8, 16)
        assert np.sum(kept > np.median(positive)) == 6
        assert np.sum(kept < np.median(negative)) == 12


def test_within_a_half_every_connection_has_the_same_chance():
    values = np.tile(np.linspace(0.1, 1, 20), (20_000, 1))
    frequency = chosen(values, 4).mean(axis=0)
    np.testing.assert_allclose(frequency[:10], 0.1, atol=0.01)
    np.testing.assert_allclose(frequency[10:], 0.3, atol=0.015)


def test_six_of_1536_are_parted_by_largest_remainder():
    # 768 of each sign: 2.25 and 0.75 a sign; the two remainders of 0.75 come first
    values = np.r_[np.linspace(0.1, 1, 768), -np.linspace(0.1, 1, 768)][None]
    kept = values[chosen(values, 6)]
    strong = np.abs(kept) > np.median(np.abs(values))
    assert [int(np.sum((kept > 0) & strong)), int(np.sum((kept > 0) & ~strong))] == [2, 1]
    assert [int(np.sum((kept < 0) & strong)), int(np.sum((kept < 0) & ~strong))] == [2, 1]


def test_a_half_that_holds_too_few_gives_the_rest_to_the_other():
    values = np.linspace(0.1, 1, 20)[None]
    mask = chosen(values, 18)
    assert mask[0, 10:].all()
    assert mask[0, :10].sum() == 8


def test_a_unit_without_any_correlation_draws_from_all_its_inputs():
    frequency = chosen(np.zeros((20_000, 10)), 3).mean(axis=0)
    np.testing.assert_allclose(frequency, 0.3, atol=0.015)


def test_sums_of_absolute_correlations_are_one_list():
    values = np.tile(np.linspace(0.1, 1, 40), (3, 1))
    mask = chosen(values, 8)
    assert (mask[:, 20:].sum(axis=1) == 6).all()


def test_strongest_takes_the_largest_absolute_correlations_of_each_unit():
    values = normal(7, 30)
    mask = chosen(values, 5, rule="strongest")
    for row, stays in zip(np.abs(values), mask, strict=True):
        assert row[stays].min() > row[~stays].max()


def test_magnitude_looks_at_weights_alone():
    values, weights = normal(7, 30), normal(7, 30, seed=1)
    mask = chosen(values, 5, rule="magnitude", weights=weights)
    assert (mask == chosen(normal(7, 30, seed=2), 5, rule="magnitude", weights=weights)).all()
    for row, stays in zip(np.abs(weights), mask, strict=True):
        assert row[stays].min() > row[~stays].max()


def test_random_looks_at_nothing():
    assert (chosen(normal(7, 30), 5, rule="random") == chosen(normal(7, 30, seed=1), 5, rule="random")).all()
    frequency = chosen(np.tile(np.arange(10.0), (20_000, 1)), 2, rule="random").mean(axis=0)
    np.testing.assert_allclose(frequency, 0.2, atol=0.015)


@pytest.mark.parametrize("rule", ["correlation", "random"])
def test_the_seed_decides_the_draw_however_many_units_are_looked_at_together(rule, monkeypatch):
    values = normal(50, 30)
    one = chosen(values, 6, rule=rule)
    assert (one == chosen(values, 6, rule=rule)).all()
    assert not (one == chosen(values, 6, rule=rule, seed=1)).all()
    monkeypatch.setattr("facerep.training.sparsification.masks._ROWS", 90)
    assert (one == chosen(values, 6, rule=rule)).all()
