"""Regions: the windows of one aligned face that the networks of a pair see, cut on the device.

A crop is in one frame, so that a window is the same place in every face: two small matrices, one for its rows and one
for its columns, cut it out and bring it to size. The mirrored face's window is cut from the mirrored crop.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from facerep.faces.alignment import TEMPLATE
from facerep.faces.patches import GLOBAL, LOCAL, LOCAL_HEIGHT, Patch

FRAME = 112.0
"""Side of the frame that regions are named in, see faces/patches.py."""
GREY = (0.299, 0.587, 0.114)


class Region(nn.Module):
    """One patch of an aligned face.

    Shapes: input float (n, 3 or 1, height, width), the whole face as the preset has it; output float
    (n, 3 or 1, *size). Beyond the crop its edge is repeated.

    Args:
        patch: region, scale and colour.
        crop: height and width of the input.
        size: height and width of the output.
    """

    down: Tensor
    across: Tensor

    def __init__(self, patch: Patch, crop: tuple[int, int], size: tuple[int, int]) -> None:
        super().__init__()
        self.grey = patch.colour == "grey"
        x, y, extent = _place(patch.region)
        zoom = crop[0] / FRAME
        tall = extent * patch.scale * zoom
        wide = tall * size[1] / size[0]
        middle = (y - FRAME / 2) * zoom + crop[0] / 2, (x - FRAME / 2) * zoom + crop[1] / 2
        # not in the weights: they follow from the row
        self.register_buffer("down", _resample(crop[0], middle[0] - tall / 2, tall, size[0]), persistent=False)
        across = _resample(crop[1], middle[1] - wide / 2, wide, size[1]).T.contiguous()
        self.register_buffer("across", across, persistent=False)

    def forward(self, faces: Tensor) -> Tensor:
        if self.grey and faces.shape[1] == 3:
            faces = (faces * faces.new_tensor(GREY)[:, None, None]).sum(dim=1, keepdim=True)
        return (self.down @ faces.contiguous() @ self.across).contiguous(memory_format=torch.channels_last)


def _place(region: str) -> tuple[float, float, float]:
    """Middle, x then y, and height of a region in the frame, whose pixels are from 0 to 1, 1 to 2 and so on."""
    if region in GLOBAL:
        return GLOBAL[region]
    x, y = TEMPLATE[LOCAL[region]] + 0.5
    return float(x), float(y), LOCAL_HEIGHT


def _resample(have: int, start: float, extent: float, want: int) -> Tensor:
    """The matrix (want, have) that makes `want` samples of the stretch of so many pixels from `start` on.

    Each is a mean with weights that fall off linearly, as wide as the samples are apart, one pixel at least.
    """
    step = extent / want
    reach = max(step, 1.0)
    middles = start + (np.arange(want) + 0.5) * step
    pixels = np.arange(np.floor(middles[0] - reach), np.ceil(middles[-1] + reach)).astype(int)
    weights = np.clip(1 - np.abs(pixels + 0.5 - middles[:, None]) / reach, 0, None)
    matrix = np.zeros((want, have))
    np.add.at(matrix.T, np.clip(pixels, 0, have - 1), weights.T)
    return torch.from_numpy((matrix / matrix.sum(axis=1, keepdims=True)).astype(np.float32))
