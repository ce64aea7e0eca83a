"""A region is the pixels of its square, also where it leaves the frame."""

import numpy as np
import pytest

from facerep.tracking.region import Region, around, cut


def test_the_region_of_a_box_has_its_centre_and_so_many_diagonals():
    region = around(np.array([10, 20, 30, 40]), 100, 2.0)
    assert (region.x + region.side / 2, region.y + region.side / 2, region.side) == (25, 40, 100)
    assert np.allclose(region.inside(np.array([10, 20, 30, 40])), [35, 30, 30, 40])


def test_a_region_at_the_frames_scale_is_its_pixels():
    frame = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    assert np.array_equal(cut(frame, Region(10, 5, 20, 20)), frame[5:25, 10:30])


def test_beyond_the_frame_its_last_pixels_go_on():
    frame = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    wide = np.pad(frame, ((20, 20), (20, 20), (0, 0)), mode="edge")
    for x, y in ((-7, -5), (50, 30), (-3, 35)):
        assert np.array_equal(cut(frame, Region(x, y, 20, 20)), wide[y + 20 : y + 40, x + 20 : x + 40])


@pytest.mark.parametrize("place", [(-500, 3), (4, 900), (-80.5, -90.25), (1e6, -1e6)])
def test_a_region_far_outside_is_filled_from_the_nearest_pixels(place):
    frame = np.full((30, 30, 3), 7, np.uint8)
    assert (cut(frame, Region(*place, 33.3, 17)) == 7).all()


@pytest.mark.parametrize("side", [0.5, 1000.0])
def test_tiny_and_huge_regions_have_the_trunks_size(side):
    frame = np.full((5, 3, 3), 9, np.uint8)
    assert cut(frame, Region(1, 1, side, 33)).shape == (33, 33, 3)
