"""Region: the square around a tracked face that the trunk sees, cut from a frame at one size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image


@dataclass(frozen=True)
class Region:
    """A square of a frame; it may leave the frame.

    Attributes:
        x, y: its upper left corner in the frame, pixels from edge to edge.
        side: in pixels of the frame.
        size: pixels of a side of what the trunk sees.
    """

    x: float
    y: float
    side: float
    size: int

    @property
    def scale(self) -> float:
        """Pixels of the trunk's picture for one of the frame."""
        return self.size / self.side

    def inside(self, boxes: np.ndarray) -> np.ndarray:
        """Boxes of the frame in pixels of the trunk's picture, float64, shape (..., 4)."""
        return (np.asarray(boxes, np.float64) - [self.x, self.y, 0, 0]) * self.scale


def around(box: np.ndarray, size: int, times: float) -> Region:
    """The region whose side is `times` the diagonal of a box, about the box's centre."""
    x, y, width, height = (float(value) for value in box)
    side = times * float(np.hypot(width, height))
    return Region(x + width / 2 - side / 2, y + height / 2 - side / 2, side, size)


def cut(frame: np.ndarray, region: Region) -> np.ndarray:
    """The pixels of a region, uint8 (size, size, 3); beyond the frame its last pixels go on.

    Args:
        frame: uint8 (height, width, 3).
        region: some of it lies inside the frame, else the nearest pixels fill all of it.
    """
    height, width = frame.shape[:2]
    columns, left, right = _seen(region.x, region, width)
    rows, top, bottom = _seen(region.y, region, height)
    shape = (columns[1] - columns[0], rows[1] - rows[0])
    part = Image.fromarray(frame).resize(shape, Image.Resampling.BILINEAR, box=(left, top, right, bottom))
    beyond = ((rows[0], region.size - rows[1]), (columns[0], region.size - columns[1]), (0, 0))
    return np.pad(np.asarray(part), beyond, mode="edge")


def _seen(start: float, region: Region, frame: int) -> tuple[tuple[int, int], float, float]:
    """Along one side: the pixels of the picture that lie inside the frame (one at least), and their ends there."""
    step = region.side / region.size
    first = int(np.clip(np.ceil(-start / step), 0, region.size - 1))
    last = int(np.clip(np.floor((frame - start) / step), first + 1, region.size))
    low = float(np.clip(start + first * step, 0, frame - 1))
    return (first, last), low, float(np.clip(start + last * step, low + min(step, 1), frame))
