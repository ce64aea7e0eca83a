"""Boxes that overlap surer ones are the same face."""

from __future__ import annotations

import numpy as np


def surest(boxes: np.ndarray, scores: np.ndarray, most: float, *, by_smaller: bool = False) -> np.ndarray:
    """Rows of the boxes that stay, the surest first.

    Args:
        boxes: x, y, width, height (n, 4).
        scores: (n,).
        most: overlap with a surer box up to which one stays: the common part of both areas together.
        by_smaller: of the smaller area instead.
    """
    order, kept = np.argsort(-scores, kind="stable"), []
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    areas = boxes[:, 2] * boxes[:, 3]
    while len(order):
        first, order = order[0], order[1:]
        kept.append(first)
        common = np.minimum(high[first], high[order]) - np.maximum(low[first], low[order])
        common = np.clip(common, 0, None).prod(axis=1)
        smaller, both = np.minimum(areas[first], areas[order]), areas[first] + areas[order] - common
        order = order[common <= most * (smaller if by_smaller else both)]
    return np.array(kept, int)
