"""The lights of the room, and what stands in their way: 18 flashes, the room's lamps, the light that comes from all
sides.

Flashes are fixed in the room while the camera goes around: 13 at the height of the head, five above. Where Multi-PIE's
are is not published to the degree; these places are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.rendering.mesh import EYE, HAIR, SKIN, Head, Layer, unit
from facerep.rendering.rasterise import DepthBuffer

FLASHES = np.array(
    [*((azimuth, 0) for azimuth in range(-90, 91, 15)), (-45, 35), (45, 35), (-25, 50), (0, 50), (25, 50)], np.float64
)
"""Azimuth and elevation of flash 1 to 18, in degrees; flash 7 is in front."""

ROOM, NONE = 0, 19
"""The lights that are no flash: the room's lamps; none but a faint one from all sides."""

_HALF = 1.75
"""Decimetres from the head's middle to the edge of a shadow map."""
_SKY_SIDE = 96


def direction(azimuth: np.ndarray | float, elevation: np.ndarray | float) -> np.ndarray:
    """Unit vectors towards azimuth and elevation in degrees, (..., 3); azimuth 0 is in front."""
    a, e = np.radians(np.broadcast_arrays(np.asarray(azimuth, np.float64), np.asarray(elevation, np.float64)))
    return np.stack([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)], axis=-1)


SKY = np.concatenate([
    direction(np.arange(0, 360, 90), 65), direction(np.arange(-90, 91, 36), 22), direction(np.arange(-60, 61, 60), -25),
])  # fmt: skip
"""Where the light from all sides is asked for: above, around, below."""


@dataclass(frozen=True)
class ShadowMap:
    """What a far light sees first, (s, s): the depth by place; `axes` are the map's right, up, and the light."""

    axes: np.ndarray
    depth: np.ndarray

    def sees(
        self, places: np.ndarray, normals: np.ndarray, slack: np.ndarray | float, astray: np.ndarray | None = None
    ) -> np.ndarray:
        """Whether the light reaches places, bool (n,).

        Args:
            places, normals: (n, 3).
            slack: so much may lie before it, in decimetres.
            astray: so far beside its place each is looked up, (n, 2): a lamp is no point, its shadow has no edge.
        """
        axes = self.axes.astype(places.dtype)
        at = places @ axes.T + (normals @ axes.T) * places.dtype.type(0.03)
        side = len(self.depth)
        flat = at[:, :2] if astray is None else at[:, :2] + astray
        scale = places.dtype.type(side / 2 / _HALF)
        column = np.clip((flat[:, 0] * scale + side / 2).astype(np.int32), 0, side - 1)
        row = np.clip((side / 2 - flat[:, 1] * scale).astype(np.int32), 0, side - 1)
        return -at[:, 2] <= self.depth.ravel()[row * side + column] + slack


def shadow_maps(head: Head, directions: np.ndarray, side: int) -> list[ShadowMap]:
    """A map a direction."""
    casting = [layer for layer in head.layers if layer.kind in (SKIN, HAIR)]
    maps = []
    for towards in directions:
        above = np.array([0, 1.0, 0]) if abs(towards[1]) < 0.95 else np.array([0, 0, 1.0])
        right = unit(np.cross(above, towards))
        axes = np.stack([right, np.cross(towards, right), towards])
        buffer = DepthBuffer(side)
        for layer in casting:
            at = layer.places @ axes.T
            screen = np.stack([(at[:, 0] / _HALF + 1) * side / 2, (1 - at[:, 1] / _HALF) * side / 2], axis=1)
            buffer.lower(screen, -at[:, 2], layer.triangles, front_only=layer.kind == SKIN, cutout=layer.cutout)
        maps.append(ShadowMap(axes, buffer.depth.reshape(side, side).astype(np.float32)))
    return maps


@dataclass(frozen=True)
class Lighting:
    """The shadows of one head: of the flashes a map each; of the sky, for each vertex of each layer, the light from all
    sides and that of the ceiling, (n, 2).
    """

    flashes: list[ShadowMap]
    sky: list[np.ndarray]


def lighting(head: Head, side: int) -> Lighting:
    """Compute all shadows of a head; `side` is that of a flash's map."""
    flashes = shadow_maps(head, direction(*FLASHES.T), side)
    maps = shadow_maps(head, SKY, _SKY_SIDE)
    return Lighting(flashes, [_sky(layer, maps) for layer in head.layers])


def _sky(layer: Layer, maps: list[ShadowMap]) -> np.ndarray:
    places, normals = layer.places, layer.normals
    if layer.kind == EYE:
        normals = unit(places - layer.centre)
    if layer.kind == HAIR:  # strands show both of their sides: the outer one counts
        normals = normals * np.where((places * normals).sum(axis=1, keepdims=True) < 0, -1, 1)
    around, above = np.zeros(len(places)), np.zeros(len(places))
    all_around = all_above = 0.0
    for towards, shadows in zip(SKY, maps, strict=True):
        free = shadows.sees(places, normals, 0.05)
        cosine = normals @ towards
        weight = 1.0 + 0.5 * towards[1]
        around += weight * free * np.clip(0.6 * cosine + 0.4, 0, 1)
        all_around += weight
        if towards[1] > 0.3:
            above += free * np.clip(cosine, 0, 1) * towards[1]
            all_above += towards[1]
    return np.stack([1.6 * around / all_around, 2.0 * above / all_above], axis=1)
