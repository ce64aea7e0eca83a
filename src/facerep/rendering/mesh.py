"""A person's head with one expression: layers of triangles in the room, centred between eyes and mouth.

Decimetres, y up, z to the front: towards the frontal camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.rendering.assets import Assets, Piece
from facerep.rendering.person import Person
from facerep.rendering.rasterise import Cutout, sample
from facerep.rendering.texture import Painted

SKIN, EYE, BROW, LASH, HAIR = 1, 2, 3, 4, 5
"""Kinds of layers; 0 is the background."""

_BEARD, _BUZZ = 0.045, 0.03
"""How thick they stand off, in decimetres."""


@dataclass(frozen=True)
class Layer:
    """One mesh.

    Attributes:
        kind: SKIN and so on.
        places, normals: of the vertices, (n, 3).
        triangles: (t, 3).
        cutout: where it is not there; None: it is everywhere.
        uv, uv_triangles: texture coordinates.
        shade: of a piece: its texture's brightness about 1, (h, w, 1).
        centre, forward: of an eye.
    """

    kind: int
    places: np.ndarray
    normals: np.ndarray
    triangles: np.ndarray
    cutout: Cutout | None = None
    uv: np.ndarray | None = None
    uv_triangles: np.ndarray | None = None
    shade: np.ndarray | None = None
    centre: np.ndarray | None = None
    forward: np.ndarray | None = None


@dataclass(frozen=True)
class Head:
    """A head with its five points (5, 3): the eyes' fronts, nose, mouth corners, as the frontal camera sees them, left
    first; the face's vertices, for the box; and the distance from the eyes to the mouth, by which pictures are scaled.
    """

    layers: tuple[Layer, ...]
    points: np.ndarray
    face: np.ndarray
    drop: float


def turn(yaw: float, pitch: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """A rotation by degrees about y, x and z: the face goes to its left, down, and to the side."""
    a, b, c = np.radians([yaw, pitch, roll])
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def normals_of(places: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Unit normals of vertices: means of their triangles', by area."""
    corners = places[triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    total = np.stack(
        [np.bincount(triangles.ravel(), np.repeat(faces[:, axis], 3), len(places)) for axis in range(3)], axis=1
    )
    return unit(total)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors of length 1."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def build(assets: Assets, person: Person, painted: Painted, expression: str) -> Head:
    """The head of a person with an expression, "neutral" or "smile"."""
    neutral = morph(assets, person.shape)
    shape = person.shape | person.smile if expression == "smile" else person.shape
    places = morph(assets, shape) if expression == "smile" else neutral
    marks = assets.marks
    eyes = np.mean([neutral[eye].mean(axis=0) for eye in marks.eyes], axis=0)
    mouth = neutral[list(marks.mouth)].mean(axis=0)
    drop = float(np.linalg.norm(eyes - mouth))
    # the axis of the cameras: near the face, so that the nose stays in the frame of a view from the side
    centre = (eyes + mouth) / 2 - [0, 0, 0.15 * drop]
    pose = turn(*person.poses[expression])

    def put(some: np.ndarray) -> np.ndarray:
        return (some - centre) @ pose.T

    scale = _scale(assets, places)
    layers = [_skin(assets, places, painted, put)]
    fronts = []
    for eye, triangles in zip(marks.eyes, assets.eyes, strict=True):
        ball = places[eye].mean(axis=0)
        local = np.searchsorted(eye, triangles)
        there = put(places[eye])
        forward = pose @ [0, 0, 1]
        layers.append(
            Layer(EYE, there, normals_of(there, local), local, centre=put(ball), forward=forward)
        )  # fmt: skip
        radius = np.linalg.norm(places[eye] - ball, axis=1).max()
        fronts.append(ball + radius * np.array([0, 0, 1]))
    wanted = [(BROW, f"brows/{person.brows}", person.brow_least), (LASH, f"lashes/{person.lashes}", 0.35)]
    if person.hair not in ("none", "buzz"):
        wanted.append((HAIR, f"hair/{person.hair}", 0.45))
    for kind, name, least in wanted:
        more = person.volume if kind == HAIR else 1.0
        layers.append(_hung(kind, assets.pieces[name], places, scale * more, least, put))
    left, right = marks.mouth[1], marks.mouth[0]  # what the camera sees at its left is at negative x
    points = np.stack([fronts[1], fronts[0], places[marks.nose], places[left], places[right]])
    return Head(tuple(layers), put(points), put(places[marks.face]), drop)


def morph(assets: Assets, weights: dict[str, float]) -> np.ndarray:
    """The head's vertices with targets added; targets that are not there are left out."""
    places = assets.vertices.copy()
    for name, weight in weights.items():
        if weight and name in assets.targets:
            rows, moves = assets.targets[name]
            places[rows] += weight * moves
    return places


def _scale(assets: Assets, places: np.ndarray) -> np.ndarray:
    """How large this head is against the base, along each axis."""
    found = []
    for axis, (one, two) in enumerate(assets.scale_vertices):
        base = abs(assets.vertices[one, axis] - assets.vertices[two, axis])
        found.append(abs(places[one, axis] - places[two, axis]) / base)
    return np.array(found)


def _skin(assets: Assets, places: np.ndarray, painted: Painted, put) -> Layer:
    """The skin; beards and cropped hair thicken it."""
    stacked = np.stack([painted.beard, painted.scalp], axis=2)
    at_uv = sample(stacked, assets.uv) @ [_BEARD, _BUZZ]
    corners, values = assets.triangles.ravel(), at_uv[assets.uv_triangles.ravel()]
    count = np.maximum(np.bincount(corners, minlength=len(places)), 1)
    thick = np.bincount(corners, values, len(places)) / count
    grown = places + normals_of(places, assets.triangles) * thick[:, None]
    there = put(grown)
    return Layer(
        SKIN, there, normals_of(there, assets.triangles), assets.triangles, uv=assets.uv,
        uv_triangles=assets.uv_triangles,
    )  # fmt: skip


def _hung(kind: int, piece: Piece, places: np.ndarray, scale: np.ndarray, least: float, put) -> Layer:
    """A piece on this head."""
    hung = (places[piece.anchors] * piece.weights[:, :, None]).sum(axis=1) + piece.offsets * scale
    there = put(hung)
    texture = piece.texture.astype(np.float64) / 255
    opacity, shade = texture[:, :, 3], texture[:, :, :3].mean(axis=2)
    seen = opacity > 0.5
    shade = shade / max(float(shade[seen].mean()), 1e-3) if seen.any() else np.ones_like(shade)
    cutout = Cutout(piece.uv, piece.uv_triangles, opacity, least)
    return Layer(
        kind, there, normals_of(there, piece.triangles), piece.triangles, cutout, piece.uv, piece.uv_triangles,
        shade[:, :, None],
    )  # fmt: skip
