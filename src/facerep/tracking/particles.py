"""Particles: guesses of where a tracked face is now, judged by a heat map."""

from __future__ import annotations

import numpy as np


def scatter(box: np.ndarray, count: int, move: float, grow: float, rng: np.random.Generator) -> np.ndarray:
    """Boxes about a box, float64 (count, 4); the first is the box itself, all have its shape.

    Args:
        box: x, y, width, height.
        count: how many.
        move: standard deviation of the centre, in diagonals of the box.
        grow: standard deviation of the logarithm of the scale.
        rng: of the draw.
    """
    x, y, width, height = box
    diagonal = float(np.hypot(width, height))
    draw = rng.normal(size=(count, 3)) * [move * diagonal, move * diagonal, grow]
    draw[0] = 0
    times = np.exp(draw[:, 2])
    centre = np.array([x + width / 2, y + height / 2]) + draw[:, :2]
    sides = times[:, None] * [width, height]
    return np.concatenate([centre - sides / 2, sides], axis=1)


def likeness(heat: np.ndarray, boxes: np.ndarray, spread: float) -> np.ndarray:
    """How well the Gaussian of each box fits a map, float64 (n,): their product over the Gaussian's length.

    Args:
        heat: (grid, grid), not negative.
        boxes: in cells, cell i reaching from i to i + 1.
        spread: standard deviation of the Gaussian in sides of its box.
    """
    rows, columns = (np.arange(length) + 0.5 for length in heat.shape)
    middle, sides = boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:] * spread
    across = np.exp(-(((columns - middle[:, :1]) / sides[:, :1]) ** 2) / 2)
    down = np.exp(-(((rows - middle[:, 1:]) / sides[:, 1:]) ** 2) / 2)
    length = np.sqrt((across**2).sum(axis=1) * (down**2).sum(axis=1))
    return ((down @ heat) * across).sum(axis=1) / np.maximum(length, 1e-12)


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
