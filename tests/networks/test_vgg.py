"""The dense baseline has the shapes and counts that the paper prints."""

import pytest
import torch

from facerep.errors import Usage
from facerep.networks.build import build
from facerep.networks.catalog import row


def on_paper(name):
    with torch.device("meta"):
        return build(row(name))


def test_the_baseline_has_the_output_of_each_layer_that_the_paper_prints():
    with torch.no_grad():
        maps = on_paper("vgg-local").maps(torch.zeros(1, 3, 112, 96, device="meta"))
    assert {name: tuple(stage.shape[1:]) for name, stage in maps.items()} == {
        "pool1": (64, 56, 48),
        "pool2": (96, 28, 24),
        "pool3": (192, 14, 12),
        "pool4": (256, 7, 6),
        "local5a": (256, 5, 4),
        "local5b": (256, 3, 2),
    }


def test_the_baseline_has_the_weights_of_each_layer_that_the_paper_prints():
    counts = {name: module.weight.numel() for name, (module, _) in on_paper("vgg-local").connections().items()}
    assert counts == {
        "conv1a": 1_728, "conv1b": 36_864, "conv2a": 55_296, "conv2b": 82_944, "conv3a": 165_888, "conv3b": 331_776,
        "conv4a": 442_368, "conv4b": 589_824, "local5a": 11_796_480, "local5b": 3_538_944, "feature": 786_432,
    }  # fmt: skip
    assert sum(counts.values()) == 17_828_544


def test_the_narrow_one_is_the_same_without_its_first_pair():
    network = on_paper("vgg-local-narrow")
    assert list(network.connections()) == [
        "conv1a", "conv1b", "conv2a", "conv2b", "conv3a", "conv3b", "local4a", "local4b", "feature",
    ]  # fmt: skip
    with torch.no_grad():
        maps = network.maps(torch.zeros(1, 3, 56, 48, device="meta"))
    assert tuple(maps) == network.row.layers[:-1]
    assert tuple(maps["local4b"].shape[2:]) == (3, 2)


def test_a_supervised_row_has_feature_layers_on_the_last_maps_and_the_first_local_layer():
    network = on_paper("vgg-local")
    assert [layer.full.in_features for layer in network.below] == [7 * 6 * 256, 5 * 4 * 256]
    taught = network.supervised(torch.zeros(2, 3, 112, 96, device="meta"))
    assert [tuple(feature.shape) for feature in taught] == [(2, 512)] * 3


def test_stages_equal_convolution_normalisation_relu_and_pooling_in_the_order_of_the_paper():
    torch.manual_seed(0)
    network = build(row("vgg-local-narrow"), normalise=True).eval()
    faces = torch.randn(2, 3, 56, 48)
    with torch.no_grad():
        seen = faces
        for name, (module, norm) in list(network.connections().items())[:-1]:
            seen = torch.relu(norm(module(seen)))
            if name.startswith("conv") and name.endswith("b"):
                seen = torch.nn.functional.max_pool2d(seen, 2)
        torch.testing.assert_close(network.layer(faces, "local4b"), seen.flatten(1), rtol=1e-4, atol=1e-4)
        feature = torch.relu(network.feature.norm(network.feature.full(seen.flatten(1))))
        torch.testing.assert_close(network(faces), feature, rtol=1e-4, atol=1e-4)


def test_a_row_without_weights_cannot_be_built():
    with pytest.raises(Usage, match="network pixels has no weights to train"):
        build(row("pixels"))
