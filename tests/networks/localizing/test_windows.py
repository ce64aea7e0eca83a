"""Windows: the sum of the response over the side is largest on the spot itself."""

from __future__ import annotations

import numpy as np
import pytest

from facerep.networks.localizing.calibration import Calibration, boxes_of, calibrate, in_pixels
from facerep.networks.localizing.lnet import Geometry
from facerep.networks.localizing.windows import FINER, best_windows, finer, sides


def _spot(height: int, width: int, top: int, left: int, side: int) -> np.ndarray:
    response = np.zeros((height, width))
    response[top : top + side, left : left + side] = 1
    return response


def test_the_best_window_of_an_even_spot_is_the_spot():
    windows = best_windows(np.stack([_spot(12, 12, 3, 4, 4), _spot(12, 12, 0, 0, 6)]))
    np.testing.assert_allclose(windows.boxes, [[4, 3, 4, 4], [0, 0, 6, 6]], atol=0.5)
    assert windows.scores[1] > windows.scores[0]


def test_the_best_window_is_that_of_a_slow_search():
    response = np.random.default_rng(0).random((9, 7)) ** 3
    windows = best_windows(response[None])
    fine = finer(response[None])[0] / FINER**2
    best = max(
        (fine[top : top + side, left : left + side].sum() / (side / FINER), top, left, side)
        for side in sides(2 * 7)
        for top in range(18 - side + 1)
        for left in range(14 - side + 1)
    )
    np.testing.assert_allclose(windows.scores, best[0])
    np.testing.assert_allclose(windows.boxes[0] * FINER, [best[2], best[1], best[3], best[3]])


def test_finer_maps_keep_their_mean_inside_and_straight_lines_straight():
    ramp = np.arange(8.0)[None, None].repeat(3, axis=1)
    fine = finer(ramp)
    assert fine.shape == (1, 6, 16)
    np.testing.assert_allclose(np.diff(fine[0, 0, 1:-1]), 0.5)


def test_windows_in_pixels_cover_what_their_places_look_at():
    # place i looks at pixel 4 i + 1, the middle of four pixels from edge 4 i - 0.5
    np.testing.assert_allclose(in_pixels(np.array([[2.0, 3, 2, 2]]), Geometry(4, 1.0)), [[7.5, 11.5, 8, 8]])


def test_calibration_reads_off_place_size_and_threshold():
    geometry = Geometry(4, 1.0)
    spots = [(2, 3), (5, 4), (4, 2), (6, 6)]
    maps = np.stack([*(_spot(12, 12, top, left, 4) for top, left in spots), *[np.full((12, 12), 0.01)] * 3])
    windows = in_pixels(np.array([[left, top, 4, 4] for top, left in spots], float), geometry)
    known = Calibration(0.1, -0.2, 0.5, 0.0)
    truth = boxes_of(windows, known)
    corners = np.column_stack([truth[:, :2] - 0.5, truth[:, :2] + truth[:, 2:] - 0.5])
    found = calibrate(maps, np.concatenate([corners, np.full((3, 4), np.nan)]), geometry)
    assert found.hits.all()
    assert (found.calibration.across, found.calibration.down) == pytest.approx((0.1, -0.2), abs=0.1)
    assert found.calibration.side == pytest.approx(0.5, abs=0.1)
    assert best_windows(maps).scores[4] < found.calibration.threshold <= best_windows(maps).scores[0]


def test_where_nothing_separates_the_threshold_is_a_number():
    found = calibrate(np.ones((4, 6, 6)), np.array([[0, 0, 9, 9.0]] * 2 + [[np.nan] * 4] * 2), Geometry(4, 1.0))
    assert np.isfinite(found.calibration.threshold)
