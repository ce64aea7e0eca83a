"""Identification: which of the training people is this? The softmax of the papers."""

from __future__ import annotations

import torch.nn.functional as functional
from torch import Tensor, nn


class Softmax(nn.Module):
    """Cross-entropy of a linear softmax over people (DeepID2, eq. 1), mean over the faces.

    Shapes: features (n, d) float; people (n,) int in 0..people-1.

    Args:
        features: d.
        people: how many people there are.
        smoothing: share of the target that is spread over all people; the papers have 0.
    """

    def __init__(self, features: int, people: int, smoothing: float = 0.0) -> None:
        super().__init__()
        self.smoothing = smoothing
        self.full = nn.Linear(features, people)
        nn.init.normal_(self.full.weight, std=0.01)
        nn.init.zeros_(self.full.bias)

    def forward(self, features: Tensor, people: Tensor) -> Tensor:
        return functional.cross_entropy(self.full(features).float(), people, label_smoothing=self.smoothing)
