"""What a tracker learns from the first frame: which maps matter, and two heads that draw where the face is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from facerep.tracking.choice import power_for
from facerep.tracking.heads import Head, drawn
from facerep.tracking.selection import fit_selection, significance
from facerep.tracking.settings import TrackerSettings
from facerep.tracking.sight import Sight

LOOKS = (
    (0.0, 0.0, 1.0), (0.35, 0.1, 1.0), (-0.35, -0.1, 1.0), (0.1, -0.35, 0.85), (-0.1, 0.35, 1.18), (0.25, 0.25, 1.18),
    (-0.25, 0.25, 0.85), (0.0, 0.0, 0.8), (0.0, 0.0, 1.25), (0.15, -0.15, 0.7), (-0.15, 0.15, 1.4),
)  # fmt: skip
"""The regions that a head learns: their middles beside the face's, in diagonals of its box, and their sizes."""


@dataclass(frozen=True)
class Learnt:
    """What the first frame taught; two of each, of the middle layer (specific head) and of the late one (general).

    Attributes:
        scales: what maps are divided by.
        kept: places of the maps that heads see, rising.
        heads: taught.
        powers: see choice.power_for.
        specific: maps and heat maps that the specific head is taught again later.
    """

    scales: list[Tensor]
    kept: list[Tensor]
    heads: list[Head]
    powers: list[float]
    specific: tuple[Tensor, Tensor]


def learn(sight: Sight, frame: np.ndarray, box: np.ndarray, generator: torch.Generator) -> Learnt:
    """Learn a face from its box in a frame, uint8 (height, width, 3)."""
    *layers, heats = _looks(sight, frame, box)
    settings = sight.settings
    scales = [_scale(layer) for layer in layers]
    maps = [layer / scale for layer, scale in zip(layers, scales, strict=True)]
    kept = [_select(layer[0], heats[0], settings, generator) for layer in maps]
    heads = [Head(len(some), generator).to(sight.trunk.device) for some in kept]
    seen = [layer[:, some] for layer, some in zip(maps, kept, strict=True)]
    for head, layer in zip(heads, seen, strict=True):
        head.teach(layer, heats, settings.steps)
    powers = [power_for(sight, drawn(head, layer[0]), box) for head, layer in zip(heads, seen, strict=True)]
    return Learnt(scales, kept, heads, powers, (seen[0], heats))


def _looks(sight: Sight, frame: np.ndarray, box: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
    """Maps of both layers and heat maps of several regions about the box."""
    diagonal = float(np.hypot(*box[2:]))
    middle, late, heats = [], [], []
    for across, down, times in LOOKS:
        region = sight.region(box)
        spare = region.side * (1 - times) / 2
        region = replace(
            region, x=region.x + spare + across * diagonal, y=region.y + spare + down * diagonal,
            side=region.side * times,
        )  # fmt: skip
        maps = sight.maps(frame, region)
        middle.append(maps[0])
        late.append(maps[1])
        heats.append(sight.heat(region, box))
    return torch.stack(middle), torch.stack(late), torch.stack(heats)


def _scale(looks: Tensor) -> Tensor:
    """What a layer is divided by: the root of its mean square. One number: a map that is silent stays so."""
    return (looks**2).mean().sqrt().clamp(min=1e-6)


def _select(maps: Tensor, heat: Tensor, settings: TrackerSettings, generator: torch.Generator) -> Tensor:
    """The maps of a layer that its head sees, by their places, rising."""
    count = max(1, round(settings.share * len(maps)))
    if settings.maps == "all":
        return torch.arange(len(maps), device=maps.device)
    if settings.maps == "random":
        chosen = torch.randperm(len(maps), generator=generator)[:count].to(maps.device)
    else:
        chosen = torch.topk(significance(fit_selection(maps, heat, generator), maps, heat), count).indices
    return chosen.sort().values
