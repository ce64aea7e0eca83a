"""Scenes: pictures in which boxes of faces are known, made of photographs with one labelled face each.

Mosaics show four photographs at random places and sizes, moved cuts a part of one in which the face is anywhere, empty
scenes squares from beside the faces. In photographs other people may stand whom nobody labelled: false alarms are
counted on empty scenes only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from facerep.faces.backgrounds import cut_beside, drawn
from facerep.faces.photographs import Photographs
from facerep.faces.table import Faces

SIDE = 600
"""Of a mosaic and of an empty scene, in pixels."""

_SMALLEST, _LARGEST = 0.25, 1.15
_GREY = 128


@dataclass(frozen=True)
class Scene:
    """One picture.

    Attributes:
        kind: "mosaic", "cut" or "empty".
        picture: uint8 (h, w, 3).
        boxes: of the labelled faces, x, y, width, height in pixels, float64 (n, 4).
        rows: which photograph each is from, (n,).
    """

    kind: str
    picture: np.ndarray
    boxes: np.ndarray
    rows: np.ndarray


def scenes(photographs: Faces, count: int, seed: int) -> Iterator[Scene]:
    """So many mosaics, moved cuts and empty scenes, one after the other.

    Args:
        photographs: with a box each.
        count: of each kind.
        seed: of all draws.
    """
    order = np.random.default_rng((seed, 0)).permutation(len(photographs))
    photograph = Photographs(photographs)
    for number in range(count):
        rows = order[np.arange(4 * number, 4 * number + 4) % len(order)]
        draws = np.random.default_rng((seed, 1, number))
        opened = [(int(row), photograph.pixels(int(row))) for row in rows]
        whole = [(row, picture) for row, picture in opened if picture is not None]
        yield _mosaic(whole, photographs.boxes, draws)
        if whole:
            row, picture = whole[number % len(whole)]
            yield _moved(row, picture, photographs.boxes[row], draws)
        yield _empty(whole, photographs.boxes, draws)
    photograph.warn()


def _mosaic(whole: list[tuple[int, np.ndarray]], boxes: np.ndarray, draws: np.random.Generator) -> Scene:
    canvas = np.full((SIDE, SIDE, 3), _GREY, np.uint8)
    taken: list[tuple[int, int, int, int]] = []
    found, rows = [], []
    for row, picture in whole:
        for _ in range(50):
            scale = float(draws.uniform(_SMALLEST, _LARGEST)) * 250 / max(picture.shape[:2])
            height, width = (max(1, round(length * scale)) for length in picture.shape[:2])
            left, top = (int(draws.integers(0, SIDE - length + 1)) for length in (width, height))
            if all(
                left >= other[2] or left + width <= other[0] or top >= other[3] or top + height <= other[1]
                for other in taken
            ):
                small = Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
                canvas[top : top + height, left : left + width] = np.asarray(small)
                taken.append((left, top, left + width, top + height))
                factor = np.array([width, height, width, height]) / np.array([*picture.shape[1::-1]] * 2)
                x1, y1, x2, y2 = (boxes[row] + 0.5) * factor
                found.append([left + x1, top + y1, x2 - x1, y2 - y1])
                rows.append(row)
                break
    return Scene("mosaic", canvas, np.array(found).reshape(-1, 4), np.array(rows, int))


def _moved(row: int, picture: np.ndarray, box: np.ndarray, draws: np.random.Generator) -> Scene:
    height, width = picture.shape[:2]
    x1, y1, x2, y2 = box + 0.5
    left, top = int(draws.uniform(0, max(0, x1 - 2))), int(draws.uniform(0, max(0, y1 - 2)))
    right = int(np.ceil(draws.uniform(min(width, x2 + 2), width)))
    bottom = int(np.ceil(draws.uniform(min(height, y2 + 2), height)))
    part = np.ascontiguousarray(picture[top:bottom, left:right])
    return Scene("cut", part, np.array([[x1 - left, y1 - top, x2 - x1, y2 - y1]]), np.array([row]))


def _empty(whole: list[tuple[int, np.ndarray]], boxes: np.ndarray, draws: np.random.Generator) -> Scene:
    canvas, tile = np.empty((SIDE, SIDE, 3), np.uint8), SIDE // 3
    for place in range(9):
        row, picture = whole[place % len(whole)] if whole else (0, None)
        square = None if picture is None or place == 8 else cut_beside(picture, boxes[row], draws, side=tile)
        top, left = tile * (place // 3), tile * (place % 3)
        canvas[top : top + tile, left : left + tile] = drawn(draws, tile) if square is None else square
    return Scene("empty", canvas, np.empty((0, 4)), np.empty(0, int))
