"""Checks of a head that was read: indices lead to something, textures have one size, numbers are finite."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from facerep.files.foreign.decompression import most_decompressed

if TYPE_CHECKING:
    from facerep.rendering.assets import Assets


def check_swelling(path: Path) -> None:
    """Refuse a file that becomes far more than it is.

    Raises:
        ValueError: it does.
    """
    with zipfile.ZipFile(path) as archive:
        if sum(member.file_size for member in archive.infolist()) > most_decompressed(path.stat().st_size):
            raise ValueError("it swells beyond its bounds")


def check_head(assets: Assets) -> None:
    """Refuse a head that cannot be rendered.

    Raises:
        ValueError: its arrays do not fit each other.
    """
    count, corners = len(assets.vertices), len(assets.uv)
    _points(assets.vertices, 3)
    _points(assets.uv, 2)
    _indices(assets.triangles, 3, count)
    _indices(assets.uv_triangles, 3, corners, like=assets.triangles)
    for eye in assets.eyes:
        _indices(eye, 3, count)
    _indices(assets.scale_vertices, 2, count)
    for rows, moves in assets.targets.values():
        _points(moves, 3)
        _indices(rows[:, None], 1, count, like=moves)
    side = next(iter(assets.skins.values())).shape[0]
    skins_fit = all(skin.shape == (side, side, 3) and skin.dtype == np.uint8 for skin in assets.skins.values())
    masks_fit = all(mask.shape == (side, side) and mask.dtype == np.uint8 for mask in assets.masks.values())
    if not (skins_fit and masks_fit and {"lips", "ears"} <= set(assets.masks) and len(assets.scale_vertices) == 3):
        raise ValueError("skins and masks do not fit")
    for piece in assets.pieces.values():
        _points(piece.uv, 2)
        _points(piece.offsets, 3)
        _points(piece.weights, 3)
        _indices(piece.anchors, 3, count, like=piece.offsets)
        _indices(piece.triangles, 3, len(piece.offsets))
        _indices(piece.uv_triangles, 3, len(piece.uv), like=piece.triangles)
        if piece.texture.ndim != 3 or piece.texture.shape[2] != 4 or len(piece.weights) != len(piece.offsets):
            raise ValueError("a piece does not fit")
    if not (assets.names("brows") and assets.names("lashes")):
        raise ValueError("there are no brows or lashes")


def _points(array: np.ndarray, width: int) -> None:
    if array.ndim != 2 or array.shape[1] != width or not np.isfinite(array).all():
        raise ValueError("places are no places")


def _indices(array: np.ndarray, width: int, count: int, like: np.ndarray | None = None) -> None:
    if array.ndim != 2 or array.shape[1] != width or array.dtype.kind not in "iu" or not array.size:
        raise ValueError("indices are no indices")
    if array.min() < 0 or array.max() >= count or (like is not None and len(array) != len(like)):
        raise ValueError("an index leads nowhere")
