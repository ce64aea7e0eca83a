"""Convolutions that share their weights over a part of the positions only, or not at all.

Source: DeepID, section 3.1: the third convolution is shared inside 2x2 blocks of output positions, the fourth is not
shared. Both are one batched matrix product over the groups of positions; tests compare them with a loop.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class LocallyShared(nn.Module):
    """A valid convolution, stride 1, whose kernels and biases belong to square blocks of output positions.

    `block` 1 is a fully unshared (locally connected) layer; `block` 2 is DeepID's third convolution.

    Shapes: input (n, maps_in, height, width); output (n, maps_out, height - kernel + 1, width - kernel + 1).
    weight (blocks, maps_in * kernel * kernel, maps_out), bias (blocks, 1, maps_out); blocks are counted row by row.

    Raises:
        ValueError: the output cannot be divided into blocks.
    """

    def __init__(self, maps_in: int, maps_out: int, kernel: int, size: tuple[int, int], block: int) -> None:
        super().__init__()
        self.kernel, self.block = kernel, block
        self.out = (size[0] - kernel + 1, size[1] - kernel + 1)
        if min(self.out) < 1 or self.out[0] % block or self.out[1] % block:
            raise ValueError(f"output of {self.out[0]}x{self.out[1]} cannot be divided into {block}x{block} blocks")
        blocks = (self.out[0] // block) * (self.out[1] // block)
        fan_in = maps_in * kernel * kernel
        self.weight = nn.Parameter(torch.randn(blocks, fan_in, maps_out) * math.sqrt(2 / fan_in))
        self.bias = nn.Parameter(torch.zeros(blocks, 1, maps_out))

    def forward(self, maps: Tensor) -> Tensor:
        n, (high, wide), block = len(maps), self.out, self.block
        # channels last, so that one position's neighbourhood is copied in runs: (n, height, width, maps)
        seen = maps.permute(0, 2, 3, 1).unfold(1, self.kernel, 1).unfold(2, self.kernel, 1)
        seen = seen.reshape(n, high // block, block, wide // block, block, -1)
        groups = seen.permute(1, 3, 0, 2, 4, 5).reshape(len(self.weight), n * block * block, -1)
        answer = torch.baddbmm(self.bias, groups, self.weight)
        answer = answer.reshape(high // block, wide // block, n, block, block, -1)
        return answer.permute(2, 5, 0, 3, 1, 4).reshape(n, -1, high, wide)
