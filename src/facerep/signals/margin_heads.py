"""Margin heads: identification with an angular margin, as today's networks are taught, from pytorch-metric-learning."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn


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
