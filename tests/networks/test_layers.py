"""The locally shared convolution against a loop over positions, and against torch's own where all is shared."""

import pytest
import torch
from torch import nn

from facerep.networks.layers import LocallyConnected, LocallyShared


def by_loop(layer: LocallyShared, maps: torch.Tensor) -> torch.Tensor:
    high, wide = layer.out
    answer = torch.zeros(len(maps), layer.weight.shape[2], high, wide, dtype=maps.dtype)
    across = wide // layer.block
    for row in range(high):
        for column in range(wide):
            block = (row // layer.block) * across + column // layer.block
            seen = maps[:, :, row : row + layer.kernel, column : column + layer.kernel].reshape(len(maps), -1)
            answer[:, :, row, column] = seen @ layer.weight[block] + layer.bias[block]
    return answer


@pytest.mark.parametrize(("kernel", "size", "block"), [(3, (8, 6), 2), (2, (4, 3), 1), (2, (3, 2), 1), (3, (5, 5), 3)])
def test_locally_shared_equals_a_loop_over_positions(kernel, size, block):
    torch.manual_seed(0)
    layer = LocallyShared(3, 5, kernel, size, block).double()
    nn.init.normal_(layer.bias)
    maps = torch.randn(4, 3, *size, dtype=torch.float64)
    torch.testing.assert_close(layer(maps), by_loop(layer, maps))


def test_one_block_over_everything_is_an_ordinary_convolution():
    torch.manual_seed(0)
    layer = LocallyShared(3, 5, 3, (6, 6), 4)
    ordinary = nn.Conv2d(3, 5, 3)
    with torch.no_grad():
        ordinary.weight.copy_(layer.weight[0].T.reshape(5, 3, 3, 3))
        ordinary.bias.copy_(layer.bias[0, 0])
    maps = torch.randn(2, 3, 6, 6)
    torch.testing.assert_close(layer(maps), ordinary(maps), rtol=1e-4, atol=1e-5)


def test_gradients_of_the_locally_shared_layer_are_those_of_the_loop():
    torch.manual_seed(0)
    layer = LocallyShared(2, 3, 3, (6, 4), 2).double()
    maps = torch.randn(2, 2, 6, 4, dtype=torch.float64, requires_grad=True)
    pull = torch.randn(2, 3, 4, 2, dtype=torch.float64)
    fast = torch.autograd.grad((layer(maps) * pull).sum(), [maps, layer.weight, layer.bias])
    slow = torch.autograd.grad((by_loop_graph(layer, maps) * pull).sum(), [maps, layer.weight, layer.bias])
    for one, other in zip(fast, slow, strict=True):
        torch.testing.assert_close(one, other)


def by_loop_graph(layer: LocallyShared, maps: torch.Tensor) -> torch.Tensor:
    rows = []
    for row in range(layer.out[0]):
        columns = []
        for column in range(layer.out[1]):
            block = (row // layer.block) * (layer.out[1] // layer.block) + column // layer.block
            seen = maps[:, :, row : row + layer.kernel, column : column + layer.kernel].flatten(1)
            columns.append(seen @ layer.weight[block] + layer.bias[block])
        rows.append(torch.stack(columns, dim=-1))
    return torch.stack(rows, dim=-2)


def test_an_output_that_cannot_be_divided_into_blocks_is_refused():
    with pytest.raises(ValueError, match="3x2 cannot be divided into 2x2"):
        LocallyShared(1, 1, 2, (4, 3), 2)


def padded_loop(layer: LocallyConnected, maps: torch.Tensor) -> torch.Tensor:
    (high, wide), border = layer.size, layer.kernel // 2
    padded = nn.functional.pad(maps, (border,) * 4)
    rows = []
    for row in range(high):
        columns = []
        for column in range(wide):
            seen = padded[:, :, row : row + layer.kernel, column : column + layer.kernel].permute(0, 2, 3, 1).flatten(1)
            place = row * wide + column
            columns.append(seen @ layer.weight[place] + layer.bias[place, 0])
        rows.append(torch.stack(columns, 2))
    return torch.stack(rows, 2)


@pytest.mark.parametrize(("kernel", "size", "maps_in"), [(5, (6, 4), 3), (3, (5, 7), 2), (5, (4, 4), 1)])
def test_the_locally_connected_layer_and_its_gradients_equal_a_loop_over_positions(kernel, size, maps_in):
    torch.manual_seed(0)
    layer = LocallyConnected(maps_in, 4, kernel, size).double()
    nn.init.normal_(layer.bias)
    maps = torch.randn(3, maps_in, *size, dtype=torch.float64, requires_grad=True)
    fast, slow = layer(maps), padded_loop(layer, maps)
    torch.testing.assert_close(fast, slow)
    pull = torch.randn_like(slow)
    wanted = [maps, layer.weight, layer.bias]
    for one, other in zip(
        torch.autograd.grad((fast * pull).sum(), wanted), torch.autograd.grad((slow * pull).sum(), wanted), strict=True
    ):
        torch.testing.assert_close(one, other)


def test_the_locally_connected_layer_computes_in_its_own_precision_under_autocast():
    layer = LocallyConnected(2, 3, 3, (4, 4))
    maps = torch.randn(2, 2, 4, 4)
    with torch.autocast("cpu", torch.bfloat16):
        answer = layer(maps.bfloat16())
    assert answer.dtype is torch.float32
