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
