"""Pasted faces: a face, or something else, blended at its border into a background, at a random place and scale.

What is pasted is an oval with a soft edge, so that faces and other things have the same border. One random generator
a batch: the same generator gives the same batch.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as functional
from torch import Tensor

from facerep.faces.alignment import BOX_POINTS, TEMPLATE, similarity
from facerep.faces.patches import Patch

HEAD = Patch("face", 1.4)
"""What of an aligned face is pasted: the head, as far as aligned pictures show it."""


class Sides(NamedTuple):
    """Sides that a face's box may have in a made-up picture, as a share of the picture's side."""

    least: float
    most: float


WIDE = Sides(0.22, 0.42)
"""Head and shoulders: what the first stage learns from."""

CLOSE = Sides(0.45, 0.85)
"""A face that fills much of the picture: what the second stage learns from."""


def box_of(points: np.ndarray) -> np.ndarray:
    """The box from the brows to the chin that five points stand in, as a rule: x1, y1, x2, y2, float64.

    Args:
        points: (5, 2).
    """
    turn = similarity(BOX_POINTS, points)
    middle = turn[:, :2] @ [0.5, 0.5] + turn[:, 2]
    side = float(np.hypot(turn[0, 0], turn[1, 0]))
    return np.concatenate([middle - side / 2, middle + side / 2])


def box_of_head() -> tuple[float, float, float]:
    """Middle x, middle y and side of the face's box in a crop HEAD, as a share of its side."""
    window = 112 * HEAD.scale
    left, top, right, bottom = (box_of(TEMPLATE) - 55.5) / window + 0.5
    return (left + right) / 2, (top + bottom) / 2, right - left


class Placement(NamedTuple):
    """Where and how n things lie in their pictures; lengths in sides of the picture, all float.

    Attributes:
        side: of the face's box, (n,).
        place: the middle of that box, x and y, (n, 2).
        angle: by which the thing is turned, in radians, (n,).
        mirror: -1 where it is mirrored, else 1, (n,).
        reach: half the oval's width and height in sides of the box, (n, 2).
        soft: how wide the oval's border is, as a share of its reach, (n,).
        gain: by which pixels are multiplied, (n,).
        offset: what is then added to each channel, (n, 3).
    """

    side: Tensor
    place: Tensor
    angle: Tensor
    mirror: Tensor
    reach: Tensor
    soft: Tensor
    gain: Tensor
    offset: Tensor

    def boxes(self) -> Tensor:
        """The face's box, (n, 4): x1, y1, x2, y2."""
        half = self.side[:, None] / 2
        return torch.cat([self.place - half, self.place + half], dim=1)

    def ovals(self) -> Tensor:
        """What the oval lies in, (n, 4): x1, y1, x2, y2."""
        half, middle = self.reach * self.side[:, None], self.place.clone()
        middle[:, 1] -= RAISED * self.side
        return torch.cat([middle - half, middle + half], dim=1)


RAISED = 0.1
"""How far the middle of the oval lies above that of the box, in sides of the box: there is hair above."""


def paste(backgrounds: Tensor, things: Tensor, draws: torch.Generator, sides: Sides) -> tuple[Tensor, Tensor]:
    """Things blended into backgrounds at drawn places.

    Args:
        backgrounds: float (n, 3, side, side), 0..255.
        things: float (n, 3, s, s), 0..255: crops HEAD of faces, or something else instead.
        draws: a CPU generator: place, scale, turn, mirror, light, and how the border is.
        sides: of the face's box.

    Returns:
        The pictures, and where the box of each is, float (n, 4): x1, y1, x2, y2 in pixels.
    """
    at = _drawn(len(backgrounds), draws, sides, backgrounds.device)
    return blend(backgrounds, things, at), at.boxes() * backgrounds.shape[-1] - 0.5


