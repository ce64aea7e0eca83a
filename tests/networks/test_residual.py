"""The residual network computes what He and others describe, at the sizes of its row."""

import pytest
import torch
import torch.nn.functional as functional

from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import CatalogRow, row
from facerep.networks.weights import load_model, save_model

TINY = CatalogRow(
    name="tiny", family="residual", height=21, width=18, maps=(4, 6, 8), blocks=(0, 1, 2), feature=5, signed=True,
)  # fmt: skip


def random(shape, **options):
    """A network whose blocks add something: their last normalisation begins at 0."""
    torch.manual_seed(0)
    network = build(shape, **options)
    for name, weight in network.named_parameters():
        if name.endswith("norm.weight"):
            torch.nn.init.uniform_(weight, 0.5, 1.5)
    return network


def filtered(made, maps, stride, kernel):
    return made.norm(functional.conv2d(maps, made.convolution.weight, made.convolution.bias, stride, kernel // 2))


def by_hand(network, faces):
    maps = torch.relu(filtered(network.stem, faces, 2, 3))
    for stage in network.stages:
        for place, block in enumerate(stage):
            stride = 2 if place == 0 else 1
            inner = filtered(block.second, torch.relu(filtered(block.first, maps, stride, 3)), 1, 3)
            around = maps if isinstance(block.around, torch.nn.Identity) else filtered(block.around, maps, stride, 1)
            maps = torch.relu(inner + around)
    return maps


@pytest.mark.parametrize("normalise", [True, False])
def test_a_stage_is_two_filters_and_what_goes_around_them(normalise):
    network = random(TINY, normalise=normalise).eval()
    faces = torch.randn(3, 3, 21, 18)
    with torch.no_grad():
        torch.testing.assert_close(network.maps(faces)["stage3"], by_hand(network, faces), rtol=1e-4, atol=1e-5)


def test_stages_halve_the_side_and_the_feature_sees_every_position_of_the_last():
    network = random(TINY).eval()
    with torch.no_grad():
        maps = network.maps(torch.randn(2, 3, 21, 18))
        feature = network(torch.randn(2, 3, 21, 18))
    assert {name: tuple(stage.shape) for name, stage in maps.items()} == {
        "stage1": (2, 4, 11, 9), "stage2": (2, 6, 6, 5), "stage3": (2, 8, 3, 3),
    }  # fmt: skip
    assert network.feature.full.in_features == 8 * 3 * 3
    assert feature.shape == (2, 5)
    assert (feature < 0).any(), "the row is signed"


def test_layers_of_one_pass_are_those_of_each():
    network, faces = random(TINY).eval(), torch.randn(2, 3, 21, 18)
    with torch.no_grad():
        both = network.layers(faces, ("feature", "stage2"))
        assert TINY.layers == ("stage1", "stage2", "stage3", "feature")
        assert torch.equal(both[0], network(faces))
        assert torch.equal(both[1], network.maps(faces)["stage2"].flatten(1))


def test_a_block_begins_as_what_goes_around_it():
    torch.manual_seed(0)
    block = build(TINY, normalise=True).eval().stages[2][1]
    maps = torch.rand(2, 8, 3, 3)
    with torch.no_grad():
        assert torch.equal(block(maps), maps)


def test_the_row_has_the_weights_that_its_documents_say():
    with torch.device("meta"):
        network = build(row("residual"), normalise=True)
    assert sum(weight.numel() for weight in network.parameters()) == 3_910_560


def test_a_saved_one_gives_the_same_features_again(tmp_path):
    network, faces = random(TINY, normalise=True).eval(), torch.randn(2, 3, 21, 18)
    save_model(
        tmp_path / "m.safetensors", network, crop=parse_crop("loose@21x18/1"), normalise=True, dropout=0.0, card={}
    )
    again = load_model(tmp_path / "m.safetensors")
    assert again.row == TINY
    with torch.no_grad():
        torch.testing.assert_close(again.network(faces), network(faces), rtol=1e-5, atol=1e-5)
