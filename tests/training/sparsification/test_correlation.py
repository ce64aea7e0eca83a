"""Correlations equal slow loops over faces, units and positions, for each kind of layer."""

import numpy as np
import pytest
import torch
from torch import nn

from facerep.networks.build import build
from facerep.networks.catalog import CatalogRow
from facerep.training.sparsification import correlation
from facerep.training.sparsification.correlation import by_unit, like_weights, measure

DEEPID = CatalogRow(name="x", family="deepid", height=31, width=31, channels=1, maps=(2, 3, 4, 5), feature=6)
VGG = CatalogRow(name="x", family="vgg", height=20, width=20, channels=1, maps=(2, 3), feature=4)


def network(row, *, normalise=True):
    torch.manual_seed(1)
    made = build(row, normalise=normalise).eval()
    for name, buffer in made.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 1.5)
    return made


def faces(row, count=12):
    return torch.randn(count, row.channels, row.height, row.width, generator=torch.Generator().manual_seed(2))


def caught(made, name, batch):
    """What a layer sees and what its units answer after the ReLU."""
    layer, norm = made.connections()[name]
    seen = []
    handle = layer.register_forward_hook(lambda _, inputs, answer: seen.append((inputs[0], answer)))
    with torch.no_grad():
        made(batch)
        handle.remove()
        return seen[0][0].double().numpy(), torch.relu(norm(seen[0][1])).double().numpy()


def pearson(one, other):
    if one.std() == 0 or other.std() == 0:
        return 0.0
    return np.mean((one - one.mean()) * (other - other.mean())) / (one.std() * other.std())


def at_position(seen, active, kernel, padding, y, x):
    """Pearson's r at one position, (units, maps_in, kernel, kernel); 0 in the padding."""
    found = np.zeros((active.shape[1], seen.shape[1], kernel, kernel))
    for unit, maps, dy, dx in np.ndindex(*found.shape):
        row, column = y + dy - padding, x + dx - padding
        if 0 <= row < seen.shape[2] and 0 <= column < seen.shape[3]:
            found[unit, maps, dy, dx] = pearson(active[:, unit, y, x], seen[:, maps, row, column])
    return found


def measured(made, row, name, batch=5):
    pieces = faces(row).split(batch)
    return measure(made, name, lambda: pieces)


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize(("row", "unit"), [(DEEPID, 5), (VGG, 0)])
def test_a_full_connection_has_pearsons_r(row, unit, normalise):
    made = network(row, normalise=normalise)
    seen, active = caught(made, "feature", faces(row))
    found = measured(made, row, "feature")
    assert (found.positions, found.values.shape) == (1, (row.feature, seen.shape[1]))
    slow = [pearson(active[:, unit], seen[:, column]) for column in range(seen.shape[1])]
    np.testing.assert_allclose(found.values[unit], slow, atol=1e-5)


def test_an_unshared_layer_has_pearsons_r_at_each_position():
    made = network(DEEPID)
    seen, active = caught(made, "conv4", faces(DEEPID))
    found = measured(made, DEEPID, "conv4")
    high, wide = active.shape[2:]
    assert (found.positions, found.values.shape) == (1, (high * wide * 5, 4 * 4))
    for place, (y, x) in enumerate(np.ndindex(high, wide)):
        slow = at_position(seen, active, 2, 0, y, x).reshape(5, -1)
        np.testing.assert_allclose(found.values[5 * place : 5 * place + 5], slow, atol=1e-5)
    assert found.values.min() < 0 < found.values.max()


