"""Batches: uint8 faces as they travel become the numbers a network sees, in one operation on the device."""

from __future__ import annotations

import torch
from torch import Tensor


def normalise(faces: Tensor) -> Tensor:
    """uint8 (n, height, width, channels) to float32 (n, channels, height, width) in -1..1, channels last in memory."""
    return faces.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last).sub_(127.5).div_(127.5)
