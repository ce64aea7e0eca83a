"""Whether a set of features is like those of faces, by two numbers in the card."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.networks.catalog import row
from facerep.networks.feature_statistics import measured, reference, strange

ROW = row("deepid2")


def peaked(faces: int, seed: int, active: int = 8) -> np.ndarray:
    """Features of 64 units of which a few speak loudly."""
    rng = np.random.default_rng(seed)
    values = np.zeros((faces, 64))
    for line in values:
        line[rng.permutation(64)[:active]] = rng.uniform(1, 2, active)
    return values + rng.uniform(0, 0.1, values.shape)


def card_of(values: np.ndarray) -> dict:
    return {"typical": reference({"none": measured(values), "mean": measured(values)}, "200 faces", 40)}


def test_participation_is_the_share_of_units_that_say_something():
    rows = measured(np.array([[5.0, 0, 0, 0], [2, 2, 0, 0], [3, 3, 3, 3], [0, 0, 0, 0]]))
    np.testing.assert_allclose(rows[:, 0], [0.25, 0.5, 1, 0])
    np.testing.assert_allclose(rows[:, 1], [5, np.sqrt(8), 6, 0])


@pytest.mark.parametrize("mirror", ["none", "mean", "concatenate"])
def test_faces_like_those_of_the_card_pass_and_features_of_many_quiet_units_do_not(mirror):
    card, twice = card_of(peaked(200, 0)), 2 if mirror == "concatenate" else 1
    faces, others = np.tile(peaked(40, 1), twice), np.tile(peaked(40, 1, active=48), twice)
    assert strange(faces, card, ROW, "feature", mirror) == ""
    assert "too many units take part" in strange(others, card, ROW, "feature", mirror)
    assert "too long" in strange(3 * faces, card, ROW, "feature", mirror)


def test_few_faces_other_layers_and_cards_without_the_numbers_are_not_judged():
    card, others = card_of(peaked(200, 0)), peaked(40, 1, active=48)
    assert strange(others[:9], card, ROW, "feature", "mean") == ""
    assert strange(others, card, ROW, "pool3", "mean") == ""
    broken = ({}, {"typical": None}, {"typical": {"mean": 3}}, {"typical": {"mean": {"participation": ["a", 0]}}})
    for made in broken:
        assert strange(others, made, ROW, "feature", "mean") == ""


def test_a_reference_is_not_made_of_few_people_or_of_equal_faces():
    assert reference({"mean": measured(peaked(100, 0))}, "100 faces", 19) is None
    assert reference({"mean": measured(np.ones((50, 4)))}, "50 equal faces", 40) is None
