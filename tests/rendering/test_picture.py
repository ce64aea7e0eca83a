"""Pictures: each is moved by its own error, then averaged down."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.rendering.assets import GAMMA
from facerep.rendering.camera import FINER, Camera
from facerep.rendering.picture import ERROR, FARTHEST, NOISE, develop, margin, own_shift

SIZE = 16
CAMERA = Camera(0, SIZE, 3)


class Silent(np.random.Generator):
    """No noise."""

    def normal(self, *_law: object) -> np.ndarray:
        return np.zeros((SIZE, SIZE))


def shown(light: np.ndarray, shift: tuple[float, float]) -> np.ndarray:
    return develop(light.astype(np.float32), CAMERA, np.array(shift), Silent(np.random.PCG64()))


def scene() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 1, (CAMERA.side, CAMERA.side))


def test_a_picture_that_is_not_moved_is_the_mean_of_its_points():
    light = scene()
    middle = light[6:-6, 6:-6].reshape(SIZE, FINER, SIZE, FINER).mean(axis=(1, 3))
    wanted = (middle ** (1 / GAMMA) * 255 + 0.5).astype(int)
    assert np.abs(shown(light, (0, 0)).astype(int) - wanted).max() <= 1


def test_a_shift_by_pixels_moves_the_picture_right_and_down():
    light = scene()
    still, moved = shown(light, (0, 0)), shown(light, (2, 1))
    np.testing.assert_array_equal(moved[1:, 2:], still[:-1, :-2])


def test_half_a_pixel_averages_two_places():
    light = np.zeros((CAMERA.side, CAMERA.side))
    light[:, 6 + 2 * 8 : 8 + 2 * 8] = 1  # one column of pixels
    moved = shown(light, (0.5, 0))
    assert moved[5, 8] == moved[5, 9] == int(0.5 ** (1 / GAMMA) * 255 + 0.5)
    assert moved[5, 7] == moved[5, 10] == 0


def test_the_own_error_scales_with_the_picture_and_stays_within_the_margin():
    for size in (32, 64, 128):
        moves = np.array([own_shift(size, np.random.default_rng(seed)) for seed in range(500)])
        assert np.abs(moves).max() <= FARTHEST * size / 64 <= margin(size)
        assert moves.std() * 64 / size == pytest.approx(ERROR, rel=0.1)
        assert np.abs(moves.mean(axis=0)).max() < 0.1 * size / 64


def test_noise_is_the_cameras():
    grey = np.full((CAMERA.side, CAMERA.side), 0.2, np.float32)
    noisy = develop(grey, CAMERA, np.zeros(2), np.random.default_rng(0)).astype(float)
    assert noisy.std() == pytest.approx(255 * NOISE, rel=0.3)
