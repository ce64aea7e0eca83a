"""Correlations between each unit of a layer and its inputs, over faces that stream through the network.

Source: arXiv 1512.01891, section 4. A unit is what has weights of its own. Of a fully or locally connected layer r is
Pearson's correlation of the unit with an input, after the ReLU. Where a unit's weights are used at several positions
(a convolution; a layer shared in blocks) r is the sum over these positions of its absolute value. A unit or input that
never changes, and an input that is padding, has r = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.layers import LocallyShared
from facerep.networks.network import Connections, StagedNetwork

BUDGET = 500_000_000  # bytes of sums kept at once; a layer that needs more takes several passes over the faces


_Seen = tuple[Tensor, Tensor]
"""What a layer sees and answers."""


@dataclass(frozen=True)
class Correlations:
    """Of one layer.

    Attributes:
        values: float32 (units, inputs); not negative where they are sums over positions.
        positions: over how many positions a value is summed, at most.
    """

    values: Tensor
    positions: int

    def strength(self, mask: Tensor) -> float:
        """Mean absolute correlation of the connections in `mask`, bool (units, inputs): per position."""
        return float(self.values[mask].abs().mean()) / self.positions


def by_unit(layer: nn.Module, weights: Tensor) -> Tensor:
    """Weights of a layer, or anything of their shape, as (units, inputs); `like_weights` is the way back."""
    if isinstance(layer, LocallyShared):
        return weights.transpose(1, 2).flatten(0, 1)
    return weights.flatten(1)


def like_weights(layer: nn.Module, rows: Tensor) -> Tensor:
    """What is kept as (units, inputs) in the shape of the layer's weights."""
    shape = layer.get_parameter("weight").shape
    if isinstance(layer, LocallyShared):
        return rows.reshape(shape[0], shape[2], shape[1]).transpose(1, 2)
    return rows.reshape(shape)


@torch.inference_mode()
def measure(network: StagedNetwork, name: str, faces: Callable[[], Iterable[Tensor]]) -> Correlations:
    """Correlations of the layer `name`; the network is left in evaluation mode.

    Args:
        network: its layer is a key of `connections()`.
        name: see there.
        faces: gives the same faces each time it is called, as batches that the network takes.
    """
    connections = network.connections()[name]
    layer = connections.module
    strips = _strips(layer, network.eval())
    kept: list[Tensor] = []
    for strip in strips:
        moments = Moments()
        for seen, answer in _watched(network, layer, faces):
            moments.add(_units(connections, answer, strip), _inputs(layer, seen, strip))
        kept.append(_at_weights(layer, moments.pearson(), strip))
    if isinstance(layer, LocallyShared):
        return Correlations(torch.stack(kept).sum(0), layer.block**2)
    if isinstance(layer, nn.Linear):
        return Correlations(kept[0], 1)
    return Correlations(torch.stack(kept).sum(0), sum(strip.positions for strip in strips))


class Moments:
    """Sums of streamed pairs of vectors, from which Pearson's correlations are made.

    Everything is taken relative to the first face: then float32 is enough for the products, and what never changes
    has sums of exactly zero.
    """

    def __init__(self) -> None:
        self.count = 0

    def add(self, units: Tensor, inputs: Tensor) -> None:
        """Add faces: (groups, n, units) and (groups, n, inputs)."""
        if not self.count:
            self.first = units[:, :1].clone(), inputs[:, :1].clone()
            self.product = units.new_zeros(len(units), units.shape[2], inputs.shape[2])
            self.sums = [units.new_zeros(2, len(side), side.shape[2], dtype=torch.double) for side in (units, inputs)]
        sides = [side - first for side, first in zip((units, inputs), self.first, strict=True)]
        self.product.baddbmm_(sides[0].transpose(1, 2), sides[1])
        for side, sums in zip(sides, self.sums, strict=True):
            sums[0] += side.sum(1, dtype=torch.double)
            sums[1] += side.square().sum(1, dtype=torch.double)
        self.count += units.shape[1]

    def pearson(self) -> Tensor:
        """Correlations, float32 (groups, units, inputs); the sums are used up."""
        means = [sums[0] / self.count for sums in self.sums]
        spreads = [(sums[1] / self.count - mean.square()).clamp_(min=0).sqrt()
                   for sums, mean in zip(self.sums, means, strict=True)]  # fmt: skip
        scales = [torch.where(spread > 0, 1 / spread, 0).float() for spread in spreads]
        units, inputs = (mean.float() for mean in means)
        covariance = self.product.div_(self.count).baddbmm_(units.unsqueeze(2), inputs.unsqueeze(1), alpha=-1)
        return covariance.mul_(scales[0].unsqueeze(2)).mul_(scales[1].unsqueeze(1))


