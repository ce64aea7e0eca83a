"""LNet: fully convolutional networks whose last maps respond where a face is, taught by image-level attributes only.

    picture ─ trunk ─ conv4 3x3 ─ conv5 3x3 ─ mean over the places ─ answers
                                      └─▶ mean over the maps: the response map

Two of them stand side by side: the first sees a picture with head and shoulders, the second one with a face. The trunk
is the first three convolutions of DeepID2, which can come from a network that was taught recognition (the third is not
pooled, so that four pixels have one place), or MobileNetV2's blocks, learnt on ImageNet. The answers' weights are not
negative, their biases are: a map can only speak for an attribute, and where nothing speaks, nothing is seen.
Source: Liu, Luo, Wang, Tang, ICCV 2015, section 3.1; there AlexNet's five convolutions, and full layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.errors import Mismatch
from facerep.networks.catalog import CatalogRow
from facerep.networks.mobilenet import MobileNetV2, frozen
from facerep.networks.network import Network

BORDER = 8
"""Grey pixels around a picture, so that every four of its pixels have a place in the map."""


UNSEEN = -4.0
"""Where the biases of the answers begin: without anything seen, every answer is no. From -1 on nothing was learnt."""


class Geometry(NamedTuple):
    """Where the places of a response map are: place i looks at pixel `stride * i + first`."""

    stride: int
    first: float


class Convolutions(nn.Module):
    """The first three convolutions of DeepID2, without the last pooling."""

    GEOMETRY = Geometry(4, 1.0)

    def __init__(self, row: CatalogRow, *, normalise: bool) -> None:
        super().__init__()
        a, b, c = row.maps[:3]
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(row.channels, a, 4), nn.Conv2d(a, b, 3), nn.Conv2d(b, c, 3)
        for convolution in (self.conv1, self.conv2, self.conv3):
            _begin(convolution)
        self.norm1, self.norm2, self.norm3 = (
            nn.BatchNorm2d(maps) if normalise else nn.Identity() for maps in row.maps[:3]
        )
        self.maps = c

    def forward(self, pictures: Tensor) -> Tensor:
        maps = functional.pad(pictures, (BORDER,) * 4)
        maps = functional.relu(self.norm1(functional.max_pool2d(self.conv1(maps), 2)))
        maps = functional.relu(self.norm2(functional.max_pool2d(self.conv2(maps), 2)))
        return functional.relu(self.norm3(self.conv3(maps)))


class ImageNetBlocks(nn.Module):
    """A middle and a late block of MobileNetV2, side by side at the size of the first."""

    GEOMETRY = Geometry(8, 0.0)
    BLOCKS = ("block6", "block13")

    def __init__(self, row: CatalogRow, *, normalise: bool) -> None:  # noqa: ARG002
        super().__init__()
        self.mobilenet = frozen(MobileNetV2())
        del self.mobilenet.features[15:]  # one above the late block stays: the last one has no name of its own
        self.maps = 32 + 96

    def forward(self, pictures: Tensor) -> Tensor:
        middle, late = self.mobilenet.maps(pictures, self.BLOCKS).values()
        return torch.cat([middle, functional.interpolate(late, middle.shape[2:], mode="bilinear")], dim=1)

    def take(self, mobilenet: MobileNetV2) -> None:
        """Take the weights of the whole MobileNetV2."""
        known = mobilenet.state_dict()
        self.mobilenet.load_state_dict({name: known[name] for name in self.mobilenet.state_dict()})

    def train(self, mode: bool = True) -> ImageNetBlocks:  # noqa: ARG002
        """Its statistics stay ImageNet's, whatever the rest of the network does."""
        return super().train(False)


def geometry_of(row: CatalogRow) -> Geometry:
    """Of the maps of a row's networks."""
    return (Convolutions if row.family == "lnet" else ImageNetBlocks).GEOMETRY


class Stage(nn.Module):
    """One LNet.

    Attributes:
        trunk: what may come from elsewhere.
        answers: of the mean of the last maps, a score an attribute; above 0 is yes.
    """

    def __init__(self, row: CatalogRow, *, normalise: bool, dropout: float) -> None:
        super().__init__()
        trunk = Convolutions if row.family == "lnet" else ImageNetBlocks
        self.trunk = trunk(row, normalise=normalise)
        d, e = row.maps[-2:]
        self.conv4 = nn.Conv2d(self.trunk.maps, d, 3, padding=1)
        self.conv5 = nn.Conv2d(d, e, 3, padding=1)
        _begin(self.conv4)
        _begin(self.conv5)
        self.norm4: nn.Module = nn.BatchNorm2d(d) if normalise else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.answers = nn.Linear(e, row.classes)
        nn.init.normal_(self.answers.weight, std=0.3)
        nn.init.constant_(self.answers.bias, UNSEEN)

    def top(self, maps: Tensor) -> Tensor:
        """The last maps by the trunk's, not negative: float (n, maps, height, width)."""
        maps = functional.relu(self.norm4(self.conv4(maps)))
        # no normalisation of the last: where nothing is seen, its maps are to be empty
        return functional.relu(self.conv5(maps))

    def forward(self, pictures: Tensor) -> Tensor:
        """The last maps of pictures."""
        return self.top(self.trunk(pictures))

    def scores(self, maps: Tensor) -> Tensor:
        """Answers of a picture by its last maps, float (n, attributes)."""
        seen = self.dropout(maps.mean(dim=(2, 3)))
        return functional.linear(seen, self.answers.weight.abs(), self.answers.bias)

    def score_maps(self, maps: Tensor) -> Tensor:
        """The same place by place, the full layer as a convolution: float (n, attributes, height, width)."""
        return functional.conv2d(maps, self.answers.weight.abs()[:, :, None, None], self.answers.bias)


class LNet(Network):
    """The two stages of a row.

    Attributes:
        stages: head and shoulders, then face.
    """

    def __init__(self, row: CatalogRow, *, normalise: bool = False, dropout: float = 0.0) -> None:
        super().__init__()
        self.row, self.below = row, nn.ModuleList()
        self.stages = nn.ModuleList(Stage(row, normalise=normalise, dropout=dropout) for _ in range(2))

    def stage(self, number: int) -> Stage:
        """Stage 0 or 1."""
        stage = self.stages[number]
        assert isinstance(stage, Stage)
        return stage

    def forward(self, faces: Tensor) -> Tensor:
        """The feature: the mean of the second stage's last maps, float (n, maps)."""
        return self.stage(1)(faces).mean(dim=(2, 3))

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        return [self(faces)] * len(names)

    def take_convolutions(self, network: nn.Module, source: str) -> None:
        """Take conv1 to conv3, with their normalisation, of a network of DeepID's families.

        Raises:
            Mismatch: it has others.
        """
        wanted = self.stage(0).trunk.state_dict()
        known = network.state_dict()
        if any(name not in known or known[name].shape != value.shape for name, value in wanted.items()):
            what = f"network differs: {self.row.name} has not the convolutions of the network to start from"
            raise Mismatch(what, source, "lnet starts from deepid2-narrow, lnet-wide from deepid2-wide or `bundled`")
        for number in range(2):
            self.stage(number).trunk.load_state_dict({name: known[name] for name in wanted})


def _begin(convolution: nn.Conv2d) -> None:
    nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
    if convolution.bias is not None:
        nn.init.zeros_(convolution.bias)
