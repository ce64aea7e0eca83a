"""The multi-view signal: expectation and maximisation over random view units.

Identity units h^id are determined by the picture x; view units h^v are random, U(0, 1) each. Given both, the network
draws the same person in some view:

    p(y | h^id, h^v) = Gaussian around the drawn picture, deviation sigma      p(v | y, h^v) = softmax

E step: s samples h_s^v, weights w_s = p(y, v | h^id, h_s^v) by the model as it is. M step: the gradient of
log p(v | y, h_s^v) + log p(y | h^id, h_s^v) for the sample of the largest weight alone; the weight itself is a
constant there. log(1/S sum w_s) is a lower bound of log p(y, v | x) in the mean over samples. All of it in logarithms:
a picture of a thousand pixels has weights that no float holds.

Source: Zhu, Luo, Wang, Tang, NIPS 2014, section 2. One E and one M step a batch are one gradient step of a loss, so
the shared loop's automatic optimisation is the manual one: nothing here needs an optimizer of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

Draw = Callable[[Tensor], tuple[Tensor, Tensor]]
"""Samples h^v (n, s, k) to the means of the pictures (n, s, pixels) and to log p(v | y, h^v) (n, s, views)."""


class Terms(NamedTuple):
    """What is known of each sample: log p(y | h^id, h^v), log p(v | y, h^v); (n, s) each."""

    picture: Tensor
    view: Tensor

    @property
    def log_weights(self) -> Tensor:
        """log w_s, (n, s)."""
        return self.picture + self.view


class Step(NamedTuple):
    """One E and one M step.

    Attributes:
        best: log p(y) + log p(v) of the chosen samples, (n,); what rises, with a gradient.
        bound: log(1/S sum w_s) of the samples, (n,); none.
        chosen: the samples of the largest weight, (n, k).
        terms: of the chosen samples, without a gradient, (n, 1) each.
    """

    best: Tensor
    bound: Tensor
    chosen: Tensor
    terms: Terms


def terms_of(draw: Draw, samples: Tensor, pictures: Tensor, views: Tensor, sigma: float) -> Terms:
    """The terms of samples.

    Args:
        draw: the model, see Draw.
        samples: (n, s, k).
        pictures: y, (n, pixels).
        views: v, int (n,).
        sigma: deviation of a pixel.
    """
    drawn, log_views = draw(samples)
    square = (drawn - pictures[:, None]).square().sum(dim=2)
    picture = -square / (2 * sigma**2) - pictures.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
    wanted = views[:, None, None].expand(-1, samples.shape[1], 1)
    return Terms(picture, log_views.gather(2, wanted)[..., 0])


@torch.no_grad()
def expectation(
    draw: Draw, samples: Tensor, pictures: Tensor, views: Tensor, sigma: float, *, at_once: int = 0
) -> Terms:
    """The E step: the terms of all samples, no gradient; arguments as `terms_of`.

    Args:
        at_once: samples in one pass, to bound memory; 0 all.
    """
    parts = samples.split(at_once or samples.shape[1], dim=1)
    found = [terms_of(draw, part, pictures, views, sigma) for part in parts]
    return Terms(*(torch.cat(each, dim=1) for each in zip(*found, strict=True)))


def weights(log_weights: Tensor) -> Tensor:
    """w_s divided by their sum over the samples: (n, s)."""
    return log_weights.softmax(dim=1)


def lower_bound(log_weights: Tensor) -> Tensor:
    """log(1/S sum w_s): (n,)."""
    return log_weights.logsumexp(dim=1) - math.log(log_weights.shape[1])


def em_step(draw: Draw, samples: Tensor, pictures: Tensor, views: Tensor, sigma: float, *, at_once: int = 0) -> Step:
    """One E step on all samples and one M step on the best of each picture; arguments as `expectation`."""
    found = expectation(draw, samples, pictures, views, sigma, at_once=at_once).log_weights
    place = found.argmax(dim=1)
    chosen = samples[torch.arange(len(samples), device=samples.device), place]
    terms = terms_of(draw, chosen[:, None], pictures, views, sigma)
    detached = Terms(terms.picture.detach(), terms.view.detach())
    return Step(terms.log_weights[:, 0], lower_bound(found), chosen, detached)
