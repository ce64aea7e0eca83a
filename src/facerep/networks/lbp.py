"""LBP: histograms of local binary patterns over a grid, the hand-made baseline that the papers compare with.

A pixel's pattern says which of 8 neighbours on a circle are at least as bright as it. The 58 patterns with at most two
changes around the circle are counted apart, all others together, in square cells; a feature is the square root of a
pattern's share of its cell, so that the inner product of two faces is Hellinger's.
Source: Ojala, Pietikäinen, Mäenpää, PAMI 24(7), 2002; Ahonen, Hadid, Pietikäinen, PAMI 28(12), 2006. Radius and cells
were chosen on LFW view 1; batches, since a loop over faces takes milliseconds a face.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor, nn

from facerep.networks.catalog import CatalogRow

NEIGHBOURS, RADIUS, PATTERNS = 8, 2, 59
_AT_ONCE = 32
"""Faces at a time: more do not fit the processor's cache, and take three times as long."""
_ROUNDING = 1e-3
"""Interpolation between equal pixels may come out a little below them."""


class LBP(nn.Module):
    """Shapes: input float (n, 1, height, width) in -1..1; output float (n, cells * 59), not negative."""

    def __init__(self, row: CatalogRow) -> None:
        super().__init__()
        self.row = row
        self.register_buffer("labels", _labels(), persistent=False)
        self.cells = row.height // row.cell, row.width // row.cell

    def forward(self, faces: Tensor) -> Tensor:
        return torch.cat([self._histograms(some) for some in faces.split(_AT_ONCE)])

    def _histograms(self, faces: Tensor) -> Tensor:
        n, cell, (down, across) = len(faces), self.row.cell, self.cells
        top, left = (self.row.height - down * cell) // 2, (self.row.width - across * cell) // 2
        pattern = self.labels[patterns(faces[:, 0] * 127.5)]  # pyright: ignore[reportIndexIssue]
        inside = pattern[:, top : top + down * cell, left : left + across * cell]
        cells = inside.reshape(n, down, cell, across, cell).permute(0, 1, 3, 2, 4).reshape(n * down * across, -1)
        cells = cells + PATTERNS * torch.arange(len(cells), device=faces.device)[:, None]
        counts = torch.bincount(cells.flatten(), minlength=len(cells) * PATTERNS)
        return (counts.float() / cell**2).sqrt().reshape(n, -1)

    def layers(self, faces: Tensor, names: Sequence[str]) -> list[Tensor]:
        """The one layer there is, as often as it is asked for."""
        return [self(faces)] * len(names)

    def layer(self, faces: Tensor, name: str) -> Tensor:
        return self.layers(faces, (name,))[0]


def patterns(faces: Tensor) -> Tensor:
    """The pattern of every pixel, int64 in 0..255; float (n, height, width), the edge is repeated outwards."""
    height, width = faces.shape[1:]
    wide = functional.pad(faces[:, None], [RADIUS + 1] * 4, mode="replicate")[:, 0]
    found = torch.zeros(faces.shape, dtype=torch.int64, device=faces.device)
    for bit in range(NEIGHBOURS):
        angle = 2 * math.pi * bit / NEIGHBOURS
        y, x = RADIUS + 1 - RADIUS * math.sin(angle), RADIUS + 1 + RADIUS * math.cos(angle)
        # a hair is added so that whole numbers are not split by rounding
        row, column = math.floor(y + 1e-9), math.floor(x + 1e-9)
        v, u = y - row, x - column
        seen = sum(
            weight * wide[:, row + i : row + i + height, column + j : column + j + width]
            for i, j, weight in ((0, 0, (1 - v) * (1 - u)), (0, 1, (1 - v) * u), (1, 0, v * (1 - u)), (1, 1, v * u))
            if weight > 1e-9
        )
        found += (seen >= faces - _ROUNDING).long() << bit
    return found


def _labels() -> Tensor:
    """0..57 for the patterns with at most two changes around the circle, in their order, 58 for all others."""
    changes = [(p ^ (p >> 1 | (p & 1) << NEIGHBOURS - 1)).bit_count() for p in range(1 << NEIGHBOURS)]
    uniform = iter(range(PATTERNS - 1))
    return torch.tensor([next(uniform) if count <= 2 else PATTERNS - 1 for count in changes])
