"""The margin of the verification signal: fixed, reset every N pairs, never learned.

It gets no gradient, which would drive it to 0. It is set to the threshold on the distance that tells the last N pairs
apart with the fewest errors (DeepID2, section 2, after eq. 4).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Margin(nn.Module):
    """The margin and the pairs it will be set by; all of it is state that a checkpoint keeps.

    Of each batch all genuine pairs are kept and as many impostor pairs, evenly spread over the batch's list, so that
    errors of both kinds weigh the same.

    Args:
        pairs: N.
        start: the margin until the first reset; 0 sets it from the first batch that has both kinds of pairs.
    """

    value: Tensor
    distance: Tensor
    same: Tensor
    seen: Tensor

    def __init__(self, pairs: int, start: float = 0.0) -> None:
        super().__init__()
        self.pairs = pairs
        self.register_buffer("value", torch.tensor(float(start)))
        self.register_buffer("distance", torch.zeros(pairs))
        self.register_buffer("same", torch.zeros(pairs, dtype=torch.bool))
        self.register_buffer("seen", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def update(self, distance: Tensor, same: Tensor) -> None:
        """Remember the pairs of a batch; reset the margin when N have been seen since the last time.

        Args:
            distance: shape (p,).
            same: bool, shape (p,).
        """
        genuine, impostor = distance[same], distance[~same]
        count = min(len(genuine), len(impostor))
        if count == 0:
            return
        step = len(impostor) // count
        kept = torch.cat([genuine[:count], impostor[::step][:count]])[: self.pairs]
        marks = torch.cat([torch.ones(count), torch.zeros(count)]).bool().to(kept.device)[: self.pairs]
        before = int(self.seen)
        places = (torch.arange(len(kept), device=kept.device) + before) % self.pairs
        self.distance[places], self.same[places] = kept, marks
        self.seen += len(kept)
        first = before == 0 and float(self.value) == 0
        if first:
            self.value.copy_(distance_of_fewest_errors(kept, marks))
        elif int(self.seen) // self.pairs > before // self.pairs:
            self.value.copy_(distance_of_fewest_errors(self.distance, self.same))


def distance_of_fewest_errors(distance: Tensor, same: Tensor) -> Tensor:
    """The distance t with the fewest errors when pairs with distance <= t are called the same.

    Args:
        distance: shape (p,).
        same: bool, shape (p,).

    Returns:
        A scalar: the middle between the last distance that is called the same and the next; of several equally good
        ones the smallest.
    """
    order = torch.argsort(distance)
    distance, same = distance[order], same[order]
    wrong_impostors = torch.cumsum(~same, 0)
    missed = same.sum() - torch.cumsum(same, 0)
    last = int(torch.argmin(wrong_impostors + missed))
    return distance[last : last + 2].mean()
