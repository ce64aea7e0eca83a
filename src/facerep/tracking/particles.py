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
