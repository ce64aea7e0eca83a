"""Response maps of whole pictures: a picture at several sizes, each in tiles of bounded area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import nn

from facerep.faces.batches import normalise
from facerep.networks.localizing.lnet import Geometry, Stage

LARGEST = 1 << 21
"""Pixels of a level that go through the network at once, at most: 2 million."""

STEP = 2**0.5
"""How much smaller each level is than the one before."""


@dataclass(frozen=True)
class Level:
    """A picture at one size.

    Attributes:
        scale: its pixels over those of the picture.
        response: the mean of the last maps, float32 (height, width).
    """

    scale: float
    response: np.ndarray


def scales(height: int, width: int, *, face: float, least: float, most: float) -> list[float]:
    """The sizes at which faces between two sides are looked for, the largest first.

    Args:
        height, width: of the picture.
        face: side of a face's box that the network knows best, in pixels.
        least, most: sides of the boxes that are looked for, in pixels; no face is larger than the picture.
    """
    most = min(most, 1.2 * min(height, width))
    found, scale = [], face / least
    while scale > face / most / STEP and scale * max(height, width) >= face:
        if scale * height * scale * width <= 4 * LARGEST:
            found.append(scale)
        scale /= STEP
    return found or [face / max(1.0, min(height, width))]


def levels(picture: np.ndarray, stage: Stage, wanted: list[float], device: torch.device) -> Iterator[Level]:
    """The response of a stage at several sizes of a picture, uint8 (h, w, 3)."""
    for scale in wanted:
        yield Level(scale, respond(stage, shrunk(picture, scale), device))


def shrunk(picture: np.ndarray, scale: float) -> np.ndarray:
    """A picture at another size, averaged where it becomes smaller."""
    height, width = (max(8, round(length * scale)) for length in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0))


def respond(stage: nn.Module, picture: np.ndarray, device: torch.device, answer: int | None = None) -> np.ndarray:
    """The response map of a picture, strip by strip where it is large; or the map of one answer.

    Args:
        stage: in evaluation mode.
        picture: uint8 (h, w, 3).
        device: where it is computed.
        answer: place of an attribute: its score place by place, which may be negative.
    """
    assert isinstance(stage, Stage)
    height, width = picture.shape[:2]
    geometry: Geometry = stage.trunk.GEOMETRY
    step = geometry.stride
    picture = np.pad(picture, ((0, -height % step), (0, -width % step), (0, 0)), mode="edge")
    strip = max(8 * OVERLAP, LARGEST // picture.shape[1] // step * step)
    parts = []
    for top in range(0, len(picture), strip):
        above, below = min(top, OVERLAP), min(len(picture) - min(top + strip, len(picture)), OVERLAP)
        part = picture[top - above : top + strip + below]
        maps = stage(normalise(torch.from_numpy(np.ascontiguousarray(part))[None].to(device)))
        seen = maps.mean(dim=1) if answer is None else stage.score_maps(maps)[:, answer]
        rows = seen[0].float().cpu().numpy()
        parts.append(rows[above // step : len(rows) - below // step])
    return np.concatenate(parts)


OVERLAP = 64
"""Pixels that strips share on each side: what a place of the map looks at reaches no further."""