def _drawn(n: int, draws: torch.Generator, sides: Sides, device: torch.device) -> Placement:
    def draw(low: float, high: float, *more: int) -> Tensor:
        return (torch.rand(n, *more, generator=draws) * (high - low) + low).to(device)

    side = draw(sides.least, sides.most)
    place = side[:, None] / 2 + draw(0, 1, 2) * (1 - side[:, None])
    angle = draw(-0.25, 0.25)
    mirror = torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    # the oval is between the face alone and what the thing shows of the head
    reach = torch.stack([draw(0.55, 0.95), draw(0.75, 1.15)], dim=1)
    soft = draw(0.08, 0.35)
    return Placement(side, place, angle, mirror, reach, soft, draw(0.7, 1.25), draw(-25, 25, 3))


def blend(backgrounds: Tensor, things: Tensor, at: Placement) -> Tensor:
    """Things blended into backgrounds, float (n, 3, side, side).

    Args:
        backgrounds: float (n, 3, side, side), 0..255.
        things: float (n, 3, s, s), 0..255: crops HEAD of faces, or something else instead.
        at: where and how.
    """
    side, device = backgrounds.shape[-1], backgrounds.device
    across, down, share = box_of_head()
    # from a place in the picture to one in the thing: what grid_sample asks for
    zoom = share / at.side
    cos, sin = at.angle.cos() * zoom, at.angle.sin() * zoom
    grid = (torch.arange(side, device=device) + 0.5) / side
    y, x = torch.meshgrid(grid, grid, indexing="ij")
    dx, dy = x - at.place[:, 0, None, None], y - at.place[:, 1, None, None]
    u = (cos[:, None, None] * dx + sin[:, None, None] * dy) * at.mirror[:, None, None] + across
    v = -sin[:, None, None] * dx + cos[:, None, None] * dy + down
    where = torch.stack([2 * u - 1, 2 * v - 1], dim=3)
    seen = functional.grid_sample(things, where, mode="bilinear", padding_mode="border", align_corners=False)
    reach = (at.reach * at.side[:, None])[:, :, None, None]
    away = torch.hypot(dx / reach[:, 0], (dy + RAISED * at.side[:, None, None]) / reach[:, 1])
    soft = at.soft[:, None, None]
    inside = torch.minimum(torch.minimum(u, 1 - u), torch.minimum(v, 1 - v))
    mask = ((1 - away) / soft + 0.5).clamp(0, 1) * (inside / (0.15 * soft.sqrt())).clamp(0, 1)
    mask = (mask * mask * (3 - 2 * mask))[:, None]
    gain, offset = at.gain[:, None, None, None], at.offset[:, :, None, None]
    return (mask * (seen * gain + offset) + (1 - mask) * backgrounds).clamp(0, 255)


def seen_through(squares: Tensor, draws: torch.Generator, side: int) -> Tensor:
    """A part of each square, mirrored half of the time, at another size: float (n, 3, side, side)."""
    n = len(squares)

    def draw(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=draws) * (high - low) + low

    part = draw(0.5, 1)
    left, top = draw(-1, 1) * (1 - part), draw(-1, 1) * (1 - part)
    mirror = torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    zero = torch.zeros(n)
    rows = torch.stack([torch.stack([part * mirror, zero, left], 1), torch.stack([zero, part, top], 1)], 1)
    grid = functional.affine_grid(rows.to(squares.device), [n, 3, side, side], align_corners=False)
    return functional.grid_sample(squares, grid, mode="bilinear", padding_mode="border", align_corners=False)


def shuffled(things: Tensor, draws: torch.Generator, tiles: int = 4) -> Tensor:
    """The tiles of each picture in another order: its colours and edges without what it shows; the same shape."""
    n, channels, height, width = things.shape
    step = math.ceil(height / tiles)
    padded = functional.interpolate(things, size=(step * tiles, step * tiles), mode="nearest")
    parts = padded.reshape(n, channels, tiles, step, tiles, step).permute(0, 2, 4, 1, 3, 5).flatten(1, 2)
    order = torch.stack([torch.randperm(tiles * tiles, generator=draws) for _ in range(n)]).to(things.device)
    parts = parts[torch.arange(n, device=things.device)[:, None], order]
    parts = parts.unflatten(1, (tiles, tiles)).permute(0, 3, 1, 4, 2, 5).reshape(n, channels, step * tiles, -1)
    return parts[:, :, :height, :width]
