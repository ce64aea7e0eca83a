"""Distillation: a feature is to point where that of another network points, the teacher's.

Source: P. Luo, Z. Zhu, Z. Liu, X. Wang, X. Tang, Face Model Compression by Distilling Knowledge from Neurons, AAAI
2016, section 2: half the squared distance to the teacher's neurons. Of vectors of length 1 that is one less their
cosine.
"""

from __future__ import annotations

import torch.nn.functional as functional
from torch import Tensor, nn


class TeacherSignal(nn.Module):
    """One less the cosine of a feature and the teacher's vector, mean over the faces.

    Shapes: features (n, d) float; wanted (n, k) float, of length 1.

    Args:
        features: d.
        wanted: k.
        mapped: a linear map, which is taught too and thrown away afterwards, stands between: where features have
            another length, or cannot be negative.
    """

    def __init__(self, features: int, wanted: int, *, mapped: bool) -> None:
        super().__init__()
        self.map: nn.Module = nn.Linear(features, wanted) if mapped else nn.Identity()

    def forward(self, features: Tensor, wanted: Tensor) -> Tensor:
        return 1 - functional.cosine_similarity(self.map(features).float(), wanted.float()).mean()
