"""What all networks have in common: faces in, a feature out; most have maps, stage by stage, below it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.catalog import CatalogRow
from facerep.networks.layers import LocallyShared


class Connections(NamedTuple):
    """A layer with weights: what multiplies its inputs, and what stands between that and the ReLU."""

    module: nn.Conv2d | nn.Linear | LocallyShared
    norm: nn.Module


class Network(nn.Module, ABC):
    """A row of the catalog as a network.

    Shapes: input float (n, channels, height, width) in -1..1; output float (n, feature), not negative unless the row is
    signed.

    Attributes:
        row: the catalog row.
        below: further feature layers, which only teach; none, as a rule.
    """

    row: CatalogRow
    below: nn.ModuleList

    @abstractmethod
    def forward(self, faces: Tensor) -> Tensor:
        """The feature."""

    @abstractmethod
    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        """Several layers of one pass, flattened: float (n, length) each; "feature" is one of every network."""

    def layer(self, faces: Tensor, name: str) -> Tensor:
        """One layer, flattened: float (n, length)."""
        return self.layers(faces, (name,))[0]

    def supervised(self, faces: Tensor) -> list[Tensor]:
        """The features that are taught, float (n, feature) each, the one that is used last."""
        return [self(faces)]


class StagedNetwork(Network):
    """Maps stage by stage, a feature layer on top, feature layers that teach below it.

    A family defines `maps`, `sliding`, `seen` and `connections`, and sets the attributes.

    Attributes:
        feature: the layer whose output is the feature.
        below: `feature-1` is the lowest. None where the weights came without.
        taught: the stages that these see.
    """

    feature: FeatureLayer
    taught: tuple[str, ...]

    @abstractmethod
    def maps(self, faces: Tensor) -> dict[str, Tensor]:
        """The maps after each stage, by name, bottom up; float (n, maps, height, width)."""

    @abstractmethod
    def sliding(self, pictures: Tensor) -> dict[str, Tensor]:
        """The maps after each stage whose weights are the same everywhere: of pictures of any size.

        A stage ends with a pooling by 2: the strides are 2, 4, 8 and so on.
        """

    @abstractmethod
    def seen(self, maps: dict[str, Tensor]) -> Tensor:
        """What the feature layer sees of the maps: float (n, inputs)."""

    @abstractmethod
    def connections(self) -> dict[str, Connections]:
        """The layers with weights by name, bottom up, the feature last; feature layers below it are left out."""

    def forward(self, faces: Tensor) -> Tensor:
        return self.feature(self.seen(self.maps(faces)))

    def supervised(self, faces: Tensor) -> list[Tensor]:
        """The features that are taught, float (n, feature) each, the one that is used last."""
        maps = self.maps(faces)
        lower = [layer(maps[name].flatten(1)) for layer, name in zip(self.below, self.taught, strict=True)]
        return [*lower, self.feature(self.seen(maps))]

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        maps = self.maps(faces)
        return [self._layer(maps, name) for name in names]

    def _layer(self, maps: dict[str, Tensor], name: str) -> Tensor:
        if name == "feature":
            return self.feature(self.seen(maps))
        if name.startswith("feature-"):
            place = int(name.removeprefix("feature-")) - 1
            return self.below[place](maps[self.taught[place]].flatten(1))
        return maps[name].flatten(1)


class FeatureLayer(nn.Module):
    """Dropout, a full connection, batch normalisation where asked for, ReLU unless it is signed."""

    def __init__(self, inputs: int, outputs: int, normalise: bool, dropout: float, *, signed: bool = False) -> None:
        super().__init__()
        self.signed = signed
        self.dropout = nn.Dropout(dropout)
        self.full = nn.Linear(inputs, outputs)
        self.norm: nn.Module = nn.BatchNorm1d(outputs) if normalise else nn.Identity()
        nn.init.kaiming_normal_(self.full.weight, nonlinearity="relu")
        nn.init.zeros_(self.full.bias)

    def forward(self, flat: Tensor) -> Tensor:
        values = self.norm(self.full(self.dropout(flat)))
        return values if self.signed else functional.relu(values)
