"""Networks that give a face its canonical view: an encoder whose output is the feature, and a full layer to pictures.

    face ─ encoder ─ fip ─ [full] ─ full ─▶ rl: one picture of a face, or several, one a wanted view

FIP: three locally connected 5x5 layers that keep the size, ReLU, pooling 2x2 after the first two; the maps of the third
are the feature. Source: Zhu, Luo, Wang, Tang, ICCV 2013, section 3. `ConvolutionFIP` has ordinary convolutions and a
full layer for them; between feature and picture a row of it has a hidden layer. A row with several views is the
multi-task network: all but the last layer is shared, each view has a full layer of its own.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.catalog import CatalogRow
from facerep.networks.layers import LocallyConnected
from facerep.networks.network import FeatureLayer, Network


class Reconstruction(Network):
    """A network with an encoder and pictures.

    Shapes: input float (n, channels, height, width) in -1..1; feature float (n, row.feature); pictures float
    (n, views, height, width), grey, about -1..1.

    Attributes:
        hidden: between feature and pictures; nothing in the paper's rows.
        pictured: the full layer of all views, one below the other.
    """

    def __init__(self, row: CatalogRow) -> None:
        super().__init__()
        self.row, self.below = row, nn.ModuleList()
        between = nn.Sequential(nn.Linear(row.feature, row.hidden), nn.ReLU()) if row.hidden else nn.Identity()
        self.hidden: nn.Module = between
        self.pictured = nn.Linear(row.hidden or row.feature, row.views * row.height * row.width)

    @abstractmethod
    def forward(self, faces: Tensor) -> Tensor:
        """The feature, float (n, row.feature), not negative."""

    def pictures_of(self, features: Tensor) -> Tensor:
        """The pictures that features stand for, float (n, views, height, width)."""
        return self.pictured(self.hidden(features)).view(-1, self.row.views, self.row.height, self.row.width)

    def pictures(self, faces: Tensor) -> Tensor:
        """The pictures of faces, float (n, views, height, width)."""
        return self.pictures_of(self(faces))

    def start_from(self, pictures: Tensor) -> None:
        """Let every face be drawn as these pictures, float (views, height, width), before anything is learned."""
        with torch.no_grad():
            self.pictured.bias.copy_(pictures.flatten())
            self.pictured.weight.zero_()

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        feature = self(faces)
        return [self.pictured(self.hidden(feature)) if name == "rl" else feature for name in names]


class FIP(Reconstruction):
    """The paper's network at the size and widths of a row."""

    def __init__(self, row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> None:
        super().__init__(row)
        high, wide, before = row.height, row.width, row.channels
        self.local, self.norms = nn.ModuleList(), nn.ModuleList()
        for width in row.maps:
            self.local.append(LocallyConnected(before, width, 5, (high, wide)))
            self.norms.append(nn.BatchNorm2d(width) if normalise else nn.Identity())
            high, wide, before = high // 2, wide // 2, width
        self.dropout = nn.Dropout(dropout)

    def forward(self, faces: Tensor) -> Tensor:
        maps = faces
        for layer, norm in zip(self.local[:-1], self.norms[:-1], strict=True):
            # pooling first: ReLU after it gives the same maps at a quarter of the cost
            maps = functional.relu(norm(functional.max_pool2d(layer(maps), 2)))
        return functional.relu(self.norms[-1](self.local[-1](maps))).flatten(1)

    def pictures_of(self, features: Tensor) -> Tensor:
        return super().pictures_of(self.dropout(features))


class ConvolutionFIP(Reconstruction):
    """Convolutions 3x3, each pooled, then a full layer: the feature."""

    def __init__(self, row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> None:
        super().__init__(row)
        self.convolutions, self.norms = nn.ModuleList(), nn.ModuleList()
        before, halvings = row.channels, 2 ** len(row.maps)
        for width in row.maps:
            convolution = nn.Conv2d(before, width, 3, padding=1)
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            nn.init.zeros_(convolution.bias)  # pyright: ignore[reportArgumentType]
            self.convolutions.append(convolution)
            self.norms.append(nn.BatchNorm2d(width) if normalise else nn.Identity())
            before = width
        flat = before * (row.height // halvings) * (row.width // halvings)
        self.feature = FeatureLayer(flat, row.feature, normalise, dropout)

    def forward(self, faces: Tensor) -> Tensor:
        maps = faces
        for layer, norm in zip(self.convolutions, self.norms, strict=True):
            maps = functional.relu(norm(functional.max_pool2d(layer(maps), 2)))
        return self.feature(maps.flatten(1))
