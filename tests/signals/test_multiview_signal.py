"""The multi-view signal against direct computation, against its own single best sample, and against enumeration."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import nn

from facerep.signals.multiview import em_step, expectation, lower_bound, weights

SIGMA = 0.4


class Drawer(nn.Module):
    """A small model: the drawn picture depends on an identity and on the sample, the view on the sample alone."""

    def __init__(self, pixels: int = 6, units: int = 2, views: int = 3) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.first, self.second = nn.Linear(units, 8).double(), nn.Linear(8, pixels).double()
        self.view = nn.Linear(units, views).double()
        self.seen: list[int] = []

    def of(self, identity: torch.Tensor):
        def draw(samples: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            self.seen.append(samples.shape[1])
            hidden = torch.tanh(self.first(samples) + identity[:, None])
            return self.second(hidden), self.view(samples).log_softmax(2)

        return draw


def material(n: int = 4, s: int = 7):
    draws = torch.Generator().manual_seed(0)
    identity = torch.randn(n, 8, generator=draws, dtype=torch.float64)
    pictures = torch.randn(n, 6, generator=draws, dtype=torch.float64)
    samples = torch.rand(n, s, 2, generator=draws, dtype=torch.float64)
    return identity, pictures, samples, torch.arange(n) % 3


@torch.no_grad()
def direct(model: Drawer, identity, pictures, samples, views) -> torch.Tensor:
    """p(y, v | h_s) sample by sample, by the formulas, not in logarithms: (n, s)."""
    found = torch.zeros(samples.shape[:2], dtype=torch.float64)
    for i, s in itertools.product(range(len(samples)), range(samples.shape[1])):
        drawn, log_views = model.of(identity[[i]])(samples[i, s][None, None])
        density = 1.0
        for pixel, mean in zip(pictures[i].tolist(), drawn[0, 0].tolist(), strict=True):
            density *= math.exp(-((pixel - mean) ** 2) / (2 * SIGMA**2)) / (SIGMA * math.sqrt(2 * math.pi))
        found[i, s] = density * float(log_views[0, 0, views[i]].exp())
    return found


def test_weights_and_bound_are_those_of_direct_computation():
    model, (identity, pictures, samples, views) = Drawer(), material()
    wanted = direct(model, identity, pictures, samples, views)
    found = expectation(model.of(identity), samples, pictures, views, SIGMA).log_weights
    torch.testing.assert_close(found.exp(), wanted)
    torch.testing.assert_close(weights(found), wanted / wanted.sum(1, keepdim=True))
    torch.testing.assert_close(lower_bound(found), wanted.mean(1).log())


def test_weights_that_no_float_holds_are_still_right():
    far = torch.tensor([[-2000.0, -2001.0, -3000.0]])
    assert far.exp().sum() == 0
    torch.testing.assert_close(weights(far)[0, :2], torch.tensor([1 / (1 + math.exp(-1)), 1 / (1 + math.e)]))
    torch.testing.assert_close(lower_bound(far), torch.tensor([-2000 + math.log1p(math.exp(-1)) - math.log(3)]))


def test_the_gradient_is_that_of_the_single_best_sample():
    model, (identity, pictures, samples, views) = Drawer(), material()
    wanted = direct(model, identity, pictures, samples, views)
    step = em_step(model.of(identity), samples, pictures, views, SIGMA)
    step.best.sum().backward()
    found = [parameter.grad.clone() for parameter in model.parameters()]  # pyright: ignore[reportOptionalMemberAccess]
    model.zero_grad()
    best = wanted.argmax(1)
    for i in range(len(samples)):
        drawn, log_views = model.of(identity[[i]])(samples[i, best[i]][None, None])
        (-((pictures[i] - drawn[0, 0]) ** 2).sum() / (2 * SIGMA**2) + log_views[0, 0, views[i]]).backward()
        torch.testing.assert_close(step.chosen[i], samples[i, best[i]])
    for parameter, gradient in zip(model.parameters(), found, strict=True):
        torch.testing.assert_close(gradient, parameter.grad)


def test_the_e_step_keeps_no_gradient_and_sees_all_samples_at_once():
    model, (identity, pictures, samples, views) = Drawer(), material()
    assert not expectation(model.of(identity), samples, pictures, views, SIGMA).log_weights.requires_grad
    assert model.seen == [7]
    em_step(model.of(identity), samples, pictures, views, SIGMA)
    assert model.seen == [7, 7, 1]


@pytest.mark.parametrize("at_once", [1, 3, 7])
def test_parts_of_the_samples_give_the_same(at_once):
    model, (identity, pictures, samples, views) = Drawer(), material()
    whole = em_step(model.of(identity), samples, pictures, views, SIGMA)
    parts = em_step(model.of(identity), samples, pictures, views, SIGMA, at_once=at_once)
    torch.testing.assert_close(parts.bound, whole.bound)
    torch.testing.assert_close(parts.best, whole.best)


def test_the_bound_lies_below_the_likelihood_and_reaches_it():
    """View units of a grid of four points each with the same chance: the likelihood is a mean over all of them."""
    model, (identity, pictures, _, views) = Drawer(), material()
    grid = torch.tensor(list(itertools.product([0.125, 0.375, 0.625, 0.875], repeat=2)), dtype=torch.float64)
    everything = grid.expand(4, -1, -1)
    likelihood = direct(model, identity, pictures, everything, views).mean(1).log()
    exact = expectation(model.of(identity), everything, pictures, views, SIGMA).log_weights
    torch.testing.assert_close(lower_bound(exact), likelihood)

    draws = torch.Generator().manual_seed(1)
    means = []
    for s in (1, 5, 50):
        drawn = grid[torch.randint(len(grid), (400, 4, s), generator=draws)].transpose(0, 1).flatten(1, 2)
        terms = expectation(model.of(identity), drawn, pictures, views, SIGMA).log_weights
        means.append(lower_bound(terms.reshape(4 * 400, s)).reshape(4, 400).mean(1))
    one, five, fifty = means
    assert (one < five).all()
    assert (five < fifty).all()
    assert (fifty < likelihood + 0.01).all()
    torch.testing.assert_close(fifty, likelihood, atol=0.1, rtol=0)
