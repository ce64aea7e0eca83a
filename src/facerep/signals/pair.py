"""What pairs teach: is it one person, asked of each network by its softmax, and of the RBM by its likelihood.

Source: Sun, Wang, Tang, ICCV 2013, sections 3.2 and 3.3.
"""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor


def softmax_losses(logits: Tensor, same: Tensor, weights: Tensor | None = None) -> Tensor:
    """The softmax loss of each network, a mean over pairs, (networks,).

    Args:
        logits: different and same, (networks, p, 2).
        same: bool (p,).
        weights: of the pairs in each network's mean, (networks, p); None counts all alike. Genuine and impostor pairs
            count half each, whatever their weights.
    """
    answers = same.long().expand(len(logits), -1)
    each = functional.cross_entropy(logits.flatten(0, 1), answers.flatten(), reduction="none").view_as(answers)
    if weights is None:
        return each.mean(dim=1)
    kinds = [kind * weights for kind in (same, ~same)]
    shares = [kind / kind.sum(dim=1, keepdim=True).clamp(min=torch.finfo(kind.dtype).tiny) for kind in kinds]
    return (each * (shares[0] + shares[1])).sum(dim=1) / 2


def rbm_loss(logits: Tensor, same: Tensor) -> Tensor:
    """Minus the mean of log p(same or not | x), as the classification RBM has it: logits (p, 2), same bool (p,)."""
    return functional.cross_entropy(logits, same.long())
