"""Head: two convolutions over selected maps that draw the heat map of a tracked face.

Both heads have this form. The general head sees the late layer and is taught on the first frame only; the specific
head sees the middle layer and is taught again while the face is followed. Source: FCNT, section 4.2.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

WIDTH, FIRST, SECOND = 36, 5, 3
"""Maps of the hidden layer; kernels. The paper has 9 and 5 on a grid of twice as many cells."""
QUIET = 0.1
"""What the second layer's first weights are multiplied by. A head begins near 0, as the paper's (1e-7) do: one that
begins louder is first taught to be silent everywhere, and half of them stay so."""
MOST_RATE, RATE, DECAY = 1e-3, 0.1, 1e-4
"""Adam's rate: at most, and times the maps that a head sees: one step moves all weights, and their sum may not leap."""


class Head(nn.Module):
    """Convolution, ReLU, convolution; sizes stay.

    Shapes: float32 (n, maps, grid, grid) to (n, grid, grid).
    """

    def __init__(self, maps: int, generator: torch.Generator) -> None:
        super().__init__()
        self.first = nn.Conv2d(maps, WIDTH, FIRST, padding=FIRST // 2)
        self.second = nn.Conv2d(WIDTH, 1, SECOND, padding=SECOND // 2)
        for layer in (self.first, self.second):
            scale = layer.weight[0].numel() ** -0.5
            layer.weight.data = torch.randn(layer.weight.shape, generator=generator) * scale
            nn.init.zeros_(layer.bias)  # pyright: ignore[reportArgumentType]
        self.second.weight.data *= QUIET

    def forward(self, maps: Tensor) -> Tensor:
        return self.second(torch.relu(self.first(maps)))[:, 0]

    def teach(self, maps: Tensor, heats: Tensor, steps: int) -> None:
        """Learn heat maps by the squared error, two regions a step in turn. Each time Adam begins anew.

        Args:
            maps: float32 (n, maps, grid, grid).
            heats: float32 (n, grid, grid).
            steps: of Adam.
        """
        rate = min(MOST_RATE, RATE / self.first.in_channels)
        optimizer = torch.optim.Adam(self.parameters(), lr=rate, weight_decay=DECAY)
        for step in range(steps):
            some = [(2 * step + place) % len(maps) for place in range(min(2, len(maps)))]
            optimizer.zero_grad()
            loss = ((self(maps[some]) - heats[some]) ** 2).mean()
            loss.backward()
            optimizer.step()


def drawn(head: Head, maps: Tensor) -> np.ndarray:
    """The heat map that a head draws of one region's maps, float32 (grid, grid)."""
    with torch.inference_mode():
        return head(maps[None])[0].cpu().numpy()
