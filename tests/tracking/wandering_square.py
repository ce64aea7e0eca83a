"""A striped square on a plain background, wherever it is wanted."""

from __future__ import annotations

import numpy as np


def scene(x: float, y: float, *, side: int = 20, size: tuple[int, int] = (96, 128)) -> np.ndarray:
    """A striped square at (x, y) on a grey gradient, uint8."""
    height, width = size
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 1] = np.linspace(60, 120, width, dtype=np.uint8)
    rows, columns = np.arange(side), np.arange(side)
    square = np.zeros((side, side, 3), np.uint8)
    square[..., 0] = 200
    square[rows % 6 < 3, :, 2] = 255
    square[:, columns > side // 2, 0] = 80
    top, left = round(y), round(x)
    picture[top : top + side, left : left + side] = square
    return picture
