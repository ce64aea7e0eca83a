"""The multi-view signal: expectation and maximisation over random view units.

Identity units h^id are determined by the picture x; view units h^v are random, U(0, 1) each. Given both, the network
draws the same person in some view:

    p(y | h^id, h^v) = Gaussian around the drawn picture, deviation sigma      p(v | y, h^v) = softmax

E step: s samples h_s^v, weights w_s = p(y, v | h^id, h_s^v) by the model as it is. M step: the gradient of
log p(v | y, h_s^v) + log p(y | h^id, h_s^v) for the sample of the largest weight alone; the weight itself is a
constant there. log(1/S sum w_s) is a lower bound of log p(y, v | x) in the mean over samples. All of it in logarithms:
a picture of a thousand pixels has weights that no float holds.

A face may have several pictures y to be drawn, in different views: the samples are drawn once and serve all of them.

Source: Zhu, Luo, Wang, Tang, NIPS 2014, section 2. One E and one M step a batch are one gradient step of a loss, so
the shared loop's automatic optimisation is the manual one: nothing here needs an optimizer of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor


class Model(NamedTuple):
    """A network with the identities of n faces put in.

    Attributes:
        draw: samples h^v (n, s, k) to the means of the pictures (n, s, pixels).
        log_views: pictures y (..., pixels) and samples (..., k), element by element, to log p(v | y, h^v) (..., views).
    """

    draw: Callable[[Tensor], Tensor]
    log_views: Callable[[Tensor, Tensor], Tensor]


class Wanted(NamedTuple):
    """What is to be drawn of each face: pictures y, (n, t, pixels), and their views v, int (n, t)."""

    pictures: Tensor
    views: Tensor


class Terms(NamedTuple):
    """log p(y | h^id, h^v) and log p(v | y, h^v), of the same shape."""

    picture: Tensor
    view: Tensor

    @property
    def log_weights(self) -> Tensor:
        """log w_s."""
        return self.picture + self.view


class Step(NamedTuple):
    """One E and one M step.

    Attributes:
        best: log p(y) + log p(v) of the chosen samples, (n, t); what rises, with a gradient.
        bound: log(1/S sum w_s) of the samples, (n, t); none.
        chosen: the samples of the largest weight, (n, t, k).
        terms: of the chosen samples, without a gradient, (n, t) each.
    """

    best: Tensor
    bound: Tensor
    chosen: Tensor
    terms: Terms


@torch.no_grad()
def expectation(model: Model, samples: Tensor, wanted: Wanted, sigma: float) -> Terms:
    """The E step: the terms of every sample and every wanted picture, (n, s, t) each; no gradient.

    Args:
        model: the network as it is.
        samples: (n, s, k).
        wanted: what is to be drawn.
        sigma: deviation of a pixel.
    """
    drawn, pictures = model.draw(samples), wanted.pictures
    # |a - b|^2 of all with all by one product of matrices, as cdist does it
    square = drawn.square().sum(2)[..., None] - 2 * drawn @ pictures.transpose(1, 2) + pictures.square().sum(2)[:, None]
    log_views = model.log_views(pictures[:, None], samples[:, :, None])
    return _terms(square.clamp_min(0), log_views, wanted.views[:, None].expand_as(square), pictures.shape[2], sigma)


def weights(log_weights: Tensor) -> Tensor:
    """w_s divided by their sum over the samples: (n, s, t)."""
    return log_weights.softmax(dim=1)


def lower_bound(log_weights: Tensor) -> Tensor:
    """log(1/S sum w_s) of (n, s, t): (n, t)."""
    return log_weights.logsumexp(dim=1) - math.log(log_weights.shape[1])


def em_step(model: Model, samples: Tensor, wanted: Wanted, sigma: float) -> Step:
    """One E step on all samples and one M step on the best of each wanted picture; arguments as `expectation`."""
    found = expectation(model, samples, wanted, sigma).log_weights
    places = found.argmax(dim=1)
    chosen = samples.gather(1, places[..., None].expand(-1, -1, samples.shape[2]))
    square = (model.draw(chosen) - wanted.pictures).square().sum(dim=2)
    log_views = model.log_views(wanted.pictures, chosen)
    terms = _terms(square, log_views, wanted.views, wanted.pictures.shape[2], sigma)
    detached = Terms(terms.picture.detach(), terms.view.detach())
    return Step(terms.log_weights, lower_bound(found), chosen, detached)


def _terms(square: Tensor, log_views: Tensor, views: Tensor, pixels: int, sigma: float) -> Terms:
    """Of squared errors, log p of all views, and the views that are wanted."""
    picture = -square / (2 * sigma**2) - pixels * math.log(sigma * math.sqrt(2 * math.pi))
    return Terms(picture, log_views.gather(-1, views[..., None])[..., 0])
