"""A z-buffer: the nearest triangle behind each pixel's centre, in numpy.

Screens have x to the right and y down; pixel (i, j) has its centre at (j + 0.5, i + 0.5). Depths grow away from the
eye.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Hits(NamedTuple):
    """What was drawn: flat pixel indices (n,), the triangle behind each (n,), and its barycentrics (n, 3)."""

    pixels: np.ndarray
    triangles: np.ndarray
    inside: np.ndarray


@dataclass(frozen=True)
class Cutout:
    """Where a layer is not there: its texture's opacity (h, w), 0 to 1, by texture coordinates.

    Attributes:
        uv: texture coordinates, (m, 2), v up.
        triangles: three of them for each triangle, (t, 3).
        opacity: of the texture.
        least: less than this is not there.
    """

    uv: np.ndarray
    triangles: np.ndarray
    opacity: np.ndarray
    least: float


class DepthBuffer:
    """Depths of a square screen of `side` pixels; layers are drawn into it one after the other."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.depth = np.full(side * side, np.inf)

    def draw(
        self,
        screen: np.ndarray,
        depth: np.ndarray,
        triangles: np.ndarray,
        *,
        front_only: bool = False,
        cutout: Cutout | None = None,
    ) -> Hits:
        """Draw triangles; gives the pixels that are theirs for now.

        Args:
            screen: (n, 2) corner positions in pixels.
            depth: (n,) depths.
            triangles: (t, 3) corners, counter-clockwise for whoever sees their front.
            front_only: leave out those that show their back.
            cutout: where the layer is not there.
        """
        owner, inside, pixels = self._fragments(screen[triangles], front_only)
        if cutout is not None:
            there = _opacity(cutout, owner, inside) >= cutout.least
            owner, inside, pixels = owner[there], inside[there], pixels[there]
        z = blend(depth[:, None], triangles[owner], inside)[:, 0]
        np.minimum.at(self.depth, pixels, z)
        nearest = np.flatnonzero(z == self.depth[pixels])
        # fragments are in the order of triangles: of equally near ones the first is taken, always
        _, first = np.unique(pixels[nearest], return_index=True)
        chosen = nearest[first]
        return Hits(pixels[chosen], owner[chosen], inside[chosen])

    def lower(
        self,
        screen: np.ndarray,
        depth: np.ndarray,
        triangles: np.ndarray,
        *,
        front_only: bool = False,
        cutout: Cutout | None = None,
    ) -> None:
        """Draw depths only."""
        owner, inside, pixels = self._fragments(screen[triangles], front_only)
        if cutout is not None:
            there = _opacity(cutout, owner, inside) >= cutout.least
            owner, inside, pixels = owner[there], inside[there], pixels[there]
        np.minimum.at(self.depth, pixels, blend(depth[:, None], triangles[owner], inside)[:, 0])

    def _fragments(self, corners: np.ndarray, front_only: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Triangle, barycentrics and pixel of every pixel centre that lies in a triangle."""
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        # of three corners each: numpy's own min over an axis of three takes ten times as long
        low = np.ceil(np.minimum(np.minimum(a, b), c) - 0.5).clip(0, self.side).astype(np.int64)
        high = np.floor(np.maximum(np.maximum(a, b), c) - 0.5).clip(-1, self.side - 1).astype(np.int64)
        seen = (high[:, 0] >= low[:, 0]) & (high[:, 1] >= low[:, 1]) & (np.abs(area) > 1e-9)
        if front_only:
            seen &= area < 0  # y is down
        kept = np.flatnonzero(seen)
        if not len(kept):
            return np.zeros(0, np.int64), np.zeros((0, 3)), np.zeros(0, np.int64)
        low, high, corners, area = low[kept], high[kept], corners[kept], area[kept]
        size = high - low + 1
        count = size[:, 0] * size[:, 1]
        owner = np.repeat(np.arange(len(kept)), count)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        row, column = np.divmod(place, size[owner, 0])
        column += low[owner, 0]
        row += low[owner, 1]
        first, second = _edges(corners, area)
        x, y = column + 0.5, row + 0.5
        u = first[owner, 0] * x + first[owner, 1] * y + first[owner, 2]
        v = second[owner, 0] * x + second[owner, 1] * y + second[owner, 2]
        w = 1 - u - v
        within = (u >= 0) & (v >= 0) & (w >= 0)
        inside = np.stack([u[within], v[within], w[within]], axis=1)
        return kept[owner[within]], inside, (row * self.side + column)[within]


def _edges(corners: np.ndarray, area: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Barycentrics of the first and second corner as planes over the screen: factors of x, of y, and 1; (t, 3) each."""
    planes = []
    for one, two in ((1, 2), (2, 0)):
        p, q = corners[:, one], corners[:, two]
        by_x, by_y = (p[:, 1] - q[:, 1]) / area, (q[:, 0] - p[:, 0]) / area
        planes.append(np.stack([by_x, by_y, -(by_x * p[:, 0] + by_y * p[:, 1])], axis=1))
    return planes[0], planes[1]


def _opacity(cutout: Cutout, owner: np.ndarray, inside: np.ndarray) -> np.ndarray:
    height, width = cutout.opacity.shape
    at = blend(cutout.uv, cutout.triangles[owner], inside)
    row = np.clip(((1 - at[:, 1]) * height).astype(np.int64), 0, height - 1)
    return cutout.opacity[row, np.clip((at[:, 0] * width).astype(np.int64), 0, width - 1)]


def blend(values: np.ndarray, triangles: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Values of corners (n, k) at places inside of triangles: (p, k)."""
    return (
        values[triangles[:, 0]] * inside[:, :1]
        + values[triangles[:, 1]] * inside[:, 1:2]
        + values[triangles[:, 2]] * inside[:, 2:]
    )


def sample(texture: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """A texture (h, w, k) at texture coordinates (p, 2), v up, bilinear: (p, k)."""
    height, width = texture.shape[:2]
    x = np.clip(uv[:, 0] * width - 0.5, 0, width - 1.001)
    y = np.clip((1 - uv[:, 1]) * height - 0.5, 0, height - 1.001)
    column, row = x.astype(np.int64), y.astype(np.int64)
    right, down = (x - column)[:, None], (y - row)[:, None]
    upper = texture[row, column] * (1 - right) + texture[row, column + 1] * right
    lower = texture[row + 1, column] * (1 - right) + texture[row + 1, column + 1] * right
    return upper * (1 - down) + lower * down
