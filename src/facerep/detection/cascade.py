"""The cascade at work: the first stage once, the second twice, each on the face and its mirror image."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from facerep.faces.alignment import SWAPPED
from facerep.networks.pointing.cascade import PointCascade
from facerep.networks.pointing.frames import box_frames, placed, point_frames

REFINED = 2
"""How often the second stage is asked."""

Look = Callable[[Tensor], Tensor]
"""Frames (n, 2, 3) to what they show, float (n, 1, side, side) in -1..1."""


@torch.inference_mode()
def refined(network: PointCascade, boxes: Tensor, look: Look) -> Tensor:
    """The five points in boxes x, y, width, height (n, 4): float (n, 5, 2), in pixels of the picture."""
    frames = box_frames(boxes)
    found = placed(frames, _both(network, 0, look(frames)))
    for _ in range(REFINED):
        frames = point_frames(found)
        found = placed(frames, _both(network, 1, look(frames)))
    return found


def _both(network: PointCascade, number: int, seen: Tensor) -> Tensor:
    """The mean of what a stage says of a face and of its mirror image."""
    straight, turned = network.positions(number, torch.cat([seen, seen.flip(3)])).chunk(2)
    return (straight + turned[:, SWAPPED] * turned.new_tensor([-1.0, 1.0])) / 2
