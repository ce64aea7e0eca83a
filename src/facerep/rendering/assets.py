"""The head that all people are made from: mesh, targets, skins, hair; one .npz file, packed once."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import distance_transform_edt

from facerep.errors import BadInput, NotAvailable
from facerep.files.atomic import replacing
from facerep.rendering.asset_checks import check_head, check_swelling
from facerep.rendering.downloads import ARCHIVE, COMMAND, WHEEL
from facerep.rendering.rasterise import DepthBuffer, blend, sample

FORMAT, VERSION = "facerep/head", 1
REMEDY = f"make it by: {COMMAND} && facerep data assets {WHEEL} {ARCHIVE} -o head.npz"
GAMMA = 2.2
"""Textures are stored as they are shown; light is computed on their powers."""


@dataclass(frozen=True)
class Slider:
    """One way in which a face can be longer or shorter, wider or narrower.

    Attributes:
        part: of the face, such as "nose".
        name: such as "nose-width1-decr-incr".
        targets: its targets by "positive-left", "negative-unsided" and so on.
        sides: it moves left and right apart.
    """

    part: str
    name: str
    targets: dict[str, str]
    sides: bool


@dataclass(frozen=True)
class Piece:
    """Hair, brows or lashes: a mesh that hangs on the head's, with a texture.

    Attributes:
        triangles, uv_triangles: (t, 3) each.
        uv: (m, 2).
        anchors, weights: the head's vertices that each vertex hangs on, and how much, (n, 3).
        offsets: from there, in units of the head's own scale, (n, 3).
        texture: RGBA uint8 (h, w, 4).
    """

    triangles: np.ndarray
    uv_triangles: np.ndarray
    uv: np.ndarray
    anchors: np.ndarray
    weights: np.ndarray
    offsets: np.ndarray
    texture: np.ndarray


@dataclass(frozen=True)
class Assets:
    """The head before anybody's features are put on it. Units are decimetres, y up, z to the front.

    Attributes:
        vertices: float64 (n, 3).
        triangles: of head, neck and shoulders, (t, 3).
        uv: texture coordinates, (m, 2), and uv_triangles, (t, 3).
        eyes: triangles of the eye at positive x and of the other.
        scale_vertices: two vertices for each axis, whose distance scales what hangs on the head, (3, 2).
        targets: which vertices a target moves, and whereto, by name.
        sliders: see Slider.
        masks: where lips and ears are on the skin, uint8 (s, s), by name.
        skins: uint8 (s, s, 3), by name.
        pieces: by "hair/NAME", "brows/NAME", "lashes/NAME".
        sources: SHA-256 of what it was packed from, by name.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    uv: np.ndarray
    uv_triangles: np.ndarray
    eyes: tuple[np.ndarray, np.ndarray]
    scale_vertices: np.ndarray
    targets: dict[str, tuple[np.ndarray, np.ndarray]]
    sliders: tuple[Slider, ...]
    masks: dict[str, np.ndarray]
    skins: dict[str, np.ndarray]
    pieces: dict[str, Piece]
    sources: dict[str, str] = field(default_factory=dict)

    def names(self, kind: str) -> list[str]:
        """Names of the pieces of a kind."""
        return [name.partition("/")[2] for name in self.pieces if name.startswith(f"{kind}/")]

    @cached_property
    def linear_skins(self) -> dict[str, np.ndarray]:
        """The skins as reflected light, float32."""
        return {name: (skin.astype(np.float32) / 255) ** GAMMA for name, skin in self.skins.items()}

    @cached_property
    def base_places(self) -> tuple[np.ndarray, np.ndarray]:
        """Where on the base head each texel of the skin lies, (s, s, 3), and which lie on a triangle, bool (s, s).

        The others take the place of the nearest: else pale dots would show at the borders of the texture's islands.
        """
        side = next(iter(self.skins.values())).shape[0]
        screen = np.stack([self.uv[:, 0] * side, (1 - self.uv[:, 1]) * side], axis=1)
        hits = DepthBuffer(side).draw(screen, np.zeros(len(screen)), self.uv_triangles)
        places = np.zeros((side * side, 3))
        places[hits.pixels] = blend(self.vertices, self.triangles[hits.triangles], hits.inside)
        empty = np.ones(side * side, bool)
        empty[hits.pixels] = False
        nearest = distance_transform_edt(empty.reshape(side, side), return_distances=False, return_indices=True)
        assert isinstance(nearest, np.ndarray)
        return places.reshape(side, side, 3)[tuple(nearest)], ~empty.reshape(side, side)

    @cached_property
    def marks(self) -> Marks:
        """Vertices that the five points and the box are read off."""
        return _marks(self)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of all arrays: the same whatever packed the file."""
        digest = hashlib.sha256()
        for name, array in sorted(_arrays(self).items()):
            digest.update(f"{name} {array.dtype.str} {array.shape}\0".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Marks:
    """Vertices by which a head is measured.

    Attributes:
        eyes: of the eye at positive x and of the other.
        nose: its tip.
        mouth: the corner at positive x and the other.
        face: all of brows to chin, ear to ear, for the box.
        lips: all of the lips.
    """

    eyes: tuple[np.ndarray, np.ndarray]
    nose: int
    mouth: tuple[int, int]
    face: np.ndarray
    lips: np.ndarray


def _marks(assets: Assets) -> Marks:
    place = assets.vertices
    eyes = (np.unique(assets.eyes[0]), np.unique(assets.eyes[1]))
    head = np.unique(assets.triangles)
    x, y, z = place[head].T
    level = float(np.mean([place[eye, 1].mean() for eye in eyes]))
    wide = float(np.mean([abs(place[eye, 0].mean()) for eye in eyes]))
    middle = head[(np.abs(x) < 0.4 * wide) & (y < level - 0.3 * wide) & (y > level - 2 * wide)]
    nose = int(middle[np.argmax(place[middle, 2])])
    lips_at = sample(assets.masks["lips"][:, :, None].astype(np.float64), assets.uv)[:, 0] > 127
    lips = np.unique(assets.triangles[lips_at[assets.uv_triangles]])
    outer = lips[place[lips, 2] > np.percentile(place[lips, 2], 5)]
    corners = (int(outer[np.argmax(place[outer, 0])]), int(outer[np.argmin(place[outer, 0])]))
    below = level - place[list(corners), 1].mean()
    face = head[(y < level + 0.45 * below) & (y > level - 1.65 * below) & (z > place[nose, 2] - 1.35 * below)]
    return Marks(eyes, nose, corners, face, lips)


def write_assets(path: Path, assets: Assets, *, overwrite: bool = False) -> None:
    """Write them to one file, whole or absent."""
    about = {"format": FORMAT, "version": VERSION, "sources": assets.sources}
    stored = np.frombuffer(json.dumps(about).encode(), np.uint8)
    with replacing(path, overwrite=overwrite) as temporary, temporary.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, about=stored, **_arrays(assets))


def read_assets(path: Path) -> Assets:
    """Read them.

    Raises:
        NotAvailable: there is no such file; the message says how to make it.
        BadInput: it is another file, or of another version.
    """
    if not path.exists():
        raise NotAvailable("no assets of a head", path, REMEDY)
    try:
        check_swelling(path)
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            about = json.loads(stored["about"].tobytes())
            arrays = {name: stored[name] for name in stored.files if name != "about"}
        if about.get("format") != FORMAT or about.get("version") != VERSION:
            raise BadInput(f"assets are of another kind or version than {FORMAT} {VERSION}", path, REMEDY)
        assets = _assembled(arrays, about["sources"])
        check_head(assets)
        return assets
    except _DAMAGE as error:
        raise BadInput("not the assets of a head, or damaged", path, REMEDY) from error


_DAMAGE = (
    OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, EOFError, StopIteration, NotImplementedError,
    RuntimeError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What numpy, zipfile, json and we say of a file that is none, or of another."""


