"""Covers: a part of an aligned face is made black, the same part in every patch that is cut from it.

A cover is a rectangle of the 112x112 frame of the template, in which a face is 112 high and 96 wide: a band from the
bottom upwards that takes a share of its area, or a square block of a side in the frame's pixels at a random place
inside it. A network that sees the frame at half its size sees half the block. Pixels that are covered in part are
darkened in part, and the mirrored face carries its cover mirrored.
Source: DeepID2+, section 6 (which says neither the size of the picture nor the colour).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from facerep.faces.alignment import SWAPPED, TEMPLATE, similarity
from facerep.faces.crops import Crop, cut_for, length_of
from facerep.faces.patches import window

LEFT, TOP, WIDTH, HEIGHT = 7.5, -0.5, 96.0, 112.0
"""The face in the frame, whose pixels have their centres at whole numbers."""
_AXIS = 2 * float(TEMPLATE[:, 0].mean())
"""x in the frame is here minus x in the frame of the mirrored face: both are fitted to the same, uneven template."""


@dataclass(frozen=True)
class Cover:
    """What is hidden.

    Attributes:
        kind: "none", "bottom" or "block".
        amount: share of the face's area, 0..1; or side of the block in pixels of the 112x112 frame.
    """

    kind: Literal["none", "bottom", "block"] = "none"
    amount: float = 0.0

    def rectangle(self, places: np.ndarray) -> np.ndarray:
        """Left, top, right, bottom in the frame, float64 (n, 4), for faces with `places` (n, 2) in 0..1."""
        found = np.empty((len(places), 4))
        if self.kind == "bottom":
            found[:] = -np.inf, TOP + (1 - self.amount) * HEIGHT, np.inf, np.inf
            return found
        found[:, :2] = [LEFT, TOP] + places * [WIDTH - self.amount, HEIGHT - self.amount]
        found[:, 2:] = found[:, :2] + self.amount
        return found


def place_of(name: str, seed: int) -> tuple[float, float]:
    """Where the block of a face lies, two numbers in 0..1: by name and seed, whatever other faces there are."""
    digest = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32, int.from_bytes(digest[4:8]) / 2**32


def cut_to_cover(crops: tuple[Crop, ...], mirror: str, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """All crops of one face as `crops.cut_for` gives them, behind them where each lies in the frame; flat uint8."""
    shifts = []
    for crop in dict.fromkeys(crops):
        located = crop.preset.locate(picture, marks)
        shifts.append(_shift(crop, located))
        if mirror != "none":
            shifts.append(_shift(crop, located[SWAPPED] * [-1, 1] + [picture.shape[1] - 1, 0]))
    return np.concatenate([cut_for(crops, mirror, picture, marks), np.array(shifts, np.float32).ravel().view(np.uint8)])


def covered(flat: np.ndarray, crops: Sequence[Crop], mirror: str, cover: Cover, places: np.ndarray) -> np.ndarray:
    """The crops of faces with the cover on them, uint8, as `crops.cut_for` gives them.

    Args:
        flat: uint8 (n, length), a row from `cut_to_cover` each.
        crops, mirror: as there.
        cover: what is hidden.
        places: of each face's block, (n, 2).
    """
    views, distinct = 1 if mirror == "none" else 2, list(dict.fromkeys(crops))
    pixels = sum(length_of(crop, mirror) for crop in distinct)
    if cover.kind == "none":
        return flat[:, :pixels]
    shifts = np.ascontiguousarray(flat[:, pixels:]).view(np.float32).reshape(len(flat), len(distinct), views, 2)
    rectangle = cover.rectangle(places)
    answer, start = np.empty((len(flat), pixels), np.uint8), 0
    for number, crop in enumerate(distinct):
        size = crop.height * crop.width * crop.channels
        for view in range(views):
            seen = rectangle if view == 0 else _mirrored(rectangle)
            open_ = 1 - _hidden(crop, seen, shifts[:, number, view])
            faces = flat[:, start : start + size].reshape(len(flat), crop.height, crop.width, crop.channels)
            answer[:, start : start + size] = np.rint(faces * open_[..., None]).reshape(len(flat), size)
            start += size
    return answer


def _zoom(crop: Crop) -> float:
    """Pixels of the crop in one of the frame."""
    frame = window(crop.patch, np.eye(2, 3), TEMPLATE, crop.height, crop.width)
    return float(frame[0, 0])


def _shift(crop: Crop, located: np.ndarray) -> np.ndarray:
    """Where the frame's origin lies in the crop: position in the crop = zoom * position in the frame + shift."""
    aligned = similarity(located, TEMPLATE)
    seen = window(crop.patch, aligned, located, crop.height, crop.width)
    return seen[:, 2] - _zoom(crop) * aligned[:, 2]


def _mirrored(rectangle: np.ndarray) -> np.ndarray:
    left, top, right, bottom = rectangle.T
    return np.stack([_AXIS - right, top, _AXIS - left, bottom], axis=1)


def _hidden(crop: Crop, rectangle: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """The share of each pixel that is covered, float32 (n, height, width)."""
    ends = _zoom(crop) * rectangle + np.tile(shifts, 2)
    sides = []
    for axis, length in ((0, crop.width), (1, crop.height)):
        pixel = np.arange(length)
        low = np.maximum(ends[:, axis, None], pixel - 0.5)
        high = np.minimum(ends[:, axis + 2, None], pixel + 0.5)
        sides.append(np.clip(high - low, 0, 1).astype(np.float32))
    return sides[1][:, :, None] * sides[0][:, None, :]
