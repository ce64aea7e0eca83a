"""Head: two convolutions over selected maps that draw the heat map of a tracked face.

Both heads have this form. The general head sees the late layer and is taught on the first frame only; the specific
head sees the middle layer and is taught again while the face is followed. Source: FCNT, section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

WIDTH, FIRST, SECOND = 36, 5, 3
"""Maps of the hidden layer; kernels. The paper has 9 and 5 on a grid of twice as many cells."""
RATE, DECAY = 1e-3, 1e-4


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

    def forward(self, maps: Tensor) -> Tensor:
        return self.second(torch.relu(self.first(maps)))[:, 0]

    def teach(self, maps: Sequence[Tensor], heats: Sequence[Tensor], steps: int) -> float:
        """Learn the heat maps of some frames by the squared error; gives its last value. Each time Adam begins anew."""
        seen, wanted = torch.stack(list(maps)), torch.stack(list(heats))
        optimizer = torch.optim.Adam(self.parameters(), lr=RATE, weight_decay=DECAY)
        loss = torch.zeros(())
        for _ in range(steps):
            optimizer.zero_grad()
            loss = ((self(seen) - wanted) ** 2).mean()
            loss.backward()
            optimizer.step()
        return float(loss.detach())
