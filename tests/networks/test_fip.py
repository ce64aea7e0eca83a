"""Networks that draw pictures: the paper's counts, layers, several views, and what a network begins with."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn

from facerep.networks.build import build
from facerep.networks.catalog import CATALOG, CatalogRow, row
from facerep.networks.fip import FIP, ConvolutionFIP, Reconstruction

DRAWING = [name for name, each in CATALOG.items() if each.family in ("fip", "fip-conv")]


def make(name: str, **changes: int) -> Reconstruction:
    torch.manual_seed(0)
    network = build(replace(row(name), **changes), normalise=True)
    assert isinstance(network, Reconstruction)
    return network.eval()


def numbers(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def test_the_papers_network_has_the_sizes_that_the_paper_states() -> None:
    with torch.device("meta"):
        network = build(row("fip-96"))
    assert isinstance(network, FIP)
    sizes = [layer.size for layer in network.local]
    assert sizes == [(96, 96), (48, 48), (24, 24)]
    assert all(layer.weight.shape[2] == 32 for layer in network.local)
    assert network.row.feature == 24 * 24 * 32 == 18_432
    assert network.pictured.weight.numel() == 18_432 * 9_216 == 169_869_312
    local = [96 * 96 * (25 + 1) * 32, 48 * 48 * (25 * 32 + 1) * 32, 24 * 24 * (25 * 32 + 1) * 32]
    assert numbers(network) == sum(local) + 169_869_312 + 9_216


def test_the_smaller_row_has_the_same_layers_at_a_third_of_the_side() -> None:
    network = make("fip-32")
    feature, drawn = network.layers(torch.rand(2, 1, 32, 32), ("fip", "rl"))
    assert feature.shape == (2, 8 * 8 * 32)
    assert drawn.shape == (2, 1024)


def test_ordinary_convolutions_need_a_fifth_of_the_weights() -> None:
    assert 1e6 < numbers(make("fip-conv-32")) < 2e6
    assert numbers(make("fip-32")) > 5 * numbers(make("fip-conv-32"))


@pytest.mark.parametrize("name", [name for name in DRAWING if name != "fip-96"])
def test_every_layer_of_a_row_can_be_had_and_feature_is_fip(name: str) -> None:
    network = make(name)
    drawn = network.row
    faces = torch.rand(3, drawn.channels, drawn.height, drawn.width) * 2 - 1
    assert drawn.layers == ("rl", "fip")
    fip, pictures, feature = network.layers(faces, ("fip", "rl", "feature"))
    assert fip.shape == (3, drawn.feature)
    assert (fip >= 0).all()
    assert torch.equal(fip, feature)
    assert torch.equal(fip, network(faces))
    assert torch.equal(pictures, network.pictures(faces).flatten(1))
    assert network.pictures(faces).shape == (3, drawn.views, drawn.height, drawn.width)


def test_each_further_view_costs_one_full_layer() -> None:
    one, two, nine = (numbers(make("multi-task-32", views=views)) for views in (1, 2, 9))
    full = (512 + 1) * 1024
    assert two - one == full
    assert nine - one == 8 * full
    assert one == numbers(make("fip-conv-32"))


def test_a_network_begins_with_one_picture_for_everybody() -> None:
    network = make("multi-task-32", views=2)
    pictures = torch.rand(2, 32, 32)
    network.start_from(pictures)
    drawn = network.pictures(torch.rand(3, 1, 32, 32))
    torch.testing.assert_close(drawn, pictures.expand(3, 2, 32, 32))


@pytest.mark.parametrize("family", [FIP, ConvolutionFIP])
def test_sizes_that_are_not_square_are_kept(family: type[Reconstruction]) -> None:
    length = 4 * 3 * 6 if family is FIP else 7
    tall = CatalogRow(name="tall", family="", height=16, width=12, channels=1, maps=(4, 5, 6), feature=length)
    network = family(tall).eval()
    assert network.pictures(torch.rand(2, 1, 16, 12)).shape == (2, 1, 16, 12)
    assert network(torch.rand(2, 1, 16, 12)).shape == (2, length)


def test_dropout_of_the_paper_family_is_between_feature_and_picture() -> None:
    torch.manual_seed(0)
    network = build(row("fip-32"), dropout=0.5)
    faces = torch.rand(2, 1, 32, 32)
    assert torch.equal(network(faces), network(faces))
    assert isinstance(network, FIP)
    assert not torch.equal(network.pictures(faces), network.pictures(faces))
