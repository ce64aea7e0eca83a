"""Which maps of a layer matter for a tracked face: their significance on the first frame.

A linear selection network (dropout, one 3x3 convolution to one map) learns the heat map of the first box from all maps
of a layer. A map's significance is the Taylor estimate, to the second order and with the diagonal of the Hessian, of
how far the squared error grows when the map is set to 0:

    s_k = sum over x, y of (-g f + h f^2 / 2),    g = dL/df,    h = d2L/df2

For L = ||M_hat - M||^2, g is the gradient and h at a place is twice the sum of the squared weights that reach the
grid from there. Source: FCNT, section 4.1. The authors' released code has a minus before h; the formula has not.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor

DROPOUT, STEPS, RATE, KERNEL = 0.3, 100, 1e-3, 3


def heat_map(grid: int, centre: tuple[float, float], spread: tuple[float, float]) -> Tensor:
    """A Gaussian of height 1, float32 (grid, grid); centre (x, y) and standard deviations in cells."""
    place = torch.arange(grid, dtype=torch.float32)
    across = torch.exp(-(((place - centre[0]) / spread[0]) ** 2) / 2)
    down = torch.exp(-(((place - centre[1]) / spread[1]) ** 2) / 2)
    return down[:, None] * across[None]


def fit_selection(maps: Tensor, heat: Tensor, generator: torch.Generator) -> Tensor:
    """The weights of the selection network, float32 (1, maps, 3, 3), learnt by Adam on the mean squared error.

    Args:
        maps: float32 (maps, grid, grid).
        heat: float32 (grid, grid).
        generator: of the dropout.
    """
    # one map is wanted of many: the convolution as a product of what lies about each place, which is ten times as fast
    around = functional.unfold(maps[None], KERNEL, padding=KERNEL // 2)[0]
    weights = torch.zeros(len(maps), KERNEL**2, device=maps.device, requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=RATE)
    for _ in range(STEPS):
        kept = torch.rand(len(maps), 1, generator=generator).to(maps.device) >= DROPOUT
        optimizer.zero_grad()
        found = (weights * kept / (1 - DROPOUT)).flatten() @ around
        ((found - heat.flatten()) ** 2).mean().backward()
        optimizer.step()
    return weights.detach().reshape(1, len(maps), KERNEL, KERNEL)


def predicted(weights: Tensor, maps: Tensor) -> Tensor:
    """The selection network's heat map, float32 (grid, grid)."""
    return functional.conv2d(maps[None], weights, padding=weights.shape[-1] // 2)[0, 0]


def significance(weights: Tensor, maps: Tensor, heat: Tensor) -> Tensor:
    """s_k of each map by the formula, float32 (maps,): larger matters more."""
    pad = weights.shape[-1] // 2
    error = 2 * (predicted(weights, maps) - heat)[None, None]
    gradient = functional.conv_transpose2d(error, weights, padding=pad)[0]
    reaches = torch.ones_like(error)
    hessian = 2 * functional.conv_transpose2d(reaches, weights**2, padding=pad)[0]
    return (-gradient * maps + hessian * maps**2 / 2).sum(dim=(1, 2))


def zeroing(weights: Tensor, maps: Tensor, heat: Tensor) -> Tensor:
    """How far the squared error really grows when a map is set to 0, float32 (maps,): what `significance` estimates."""
    error = predicted(weights, maps) - heat
    shares = functional.conv2d(maps[None], weights.transpose(0, 1), padding=weights.shape[-1] // 2, groups=len(maps))[0]
    return ((error - shares) ** 2 - error**2).sum(dim=(1, 2))
