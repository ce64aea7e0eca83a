"""The multi-view signal against direct computation, against its own single best sample, and against enumeration."""

from __future__ import annotations

import itertools
import math

import torch
from torch import nn

from facerep.signals.multiview import Model, Wanted, em_step, expectation, lower_bound, weights

SIGMA = 0.4


class Drawer(nn.Module):
    """A small model: the drawn picture depends on an identity and on the sample, the view on the sample alone."""

    def __init__(self, pixels: int = 6, units: int = 2, views: int = 3) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.first, self.second = nn.Linear(units, 8).double(), nn.Linear(8, pixels).double()
        self.view = nn.Linear(units, views).double()
        self.seen: list[int] = []

    def of(self, identity: torch.Tensor) -> Model:
        def draw(samples: torch.Tensor) -> torch.Tensor:
            self.seen.append(samples.shape[1])
            return self.second(torch.tanh(self.first(samples) + identity[:, None]))

        return Model(draw, lambda pictures, samples: (self.view(samples) + pictures[..., :1]).log_softmax(-1))


def material(n: int = 4, s: int = 7, t: int = 3):
    draws = torch.Generator().manual_seed(0)
    identity = torch.randn(n, 8, generator=draws, dtype=torch.float64)
    pictures = torch.randn(n, t, 6, generator=draws, dtype=torch.float64)
    samples = torch.rand(n, s, 2, generator=draws, dtype=torch.float64)
    return identity, samples, Wanted(pictures, torch.arange(n * t).reshape(n, t) % 3)


@torch.no_grad()
def direct(model: Drawer, identity, samples, wanted: Wanted) -> torch.Tensor:
    """p(y, v | h_s) sample by sample, by the formulas, not in logarithms: (n, s, t)."""
    n, s, t = *samples.shape[:2], wanted.views.shape[1]
    found = torch.zeros(n, s, t, dtype=torch.float64)
    for i, j, k in itertools.product(range(n), range(s), range(t)):
        one, picture = model.of(identity[[i]]), wanted.pictures[i, k]
        density = 1.0
        for pixel, mean in zip(picture.tolist(), one.draw(samples[i, j][None, None])[0, 0].tolist(), strict=True):
            density *= math.exp(-((pixel - mean) ** 2) / (2 * SIGMA**2)) / (SIGMA * math.sqrt(2 * math.pi))
        found[i, j, k] = density * float(one.log_views(picture, samples[i, j])[wanted.views[i, k]].exp())
    return found


def test_weights_and_bound_are_those_of_direct_computation():
    model, (identity, samples, wanted) = Drawer(), material()
    right = direct(model, identity, samples, wanted)
    found = expectation(model.of(identity), samples, wanted, SIGMA).log_weights
    torch.testing.assert_close(found.exp(), right)
    torch.testing.assert_close(weights(found), right / right.sum(1, keepdim=True))
    torch.testing.assert_close(lower_bound(found), right.mean(1).log())


def test_weights_that_no_float_holds_are_still_right():
    far = torch.tensor([[[-2000.0], [-2001.0], [-3000.0]]])
    assert far.exp().sum() == 0
    torch.testing.assert_close(weights(far)[0, :2, 0], torch.tensor([1 / (1 + math.exp(-1)), 1 / (1 + math.e)]))
    torch.testing.assert_close(lower_bound(far), torch.tensor([[-2000 + math.log1p(math.exp(-1)) - math.log(3)]]))


def test_the_gradient_is_that_of_the_single_best_sample_of_each_picture():
    model, (identity, samples, wanted) = Drawer(), material()
    best = direct(model, identity, samples, wanted).argmax(1)
    assert len(set(best[0].tolist())) > 1
    step = em_step(model.of(identity), samples, wanted, SIGMA)
    step.best.sum().backward()
    found = [parameter.grad.clone() for parameter in model.parameters()]  # pyright: ignore[reportOptionalMemberAccess]
    model.zero_grad()
    for i, k in itertools.product(range(len(samples)), range(best.shape[1])):
        one, sample, picture = model.of(identity[[i]]), samples[i, best[i, k]], wanted.pictures[i, k]
        error = (picture - one.draw(sample[None, None])[0, 0]).square().sum()
        (-error / (2 * SIGMA**2) + one.log_views(picture, sample)[wanted.views[i, k]]).backward()
        torch.testing.assert_close(step.chosen[i, k], sample)
    for parameter, gradient in zip(model.parameters(), found, strict=True):
        torch.testing.assert_close(gradient, parameter.grad)


def test_pictures_that_share_samples_give_what_each_gives_alone():
    model, (identity, samples, wanted) = Drawer(), material()
    together = em_step(model.of(identity), samples, wanted, SIGMA)
    for k in range(wanted.views.shape[1]):
        alone = em_step(model.of(identity), samples, Wanted(*(part[:, [k]] for part in wanted)), SIGMA)
        torch.testing.assert_close(together.best[:, [k]], alone.best)
        torch.testing.assert_close(together.bound[:, [k]], alone.bound)


def test_the_e_step_keeps_no_gradient_and_draws_all_samples_once():
    model, (identity, samples, wanted) = Drawer(), material()
    assert not expectation(model.of(identity), samples, wanted, SIGMA).log_weights.requires_grad
    assert model.seen == [7]
    em_step(model.of(identity), samples, wanted, SIGMA)
    assert model.seen == [7, 7, 3]


def test_the_bound_lies_below_the_likelihood_and_reaches_it():
    """View units of a grid of sixteen points each with the same chance: the likelihood is a mean over all of them."""
    model, (identity, _, wanted) = Drawer(), material(t=1)
    grid = torch.tensor(list(itertools.product([0.125, 0.375, 0.625, 0.875], repeat=2)), dtype=torch.float64)
    everything = grid.expand(4, -1, -1)
    likelihood = direct(model, identity, everything, wanted).mean(1).log()
    exact = expectation(model.of(identity), everything, wanted, SIGMA).log_weights
    torch.testing.assert_close(lower_bound(exact), likelihood)

    draws = torch.Generator().manual_seed(1)
    means = []
    for s in (1, 5, 50):
        drawn = grid[torch.randint(len(grid), (400, 4, s), generator=draws)].transpose(0, 1).flatten(1, 2)
        terms = expectation(model.of(identity), drawn, wanted, SIGMA).log_weights
        means.append(lower_bound(terms.reshape(4 * 400, s, 1)).reshape(4, 400).mean(1))
    one, five, fifty = means
    assert (one < five).all()
    assert (five < fifty).all()
    assert (fifty < likelihood[:, 0] + 0.01).all()
    torch.testing.assert_close(fifty, likelihood[:, 0], atol=0.1, rtol=0)
