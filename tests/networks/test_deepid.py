"""Shapes and counts that the papers print, and what a layer may not do."""

import pytest
import torch

from facerep.errors import BadInput
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.inventory import inventory


def counts(name: str) -> tuple[int, int, int, int]:
    shape = row(name)
    network = DeepID(shape)
    with torch.no_grad():
        maps = network.maps(torch.zeros(1, shape.channels, shape.height, shape.width))
    return tuple(maps[layer].numel() for layer in ("pool1", "pool2", "pool3", "conv4"))


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("deepid-39x31", (5040, 1920, 360, 160)),  # DeepID, figure 3
        ("deepid-31x31", (3920, 1440, 240, 80)),
        ("deepid2", (11440, 4800, 1200, 960)),  # DeepID2, figure 1
    ],
)
def test_maps_have_the_counts_that_the_paper_prints(name, printed):
    assert counts(name) == printed


def test_deepid2_plus_has_the_counts_of_its_four_feature_layers():
    network = DeepID(row("deepid2+"))
    inputs = [layer.full.in_features for layer in [*network.below, network.feature]]
    assert inputs == [73216, 15360, 2560, 1536]
    assert {layer.full.out_features for layer in network.below} == {512}


def test_deepid2_has_the_number_of_weights_that_its_table_gives():
    # conv1 980 + conv2 7,240 + conv3 20 x 21,660 + conv4 12 x 19,280 + feature 345,760
    assert sum(weight.numel() for weight in DeepID(row("deepid2")).parameters()) == 1_018_540


def test_conv3_has_a_kernel_a_block_and_conv4_a_kernel_a_position():
    network = DeepID(row("deepid-39x31"))
    assert network.conv3.weight.shape == (6, 9 * 40, 60)
    assert network.conv4.weight.shape == (2, 4 * 60, 80)


def test_features_are_never_negative_and_do_not_depend_on_the_batch():
    torch.manual_seed(0)
    network = DeepID(row("deepid-31x31"), normalise=True, dropout=0.5).eval()
    faces = torch.randn(5, 3, 31, 31)
    with torch.inference_mode():
        together = network(faces)
        alone = torch.cat([network(face[None]) for face in faces])
    assert (together >= 0).all()
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-5)


def test_the_feature_sees_pool3_and_conv4():
    network = DeepID(row("deepid-39x31"))
    assert network.feature.full.in_features == 520


def test_the_inventory_counts_the_weights_that_the_papers_give():
    found = inventory()
    counted = {entry.row.name: entry.weights for entry in found.catalog}
    assert counted["deepid2"] == 1_018_540
    assert counted["pixels"] == 0
    convolutions = (16 * 3 + 1) * 128 + (9 * 128 + 1) * 128 + 20 * (9 * 128 + 1) * 128 + 12 * (4 * 128 + 1) * 128
    assert counted["deepid2+"] == convolutions + 512 * (73_216 + 15_360 + 2_560 + 1_536 + 4)


def test_an_unknown_row_is_refused_with_the_nearest_name():
    with pytest.raises(BadInput, match=r"did you mean deepid2\?"):
        row("deepid22")
