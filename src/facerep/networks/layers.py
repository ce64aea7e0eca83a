"""Convolutions that share their weights over a part of the positions only, or not at all.

Source: DeepID, section 3.1: the third convolution is shared inside 2x2 blocks of output positions, the fourth is not
shared. Both are one batched matrix product over the groups of positions. FIP, ICCV 2013: locally connected
layers that keep the size, a batched product a row. Tests compare all of them with a loop.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as functional
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
        n, (high, wide), block = maps.shape[0], self.out, self.block
        # channels last, so that one position's neighbourhood is copied in runs: (n, height, width, maps)
        seen = maps.permute(0, 2, 3, 1).unfold(1, self.kernel, 1).unfold(2, self.kernel, 1)
        seen = seen.reshape(n, high // block, block, wide // block, block, -1)
        groups = seen.permute(1, 3, 0, 2, 4, 5).reshape(len(self.weight), n * block * block, -1)
        answer = torch.baddbmm(self.bias, groups, self.weight)
        answer = answer.reshape(high // block, wide // block, n, block, block, -1)
        return answer.permute(2, 5, 0, 3, 1, 4).reshape(n, -1, high, wide)


class LocallyConnected(nn.Module):
    """A locally connected layer that keeps the size: every position has weights of its own, the border is padded by 0.

    Shapes: input (n, maps_in, height, width); output (n, maps_out, height, width).
    weight (height * width, kernel * kernel * maps_in, maps_out), positions and neighbourhoods row by row, the maps of a
    pixel side by side; bias (height * width, 1, maps_out). `kernel` is odd.
    """

    def __init__(self, maps_in: int, maps_out: int, kernel: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.kernel, self.size = kernel, size
        fan_in, positions = maps_in * kernel * kernel, size[0] * size[1]
        self.weight = nn.Parameter(torch.randn(positions, fan_in, maps_out) * math.sqrt(2 / fan_in))
        self.bias = nn.Parameter(torch.zeros(positions, 1, maps_out))

    def forward(self, maps: Tensor) -> Tensor:
        border = self.kernel // 2
        rows = functional.pad(maps, (border, border, border, border)).permute(2, 0, 3, 1).contiguous()
        with torch.autocast(rows.device.type, enabled=False):
            weight, bias = self.weight.unflatten(0, self.size), self.bias.unflatten(0, self.size)
            answer = _Rows.apply(rows.to(weight.dtype), weight, bias)
        return answer.permute(2, 3, 0, 1)  # pyright: ignore


class _Rows(torch.autograd.Function):
    """LocallyConnected, a row of positions at a time.

    The neighbourhoods of all positions would be copies 25 times as large as the maps and fall out of the cache; those
    of one row stay in it, and are copied again for the gradient instead of kept. Three times as fast as LocallyShared
    with blocks of 1 at 32 maps of 16x16.
    """

    @staticmethod
    def forward(ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Maps (height + kernel - 1, n, width + kernel - 1, maps_in) to (height, width, n, maps_out)."""
        ctx.save_for_backward(maps, weight)
        answer = maps.new_empty(*weight.shape[:2], maps.shape[1], weight.shape[3])
        for row in range(len(weight)):
            torch.baddbmm(bias[row], _seen(maps, row, weight), weight[row], out=answer[row])
        return answer

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        gradient = gradients[0].contiguous()
        maps, weight = ctx.saved_tensors
        of_weight, of_maps = torch.empty_like(weight), torch.zeros_like(maps) if ctx.needs_input_grad[0] else None
        kernel, wide = _kernel(maps, weight), weight.shape[1]
        for row in range(len(weight)):
            torch.bmm(_seen(maps, row, weight).transpose(1, 2), gradient[row], out=of_weight[row])
            if of_maps is None:
                continue
            of_seen = torch.bmm(gradient[row], weight[row].transpose(1, 2))
            of_seen = of_seen.view(wide, maps.shape[1], kernel, kernel, maps.shape[3])
            for column in range(kernel):
                of_maps[row : row + kernel, :, column : column + wide] += of_seen[:, :, :, column].permute(2, 1, 0, 3)
        return of_maps, of_weight, gradient.sum(2, keepdim=True)


def _kernel(maps: Tensor, weight: Tensor) -> int:
    return len(maps) - len(weight) + 1


def _seen(maps: Tensor, row: int, weight: Tensor) -> Tensor:
    """The neighbourhoods of a row of positions: (width, n, kernel * kernel * maps_in)."""
    kernel, (down, face, across, _) = _kernel(maps, weight), maps.stride()
    shape = weight.shape[1], maps.shape[1], kernel, kernel * maps.shape[3]
    return maps[row:].as_strided(shape, (across, face, down, 1)).reshape(*shape[:2], -1)
