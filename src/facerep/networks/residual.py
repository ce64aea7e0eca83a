"""A residual network, small: what others learn well from on few faces, beside the networks of the papers.

    input ─ conv 3x3/2 ─ stage1 (blocks) ─ stage2 /2 (blocks) ─ ... ─▶ feature, fully connected to all positions

A block is two 3x3 convolutions, each with batch normalisation, to which its input is added before the last ReLU; where
size or maps change, the input goes through a 1x1 convolution. The stages are after ReLU, as in the papers' networks;
the feature is not, where the row is signed. Source: He, Zhang, Ren, Sun, "Deep Residual Learning for Image
Recognition", CVPR 2016, section 3; without its mean over positions, for an aligned face has its parts at known places
(as in ArcFace, CVPR 2019, section 3.1). Widths ours (docs/distillation.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.catalog import CatalogRow
from facerep.networks.network import FeatureLayer, Network


class Residual(Network):
    """The network at the widths and blocks of a row."""

    def __init__(self, row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.row, self.below = row, nn.ModuleList()
        self.stem = _Filter(row.channels, row.maps[0], 3, 2, normalise)
        stages, before = [], row.maps[0]
        for number, (maps, blocks) in enumerate(zip(row.maps, row.blocks, strict=True), 1):
            stage = []
            for block in range(blocks):
                stage.append(Block(before, maps, 2 if number > 1 and block == 0 else 1, normalise))
                before = maps
            stages.append(nn.Sequential(*stage))
        self.stages = nn.ModuleList(stages)
        high, wide = row.height, row.width
        for _ in row.maps:  # a stride of 2 keeps the odd row
            high, wide = (high + 1) // 2, (wide + 1) // 2
        self.feature = FeatureLayer(before * high * wide, row.feature, normalise, dropout, signed=row.signed)

    def maps(self, faces: Tensor) -> dict[str, Tensor]:
        """The maps after each stage, `stage1` at a half of the input's side; float (n, maps, height, width)."""
        seen, maps = functional.relu(self.stem(faces)), {}
        for number, stage in enumerate(self.stages, 1):
            maps[f"stage{number}"] = seen = stage(seen)
        return maps

    def forward(self, faces: Tensor) -> Tensor:
        return self.layer(faces, "feature")

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        maps = self.maps(faces)
        last = maps[f"stage{len(self.stages)}"].flatten(1)
        return [self.feature(last) if name == "feature" else maps[name].flatten(1) for name in names]


class Block(nn.Module):
    """Two filters and the way around them."""

    def __init__(self, inputs: int, outputs: int, stride: int, normalise: bool) -> None:
        super().__init__()
        self.first = _Filter(inputs, outputs, 3, stride, normalise)
        self.second = _Filter(outputs, outputs, 3, 1, normalise)
        same = stride == 1 and inputs == outputs
        self.around: nn.Module = nn.Identity() if same else _Filter(inputs, outputs, 1, stride, normalise)
        if normalise:  # a block begins as what goes around it, and learns what to add
            nn.init.zeros_(self.second.norm.get_parameter("weight"))

    def forward(self, maps: Tensor) -> Tensor:
        return functional.relu(self.second(functional.relu(self.first(maps))) + self.around(maps))


class _Filter(nn.Module):
    """A convolution, padded so that a stride of 1 keeps the size, and batch normalisation where asked for."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, normalise: bool) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=not normalise)
        self.norm: nn.Module = nn.BatchNorm2d(outputs) if normalise else nn.Identity()
        nn.init.kaiming_normal_(self.convolution.weight, nonlinearity="relu")

    def forward(self, maps: Tensor) -> Tensor:
        return self.norm(self.convolution(maps))
