"""What the stages see of faces in training: frames moved as a detector and a first stage err, in other light."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

TURN, SIZE, SHIFT = (0.20, 0.10), (0.10, 0.07), (0.09, 0.06)
"""Deviations of the turn in radians, of the size's logarithm and of the shift in half sides, of either stage."""


def moved(frames: Tensor, number: int, strength: float, draws: torch.Generator) -> Tensor:
    """Frames (n, 2, 3) of stage `number`, each turned, enlarged and shifted within itself."""
    n = len(frames)
    angle = torch.randn(n, generator=draws) * TURN[number] * strength
    size = torch.exp(torch.randn(n, generator=draws) * SIZE[number] * strength)
    shift = torch.randn(n, 2, generator=draws) * SHIFT[number] * strength
    rows = [[size * angle.cos(), -size * angle.sin()], [size * angle.sin(), size * angle.cos()]]
    change = torch.stack([torch.stack(row, dim=1) for row in rows], dim=1).to(frames)
    linear = frames[:, :, :2]
    return torch.cat([linear @ change, linear @ shift.to(frames)[:, :, None] + frames[:, :, 2:]], dim=2)


def look(pictures: Tensor, frames: Tensor, side: int) -> Tensor:
    """What frames show of pictures: float (n, 1, side, side), sampled at twice the size and averaged by two.

    Args:
        pictures: float (n, height, width); beyond their edge it is repeated.
        frames: (n, 2, 3), from -1..1 to pixels, whose centres are at whole numbers.
    """
    n, height, width = pictures.shape
    steps = (torch.arange(2 * side, device=pictures.device) + 0.5) / side - 1
    grid = torch.stack(torch.meshgrid(steps, steps, indexing="xy"), dim=-1).view(1, -1, 2)
    places = grid @ frames[:, :, :2].transpose(1, 2) + frames[:, None, :, 2]
    sizes = torch.tensor([width, height], device=pictures.device)
    units = ((places + 0.5) / sizes * 2 - 1).view(n, 2 * side, 2 * side, 2)
    seen = functional.grid_sample(pictures[:, None], units, padding_mode="border", align_corners=False)
    return functional.avg_pool2d(seen, 2)


def lit(seen: Tensor, strength: float, draws: torch.Generator) -> Tensor:
    """What is seen, 0..255, in another light: gamma, light from a side, blur, noise, a part hidden.

    At strength 1: gamma by a deviation of 0.3 of its logarithm, light from a side by 0.35 at the edge, gain by 0.2,
    blurred and covered one time in three each, noise of up to 4 %.

    Args:
        seen: float (n, 1, side, side).
        strength: 0 changes nothing.
        draws: a CPU generator.

    Returns:
        The same shape, 0..255.
    """
    if not strength:
        return seen
    n, side = len(seen), seen.shape[-1]

    def drawn(*shape: int) -> Tensor:
        return torch.randn(shape, generator=draws).to(seen)

    def even(*shape: int) -> Tensor:
        return torch.rand(shape, generator=draws).to(seen)

    values = (seen / 255).clamp(1e-3, 1) ** torch.exp(0.3 * strength * drawn(n, 1, 1, 1))
    steps = torch.linspace(-1, 1, side, device=seen.device)
    angle = 2 * torch.pi * even(n, 1, 1)
    slope = angle.cos() * steps[None, None, :] + angle.sin() * steps[None, :, None]
    values = values * torch.exp(0.35 * strength * drawn(n, 1, 1, 1) * slope[:, None])
    values = values * torch.exp(0.2 * strength * drawn(n, 1, 1, 1))
    small = functional.avg_pool2d(values, 2)
    blurred = functional.interpolate(small, size=(side, side), mode="bilinear", align_corners=False)
    values = torch.where(even(n, 1, 1, 1) < strength / 3, blurred, values)
    values = values + 0.04 * strength * even(n, 1, 1, 1) * drawn(n, 1, side, side)
    return _covered(values, strength, even) * 255


def _covered(values: Tensor, strength: float, even) -> Tensor:
    """Hide a rectangle of 12 to 45 % of each side in one face of three, by one shade or by noise."""
    n, side = len(values), values.shape[-1]
    tall, wide = (0.12 + 0.33 * even(n, 1)) * side, (0.12 + 0.33 * even(n, 1)) * side
    top, left = even(n, 1) * (side - tall), even(n, 1) * (side - wide)
    steps = torch.arange(side, device=values.device)[None]
    rows, columns = (steps >= top) & (steps < top + tall), (steps >= left) & (steps < left + wide)
    hidden = (even(n, 1, 1) < strength / 3) & rows[:, :, None] & columns[:, None, :]
    noisy = even(n, 1, 1, 1) < 0.5
    ground = torch.where(noisy, even(n, 1, side, side), even(n, 1, 1, 1).expand(n, 1, side, side))
    return torch.where(hidden[:, None], ground, values)
