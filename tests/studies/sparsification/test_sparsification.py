"""What a network keeps and costs is counted from its weights file."""

import pytest
import torch

from facerep.faces.crops import parse_crop
from facerep.networks.build import build
from facerep.networks.catalog import CatalogRow
from facerep.networks.sparsity.masks import keep_only
from facerep.networks.weights import save_model
from facerep.studies.sparsification.sizes import sized

TINY = CatalogRow(name="tiny", family="vgg", height=20, width=20, maps=(4, 8), feature=6)


def saved(path, shares, **card):
    torch.manual_seed(0)
    network = build(TINY, normalise=True).eval()
    for name, kept in shares.items():
        layer = network.connections()[name].module
        mask = torch.zeros(layer.weight.shape, dtype=torch.bool)
        if name == "feature":
            mask[:, :kept] = True
        else:
            mask[:, :kept, :] = True
        keep_only(layer, mask)
    save_model(path, network, crop=parse_crop("orl@20x20/1"), normalise=True, dropout=0.0, card=card)
    return path


def test_weights_bytes_and_structure_of_each_network(tmp_path):
    dense = saved(tmp_path / "dense.safetensors", {})
    told = {"validation_accuracy": 0.9, "validation_low": 0.8, "validation_high": 0.95}
    sparse = saved(tmp_path / "sparse.safetensors", {"feature": 2, "local3a": 9}, **told)
    one, other = sized([dense, sparse], rounds=3)
    whole = sum(weight.numel() for weight in build(TINY, normalise=True).parameters())
    assert (one.weights, one.dense, one.kept, one.held_out) == (whole, whole, (), None)
    assert one.bytes == dense.stat().st_size
    # local3a: 9 positions x 72 inputs x 8 units; feature: 6 units x 8 inputs
    assert other.weights == whole - 9 * 63 * 8 - 6 * 6
    assert other.dense == whole
    assert other.kept == (("feature", pytest.approx(2 / 8)), ("local3a", pytest.approx(9 / 72)))
    assert other.held_out == (0.9, 0.8, 0.95)
    assert all(0 < found.speed.low <= found.speed.median <= found.speed.high for found in (one, other))


def test_a_file_that_holds_layers_that_only_teach_says_so(tmp_path):
    torch.manual_seed(0)
    taught = CatalogRow(**{**vars(TINY), "supervised": True})
    for lower in (True, False):
        save_model(
            tmp_path / f"{lower}.safetensors", build(taught).eval(), crop=parse_crop("orl@20x20/1"), normalise=False,
            dropout=0.0, card={}, lower=lower,
        )  # fmt: skip
    with_them, without = sized([tmp_path / "True.safetensors", tmp_path / "False.safetensors"], rounds=1)
    assert (with_them.lower, without.lower) == (True, False)
    assert with_them.weights == without.weights
    assert with_them.bytes > without.bytes
