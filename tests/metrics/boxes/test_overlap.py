"""Overlap of boxes against the counting of pixels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facerep.metrics.boxes.overlap import centre_distance, iou

side = st.integers(0, 12)
box = st.tuples(side, side, st.integers(0, 12), st.integers(0, 12))


def pixels(x, y, width, height):
    return {(column, row) for column in range(x, x + width) for row in range(y, y + height)}


@given(box, box)
def test_the_overlap_of_whole_boxes_is_the_share_of_their_pixels_that_both_have(a, b):
    both, either = pixels(*a) & pixels(*b), pixels(*a) | pixels(*b)
    assert iou(np.array(a), np.array(b)) == (len(both) / len(either) if either else 0)


@given(st.lists(box, min_size=1, max_size=4), st.lists(box, min_size=1, max_size=4))
def test_all_pairs_are_the_pairs_one_by_one(a, b):
    together = iou(np.array(a)[:, None], np.array(b)[None])
    distances = centre_distance(np.array(a)[:, None], np.array(b)[None])
    for row, one in enumerate(a):
        for column, other in enumerate(b):
            assert together[row, column] == iou(np.array(other), np.array(one))
            centres = [(x + width / 2, y + height / 2) for x, y, width, height in (one, other)]
            assert np.isclose(distances[row, column], np.linalg.norm(np.subtract(*centres)))


def test_boxes_far_off_the_picture_and_fractions_are_boxes_as_all_others():
    assert iou(np.array([-1.5, -1, 2, 2]), np.array([-1, -1, 2, 2])) == 3 / 5
    assert np.allclose(iou(np.array([0, 0, 1e9, 1e9]), np.array([1, 1, 1, 1])), 1e-18)
