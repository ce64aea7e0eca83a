"""A relational network: one region of two faces in, two numbers out: are they different, are they of one person.

    x1 ─ k1 4x4 ─┐
                 + b ─ pool ─ ReLU ─ conv2 3x3 ─ pool ─ conv3 3x3 ─ pool ─ conv4 2x2 (unshared) ─▶ different, same
    x2 ─ k2 4x4 ─┘

Each map of the first layer looks at both faces: y = f(b + k1 * x1 + k2 * x2), a convolution over the two, stacked. As
it is linear up to the sum, k1 and k2 are computed once a face, however many pairs it stands in.
Source: Sun, Wang, Tang, ICCV 2013, section 3.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.layers import LocallyShared


class Responses(NamedTuple):
    """What k1 makes of faces, as the first of a pair, and k2, as the second: (n, maps, height, width)."""

    first: Tensor
    second: Tensor


class Relational(nn.Module):
    """One network.

    Args:
        channels, size: of the region.
        maps: of the four convolutions.
        kernel, stride: of the first layer; a stride above 1 stands for its pooling too, so that a pair costs less.
        block: side of the blocks that share conv3's weights; 0 shares them everywhere.
        normalise: regions are brought to mean 0 and deviation 1, and there is batch normalisation behind conv2, conv3
            and conv4: what the paper does not have.
        dropout: share of the inputs of conv4 that are left out in training.
    """

    def __init__(
        self,
        channels: int,
        size: tuple[int, int],
        maps: tuple[int, ...],
        *,
        kernel: int = 4,
        stride: int = 1,
        block: int = 2,
        normalise: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        a, b, c, d = maps
        self.normalise = normalise
        self.first = nn.Conv2d(channels, a, kernel, stride=stride, bias=False)
        self.second = nn.Conv2d(channels, a, kernel, stride=stride, bias=False)
        self.bias = nn.Parameter(torch.zeros(a))
        self.pool1 = 2 if stride == 1 else 1
        high, wide = (((side - kernel) // stride + 1) // self.pool1 for side in size)
        self.conv2 = nn.Conv2d(a, b, 3)
        high, wide = (high - 2) // 2, (wide - 2) // 2
        self.conv3 = LocallyShared(b, c, 3, (high, wide), block) if block else nn.Conv2d(b, c, 3)
        high, wide = high - 2, wide - 2
        self.pool3 = 2 if min(high, wide) >= 4 else 1
        high, wide = high // self.pool3, wide // self.pool3
        self.conv4 = LocallyShared(c, d, 2, (high, wide), block=1)
        self.norm2, self.norm3, self.norm4 = (
            nn.BatchNorm2d(count) if normalise else nn.Identity() for count in maps[1:]
        )
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(d * (high - 1) * (wide - 1), 2)
        for convolution in (self.conv2, self.conv3):
            if isinstance(convolution, nn.Conv2d):
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
                nn.init.zeros_(convolution.bias)  # pyright: ignore[reportArgumentType]
        nn.init.zeros_(self.output.bias)
        self._begin_with_differences()

    def _begin_with_differences(self) -> None:
        """First maps in pairs, k * (x1 - x2) and k * (x2 - x1): with the ReLU behind them, what differs either way."""
        fan_in = self.first.weight[0].numel()
        nn.init.normal_(self.first.weight, std=fan_in**-0.5)
        with torch.no_grad():
            odd = self.first.weight[1::2]
            odd.copy_(-self.first.weight[::2][: len(odd)])
            self.second.weight.copy_(-self.first.weight)

    def respond(self, regions: Tensor) -> Responses:
        """What k1 and k2 make of faces, float (n, channels, *size)."""
        if self.normalise:
            mean, deviation = regions.mean(dim=(1, 2, 3), keepdim=True), regions.std(dim=(1, 2, 3), keepdim=True)
            regions = (regions - mean) / (deviation + 0.05)
        return Responses(self.first(regions), self.second(regions))

    def relate(self, first: Tensor, second: Tensor) -> Tensor:
        """Logits (p, 2), different and same, of `first` of some faces and `second` of as many, aligned."""
        pool1 = functional.relu(_pooled(first + second + self.bias[:, None, None], self.pool1))
        pool2 = functional.relu(self.norm2(_pooled(self.conv2(pool1), 2)))
        pool3 = functional.relu(self.norm3(_pooled(self.conv3(pool2), self.pool3)))
        conv4 = functional.relu(self.norm4(self.conv4(self.dropout(pool3))))
        return self.output(conv4.flatten(1))

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        """Logits (p, 2) of pairs of regions, each as it stands."""
        return self.relate(self.respond(left).first, self.respond(right).second)


def _pooled(maps: Tensor, side: int) -> Tensor:
    return functional.max_pool2d(maps, side) if side > 1 else maps
