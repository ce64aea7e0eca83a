"""A compressed product gives what the dense one gives, where there are few weights, and is left out elsewhere."""

import copy

import pytest
import torch

from facerep.networks.build import build
from facerep.networks.catalog import CatalogRow
from facerep.networks.sparsity.masks import keep_only
from facerep.networks.sparsity.product import SparseProduct, quicken

VGG = CatalogRow(name="x", family="vgg", height=24, width=20, maps=(4, 8), feature=6)
DEEPID = CatalogRow(name="x", family="deepid", height=31, width=31, maps=(4, 6, 8, 10), feature=6)


def sparse(row, share, layers):
    torch.manual_seed(0)
    network = build(row, normalise=True).eval().to(memory_format=torch.channels_last)
    for name in layers:
        layer = network.connections()[name].module
        keep_only(layer, torch.rand(layer.weight.shape) < share)
        torch.nn.init.normal_(layer.bias)
    return network


@pytest.mark.parametrize(("row", "layers"), [(VGG, ("local3a", "local3b", "feature")), (DEEPID, ("conv4", "feature"))])
@pytest.mark.parametrize("count", [1, 7])
def test_features_are_the_same(row, layers, count):
    network = sparse(row, 1 / 20, layers)
    quick = copy.deepcopy(network)
    quicken(quick)
    assert sum(isinstance(module, SparseProduct) for module in quick.modules()) == len(layers)
    faces = torch.randn(count, 3, row.height, row.width).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        for layer in (row.layers[-2], "feature"):
            torch.testing.assert_close(quick.layer(faces, layer), network.layer(faces, layer), rtol=1e-5, atol=1e-5)
        with torch.autocast("cpu", torch.bfloat16):
            torch.testing.assert_close(quick(faces), network(faces), rtol=0.1, atol=0.1, check_dtype=False)


@pytest.mark.parametrize(
    ("row", "share", "layer"), [(VGG, 1 / 4, "feature"), (VGG, 1 / 20, "conv2a"), (DEEPID, 1 / 20, "conv3")]
)
def test_layers_that_gain_nothing_stay_as_they_are(row, share, layer):
    network = sparse(row, share, [layer])
    quicken(network)
    assert not any(isinstance(module, SparseProduct) for module in network.modules())
