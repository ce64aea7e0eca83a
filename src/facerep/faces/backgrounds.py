"""Backgrounds: pictures without faces, cut from photographs beside their box, or drawn.

All draws come from the generator that is given.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

LEAST = 40
"""Side of the smallest square that is cut from a photograph, in pixels."""

BESIDE = 1.35
"""What is cut stays out of the box enlarged by this: the head reaches over the box."""

_TRIES = 30


def cut_beside(photograph: np.ndarray, box: np.ndarray, draws: np.random.Generator, *, side: int) -> np.ndarray | None:
    """A square of a photograph that lies beside its box, at another size.

    Args:
        photograph: uint8 (h, w, 3).
        box: x1, y1, x2, y2 of its face.
        draws: where the square lies and how large it is.
        side: of the answer, in pixels.

    Returns:
        uint8 (side, side, 3); None where no square of LEAST pixels was found beside the box.
    """
    height, width = photograph.shape[:2]
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * BESIDE
    low, high = middle - half, middle + half
    for _ in range(_TRIES):
        wanted = int(draws.integers(LEAST, max(LEAST + 1, min(height, width) // 2)))
        if wanted > min(height, width):
            return None
        left, top = int(draws.integers(0, width - wanted + 1)), int(draws.integers(0, height - wanted + 1))
        if left < high[0] and left + wanted > low[0] and top < high[1] and top + wanted > low[1]:
            continue
        square = photograph[top : top + wanted, left : left + wanted]
        if np.ptp(square, axis=(0, 1)).max() < 8:  # the black bars of a photograph
            continue
        return resized(square, side)
    return None


def drawn(draws: np.random.Generator, side: int) -> np.ndarray:
    """A background that is drawn: clouds of noise, and shapes of few colours over it; uint8 (side, side, 3)."""
    base, spread = draws.uniform(0, 255, 3), draws.uniform(10, 80)
    clouds = np.zeros((side, side, 3))
    for octave in range(2, 2 + int(draws.integers(1, 5))):
        cells = draws.normal(0, 1, (2**octave, 2**octave, 3 if draws.random() < 0.5 else 1)) / 1.6**octave
        cells = np.broadcast_to(cells, (*cells.shape[:2], 3))
        layers = [
            np.asarray(
                Image.fromarray(cells[..., channel].astype(np.float32)).resize((side, side), Image.Resampling.BICUBIC)
            )
            for channel in range(3)
        ]
        clouds += np.stack(layers, axis=2)
    picture = Image.fromarray(np.clip(base + 3 * spread * clouds, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(draws.integers(0, 9))):
        colour = tuple(int(level) for level in draws.integers(0, 256, 3))
        corners = sorted_box(draws.uniform(-0.2, 1.2, 4) * side)
        match int(draws.integers(0, 4)):
            case 0:
                pen.ellipse(corners, fill=colour)
            case 1:
                pen.rectangle(corners, fill=colour)
            case 2:
                pen.line(corners, fill=colour, width=int(draws.integers(1, 8)))
            case _:
                pen.polygon([float(place) for place in draws.uniform(-0.2, 1.2, 6) * side], fill=colour)
    if draws.random() < 0.7:
        picture = picture.filter(ImageFilter.GaussianBlur(float(draws.uniform(0.3, 2.5))))
    noise = draws.normal(0, draws.uniform(0, 12), (side, side, 1))
    return np.clip(np.asarray(picture) + noise, 0, 255).astype(np.uint8)


def resized(picture: np.ndarray, side: int) -> np.ndarray:
    """A picture as a square of another size, averaged where it becomes smaller; uint8 (side, side, 3)."""
    image = Image.fromarray(np.ascontiguousarray(picture))
    return np.asarray(image.resize((side, side), Image.Resampling.BILINEAR))


def sorted_box(places: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of two corners."""
    left, right = sorted(map(float, places[0::2]))
    top, bottom = sorted(map(float, places[1::2]))
    return left, top, right, bottom
