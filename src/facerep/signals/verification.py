"""Verification: features of one person together, of different people apart (DeepID2, section 2, eq. 2 to 4)."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

Kind = Literal["l2", "l2+", "l2-", "l1", "cosine"]
KINDS: tuple[Kind, ...] = ("l2", "l2+", "l2-", "l1", "cosine")


class VerificationSignal(nn.Module):
    """The verification signal on all pairs of a batch.

        l2      same: 1/2 d^2      different: 1/2 max(0, margin - d)^2,    d = ||f_i - f_j||_2
        l2+     the first half only (pull)
        l2-     the second half only (push)
        l1      as l2, with d = ||f_i - f_j||_1
        cosine  1/2 (y - sigmoid(w d + b))^2,  y = 1 same, 0 different, d = cosine of f_i and f_j; w and b are learned

    Features are not normalised, unless `unit`. Genuine and impostor pairs are averaged apart and weighted with
    `share`: the expectation over pairs that are drawn with that share of genuine ones, without drawing.

    Shapes: features (n, d) float; people (n,) int. All i < j are pairs. The answer is the loss of one pair.

    Args:
        kind: see above.
        share: share of genuine pairs; the paper does not state its own.
        scale: features are divided by it first. 1 is the paper; a network whose units are normalised to variance 1
            has distances near sqrt(2 d), and at that scale the pull outweighs every other signal.
        unit: bring features to length 1 first. Beside an angular-margin head, which does not see lengths, the pull
            would else shrink features instead of turning them.
    """

    def __init__(self, kind: Kind = "l2", share: float = 0.5, scale: float = 1.0, *, unit: bool = False) -> None:
        super().__init__()
        self.kind, self.share, self.scale, self.unit = kind, share, scale, unit
        if kind == "cosine":
            self.slope = nn.Parameter(torch.tensor(5.0))
            self.offset = nn.Parameter(torch.tensor(-2.5))

    def distances(self, features: Tensor, people: Tensor) -> tuple[Tensor, Tensor]:
        """Distance (cosine, for that kind) and sameness of all pairs, shapes (pairs,)."""
        features = (nn.functional.normalize(features.float(), dim=1) if self.unit else features.float()) / self.scale
        n = len(people)
        i, j = torch.triu_indices(n, n, offset=1, device=people.device)
        same = people[i] == people[j]
        if self.kind == "cosine":
            unit = nn.functional.normalize(features, dim=1)
            return (unit @ unit.T)[i, j], same
        if self.kind == "l1":
            return torch.cdist(features, features, p=1)[i, j], same
        squares = (features * features).sum(dim=1)
        between = squares[:, None] + squares[None, :] - 2 * features @ features.T
        # the root has no slope at 0, where two faces have one feature: a floor keeps the gradient finite
        return between[i, j].clamp_min(1e-12).sqrt(), same

    def forward(self, features: Tensor, people: Tensor, margin: Tensor | float) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            return self.of_distances(*self.distances(features, people), margin)

    def of_distances(self, distance: Tensor, same: Tensor, margin: Tensor | float) -> Tensor:
        """The signal of pairs whose distances are known already."""
        if self.kind == "cosine":
            answer = torch.sigmoid(self.slope * distance + self.offset)
            genuine, impostor = (1 - answer) ** 2, answer**2
        else:
            genuine, impostor = distance**2, (margin - distance).clamp_min(0) ** 2
        pull = _mean(genuine, same) * (self.kind != "l2-")
        push = _mean(impostor, ~same) * (self.kind != "l2+")
        return 0.5 * (self.share * pull + (1 - self.share) * push)


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    return (values * mask).sum() / mask.sum().clamp_min(1)
