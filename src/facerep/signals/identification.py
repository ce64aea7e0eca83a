"""Identification: which of the training people is this?

The softmax of the papers, and the two angular-margin heads of today for comparison, from pytorch-metric-learning.
"""

from __future__ import annotations

import math
from typing import Any

import torch
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


class MarginHead(nn.Module):
    """ArcFace (Deng et al., CVPR 2019) or CosFace (Wang et al., CVPR 2018); the margin can be brought in slowly.

    Shapes: as Softmax.

    Args:
        kind: "arcface" (margin in radians) or "cosface" (margin on the cosine).
        features, people: as Softmax.
        margin: the full margin.
        scale: what cosines are multiplied by before the softmax.
    """

    def __init__(self, kind: str, features: int, people: int, margin: float, scale: float) -> None:
        super().__init__()
        # imported here: the library takes two seconds, and only this class needs it
        from pytorch_metric_learning.losses import ArcFaceLoss, CosFaceLoss

        self.full_margin = margin
        if kind == "arcface":
            # the library takes degrees and keeps radians
            self.loss: Any = ArcFaceLoss(people, features, margin=math.degrees(margin), scale=scale)  # pyright: ignore
        else:
            self.loss = CosFaceLoss(people, features, margin=margin, scale=scale)  # pyright: ignore

    def bring_in(self, share: float) -> None:
        """Use this share of the full margin, 0..1, from now on."""
        self.loss.margin = self.full_margin * min(1.0, share)

    def forward(self, features: Tensor, people: Tensor) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            return self.loss(features.float(), people)