def test_a_layer_shared_in_blocks_sums_absolute_values_over_each_block():
    made = network(DEEPID)
    seen, active = caught(made, "conv3", faces(DEEPID))
    found = measured(made, DEEPID, "conv3")
    assert found.positions == 4
    for block, (top, left) in enumerate(np.ndindex(active.shape[2] // 2, active.shape[3] // 2)):
        slow = sum(
            np.abs(at_position(seen, active, 3, 0, 2 * top + y, 2 * left + x)) for y, x in np.ndindex(2, 2)
        ).reshape(4, -1)
        np.testing.assert_allclose(found.values[4 * block : 4 * block + 4], slow, atol=1e-5)


@pytest.mark.parametrize(("row", "name", "kernel", "padding"), [(DEEPID, "conv2", 3, 0), (VGG, "conv2b", 3, 1)])
def test_a_convolution_sums_absolute_values_over_all_positions_without_the_padding(row, name, kernel, padding):
    made = network(row)
    seen, active = caught(made, name, faces(row))
    found = measured(made, row, name)
    slow = sum(np.abs(at_position(seen, active, kernel, padding, y, x)) for y, x in np.ndindex(active.shape[2:]))
    assert found.positions == active.shape[2] * active.shape[3]
    np.testing.assert_allclose(found.values, slow.reshape(3, -1), atol=1e-4)


@pytest.mark.parametrize(("row", "name"), [(VGG, "conv1b"), (VGG, "local3a"), (DEEPID, "conv3")])
def test_passes_over_a_part_of_the_positions_give_the_same_as_one_pass(row, name, monkeypatch):
    made = network(row)
    whole = measured(made, row, name)
    monkeypatch.setattr(correlation, "BUDGET", 1)
    calls = []

    def counted():
        calls.append(1)
        return faces(row).split(5)

    parts = measure(made, name, counted)
    assert len(calls) > 2
    assert parts.positions == whole.positions
    torch.testing.assert_close(parts.values, whole.values, atol=1e-5, rtol=1e-5)


def test_batches_do_not_matter_and_large_means_do_not_drown_the_correlation():
    made = network(DEEPID)
    with torch.no_grad():
        made.conv1.bias += 100
    pieces = faces(DEEPID, 60)
    seen, active = caught(made, "conv2", pieces)
    one, many = (measure(made, "conv2", lambda size=size: pieces.split(size)).values for size in (60, 7))
    torch.testing.assert_close(one, many, atol=1e-3, rtol=1e-3)
    slow = sum(np.abs(at_position(seen, active, 3, 0, y, x)) for y, x in np.ndindex(active.shape[2:]))
    np.testing.assert_allclose(one, slow.reshape(3, -1), rtol=1e-3, atol=1e-2)


def test_a_unit_that_never_fires_correlates_with_nothing():
    made = network(DEEPID, normalise=False)
    with torch.no_grad():
        made.feature.full.bias[2] = -1e6
        made.conv4.bias[0, 0, 1] = -1e6
    assert (measured(made, DEEPID, "feature").values[2] == 0).all()
    assert (measured(made, DEEPID, "conv4").values[1] == 0).all()


def test_strength_is_the_mean_absolute_correlation_of_what_is_kept_per_position():
    found = correlation.Correlations(torch.tensor([[4.0, -2.0], [0.0, 8.0]]), 4)
    assert found.strength(torch.tensor([[True, True], [False, True]])) == pytest.approx((4 + 2 + 8) / 3 / 4)


@pytest.mark.parametrize("name", ["conv2", "conv3", "conv4", "feature"])
def test_weights_by_unit_multiply_the_inputs_of_that_unit(name):
    made = network(DEEPID, normalise=False)
    layer = made.connections()[name].module
    weight = layer.weight.detach()
    rows = by_unit(layer, weight)
    assert torch.equal(like_weights(layer, rows), weight)
    batch = faces(DEEPID, 1)
    inputs = []
    layer.register_forward_hook(lambda _, seen, answer: inputs.append((seen[0], answer)))
    with torch.no_grad():
        made(batch)
    seen, answer = inputs[0]
    if isinstance(layer, nn.Linear):
        expected, unit = answer[0, 1], 1
        flat = seen[0]
    else:
        # the last position of the last block, unit 1
        units, kernel = answer.shape[1], 2 if name == "conv4" else 3
        expected = answer[0, 1, -1, -1]
        flat = seen[0, :, -kernel:, -kernel:].flatten() if name != "conv2" else seen[0, :, -3:, -3:].flatten()
        unit = len(rows) - units + 1
    bias = layer.bias.detach().flatten()
    torch.testing.assert_close(rows[unit] @ flat + bias[unit], expected, atol=1e-5, rtol=1e-5)
