"""Significance against what zeroing a map really does to the error."""

import numpy as np
import pytest
import torch

from facerep.tracking.selection import fit_selection, heat_map, predicted, significance, zeroing


def maps_of(count, grid=11, seed=0):
    """Maps of which the first ones answer where the heat map is, the last ones anywhere."""
    generator = torch.Generator().manual_seed(seed)
    heat = heat_map(grid, (6, 4), (1.5, 2.0))
    maps = torch.rand(count, grid, grid, generator=generator)
    useful = torch.linspace(1, 0, count)[:, None, None]
    return useful * heat * 2 + (1 - useful) * maps, heat


def by_hand(weights, maps, heat):
    """The growth of the squared error, map by map."""
    whole = ((predicted(weights, maps) - heat) ** 2).sum()
    grown = []
    for place in range(len(maps)):
        without = maps.clone()
        without[place] = 0
        grown.append(((predicted(weights, without) - heat) ** 2).sum() - whole)
    return torch.stack(grown)


def test_a_heat_map_has_its_height_at_its_centre_and_its_spread():
    heat = heat_map(9, (3, 5), (1, 2))
    assert heat[5, 3] == 1
    assert heat.argmax() == 5 * 9 + 3
    assert torch.isclose(heat[5, 4], torch.tensor(np.exp(-0.5), dtype=torch.float32))
    assert torch.isclose(heat[7, 3], torch.tensor(np.exp(-0.5), dtype=torch.float32))


def test_zeroing_is_the_growth_of_the_error_map_by_map():
    maps, heat = maps_of(7)
    weights = torch.randn(1, 7, 3, 3, generator=torch.Generator().manual_seed(1)) * 0.1
    assert torch.allclose(zeroing(weights, maps, heat), by_hand(weights, maps, heat), atol=1e-4)


def test_gradient_and_hessian_of_the_formula_are_those_of_autograd():
    maps, heat = maps_of(3, grid=5)
    weights = torch.randn(1, 3, 3, 3, generator=torch.Generator().manual_seed(1)) * 0.3

    def loss(at):
        return ((predicted(weights, at) - heat) ** 2).sum()

    gradient = torch.autograd.functional.jacobian(loss, maps)
    hessian = torch.autograd.functional.hessian(loss, maps).reshape(75, 75).diagonal().reshape(3, 5, 5)
    expected = (-gradient * maps + hessian * maps**2 / 2).sum(dim=(1, 2))
    assert torch.allclose(significance(weights, maps, heat), expected, atol=1e-5)


def test_the_formula_is_exact_where_places_do_not_meet_in_the_convolution():
    generator = torch.Generator().manual_seed(0)
    maps, heat = torch.rand(6, 9, 9, generator=generator), heat_map(9, (4, 4), (2, 2))
    weights = torch.randn(1, 6, 1, 1, generator=generator)
    assert torch.allclose(significance(weights, maps, heat), by_hand(weights, maps, heat), rtol=1e-4, atol=1e-4)
    apart = torch.zeros(6, 9, 9)
    apart[:, 1::3, 1::3] = maps[:, 1::3, 1::3]
    weights = torch.randn(1, 6, 3, 3, generator=generator)
    assert torch.allclose(significance(weights, apart, heat), by_hand(weights, apart, heat), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seed", range(3))
def test_of_a_taught_selection_network_the_formula_ranks_maps_as_zeroing_does(seed):
    maps, heat = maps_of(24, seed=seed)
    weights = fit_selection(maps, heat, torch.Generator().manual_seed(seed))
    assert ((predicted(weights, maps) - heat) ** 2).mean() < 0.5 * (heat**2).mean()
    estimate, real = significance(weights, maps, heat), zeroing(weights, maps, heat)
    ranks = [torch.argsort(torch.argsort(values)).double() for values in (estimate, real)]
    assert torch.corrcoef(torch.stack(ranks))[0, 1] > 0.7
    best = set(torch.topk(estimate, 12).indices.tolist())
    assert len(best & set(torch.topk(real, 12).indices.tolist())) >= 10


def test_the_sign_that_the_released_code_gives_the_second_term_ranks_otherwise():
    maps, heat = maps_of(24)
    weights = fit_selection(maps, heat, torch.Generator().manual_seed(0)) * 3  # far from the least error
    real, good = zeroing(weights, maps, heat), significance(weights, maps, heat)
    pad = 1
    error = 2 * (predicted(weights, maps) - heat)[None, None]
    gradient = torch.nn.functional.conv_transpose2d(error, weights, padding=pad)[0]
    bad = (good - 2 * (good + (gradient * maps).sum(dim=(1, 2)))).double()
    assert (good - real).abs().mean() < (bad - real).abs().mean()
