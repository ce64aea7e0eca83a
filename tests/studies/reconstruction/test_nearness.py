"""Nearness to the truth against a slow loop."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.studies.reconstruction.nearness import nearness


def test_errors_and_nearest_truths_equal_a_loop() -> None:
    draw = np.random.default_rng(0)
    truths = draw.integers(0, 256, (5, 4, 3), dtype=np.uint8)
    own = draw.integers(0, 5, 40)
    noise = draw.normal(0, 90, (40, 4, 3))
    drawn = np.clip(truths[own] + noise, 0, 255).astype(np.uint8)
    found = nearness(drawn, truths, own)
    grey, wanted = drawn / 127.5 - 1, truths / 127.5 - 1
    hits = 0
    for face in range(40):
        errors = [((grey[face] - one) ** 2).mean() for one in wanted]
        assert found.error[face] == pytest.approx(errors[own[face]])
        assert found.nearest[face] == (errors[own[face]] < min(np.delete(errors, own[face])))
        hits += found.nearest[face]
    assert 5 < hits < 40


def test_a_picture_between_two_truths_is_nearest_to_neither() -> None:
    truths = np.array([[[10, 10]], [[30, 30]]], np.uint8)
    found = nearness(np.full((2, 1, 2), 20, np.uint8), truths, np.array([0, 1]))
    assert not found.nearest.any()


def test_one_person_alone_is_always_nearest() -> None:
    found = nearness(np.zeros((2, 1, 2), np.uint8), np.full((1, 1, 2), 255, np.uint8), np.zeros(2, int))
    assert found.nearest.all()
    assert found.error.tolist() == [4.0, 4.0]
