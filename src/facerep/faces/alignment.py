"""Alignment: the template of the five points, the similarity that takes a face to it, the picture that this makes.

Coordinates are pixels with centres at whole numbers, x then y. Outside the picture its edge is repeated.
Source of the closed form: Umeyama, IEEE TPAMI 13(4), 1991.
"""

from __future__ import annotations

import numpy as np
from PIL import Image

TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)
"""Left eye, right eye, nose, left and right mouth corner in a 112x112 frame, x then y."""

SWAPPED = [1, 0, 2, 4, 3]
"""Where each of the five points goes when a picture is mirrored."""

BOX_POINTS = np.array([[0.264, 0.261], [0.747, 0.256], [0.515, 0.533], [0.298, 0.782], [0.717, 0.781]])
"""Typical place of the five points in a box from the brows to the chin, in its width and height.

Medians of 330 photographs with box and hand-placed points (docs/your-own-pictures.md).
"""

_LARGEST_REGION = 4096
"""Pixels on a side: a face that needs more of its picture than this has points that are not those of a face."""


def points_in(box: np.ndarray) -> np.ndarray:
    """Where the five points are in a box, as a rule: float64 (5, 2)."""
    corners = np.asarray(box, np.float64).reshape(2, 2)
    return corners[0] + BOX_POINTS * (corners[1] - corners[0])


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The similarity (turn, scale, shift; no reflection) that brings `source` nearest to `target`.

    Args:
        source, target: shape (k, 2), k >= 2.

    Returns:
        float64 (2, 3): target = matrix[:, :2] @ source + matrix[:, 2], least squares.
    """
    source, target = np.asarray(source, np.float64), np.asarray(target, np.float64)
    middle, wanted = source.mean(axis=0), target.mean(axis=0)
    a, b = source - middle, target - wanted
    size = max(float((a**2).sum()), 1e-12)
    along = float((a * b).sum()) / size
    across = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / size
    turn = np.array([[along, -across], [across, along]])
    return np.column_stack([turn, wanted - turn @ middle])


def _region(picture: np.ndarray, top: int, bottom: int, left: int, right: int) -> np.ndarray:
    """A rectangle of the picture, beyond its border the pixels there again; contiguous."""
    height, width = picture.shape[:2]
    if top >= 0 and bottom <= height and left >= 0 and right <= width:  # as a rule, and many times faster
        return np.ascontiguousarray(picture[top:bottom, left:right])
    rows = np.clip(np.arange(top, bottom), 0, height - 1)
    columns = np.clip(np.arange(left, right), 0, width - 1)
    return np.ascontiguousarray(picture[rows[0] : rows[-1] + 1][rows - rows[0]][:, columns])


def warp(picture: np.ndarray, matrix: np.ndarray, height: int, width: int) -> np.ndarray:
    """The picture seen through `matrix` (picture to crop): uint8 (height, width, 3).

    Sampled at twice the size and averaged by two, after whole-number reduction of pictures that are much larger than
    the crop: no aliasing, at a cost that does not grow with the picture.

    Raises:
        ValueError: the matrix is not that of a face (no scale, or a region of more than 4096 pixels).
    """
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    if not np.isfinite(scale) or max(height, width) > scale * _LARGEST_REGION:
        raise ValueError("the five points are not those of a face")
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
    corners = back @ np.array([[-1, -1, 1], [width, -1, 1], [-1, height, 1], [width, height, 1]]).T
    left, top = np.floor(corners[:2].min(axis=1)).astype(int) - 2
    right, bottom = np.ceil(corners[:2].max(axis=1)).astype(int) + 3
    if max(right - left, bottom - top) > 2 * _LARGEST_REGION:
        raise ValueError("the five points are not those of a face")
    region = Image.fromarray(_region(picture, top, bottom, left, right))
    shrink = max(1, int(1 / (2 * scale)))
    if shrink > 1:
        region = region.reduce(shrink)
    # PIL counts from the corner of a pixel, not from its centre: half a pixel is added on both sides of the map
    linear = back[:2, :2] / (2 * shrink)
    offset = (back[:2, :2] @ [-0.5, -0.5] + back[:2, 2] + 0.5 - [left, top]) / shrink
    data = (linear[0, 0], linear[0, 1], offset[0], linear[1, 0], linear[1, 1], offset[1])
    large = region.transform((2 * width, 2 * height), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
    return np.asarray(large.reduce(2))
