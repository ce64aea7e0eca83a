"""LNet: maps of pictures of any size, answers that only speak for, convolutions from elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from facerep.errors import Mismatch
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.localizing.lnet import LNet, geometry_of


@pytest.mark.parametrize("name", ["lnet", "lnet-mobilenet"])
def test_a_place_of_the_map_looks_at_the_pixel_that_the_geometry_names(name):
    torch.manual_seed(0)
    network = build(row(name), normalise=name == "lnet").eval()
    assert isinstance(network, LNet)
    geometry, picture = geometry_of(network.row), torch.zeros(1, 3, 96, 96, requires_grad=True)
    maps = network.stage(0)(picture + 0.1 * torch.randn(1, 3, 96, 96))
    assert maps.shape == (1, network.row.maps[-1], 96 // geometry.stride, 96 // geometry.stride)
    assert float(maps.detach().min()) >= 0
    middle = maps.shape[2] // 2
    maps[0, :, middle, middle].sum().backward()
    assert picture.grad is not None
    weight = picture.grad[0].abs().sum(0)
    centre = float((weight.sum(0) * torch.arange(96)).sum() / weight.sum())
    assert centre == pytest.approx(geometry.stride * middle + geometry.first, abs=4)


def test_nothing_seen_means_no_and_more_seen_never_less_yes():
    network = LNet(replace(row("lnet"), classes=3)).eval()
    stage = network.stage(1)
    empty, full = torch.zeros(1, 48, 4, 4), torch.rand(1, 48, 4, 4)
    assert (stage.scores(empty) < -2).all()
    assert (stage.scores(full) >= stage.scores(empty)).all()
    torch.testing.assert_close(stage.score_maps(full).mean(dim=(2, 3)), stage.scores(full))


def test_convolutions_are_taken_from_a_network_that_was_taught_recognition():
    network, source = LNet(row("lnet"), normalise=True), build(row("deepid2-narrow"), normalise=True)
    network.take_convolutions(source, "run")
    for number in range(2):
        assert torch.equal(network.stage(number).trunk.conv3.weight, source.state_dict()["conv3.weight"])
    with pytest.raises(Mismatch, match="convolutions"):
        network.take_convolutions(build(row("deepid2"), normalise=True), "run")


def test_imagenet_blocks_stay_in_evaluation_mode():
    network = build(row("lnet-mobilenet")).train()
    assert isinstance(network, LNet)
    assert network.stage(0).training
    assert not network.stage(0).trunk.mobilenet.training
