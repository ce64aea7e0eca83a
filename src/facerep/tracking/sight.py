"""Sight: a box of a frame in the cells of a trunk's maps, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from facerep.tracking.region import Region, around, cut
from facerep.tracking.selection import heat_map
from facerep.tracking.settings import TrackerSettings
from facerep.tracking.trunk import Trunk


@dataclass(frozen=True)
class Sight:
    """How a tracker looks at frames.

    Attributes:
        trunk: whose maps it looks at.
        settings: how large the region and the heat map are.
    """

    trunk: Trunk
    settings: TrackerSettings

    def region(self, box: np.ndarray) -> Region:
        """The region about a box."""
        return around(box, self.trunk.size, self.settings.times)

    def maps(self, frame: np.ndarray, region: Region) -> list[Tensor]:
        """The middle and the late maps of a region, float32 (maps, grid, grid) each."""
        return [layer[0] for layer in self.trunk.maps(cut(frame, region)[None])]

    def cells(self, region: Region, boxes: np.ndarray) -> np.ndarray:
        """Boxes of the frame in cells, where cell i reaches from i to i + 1; the same shape."""
        inside = region.inside(boxes)
        inside[..., :2] -= self.trunk.first
        inside /= self.trunk.stride
        inside[..., :2] += 0.5
        return inside

    def heat(self, region: Region, box: np.ndarray) -> Tensor:
        """The heat map that a head is to draw of a box, float32 (grid, grid)."""
        x, y, width, height = (float(value) for value in self.cells(region, box))
        spread = self.settings.spread
        centre = (x + width / 2 - 0.5, y + height / 2 - 0.5)
        return heat_map(self.trunk.grid, centre, (width * spread, height * spread)).to(self.trunk.device)
