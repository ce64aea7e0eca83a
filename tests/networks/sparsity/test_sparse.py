"""A sparse layer keeps its mask in memory and in its file, and the file is small."""

import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from facerep.errors import BadInput
from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import CatalogRow, row
from facerep.networks.sparsity.masks import copy_masks, count_weights, hold, hold_gradients, keep_only, sparse_layers
from facerep.networks.weights import load_model, save_model

TINY = CatalogRow(name="tiny", family="vgg", height=28, width=28, maps=(4, 8), feature=6)


def made(shape, share=None, layers=("feature",)):
    torch.manual_seed(0)
    network = build(shape, normalise=True).eval()
    for name in layers if share else ():
        layer = network.connections()[name].module
        keep_only(layer, torch.rand(layer.weight.shape) < share)
    return network


def save(path, network, **card):
    size = f"{network.row.height}x{network.row.width}"
    save_model(path, network, crop=parse_crop(f"orl@{size}/1"), normalise=True, dropout=0.0, card=card)
    return path


def spoilt(path, change):
    """The weights file again, with its contract and tensors changed by hand."""
    with safe_open(path, "pt") as file:
        contract = json.loads(file.metadata()["contract"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    change(contract, tensors)
    save_file(tensors, path, metadata={"contract": json.dumps(contract)})


@pytest.mark.parametrize("share", [1 / 50, 1 / 3])
def test_a_sparse_network_comes_back_with_its_weights_and_masks(tmp_path, share):
    layers = ("conv2a", "local3a", "feature")
    network = made(TINY, share, layers)
    model = load_model(save(tmp_path / "m.safetensors", network))
    for name, tensor in network.state_dict().items():
        assert torch.equal(model.network.state_dict()[name], tensor), name
    assert set(sparse_layers(model.network)) == {"weights.conv2a", "weights.local3a", "feature.full"}
    assert set(model.card["sparse"].values()) == {"gaps" if share < 1 / 8 else "bitmap"}
    faces = torch.randn(2, 3, 28, 28)
    with torch.inference_mode():
        torch.testing.assert_close(model.network(faces), network(faces), rtol=1e-5, atol=1e-5)


def test_a_kept_weight_of_zero_stays_kept(tmp_path):
    network = made(TINY, 0.5)
    layer = network.feature.full
    with torch.no_grad():
        layer.weight.zero_()
    mask = layer.mask.clone()
    again = load_model(save(tmp_path / "m.safetensors", network)).network
    assert torch.equal(again.feature.full.mask, mask)


def test_an_eighth_of_the_weights_takes_under_a_sixth_of_the_bytes(tmp_path):
    shape = row("vgg-local-narrow")
    dense = save(tmp_path / "dense.safetensors", made(shape))
    shares = {"feature": 1 / 8, "local4b": 1 / 16, "local4a": 1 / 16, "conv3b": 1 / 4}
    network = made(shape)
    for name, share in shares.items():
        layer = network.connections()[name].module
        keep_only(layer, torch.rand(layer.weight.shape) < share)
    kept, whole = count_weights(network)
    assert 0.10 < kept / whole < 0.125
    size = save(tmp_path / "sparse.safetensors", network).stat().st_size
    assert size < dense.stat().st_size / 6
    halves = [
        save(tmp_path / "half.safetensors", net, dtype="float16").stat().st_size for net in (made(shape), network)
    ]
    assert halves[1] < 0.6 * size


def test_even_the_worst_eighth_takes_under_a_sixth(tmp_path):
    """The same share in every layer, where neither a bitmap nor gaps can be short."""
    shape = row("vgg-local-narrow")
    dense = save(tmp_path / "dense.safetensors", made(shape)).stat().st_size
    network = made(shape, 1 / 8, [*made(shape).connections()])
    assert save(tmp_path / "sparse.safetensors", network).stat().st_size < dense / 6


def test_half_precision_is_kept_by_sparse_values(tmp_path):
    path = save(tmp_path / "m.safetensors", made(TINY, 0.1), dtype="float16")
    with safe_open(path, "np") as file:
        assert file.get_tensor("feature.full.weight.values").dtype == np.float16
        assert file.get_tensor("feature.full.weight.positions").dtype == np.uint8


def test_masks_are_put_back_on_weights_and_gradients():
    network = made(TINY, 0.3, ("local3b", "feature"))
    for layer in sparse_layers(network).values():
        layer.weight.grad = torch.ones_like(layer.weight)
        with torch.no_grad():
            layer.weight += 1
    hold(network)
    hold_gradients(network)
    for layer in sparse_layers(network).values():
        assert torch.equal(layer.weight != 0, layer.mask)
        assert torch.equal(layer.weight.grad, layer.mask.float())
    assert (network.weights["conv1a"].weight != 0).all()


def test_counts_leave_out_what_masks_leave_out():
    network = made(TINY)
    kept, whole = count_weights(network)
    assert kept == whole == sum(weight.numel() for weight in network.parameters())
    mask = torch.zeros(network.feature.full.weight.shape, dtype=torch.bool)
    mask[0, :3] = True
    keep_only(network.feature.full, mask)
    assert count_weights(network) == (whole - mask.numel() + 3, whole)


def test_masks_are_copied_to_a_network_of_the_same_row():
    network, other = made(TINY, 0.3), made(TINY)
    copy_masks(network, other)
    assert torch.equal(other.feature.full.mask, network.feature.full.mask)
    assert torch.equal(other.feature.full.weight != 0, network.feature.full.mask)


NAME = "feature.full.weight"


@pytest.mark.parametrize(
    "change",
    [
        lambda _, tensors: tensors.pop(f"{NAME}.values"),
        lambda _, tensors: tensors.pop(f"{NAME}.positions"),
        lambda _, tensors: tensors.update({f"{NAME}.values": tensors[f"{NAME}.values"][:-1].clone()}),
        lambda _, tensors: tensors.update({f"{NAME}.positions": tensors[f"{NAME}.positions"][:-1].clone()}),
        lambda _, tensors: tensors.update({f"{NAME}.positions": tensors[f"{NAME}.positions"].int()}),
        lambda contract, _: contract["sparse"].update({NAME: "runs"}),
        lambda contract, _: contract.update(sparse={"ears.weight": "gaps"}),
        lambda contract, _: contract.update(sparse=["feature"]),
        lambda contract, _: contract.pop("sparse"),
        lambda contract, _: contract["row"].update(family="lenet"),
        lambda _, tensors: tensors.pop("feature.norm.running_var"),
    ],
)
def test_a_sparse_file_that_was_tampered_with_is_refused_in_one_line(tmp_path, change):
    path = save(tmp_path / "m.safetensors", made(TINY, 0.3))
    spoilt(path, change)
    with pytest.raises(BadInput, match="weights do not fit their own contract"):
        load_model(path)
