"""Trunk: the network whose maps a tracker looks at, a middle layer and a late one, brought to one grid.

FCNT takes VGG-16's conv4-3 and conv5-3, which no package here has. In their place stand two layers of MobileNetV2, or
of a recognition or attribute network of ours, of which the convolutions see pictures of any size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facerep.errors import Usage
from facerep.networks.mobilenet import MOBILENET, MobileNetV2, load_mobilenet
from facerep.networks.network import StagedNetwork
from facerep.networks.weights import load_model

MIDDLE, LATE = "wide7", "wide11"
"""Layers of MobileNetV2: 192 maps at an eighth and 384 at a sixteenth of the picture's side."""
SIZE = 16 * 8 + 1
"""Pixels of a side of what MobileNetV2 sees: one above a multiple of its stride, so that both grids end together."""
_FACES = 1.75
"""The region's side for a network of ours, in diagonals of its crop; a face's box is a little smaller than the crop."""


@dataclass(frozen=True)
class Trunk:
    """A frozen network as a tracker sees it.

    Attributes:
        name: as it was asked for.
        layers: the middle and the late one.
        size: pixels of a side of the region.
        grid: cells of a side of all maps, those of the middle layer.
        first, stride: where the first cell's centre is in the region, and how far the next one.
        compute: float (n, 3, size, size) in -1..1 to the maps of both layers.
        device: where the network is.
    """

    name: str
    layers: tuple[str, str]
    size: int
    grid: int
    first: float
    stride: float
    compute: Callable[[Tensor], tuple[Tensor, Tensor]]
    device: torch.device

    def maps(self, regions: np.ndarray) -> tuple[Tensor, Tensor]:
        """The middle and the late maps of regions, both on the trunk's grid.

        Args:
            regions: uint8 (n, size, size, 3), RGB.

        Returns:
            Two of float32 (n, maps, grid, grid).
        """
        pixels = torch.from_numpy(np.ascontiguousarray(regions)).to(self.device).permute(0, 3, 1, 2)
        with torch.inference_mode():
            middle, late = self.compute(pixels.float() / 127.5 - 1)
            return middle.clone(), self._to_grid(late)

    def _to_grid(self, late: Tensor) -> Tensor:
        """Late maps between whose cells is interpolated, so that a cell has the place of a middle one."""
        cells = late.shape[-1]
        stride = self.stride * round(self.grid / cells)
        first = (self.size - stride * (cells - 1)) / 2
        place = (self.first + self.stride * torch.arange(self.grid, device=late.device) - first) / stride
        place = place.clamp(0, cells - 1)
        near = (1 - (place[:, None] - torch.arange(cells, device=late.device)).abs()).clamp(min=0)
        return near @ late @ near.T


def load_trunk(name: str, device: torch.device) -> Trunk:
    """The trunk `mobilenet`, or a run or weights file of ours.

    Raises:
        NotAvailable: MobileNetV2's package is not here.
        BadInput: no run, no weights.
        Usage: a network without convolutions that see pictures of any size.
    """
    if name == MOBILENET:
        return of_mobilenet(load_mobilenet(), device)
    network = load_model(name).network
    if not isinstance(network, StagedNetwork) or network.row.channels != 3:
        raise Usage(f"{name} has no convolutions over colour pictures to track by", hint=f"give {MOBILENET}")
    return of_staged(network, name, device)


def of_mobilenet(network: MobileNetV2, device: torch.device, size: int = SIZE) -> Trunk:
    """MobileNetV2 as a trunk."""
    network = network.to(device)

    def compute(pictures: Tensor) -> tuple[Tensor, Tensor]:
        maps = network.maps(pictures, (MIDDLE, LATE))
        return maps[MIDDLE], maps[LATE]

    return _trunk(MOBILENET, (MIDDLE, LATE), size, 8, compute, device)


def of_staged(network: StagedNetwork, name: str, device: torch.device) -> Trunk:
    """A network of ours as a trunk: its last two stages that see pictures of any size.

    The region is of such a size that a tracked face is as large in it as the faces that the network learnt.

    Raises:
        Usage: fewer than two stages slide.
    """
    network = network.to(device)
    stages = tuple(_sliding(network, 64, device))
    if len(stages) < 2:
        raise Usage(f"{name} has fewer than two stages to track by", hint=f"give {MOBILENET}")
    middle, late = stages[-2:]

    def compute(pictures: Tensor) -> tuple[Tensor, Tensor]:
        maps = network.sliding(pictures)
        return maps[middle], maps[late]

    size = round(_FACES * float(np.hypot(network.row.height, network.row.width)))
    # the smallest picture that gives so many cells loses nothing at its right and lower border
    while _sliding(network, size - 1, device)[late] == _sliding(network, size, device)[late]:
        size += 1
    return _trunk(name, (middle, late), size, 2 ** (len(stages) - 1), compute, device)


def _sliding(network: StagedNetwork, size: int, device: torch.device) -> dict[str, int]:
    """The cells of a side that each sliding stage gives of a picture."""
    with torch.inference_mode():
        maps = network.sliding(torch.zeros(1, network.row.channels, size, size, device=device))
    return {stage: found.shape[-1] for stage, found in maps.items()}


def _trunk(
    name: str, layers: tuple[str, str], size: int, stride: int,
    compute: Callable[[Tensor], tuple[Tensor, Tensor]], device: torch.device,
) -> Trunk:  # fmt: skip
    with torch.inference_mode():
        grid = compute(torch.zeros(1, 3, size, size, device=device))[0].shape[-1]
    return Trunk(name, layers, size, grid, (size - stride * (grid - 1)) / 2, stride, compute, device)