def _arrays(assets: Assets) -> dict[str, np.ndarray]:
    """The arrays of the file by name; targets one after the other, as there are hundreds."""
    sliders = [[each.part, each.name, each.targets, each.sides] for each in assets.sliders]
    moved = list(assets.targets.values())
    arrays = {
        "vertices": assets.vertices.astype(np.float32),
        "triangles": assets.triangles.astype(np.int32),
        "uv": assets.uv.astype(np.float32),
        "uv_triangles": assets.uv_triangles.astype(np.int32),
        "eyes/0": assets.eyes[0].astype(np.int32),
        "eyes/1": assets.eyes[1].astype(np.int32),
        "scale_vertices": assets.scale_vertices.astype(np.int32),
        "sliders": np.frombuffer(json.dumps(sliders).encode(), np.uint8),
        "targets/names": np.frombuffer(json.dumps(list(assets.targets)).encode(), np.uint8),
        "targets/ends": np.cumsum([len(rows) for rows, _ in moved]),
        "targets/rows": np.concatenate([rows for rows, _ in moved]).astype(np.int32),
        "targets/moves": np.concatenate([moves for _, moves in moved]).astype(np.float16),
    }
    arrays |= {f"masks/{name}": mask for name, mask in assets.masks.items()}
    arrays |= {f"skins/{name}": skin for name, skin in assets.skins.items()}
    for name, piece in assets.pieces.items():
        arrays |= {f"pieces/{name}/{part}": _narrow(array) for part, array in vars(piece).items()}
    return arrays


def _assembled(arrays: Mapping[str, np.ndarray], sources: dict[str, str]) -> Assets:
    def text(name: str) -> Any:
        return json.loads(arrays[name].tobytes())

    def group(prefix: str) -> dict[str, np.ndarray]:
        return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}

    ends = arrays["targets/ends"].tolist()
    rows, moves = arrays["targets/rows"], arrays["targets/moves"].astype(np.float64)
    starts = [0, *ends[:-1]]
    spans = zip(text("targets/names"), starts, ends, strict=True)
    parts = group("pieces/")
    pieces = {
        name: Piece(**{part: _wide(parts[f"{name}/{part}"]) for part in Piece.__dataclass_fields__})
        for name in dict.fromkeys(key.rpartition("/")[0] for key in parts)
    }
    return Assets(
        vertices=arrays["vertices"].astype(np.float64),
        triangles=arrays["triangles"],
        uv=arrays["uv"].astype(np.float64),
        uv_triangles=arrays["uv_triangles"],
        eyes=(arrays["eyes/0"], arrays["eyes/1"]),
        scale_vertices=arrays["scale_vertices"],
        targets={name: (rows[start:end], moves[start:end]) for name, start, end in spans},
        sliders=tuple(Slider(*each) for each in text("sliders")),
        masks=group("masks/"),
        skins=group("skins/"),
        pieces=pieces,
        sources=dict(sources),
    )


def _narrow(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float32) if array.dtype.kind == "f" else array


def _wide(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if array.dtype.kind == "f" else array
