"""Frames: which square of a picture a stage of the cascade sees, and where points are in it.

A frame is a similarity of the square from -1 to 1, x then y, onto the picture: float (n, 2, 3) for n faces. The first
stage sees an upright square around the detector's box; the second the square in which the points that are known so far
lie as in the template. Both are their own mirror images, so the mirrored picture needs no frame of its own.
"""

from __future__ import annotations

import torch
from torch import Tensor

from facerep.faces.alignment import SWAPPED, TEMPLATE

DOWN, HALF = 0.54, 0.52
"""The first stage's square in a box: its middle from the top, and half its side, in the box's height."""

EYES = 0.85
"""Distance of the eyes in the second stage's square, whose half side is 1."""


def _template() -> Tensor:
    """The template, centred, symmetric, with eyes EYES apart: float (5, 2)."""
    centred = torch.tensor(TEMPLATE - TEMPLATE.mean(axis=0), dtype=torch.float32)
    even = (centred + centred[SWAPPED] * torch.tensor([-1.0, 1.0])) / 2
    return even * (EYES / float(even[1, 0] - even[0, 0]))


PLACES = _template()
"""Where the five points lie in the second stage's square, as a rule."""


def box_frames(boxes: Tensor) -> Tensor:
    """The first stage's frames of boxes x, y, width, height (n, 4)."""
    half = boxes[:, 3] * HALF
    # a box counts from the edge of its first pixel, points from its centre
    middle = torch.stack([boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + DOWN * boxes[:, 3]], dim=1) - 0.5
    frames = torch.zeros(len(boxes), 2, 3, dtype=boxes.dtype, device=boxes.device)
    frames[:, 0, 0] = frames[:, 1, 1] = half
    frames[:, :, 2] = middle
    return frames


def point_frames(points: Tensor) -> Tensor:
    """The second stage's frames: the similarities that bring PLACES nearest to points (n, 5, 2)."""
    places = PLACES.to(points)
    a, middle = places - places.mean(dim=0), points.mean(dim=1)
    b = points - middle[:, None]
    size = (a**2).sum()
    along = (a * b).sum(dim=(1, 2)) / size
    across = (a[:, 0] * b[..., 1] - a[:, 1] * b[..., 0]).sum(dim=1) / size
    turn = torch.stack([torch.stack([along, -across], dim=1), torch.stack([across, along], dim=1)], dim=1)
    shift = middle - turn @ places.mean(dim=0)
    return torch.cat([turn, shift[:, :, None]], dim=2)


def placed(frames: Tensor, positions: Tensor) -> Tensor:
    """Positions in frames, (n, k, 2), in pixels of the picture."""
    return positions @ frames[:, :, :2].transpose(1, 2) + frames[:, None, :, 2]


def positions(frames: Tensor, points: Tensor) -> Tensor:
    """Pixels of the picture, (n, k, 2), in frames."""
    return (points - frames[:, None, :, 2]) @ torch.linalg.inv(frames[:, :, :2]).transpose(1, 2)


def crop_matrices(frames: Tensor, side: int) -> Tensor:
    """What `alignment.warp` takes to show the frames `side` pixels long: from picture to crop, (n, 2, 3)."""
    back = torch.linalg.inv(frames[:, :, :2])
    shift = -(back @ frames[:, :, 2:])
    scale = side / 2
    return torch.cat([back * scale, (shift + 1) * scale - 0.5], dim=2)
