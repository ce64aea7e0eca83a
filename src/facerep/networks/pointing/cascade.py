"""The cascade that finds five points: one network sees the face in its box, the other the face as the first turned it.

Each is a few convolutions and a full layer, and gives where the points are in what it sees. Source: Sun, Wang, Tang,
CVPR 2013, with one network for all points at each of two levels instead of 23 at three.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.catalog import CatalogRow
from facerep.networks.network import Network
from facerep.networks.pointing.frames import PLACES

STAGES = 2
POINTS = 5

_CONTRAST = 8 / 127.5
"""Added to the deviation of what is seen, so that an even square is not made to noise."""


class PointStage(nn.Module):
    """Convolutions that each halve the picture, a full layer, and ten numbers."""

    def __init__(self, row: CatalogRow, normalise: bool, dropout: float) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = row.channels
        for number, maps in enumerate(row.maps):
            side = 3 if number else 5
            layers.append(nn.Conv2d(inputs, maps, side, padding=side // 2, bias=not normalise))
            layers += [*([nn.BatchNorm2d(maps)] if normalise else []), nn.ReLU(), nn.MaxPool2d(2)]
            inputs = maps
        self.convolutions = nn.Sequential(*layers)
        halved = 2 ** len(row.maps)
        self.full = nn.Linear(inputs * (row.height // halved) * (row.width // halved), row.feature)
        self.norm: nn.Module = nn.BatchNorm1d(row.feature) if normalise else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.points = nn.Linear(row.feature, 2 * POINTS)
        nn.init.normal_(self.points.weight, std=0.01)
        nn.init.zeros_(self.points.bias)

    def feature(self, seen: Tensor) -> Tensor:
        """The full layer: float (n, feature)."""
        mean = seen.mean(dim=(1, 2, 3), keepdim=True)
        deviation = seen.std(dim=(1, 2, 3), keepdim=True)
        maps = self.convolutions((seen - mean) / (deviation + _CONTRAST))
        return functional.relu(self.norm(self.full(self.dropout(maps.flatten(1)))))

    def forward(self, seen: Tensor) -> Tensor:
        """How far the points are from PLACES, in half sides of what is seen: float (n, 5, 2)."""
        return self.points(self.feature(seen)).view(-1, POINTS, 2)


class PointCascade(Network):
    """Two stages; each is asked with what it is to see."""

    def __init__(self, row: CatalogRow, *, normalise: bool = True, dropout: float = 0.0) -> None:
        super().__init__()
        self.row, self.below = row, nn.ModuleList()
        self.stages = nn.ModuleList(PointStage(row, normalise, dropout) for _ in range(STAGES))

    def positions(self, number: int, seen: Tensor) -> Tensor:
        """Where the points are in the square that stage `number` sees, -1 to 1: float (n, 5, 2).

        Args:
            number: 0 or 1.
            seen: float (n, 1, height, width) in -1..1.
        """
        first = PLACES.to(seen) if number else PLACES.to(seen) * _IN_THE_BOX
        return first + self.stages[number](seen)

    def forward(self, faces: Tensor) -> Tensor:
        """The first stage's positions, float (n, 10)."""
        return self.positions(0, faces).flatten(1)

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        return [self(faces) for _ in names]


_IN_THE_BOX = 0.7
"""How large the template is in the first stage's square, of what it is in the second's: where the network starts."""
