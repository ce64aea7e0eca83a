"""Augmentation: a batch of faces, each turned, scaled, shifted, mirrored and lit a little, on the device.

One random generator a batch: the same generator gives the same batch.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as functional
from torch import Tensor


def augment(
    faces: Tensor, generator: torch.Generator, strength: float = 1.0, *, mirror: bool = True, place_only: bool = False
) -> Tensor:
    """Change each face a little.

    At strength 1: mirrored half of the time, turned by up to 8.5 degrees, scaled by up to 10 %, shifted by up to 8 %
    of a side, gain 0.75..1.25 and offset up to 0.2, grey one time in seven, a part hidden one time in three.

    Args:
        faces: float (n, channels, height, width), as batches.normalise gives them.
        generator: a CPU generator; every draw comes from it.
        strength: 0 leaves only the mirror.
        mirror: False where the faces' mirrored twins are pictures of their own.
        place_only: turned, scaled and shifted, but neither lit nor hidden.

    Returns:
        The same shape; values stay near -1..1.
    """
    n, channels, height, width = faces.shape

    def draw(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=generator) * (high - low) + low

    angle = draw(-1, 1) * strength * math.radians(8.5)
    scale = 1 + draw(-1, 1) * strength * 0.1
    side = torch.where(draw(0, 1) < 0.5, -1.0, 1.0) if mirror else torch.ones(n)
    across, down = draw(-1, 1) * strength * 0.08, draw(-1, 1) * strength * 0.08
    # affine_grid works in units of half a side, which are not square: the aspect keeps a turn a turn
    aspect = height / width
    theta = torch.stack(
        [
            torch.stack([scale * angle.cos() * side, -scale * angle.sin() * aspect, 2 * across], dim=1),
            torch.stack([scale * angle.sin() / aspect * side, scale * angle.cos(), 2 * down], dim=1),
        ],
        dim=1,
    )
    gain, offset = 1 + draw(-1, 1) * strength * 0.25, draw(-1, 1) * strength * 0.2
    grey = draw(0, 1) < strength / 7
    grid = functional.affine_grid(theta.to(faces.device), [n, channels, height, width], align_corners=False)
    moved = functional.grid_sample(faces, grid, mode="bilinear", padding_mode="border", align_corners=False)
    if place_only:
        return moved.contiguous(memory_format=torch.channels_last)
    lit = moved * gain.to(faces.device)[:, None, None, None] + offset.to(faces.device)[:, None, None, None]
    if channels == 3:
        flat = lit.mean(dim=1, keepdim=True).expand_as(lit)
        lit = torch.where(grey.to(faces.device)[:, None, None, None], flat, lit)
    return _hide(lit, draw, strength).contiguous(memory_format=torch.channels_last)


def _hide(faces: Tensor, draw, strength: float) -> Tensor:
    """Grey out a rectangle of up to 40 % of each side in one face of three: the code must not hang on one part."""
    height, width = faces.shape[2:]
    hidden = draw(0, 1) < strength / 3
    tall, wide = draw(0.15, 0.4) * height, draw(0.15, 0.4) * width
    top, left = draw(0, 1) * (height - tall), draw(0, 1) * (width - wide)
    y, x = torch.arange(height)[None, :], torch.arange(width)[None, :]
    rows = (y >= top[:, None]) & (y < (top + tall)[:, None])
    columns = (x >= left[:, None]) & (x < (left + wide)[:, None])
    mask = hidden[:, None, None] & rows[:, :, None] & columns[:, None, :]
    return faces.masked_fill(mask[:, None].to(faces.device), 0.0)
