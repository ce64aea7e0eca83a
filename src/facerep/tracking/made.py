"""Made sequences: a real face that moves, turns, changes its size and is covered, its box known in every frame.

A head is blended at its border (faces/pasted.py) into a background that drifts. Four kinds:

    plain    the face alone
    alike    two other people pass by: one behind the face, one in front of it
    covered  something passes in front of the face, twice
    turned   the face turns: the pictures of one person's views one after the other, there and back; in grey

All draws come from the seed. A longer sequence of a seed goes on moving as the shorter one did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from facerep.faces.pasted import RAISED, Placement, blend, box_of_head

KINDS = ("plain", "alike", "covered", "turned")
SIDE = 240
"""Of a frame, in pixels."""
GROUND = 3 * SIDE // 2
"""Side of the background, of which a frame sees a part."""

_FACE, _GROWS = 0.16, 0.3
"""Side of the face's box in sides of the frame, and by how much its logarithm goes up and down."""
_REACH, _SOFT = (0.72, 0.95), 0.12
_FAR = 0.24
"""How far the face goes from the middle of the frame."""
_VIEW = 3
"""Frames that a view is shown."""
_PASSING = 36
"""Frames in which another face, or a cover, crosses the frame."""
_NOISE = 3.0


@dataclass(frozen=True)
class Actors:
    """Who is in a sequence.

    Attributes:
        heads: crops HEAD, uint8 (n, s, s, 3): the views of the one who is followed in their order; one where the face
            does not turn.
        others: crops of two other people, uint8 (2, s, s, 3).
        ground: a background without faces, uint8 (GROUND, GROUND, 3).
        cover: what passes in front of the face, uint8 (h, w, 3).
    """

    heads: np.ndarray
    others: np.ndarray
    ground: np.ndarray
    cover: np.ndarray


