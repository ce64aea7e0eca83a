"""A trunk of random weights, small, and a square that wanders over a plain background."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facerep.networks.mobilenet import MobileNetV2, frozen
from facerep.tracking.trunk import Trunk, of_mobilenet


@pytest.fixture(scope="session")
def trunk() -> Trunk:
    torch.manual_seed(0)
    return of_mobilenet(frozen(MobileNetV2(width=0.125)), torch.device("cpu"), size=16 * 5 + 1)


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
