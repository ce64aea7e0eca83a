"""Batches: uint8 faces as they travel become the numbers a network sees, in one operation on the device."""

from __future__ import annotations

import torch
from torch import Tensor


def normalise(faces: Tensor) -> Tensor:
    """uint8 (n, height, width, channels) to float32 (n, channels, height, width) in -1..1, channels last in memory."""
    return faces.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.channels_last).sub_(127.5).div_(127.5)


def one_view(faces: Tensor, generator: torch.Generator) -> Tensor:
    """Of each face one of its views, drawn: (n, views, ...) to (n, ...). With one view nothing is drawn."""
    n, views = faces.shape[:2]
    if views == 1:
        return faces[:, 0]
    return faces[torch.arange(n), torch.randint(views, (n,), generator=generator).to(faces.device)]


def face_and_twin(faces: Tensor) -> tuple[Tensor, Tensor]:
    """The faces and their mirrored twins, normalised; uint8 (n, views, height, width, channels)."""
    straight = normalise(faces[:, 0])
    return straight, straight.flip(3) if faces.shape[1] == 1 else normalise(faces[:, 1])
