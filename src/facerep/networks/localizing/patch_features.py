"""Features of overlapping patches of one window: what the first convolutions do is done once for all of them.

ANet cuts several overlapping patches from a face's window and takes a feature of each. Its first two convolutions are
shared over the whole picture, so their maps of a patch are a part of their maps of the window, as long as a patch
begins at a whole place of these maps. Source: Liu, Luo, Wang, Tang, ICCV 2015, section 3.2.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor

from facerep.errors import Usage
from facerep.networks.deepid import DeepID

STEP = 4
"""Pixels from one place of the second convolution's pooled maps to the next."""


def corners_in(height: int, width: int, network: DeepID, step: int = STEP) -> list[tuple[int, int]]:
    """Top and left of all patches of the network's size in a window, `step` pixels apart.

    Raises:
        Usage: the step is no multiple of STEP, or the window is smaller than a patch.
    """
    down, across = height - network.row.height, width - network.row.width
    if step % STEP or step < STEP or min(down, across) < 0:
        raise Usage(f"patches of a {height}x{width} window are no multiple of {STEP} pixels apart, or none fits")
    return [(top, left) for top in range(0, down + 1, step) for left in range(0, across + 1, step)]


def patch_features(network: DeepID, windows: Tensor, corners: Sequence[tuple[int, int]]) -> Tensor:
    """The feature of each patch, with one pass of the first two convolutions over the window.

    Args:
        network: in evaluation mode.
        windows: float (n, channels, height, width), each side at least the network's.
        corners: top and left of each patch, multiples of STEP.

    Returns:
        float (n, patches, feature).
    """
    pool1 = functional.relu(network.norm1(functional.max_pool2d(network.conv1(windows), 2)))
    pool2 = functional.relu(network.norm2(functional.max_pool2d(network.conv2(pool1), 2)))
    high, wide = ((side - 3) // 2 for side in (network.row.height, network.row.width))
    high, wide = (high - 2) // 2, (wide - 2) // 2
    parts = [pool2[:, :, top // STEP : top // STEP + high, left // STEP : left // STEP + wide] for top, left in corners]
    seen = torch.stack(parts, dim=1).flatten(0, 1)
    pool3 = functional.relu(network.norm3(functional.max_pool2d(network.conv3(seen), 2)))
    conv4 = functional.relu(network.norm4(network.conv4(pool3)))
    features = network.feature(network.seen({"pool3": pool3, "conv4": conv4}))
    return features.unflatten(0, (len(windows), len(corners)))


def patch_by_patch(network: DeepID, windows: Tensor, corners: Sequence[tuple[int, int]]) -> Tensor:
    """The same, each patch cut from the pixels and sent through the whole network."""
    high, wide = network.row.height, network.row.width
    patches = torch.stack([windows[:, :, top : top + high, left : left + wide] for top, left in corners], dim=1)
    return network(patches.flatten(0, 1)).unflatten(0, (len(windows), len(corners)))
