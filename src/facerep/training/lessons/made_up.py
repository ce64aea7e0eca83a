"""Made-up pictures: faces pasted into backgrounds, and as many backgrounds with something else pasted, or nothing.

So neither the place nor the border of what was pasted carries the label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from facerep.faces.backgrounds import cut_beside, drawn
from facerep.faces.pasted import CLOSE, WIDE, paste, seen_through, shuffled
from facerep.faces.photographs import Photographs
from facerep.faces.table import Faces

HEAD_SIDE = 64
"""Side of the crops that are pasted, and of the squares that become backgrounds."""

_MIXED, _PLAIN = 0.35, 0.25
"""Shares of the pictures without a face: what is pasted is a face in shuffled tiles; nothing is pasted."""

_AT_ONCE = 128


@dataclass(frozen=True)
class MadeUp:
    """Made-up pictures of both stages.

    Attributes:
        pixels: uint8 (n, 2, side, side, 3): with head and shoulders, with a face.
        rows: which face is in a picture, int (n,); -1 is none.
        boxes: where its box is, x1, y1, x2, y2, float (n, 2, 4); NaN where there is no face. Nothing is taught by them.
    """

    pixels: np.ndarray
    rows: np.ndarray
    boxes: np.ndarray


def squares(photographs: Faces, count: int, cut: float, seed: tuple[int, ...]) -> np.ndarray:
    """Squares without faces: cut from photographs beside the box, or drawn; uint8 (count, side, side, 3).

    Args:
        photographs: with boxes; none: all squares are drawn.
        count: how many.
        cut: the share that is cut.
        seed: of all draws.
    """
    draws = np.random.default_rng(seed)
    wanted = draws.random(count) < (cut if len(photographs) else 0)
    found = np.empty((count, HEAD_SIDE, HEAD_SIDE, 3), np.uint8)
    opened = Photographs(photographs)
    order = draws.permutation(max(len(photographs), 1))
    shares = np.array_split(np.flatnonzero(wanted), len(order))
    for row, places in zip(order.tolist(), shares, strict=True):  # a photograph is decoded once
        pixels = opened.pixels(row) if len(places) else None
        for place in places:
            square = None if pixels is None else cut_beside(pixels, photographs.boxes[row], draws, side=HEAD_SIDE)
            found[place] = drawn(draws, HEAD_SIDE) if square is None else square
    for place in np.flatnonzero(~wanted):
        found[place] = drawn(draws, HEAD_SIDE)
    opened.warn()
    return found


def make_up(
    heads: np.ndarray, faces: np.ndarray, backgrounds: np.ndarray, count: int, side: int, seed: tuple[int, ...]
) -> MadeUp:
    """Made-up pictures, every second with a face.

    Args:
        heads: crops of faces, uint8 (n, HEAD_SIDE, HEAD_SIDE, 3).
        faces: rows of those that are pasted.
        backgrounds: squares, uint8 (m, HEAD_SIDE, HEAD_SIDE, 3).
        count: how many pictures.
        side: theirs, in pixels.
        seed: of all draws.
    """
    draws = torch.Generator().manual_seed(int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0] >> 1))
    order = np.random.default_rng(seed).permutation(faces)
    pixels, boxes = np.empty((count, 2, side, side, 3), np.uint8), np.full((count, 2, 4), np.nan, np.float32)
    rows = np.full(count, -1)
    rows[0::2] = order[np.arange(len(rows[0::2])) % len(order)]
    for start in range(0, count, _AT_ONCE):
        here = slice(start, min(start + _AT_ONCE, count))
        shown = rows[here] >= 0
        things = _floats(heads[np.where(shown, rows[here], order[0])])
        absent = torch.from_numpy(~shown)
        things[absent] = _something_else(heads[order[: 4 * _AT_ONCE]], backgrounds, int(absent.sum()), draws)
        plain = (torch.rand(len(shown), generator=draws) < _PLAIN) & absent
        for stage, sides in enumerate((WIDE, CLOSE)):
            ground = seen_through(_drawn_from(backgrounds, len(shown), draws), draws, side)
            mixed, places = paste(ground, things, draws, sides)
            mixed = torch.where(plain[:, None, None, None], ground, mixed)
            pixels[here, stage] = mixed.permute(0, 2, 3, 1).round().to(torch.uint8).numpy()
            boxes[here, stage][shown] = places.numpy()[shown]
    return MadeUp(pixels, rows, boxes)


def _something_else(heads: np.ndarray, backgrounds: np.ndarray, count: int, draws: torch.Generator) -> Tensor:
    mixed = (torch.rand(count, generator=draws) < _MIXED)[:, None, None, None]
    tiles = shuffled(_drawn_from(heads, count, draws), draws)
    return torch.where(mixed, tiles, seen_through(_drawn_from(backgrounds, count, draws), draws, HEAD_SIDE))


def _drawn_from(pictures: np.ndarray, count: int, draws: torch.Generator) -> Tensor:
    return _floats(pictures[torch.randint(len(pictures), (count,), generator=draws).numpy()])


def _floats(pictures: np.ndarray) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float()
