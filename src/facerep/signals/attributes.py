"""The attribute signal: of each attribute a sigmoid cross-entropy, all of them together.

Source: Liu, Luo, Wang, Tang, ICCV 2015, section 3 (the sum over the attributes; here their mean, which only scales
the rate).
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


class AttributeSignal(nn.Module):
    """One linear answer an attribute, on the feature.

    Args:
        length: of the feature.
        attributes: how many.
    """

    def __init__(self, length: int, attributes: int) -> None:
        super().__init__()
        self.full = nn.Linear(length, attributes)
        nn.init.normal_(self.full.weight, std=0.01)
        nn.init.zeros_(self.full.bias)

    def forward(self, feature: Tensor, answers: Tensor) -> Tensor:
        """The loss, a scalar: mean over the answers that are known; 0 where none is.

        Args:
            feature: (n, length).
            answers: integers (n, attributes): 1 yes, -1 no, 0 unknown.
        """
        return answers_loss(self.scores(feature), answers)

    def scores(self, feature: Tensor) -> Tensor:
        """Scores float32 (n, attributes), in full precision; above 0 is yes."""
        with torch.autocast(feature.device.type, enabled=False):
            return self.full(feature.float())


def answers_loss(scores: Tensor, answers: Tensor) -> Tensor:
    """The mean cross-entropy of the answers that are known, a scalar; 0 where none is.

    Args:
        scores: float (n, attributes); above 0 is yes.
        answers: integers (n, attributes): 1 yes, -1 no, 0 unknown.
    """
    # log(1 + exp(-yz)) is the cross-entropy for answers y of -1 and 1
    each = functional.softplus(-answers * scores)
    known = answers != 0
    return (each * known).sum() / known.sum().clamp(min=1)
