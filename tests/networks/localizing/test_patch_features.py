"""Features of overlapping patches: shared computation gives what patch by patch gives."""

from __future__ import annotations

import pytest
import torch

from facerep.errors import Usage
from facerep.networks.build import build
from facerep.networks.catalog import row
from facerep.networks.deepid import DeepID
from facerep.networks.localizing.patch_features import corners_in, patch_by_patch, patch_features


@pytest.mark.parametrize("name", ["deepid-39x31", "deepid2-narrow"])
def test_shared_convolutions_give_the_same_features_as_patch_by_patch(name):
    torch.manual_seed(0)
    network = build(row(name), normalise=True).eval()
    assert isinstance(network, DeepID)
    for norm in (network.norm1, network.norm2, network.norm3):  # statistics as training leaves them
        norm.running_mean.normal_()
    high, wide = network.row.height + 8, network.row.width + 4
    corners = corners_in(high, wide, network)
    assert corners == [(0, 0), (0, 4), (4, 0), (4, 4), (8, 0), (8, 4)]
    with torch.inference_mode():
        windows = torch.randn(2, 3, high, wide)
        shared, each = (way(network, windows, corners) for way in (patch_features, patch_by_patch))
    assert shared.shape == (2, 6, network.row.feature)
    assert shared.std() > 0
    torch.testing.assert_close(shared, each, rtol=1e-4, atol=1e-5)


def test_patches_that_begin_between_two_places_are_refused():
    network = build(row("deepid-39x31"))
    assert isinstance(network, DeepID)
    with pytest.raises(Usage, match="multiple of 4"):
        corners_in(60, 60, network, step=6)
    with pytest.raises(Usage, match="none fits"):
        corners_in(30, 60, network)
