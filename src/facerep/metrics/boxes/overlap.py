"""Boxes and how far they overlap; a box is x, y, width, height in pixels, 0-based, from edge to edge."""

from __future__ import annotations

import numpy as np


def iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union, box by box, float64 in 0..1; shapes (..., 4) are broadcast, each as float64.

    Two boxes without area have 0. All pairs of n and m boxes: `iou(a[:, None], b[None])`, shape (n, m).

    >>> iou(np.array([0, 0, 2, 2]), np.array([[1, 0, 2, 2], [2, 0, 2, 2], [0, 0, 2, 2]])).round(3).tolist()
    [0.333, 0.0, 1.0]
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=-1)
    either = np.prod(a[..., 2:], axis=-1) + np.prod(b[..., 2:], axis=-1) - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def centre_distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pixels between the centres, box by box; shapes as for `iou`.

    >>> centre_distance(np.array([0, 0, 2, 2]), np.array([3, 4, 2, 2])).tolist()
    5.0
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    centre = (a[..., :2] + a[..., 2:] / 2) - (b[..., :2] + b[..., 2:] / 2)
    return np.hypot(centre[..., 0], centre[..., 1])


def sums(heat: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """The sum of a map in boxes, float64 (n,); a cell that a box cuts counts in proportion.

    Args:
        heat: (grid, grid).
        boxes: in cells, cell i reaching from i to i + 1; what lies outside the grid is 0.
    """
    whole = np.pad(np.cumsum(np.cumsum(heat, axis=0, dtype=np.float64), axis=1), ((1, 0), (1, 0)))
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    return (
        _integral(whole, high) - _integral(whole, np.stack([low[:, 0], high[:, 1]], axis=1))
        - _integral(whole, np.stack([high[:, 0], low[:, 1]], axis=1)) + _integral(whole, low)
    )  # fmt: skip


def _integral(whole: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The integral image between its corners: linear in both directions."""
    most = np.array(whole.shape[::-1]) - 1
    points = np.clip(points, 0, most)
    corner = np.minimum(points.astype(int), most - 1)
    across, down = (points - corner).T
    x, y = corner.T
    upper = whole[y, x] * (1 - across) + whole[y, x + 1] * across
    lower = whole[y + 1, x] * (1 - across) + whole[y + 1, x + 1] * across
    return upper * (1 - down) + lower * down
