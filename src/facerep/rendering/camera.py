"""The camera: a head from one view becomes what is seen at each point of a picture, before any light is on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.rendering.light import Lighting, direction
from facerep.rendering.mesh import BROW, EYE, HAIR, LASH, SKIN, Head, Layer, turn, unit
from facerep.rendering.person import Person
from facerep.rendering.rasterise import DepthBuffer, Hits, blend, sample
from facerep.rendering.texture import LUMA, Painted, smooth

FINER = 2
"""Points on a side of a pixel."""
DISTANCE = 12.0
"""Decimetres from the camera to the head."""
_DROP = 22 / 64
"""From the eyes to the mouth, in sides of the picture."""
_NEARER = {BROW: 0.03, LASH: 0.02}
"""Decimetres by which layers that lie on the skin come forward."""


@dataclass(frozen=True)
class Camera:
    """A camera around the head.

    Attributes:
        view: azimuth in degrees.
        size: of the picture in pixels, and margin: around it, to move the picture in.
        scale: 1 as a rule; roll in degrees; shift in pixels.
    """

    view: float
    size: int
    margin: int
    scale: float = 1.0
    roll: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def side(self) -> int:
        """Points on a side of what is rendered."""
        return FINER * (self.size + 2 * self.margin)

    @property
    def place(self) -> np.ndarray:
        """Where the camera stands."""
        return DISTANCE * direction(self.view, 0)

    def project(self, places: np.ndarray, drop: float) -> tuple[np.ndarray, np.ndarray]:
        """Points of the screen (n, 2), and depths (n,)."""
        seen = places @ turn(self.view) @ turn(0, 0, self.roll).T
        near = DISTANCE - seen[:, 2]
        pixels = self.scale * _DROP * self.size / drop * DISTANCE / near
        middle = self.size / 2 + self.margin
        screen = np.stack(
            [middle + seen[:, 0] * pixels + self.shift[0], middle - seen[:, 1] * pixels + self.shift[1]], axis=1
        )
        return screen * FINER, near

    def pixels(self, places: np.ndarray, drop: float) -> np.ndarray:
        """Pixels of the picture, centres at whole numbers, (n, 2)."""
        return self.project(places, drop)[0] / FINER - self.margin - 0.5


@dataclass(frozen=True)
class Sight:
    """What is seen at each point where the head is, n of them; float32.

    Attributes:
        side: points on a side of the screen.
        points: flat indices on it, (n,).
        kind: of the layer.
        bright: reflected light, (n,).
        gloss: how glossy it is against others of its kind, (n,).
        normals, places, back: (n, 3); back points to the camera.
        sky: light from all sides and from the ceiling, (n, 2).
    """

    side: int
    points: np.ndarray
    kind: np.ndarray
    bright: np.ndarray
    gloss: np.ndarray
    normals: np.ndarray
    places: np.ndarray
    back: np.ndarray
    sky: np.ndarray


def look(head: Head, painted: Painted, person: Person, lit: Lighting, camera: Camera) -> Sight:
    """See a head from a camera."""
    count = camera.side**2
    kind = np.zeros(count, np.int8)
    surface, sky = np.ones((count, 2), np.float32), np.zeros((count, 2), np.float32)
    normals, places = np.zeros((count, 3), np.float32), np.zeros((count, 3), np.float32)
    buffer = DepthBuffer(camera.side)
    for layer, layer_sky in zip(head.layers, lit.sky, strict=True):
        screen, depth = camera.project(layer.places, head.drop)
        hits = buffer.draw(
            screen, depth - _NEARER.get(layer.kind, 0), layer.triangles, front_only=layer.kind in (SKIN, EYE),
            cutout=layer.cutout,
        )  # fmt: skip
        if not len(hits.pixels):
            continue
        at, corners = hits.pixels, layer.triangles[hits.triangles]
        place = blend(layer.places, corners, hits.inside)
        normal = unit(blend(layer.normals, corners, hits.inside))
        light = blend(layer_sky, corners, hits.inside)
        if layer.kind == EYE:
            normal = unit(place - layer.centre)
        elif layer.kind == HAIR:
            away = ((camera.place - place) * normal).sum(axis=1, keepdims=True) < 0
            normal = np.where(away, -normal, normal)
        elif layer.kind in (BROW, LASH):  # they lie on the skin: it has the light
            skin = (kind[at] == SKIN)[:, None]
            normal, light = np.where(skin, normals[at], normal), np.where(skin, sky[at], light)
        surface[at] = _surface(layer, hits, normal, painted, person, surface[at])
        normals[at], places[at], sky[at], kind[at] = normal, place, light, layer.kind
    there = np.flatnonzero(kind)
    back = unit(camera.place.astype(np.float32) - places[there])
    bright, gloss = surface[there].T
    return Sight(camera.side, there, kind[there], bright, gloss, normals[there], places[there], back, sky[there])


def _surface(
    layer: Layer, hits: Hits, normal: np.ndarray, painted: Painted, person: Person, before: np.ndarray
) -> np.ndarray:
    """How much light is reflected, and how glossy it is, (n, 2); `before` is that of what lies behind."""
    if layer.kind == EYE:
        bright = _eyeball(layer, normal, person)
    else:
        assert layer.uv is not None
        assert layer.uv_triangles is not None
        uv = blend(layer.uv, layer.uv_triangles[hits.triangles], hits.inside)
        if layer.kind == SKIN:
            return sample(painted.surface, uv)
        assert layer.shade is not None
        shade = np.clip(sample(layer.shade, uv)[:, 0], 0.2, 3)
        if layer.kind == HAIR:
            bright = shade * (person.hair_colour @ LUMA)
        elif layer.kind == LASH:
            bright = 0.01 * shade
        else:
            own = shade * (person.brow_colour @ LUMA)
            bright = own * person.brow_strength + before[:, 0] * (1 - person.brow_strength)
    return np.stack([bright, np.ones(len(bright))], axis=1)


def _eyeball(layer: Layer, normal: np.ndarray, person: Person) -> np.ndarray:
    """White, iris and pupil, by degrees from where the eye looks."""
    angle = np.degrees(np.arccos(np.clip(normal @ layer.forward, -1, 1)))
    edge = person.iris_size
    white, iris = smooth(angle, edge - 2, edge + 2), smooth(angle, 0.42 * edge - 2, 0.42 * edge + 2)
    ring = (person.iris @ LUMA) * (1 - 0.6 * smooth(angle, edge - 6, edge))
    return white * 0.40 + (1 - white) * (iris * ring + (1 - iris) * 0.004)
