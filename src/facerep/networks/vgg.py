"""The dense baseline of the sparsified networks: pairs of 3x3 convolutions, then two unshared layers, then the feature.

    input ─ conv1a ─ conv1b ─ pool ─ ... ─ conv4a ─ conv4b ─ pool ─ local5a ─ local5b ─▶ feature

Convolutions 3x3, stride 1, padded by 1; pooling 2x2; local layers 3x3, not padded, weights unshared; ReLU everywhere.
Source: arXiv 1512.01891, section 3. A row with fewer widths has fewer pairs, and its local layers are numbered so.
The paper teaches "a few" earlier layers beside the feature and does not say which: here the last pooled maps and the
first local layer.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.catalog import CatalogRow
from facerep.networks.layers import LocallyShared
from facerep.networks.network import Connections, FeatureLayer, StagedNetwork


class LocalVGG(StagedNetwork):
    """The baseline at the widths of a row."""

    def __init__(self, row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.row = row
        self.weights, self.norms = nn.ModuleDict(), nn.ModuleDict()
        flats, before, high, wide = {}, row.channels, row.height, row.width
        for number, width in enumerate(row.maps, 1):
            for letter in "ab":
                convolution = nn.Conv2d(before, width, 3, padding=1)
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
                nn.init.zeros_(convolution.bias)  # pyright: ignore[reportArgumentType]
                self.weights[f"conv{number}{letter}"] = convolution
                before = width
            high, wide = high // 2, wide // 2
            flats[f"pool{number}"] = before * high * wide
        for name in row.layers[-3:-1]:
            self.weights[name] = LocallyShared(before, before, 3, (high, wide), block=1)
            high, wide = high - 2, wide - 2
            flats[name] = before * high * wide
        for name, width in zip(self.weights, [width for width in (*row.maps, before) for _ in "ab"], strict=True):
            self.norms[name] = nn.BatchNorm2d(width) if normalise else nn.Identity()
        self.feature = FeatureLayer(flats[row.layers[-2]], row.feature, normalise, dropout)
        self.taught = row.layers[-4:-2] if row.supervised else ()
        self.below = nn.ModuleList(FeatureLayer(flats[name], row.feature, normalise, dropout) for name in self.taught)

    def maps(self, faces: Tensor) -> dict[str, Tensor]:
        return self._stages(faces, list(self.weights))

    def sliding(self, pictures: Tensor) -> dict[str, Tensor]:
        return self._stages(pictures, [name for name in self.weights if name.startswith("conv")])

    def _stages(self, pictures: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
        maps, seen = {}, pictures
        for name in names:
            module = self.weights[name]
            answer = module(seen)
            stage = name
            if name.startswith("conv") and name.endswith("b"):
                # pooling first, as in DeepID: the same maps at a quarter of the cost
                stage, answer = f"pool{name[4:-1]}", functional.max_pool2d(answer, 2)
            seen = functional.relu(self.norms[name](answer))
            if stage in self.row.layers:
                maps[stage] = seen
        return maps

    def seen(self, maps: dict[str, Tensor]) -> Tensor:
        return maps[self.row.layers[-2]].flatten(1)

    def connections(self) -> dict[str, Connections]:
        layers = [(name, module, self.norms[name]) for name, module in self.weights.items()]
        layers.append(("feature", self.feature.full, self.feature.norm))
        return {name: Connections(module, norm) for name, module, norm in layers}  # pyright: ignore[reportArgumentType]
