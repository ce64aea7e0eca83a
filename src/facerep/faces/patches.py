"""Patches: the windows of an aligned face that one network each sees.

Ten regions x scales x {RGB, grey}, as DeepID has them (section 3.2): five global ones, fixed in the aligned face,
and five local ones, each centred on one of the five points. The paper prints no coordinates; the table below is ours.
The mirrored twin of a patch is the same patch of the mirrored face, so left and right eye change places.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from facerep.errors import BadInput

# region: centre x, centre y, height; in the 112x112 frame of the template
GLOBAL = {
    "face": (56.0, 56.0, 112.0),
    "inner": (56.0, 70.0, 80.0),
    "upper": (56.0, 50.0, 66.0),
    "middle": (56.0, 66.0, 66.0),
    "lower": (56.0, 82.0, 66.0),
}
LOCAL = {"left-eye": 0, "right-eye": 1, "nose": 2, "left-mouth": 3, "right-mouth": 4}
LOCAL_HEIGHT = 50.0
REGIONS = (*GLOBAL, *LOCAL)
SCALES = (0.8, 1.0, 1.25)


@dataclass(frozen=True)
class Patch:
    """A window of the aligned face.

    Attributes:
        region: one of REGIONS.
        scale: larger shows more of the face.
        colour: "rgb" or "grey".
    """

    region: str = "face"
    scale: float = 1.0
    colour: Literal["rgb", "grey"] = "rgb"

    def __str__(self) -> str:
        return f"{self.region}*{self.scale:g}/{self.colour}"

    @property
    def symmetric(self) -> bool:
        """The mirrored patch is the patch of the mirrored face; not so for eyes and mouth corners."""
        return self.region in GLOBAL or self.region == "nose"


WHOLE_FACE = Patch()
"""What a network sees where nothing else is said."""


def all_patches() -> list[Patch]:
    """The 60 patches: 10 regions x 3 scales x 2 colours."""
    colours: tuple[Literal["rgb", "grey"], ...] = ("rgb", "grey")
    return [Patch(region, scale, colour) for region in REGIONS for scale in SCALES for colour in colours]


def parse_patch(text: str, colour: Literal["rgb", "grey"]) -> Patch:
    """The patch that a recipe names: `REGION` or `REGION*SCALE`, such as `left-eye*1.25`.

    Raises:
        BadInput: no such region, or a scale that is no number above 0.
    """
    region, sign, factor = text.partition("*")
    try:
        scale = float(factor) if sign else 1.0
    except ValueError:
        scale = math.nan
    if region not in REGIONS or not 0 < scale < math.inf:
        raise BadInput(f"no patch {text!r}", hint=f"give REGION or REGION*SCALE; regions: {', '.join(REGIONS)}")
    return Patch(region, scale, colour)


def window(patch: Patch, aligned: np.ndarray, points: np.ndarray, height: int, width: int) -> np.ndarray:
    """The map from picture to crop, float64 (2, 3), in pixels with centres at whole numbers.

    Args:
        patch: which window.
        aligned: map from the picture to the 112x112 frame, (2, 3).
        points: the five points in the picture, (5, 2).
        height, width: of the crop.

    Raises:
        KeyError: no such region.
    """
    if patch.region in GLOBAL:
        x, y, extent = GLOBAL[patch.region]
        # the frame's middle is at 55.5 where pixel centres are whole numbers
        centre = np.array([x - 0.5, y - 0.5])
    else:
        centre = aligned[:, :2] @ points[LOCAL[patch.region]] + aligned[:, 2]
        extent = LOCAL_HEIGHT
    zoom = height / (extent * patch.scale)
    moved = aligned.copy()
    moved[:, 2] -= centre
    moved *= zoom
    moved[:, 2] += [(width - 1) / 2, (height - 1) / 2]
    return moved