def sequence(kind: str, actors: Actors, frames: int, seed: tuple[int, ...]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The frames of a sequence, each with the box of the face.

    Args:
        kind: one of KINDS.
        actors: who is in it.
        frames: how many.
        seed: of all draws.

    Returns:
        uint8 (SIDE, SIDE, 3), and the oval's box x, y, width, height in pixels, from 0, float64 (4,).
    """
    draws = np.random.default_rng(seed)
    way, drift = _Way(draws), draws.uniform(0, 2 * np.pi, 2)
    passings = [_Passing(draws, share * frames) for share in (0.35, 0.7)]
    noise = np.random.default_rng((*seed, 1))
    for number in range(frames):
        ground = _window(actors.ground, number, drift)
        at = way.at(number)
        if kind == "alike":
            ground = passings[0].face(ground, actors.others[0], way, number)
        head = actors.heads[_view(number, len(actors.heads)) if kind == "turned" else 0]
        picture = blend(ground, _floats(head), at)
        if kind == "alike":
            picture = passings[1].face(picture, actors.others[1], way, number)
        pixels = picture[0].permute(1, 2, 0).numpy()
        if kind == "covered":
            for passing in passings:
                passing.cover(pixels, actors.cover, way, number)
        if kind == "turned":
            pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
        pixels = pixels + noise.normal(0, _NOISE, pixels.shape)
        x1, y1, x2, y2 = (at.ovals()[0].double() * SIDE).tolist()
        yield np.clip(pixels, 0, 255).astype(np.uint8), np.array([x1, y1, x2 - x1, y2 - y1])


class _Way:
    """Where the face is, how large, how it is turned and lit, frame by frame: slow waves of drawn phase."""

    def __init__(self, draws: np.random.Generator) -> None:
        self._speed = draws.uniform(0.6, 1.2, 5) / 100  # waves a frame
        self._phase = draws.uniform(0, 2 * np.pi, 5)
        self.mirror = float(draws.choice([-1.0, 1.0]))

    def at(self, number: int) -> Placement:
        across, down, size, turn, light = np.sin(2 * np.pi * self._speed * number + self._phase)
        middle = (0.5 + _FAR * across, 0.5 + _FAR * down)
        return placement(_FACE * np.exp(_GROWS * size), middle, 0.2 * turn, 1 + 0.15 * light, self.mirror)


class _Passing:
    """Something that crosses the frame and meets the face in the middle of its way."""

    def __init__(self, draws: np.random.Generator, when: float) -> None:
        self.direction = float(draws.choice([-1.0, 1.0]))
        self.above, self.times = float(draws.uniform(-0.3, 0.3)), float(draws.uniform(0.9, 1.1))
        self.when = when

    def face(self, picture: Tensor, head: np.ndarray, way: _Way, number: int) -> Tensor:
        """The picture with another face in it."""
        met = way.at(round(self.when))
        side, (x, y) = float(met.side) * self.times, met.place[0].tolist()
        middle = (x + self._away(number), y + self.above * side)
        if not -side < middle[0] < 1 + side:
            return picture
        return blend(picture, _floats(head), placement(side, middle, 0.0, 1.0, self.direction))

    def cover(self, pixels: np.ndarray, cover: np.ndarray, way: _Way, number: int) -> None:
        """Put the cover into the picture."""
        x1, y1, x2, y2 = (way.at(round(self.when)).ovals()[0] * SIDE).tolist()
        x1, x2 = (value + self._away(number) * SIDE for value in (x1, x2))
        left, right, top, bottom = round(x1), round(x1 + 0.9 * (x2 - x1)), round(y1), round(y2)
        piece = np.asarray(Image.fromarray(cover).resize((right - left, bottom - top), Image.Resampling.BILINEAR))
        inside = slice(max(top, 0), min(bottom, SIDE)), slice(max(left, 0), min(right, SIDE))
        if inside[0].start < inside[0].stop and inside[1].start < inside[1].stop:
            pixels[inside] = piece[
                inside[0].start - top : inside[0].stop - top, inside[1].start - left : inside[1].stop - left
            ]

    def _away(self, number: int) -> float:
        return self.direction * (number - self.when) / _PASSING


def placement(side: float, middle: tuple[float, float], angle: float, gain: float, mirror: float) -> Placement:
    """One head in a frame; lengths in sides of the frame."""
    one = torch.tensor([side, angle, mirror, _SOFT, gain], dtype=torch.float32)[:, None]
    return Placement(
        one[0], torch.tensor([middle], dtype=torch.float32), one[1], one[2], torch.tensor([_REACH]), one[3], one[4],
        torch.zeros(1, 3),
    )  # fmt: skip


def as_head(picture: np.ndarray, size: int) -> np.ndarray:
    """A tightly cut picture of a head as a crop HEAD, so that the oval shows all of it; uint8 (size, size, 3).

    Args:
        picture: uint8 (h, w, 3).
        size: of the crop.
    """
    x1, y1, x2, y2 = _oval_in_head()
    width, height = round((x2 - x1) * size), round((y2 - y1) * size)
    head = np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0))
    left, top = round(x1 * size), round(y1 * size)
    rows = np.clip(np.arange(size) - top, 0, height - 1)
    columns = np.clip(np.arange(size) - left, 0, width - 1)
    return head[rows[:, None], columns]


def _oval_in_head() -> tuple[float, float, float, float]:
    """Where the oval lies in a crop HEAD, as shares of its side."""
    across, down, share = box_of_head()
    half = (_REACH[0] * share, _REACH[1] * share)
    middle = down - RAISED * share
    return across - half[0], middle - half[1], across + half[0], middle + half[1]


def _view(number: int, views: int) -> int:
    """Which view is shown: from the last one to the first and back, each for some frames."""
    if views == 1:
        return 0
    step = number // _VIEW % (2 * views - 2)
    return views - 1 - step if step < views else step - views + 1


def _window(ground: np.ndarray, number: int, phase: np.ndarray) -> Tensor:
    """The part of the background that a frame sees, float (1, 3, SIDE, SIDE)."""
    room = len(ground) - SIDE
    left, top = (round(room / 2 * (1 + np.sin(2 * np.pi * number / 300 + one))) for one in phase)
    return _floats(ground[top : top + SIDE, left : left + SIDE])


def _floats(picture: np.ndarray) -> Tensor:
    return torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1)[None]
