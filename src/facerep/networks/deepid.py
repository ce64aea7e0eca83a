"""DeepID, DeepID2 and DeepID2+: four convolutions and a feature layer that sees the last two.

    input ─ conv1 4x4 ─ pool ─ conv2 3x3 ─ pool ─ conv3 3x3 (shared in 2x2 blocks) ─ pool ─ conv4 2x2 (unshared)
                                                                                  └──────────┴─▶ feature

All convolutions valid, stride 1, ReLU everywhere, the feature included unless the row is signed; pooling 2x2. DeepID2+
has a feature layer on each convolution while it learns. Source: DeepID, section 3.1; DeepID2, section 2; DeepID2+,
section 3. `normalise` and `dropout` are the modern recipe's; the papers have neither.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.catalog import CatalogRow
from facerep.networks.layers import LocallyShared
from facerep.networks.network import Connections, FeatureLayer, StagedNetwork


class DeepID(StagedNetwork):
    """DeepID, DeepID2 or DeepID2+, as the row says."""

    def __init__(self, row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.row = row
        a, b, c, d = row.maps
        high, wide = row.height, row.width
        self.conv1 = nn.Conv2d(row.channels, a, 4)
        high, wide = (high - 3) // 2, (wide - 3) // 2
        self.flat1 = a * high * wide
        self.conv2 = nn.Conv2d(a, b, 3)
        high, wide = (high - 2) // 2, (wide - 2) // 2
        self.flat2 = b * high * wide
        shared = row.conv3_block
        self.conv3 = LocallyShared(b, c, 3, (high, wide), shared) if shared else nn.Conv2d(b, c, 3)
        high, wide = (high - 2) // 2, (wide - 2) // 2
        self.flat3 = c * high * wide
        self.conv4 = LocallyShared(c, d, 2, (high, wide), block=1)
        self.flat4 = d * (high - 1) * (wide - 1)
        self.norm1, self.norm2, self.norm3, self.norm4 = (
            nn.BatchNorm2d(maps) if normalise else nn.Identity() for maps in row.maps
        )
        inputs = self.flat3 * row.wide_input + self.flat4
        self.feature = FeatureLayer(inputs, row.feature, normalise, dropout, signed=row.signed)
        self.taught = ("pool1", "pool2", "pool3") if row.supervised else ()
        flats = (self.flat1, self.flat2, self.flat3) if row.supervised else ()
        self.below = nn.ModuleList(
            FeatureLayer(flat, row.feature, normalise, dropout, signed=row.signed) for flat in flats
        )
        for convolution in (self.conv1, self.conv2, self.conv3):
            if isinstance(convolution, nn.Conv2d):
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
                nn.init.zeros_(convolution.bias)  # pyright: ignore[reportArgumentType]

    def maps(self, faces: Tensor) -> dict[str, Tensor]:
        """The maps after each stage: pool1, pool2, pool3, conv4; float (n, maps, height, width)."""
        maps = self._pooled(faces, (self.conv1, self.conv2, self.conv3))
        return {**maps, "conv4": functional.relu(self.norm4(self.conv4(maps["pool3"])))}

    def sliding(self, pictures: Tensor) -> dict[str, Tensor]:
        everywhere = (self.conv1, self.conv2, *([] if self.row.conv3_block else [self.conv3]))
        return self._pooled(pictures, everywhere)

    def _pooled(self, pictures: Tensor, convolutions: Sequence[nn.Module]) -> dict[str, Tensor]:
        maps, seen = {}, pictures
        for place, (layer, norm) in enumerate(zip(convolutions, (self.norm1, self.norm2, self.norm3), strict=False), 1):
            # pooling first: ReLU after it gives the same maps at a quarter of the cost, and so, nearly, does the norm
            seen = functional.relu(norm(functional.max_pool2d(layer(seen), 2)))
            maps[f"pool{place}"] = seen
        return maps

    def seen(self, maps: dict[str, Tensor]) -> Tensor:
        conv4 = maps["conv4"].flatten(1)
        return torch.cat([maps["pool3"].flatten(1), conv4], dim=1) if self.row.wide_input else conv4

    def connections(self) -> dict[str, Connections]:
        return {
            "conv1": Connections(self.conv1, self.norm1),
            "conv2": Connections(self.conv2, self.norm2),
            "conv3": Connections(self.conv3, self.norm3),
            "conv4": Connections(self.conv4, self.norm4),
            "feature": Connections(self.feature.full, self.feature.norm),
        }


class Pixels(nn.Module):
    """No network: the crop itself, flattened, as the baseline that every network must beat."""

    def __init__(self, row: CatalogRow) -> None:
        super().__init__()
        self.row = row

    def forward(self, faces: Tensor) -> Tensor:
        return faces.flatten(1)

    def layer(self, faces: Tensor, name: str) -> Tensor:  # noqa: ARG002
        return self(faces)

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        """The one layer there is, as often as it is asked for."""
        return [self(faces)] * len(names)
