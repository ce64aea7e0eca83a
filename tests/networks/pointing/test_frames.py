"""Frames lead to the picture and back, and are their own mirror images."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facerep.faces.alignment import SWAPPED, TEMPLATE, warp
from facerep.networks.pointing.frames import (
    EYES,
    PLACES,
    box_frames,
    crop_matrices,
    placed,
    point_frames,
    positions,
)  # fmt: skip
from facerep.training.lessons.points.changes import look


def some_points(count: int) -> torch.Tensor:
    draws = torch.Generator().manual_seed(0)
    turned = PLACES * 20 + torch.randn(count, 5, 2, generator=draws) + 60
    return turned + 5 * torch.randn(count, 1, 2, generator=draws)


def test_what_is_placed_is_found_at_its_position():
    frames, points = point_frames(some_points(4)), some_points(4)
    torch.testing.assert_close(placed(frames, positions(frames, points)), points, rtol=0, atol=1e-4)


def test_points_that_are_a_similarity_of_the_places_lie_at_the_places():
    angle = 0.4
    turn = torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], dtype=torch.float32)
    points = (PLACES @ turn.T * 31 + torch.tensor([50.0, 44.0]))[None]
    torch.testing.assert_close(positions(point_frames(points), points)[0], PLACES, rtol=0, atol=1e-5)


def test_the_places_are_symmetric_and_near_the_template():
    torch.testing.assert_close(PLACES[SWAPPED] * torch.tensor([-1.0, 1.0]), PLACES)
    assert float(PLACES[1, 0] - PLACES[0, 0]) == pytest.approx(EYES)
    centred = torch.tensor(TEMPLATE - TEMPLATE.mean(axis=0), dtype=torch.float32)
    scale = EYES / float(centred[1, 0] - centred[0, 0])
    assert float((PLACES - centred * scale).abs().max()) < 0.03


def test_a_box_at_the_edge_of_pixels_has_its_frame_around_its_middle():
    frames = box_frames(torch.tensor([[10.0, 20.0, 40.0, 50.0]]))
    middle = placed(frames, torch.zeros(1, 1, 2))[0, 0]
    torch.testing.assert_close(middle, torch.tensor([29.5, 46.5]))
    corner = placed(frames, torch.ones(1, 1, 2))[0, 0]
    torch.testing.assert_close(corner - middle, torch.tensor([26.0, 26.0]))


def test_training_and_use_see_the_same_square():
    # a smooth picture: the two ways differ in how they average, not in where they look
    y, x = np.mgrid[:90, :120]
    grey = (120 + 60 * np.sin(x / 11) + 50 * np.cos(y / 9)).astype(np.uint8)
    picture = np.repeat(grey[:, :, None], 3, axis=2)
    frames = point_frames(some_points(3))
    seen = look(torch.from_numpy(grey).float().expand(3, -1, -1), frames, 32)[:, 0].numpy()
    for square, matrix in zip(seen, crop_matrices(frames, 32).double().numpy(), strict=True):
        warped = warp(picture, matrix, 32, 32)[:, :, 0]
        assert np.abs(square - warped).max() < 4
        assert np.abs(square - warped).mean() < 1
