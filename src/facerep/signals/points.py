"""What five points teach: how far each is from where it was marked."""

from __future__ import annotations

import torch
from torch import Tensor

_EVEN = 1e-3
"""Distance below which the loss is even rather than steep, in half sides of what the network sees."""


def point_loss(found: Tensor, marked: Tensor) -> Tensor:
    """The mean distance of points (n, k, 2), a scalar; not squared: a mark far off pulls no more than others."""
    return torch.sqrt(((found - marked) ** 2).sum(dim=-1) + _EVEN**2).mean()
