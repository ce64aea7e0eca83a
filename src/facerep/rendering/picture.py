"""Pictures: the lights put on what a camera sees, moved by each picture's own error, and averaged down."""

from __future__ import annotations

import numpy as np

from facerep.rendering.assets import GAMMA
from facerep.rendering.camera import FINER, Camera, Sight
from facerep.rendering.light import FLASHES, NONE, ROOM, Lighting, direction
from facerep.rendering.person import Person

ERROR = 0.85
"""Deviation of each picture's own shift, in pixels of 64, across and down: faces are never aligned alike."""
FARTHEST = 2.0
"""No picture is moved farther, in pixels of 64."""
NOISE = 0.004
"""Deviation of the camera's noise, of the picture's range."""

_FAR = 11.0
"""Decimetres from a flash to the head."""
_FLASH, _FILL, _ROOM, _FAINT = 1.1, 0.16, 0.55, 0.30
_BACKGROUND, _DARK_BACKGROUND = 0.06, 0.024
_LAMP = 0.033
"""Width of a flash's lamp as it blurs the shadow, in decimetres on the face."""

# by kind of layer: background, skin, eye, brow, lash, hair
_WRAP = np.array([0, 0.12, 0, 0.1, 0.1, 0.35], np.float32)
_SLACK = np.array([0, 0.05, 0.06, 0.06, 0.06, 0.16], np.float32)
_GLOSS = np.array([0, 0, 0.9, 0.02, 0.02, 0.12], np.float32)
_SHINE = np.array([1, 0, 60, 10, 10, 10], np.float32)


class Relit:
    """One sight under any of the lights."""

    def __init__(self, sight: Sight, lit: Lighting, person: Person) -> None:
        self.sight, self.lit = sight, lit
        gloss, shine = _GLOSS.copy(), _SHINE.copy()
        gloss[1], shine[1] = person.paint.gloss, person.paint.shine
        kind = sight.kind
        self.gloss, self.shine = 0.12 * sight.gloss * gloss[kind] * (shine[kind] + 8) / 60, shine[kind]
        self.wrap, self.slack = _WRAP[kind], _SLACK[kind]
        self.facing = _dot(sight.normals, sight.back)
        # the same for every picture, so that a shadow's grain is no mark of a picture
        grain = np.random.Generator(np.random.PCG64(7)).random((sight.side**2, 2), np.float32)
        self.astray = (grain[sight.points] - np.float32(0.5)) * np.float32(_LAMP)

    def light(self, number: int) -> np.ndarray:
        """The light that comes to the camera, float32 (side, side), 1 being white."""
        sight = self.sight
        around, above = sight.sky[:, 0], sight.sky[:, 1]
        if number == ROOM:
            seen = _ROOM * (0.45 * around + 0.75 * above) * sight.bright
        elif number == NONE:
            seen = _FAINT * around * sight.bright
        else:
            seen = self._flash(number) + _FILL * (0.6 * around + 0.5 * above) * sight.bright
        screen = np.full(sight.side**2, _DARK_BACKGROUND if number == NONE else _BACKGROUND, np.float32)
        screen[sight.points] = seen
        return screen.reshape(sight.side, sight.side)

    def _flash(self, number: int) -> np.ndarray:
        sight = self.sight
        lamp = (_FAR * direction(*FLASHES[number - 1])).astype(np.float32)
        towards = lamp - sight.places
        far = np.sqrt(_dot(towards, towards))
        towards /= far[:, None]
        cosine = _dot(sight.normals, towards)
        matt = np.clip((cosine + self.wrap) / (1 + self.wrap) ** 1.5, 0, None)
        # the cosine between the normal and the middle of both directions, without computing that middle
        halfway = (cosine + self.facing) / np.sqrt(np.maximum(2 + 2 * _dot(towards, sight.back), 1e-6))
        glossy = self.gloss * np.clip(halfway, 0, 1) ** self.shine * (cosine > 0)
        free = self.lit.flashes[number - 1].sees(sight.places, sight.normals, self.slack, self.astray)
        return _FLASH * free * (_FAR / far) ** 2 * (matt * sight.bright + glossy)


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 0] + a[:, 1] * b[:, 1] + a[:, 2] * b[:, 2]


def develop(light: np.ndarray, camera: Camera, shift: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """A picture, uint8 (size, size): moved by `shift` (x, y) in pixels, averaged down, with the camera's noise."""
    across, down = (_window(camera, float(by)) for by in shift)
    picture = np.clip(down @ light @ across.T, 0, 1) ** np.float32(1 / GAMMA)
    picture = picture + draw.normal(0, NOISE, picture.shape)
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def own_shift(size: int, draw: np.random.Generator) -> np.ndarray:
    """A picture's own error of alignment, (x, y) in its pixels."""
    return np.clip(draw.normal(0, ERROR, 2), -FARTHEST, FARTHEST) * size / 64


def margin(size: int) -> int:
    """Pixels around a picture within which it can be moved."""
    return int(np.ceil(FARTHEST * size / 64))


def _window(camera: Camera, shift: float) -> np.ndarray:
    """Which points a row or column of pixels averages, and how much of each: (size, side)."""
    start = FINER * (camera.margin - shift + np.arange(camera.size)[:, None])
    points = np.arange(camera.side)[None]
    share = np.minimum(points + 1, start + FINER) - np.maximum(points, start)
    return (np.clip(share, 0, 1) / FINER).astype(np.float32)