@dataclass(frozen=True)
class _Strip:
    """Rows of a layer's output: first, last + 1, and how wide they are. A full connection has one of one position."""

    first: int
    stop: int
    wide: int

    @property
    def positions(self) -> int:
        return (self.stop - self.first) * self.wide


def _strips(layer: nn.Module, network: StagedNetwork) -> list[_Strip]:
    if isinstance(layer, nn.Linear):
        return [_Strip(0, 1, 1)]
    row, weight = network.row, layer.get_parameter("weight")
    empty = weight.new_zeros(1, row.channels, row.height, row.width)
    _, answer = next(_watched(network, layer, lambda: [empty]))
    units, high, wide = answer.shape[1:]
    inputs = by_unit(layer, weight).shape[1]
    rows = max(1, BUDGET // (4 * wide * units * inputs))
    return [_Strip(start, min(start + rows, high), wide) for start in range(0, high, rows)]


def _watched(network: StagedNetwork, layer: nn.Module, faces: Callable[[], Iterable[Tensor]]) -> Iterator[_Seen]:
    """What a layer sees and answers, batch by batch."""
    caught: list[_Seen] = []

    def catch(_: nn.Module, seen: tuple[Tensor, ...], answer: Tensor) -> None:
        caught.append((seen[0], answer))

    handle = layer.register_forward_hook(catch)
    try:
        for batch in faces():
            network(batch)
            yield caught.pop()
    finally:
        handle.remove()


def _units(connections: Connections, answer: Tensor, strip: _Strip) -> Tensor:
    """Activations, (positions, n, units)."""
    active = functional.relu(connections.norm(answer))
    if active.dim() == 2:
        return active[None]
    return active[:, :, strip.first : strip.stop].permute(2, 3, 0, 1).flatten(0, 1)


def _inputs(layer: nn.Conv2d | nn.Linear | LocallyShared, seen: Tensor, strip: _Strip) -> Tensor:
    """What the units of each position see, (positions, n, inputs), inputs in the order of the weights."""
    if isinstance(layer, nn.Linear):
        return seen[None]
    if isinstance(layer, LocallyShared):
        kernel = layer.kernel
    else:
        kernel = layer.get_parameter("weight").shape[-1]
        high, wide = layer.padding
        seen = functional.pad(seen, (int(wide), int(wide), int(high), int(high)))
    seen = seen[:, :, strip.first : strip.stop + kernel - 1].permute(0, 2, 3, 1)
    around = seen.unfold(1, kernel, 1).unfold(2, kernel, 1)
    return around.permute(1, 2, 0, 3, 4, 5).reshape(strip.positions, len(seen), -1)


def _at_weights(layer: nn.Module, values: Tensor, strip: _Strip) -> Tensor:
    """Correlations of positions, (positions, units, inputs), brought to the weights: (units of all, inputs)."""
    if isinstance(layer, nn.Linear):
        return values[0]
    if isinstance(layer, nn.Conv2d):
        return values.abs_().sum(0)
    assert isinstance(layer, LocallyShared)
    blocks = values.new_zeros(len(layer.weight), *values.shape[1:])
    places = torch.arange(strip.first * strip.wide, strip.stop * strip.wide)
    high, wide = places // strip.wide // layer.block, places % strip.wide // layer.block
    if layer.block > 1:
        values.abs_()
    blocks.index_add_(0, (high * (strip.wide // layer.block) + wide).to(values.device), values)
    return blocks.flatten(0, 1)
