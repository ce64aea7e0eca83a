"""Photographs for tests: faces of ORL, which the extra `demo` brings, pasted at known places of larger pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from facerep.faces.decode import decode
from facerep.readers.load import load

WIDTH, HEIGHT = 92, 112
"""Of a pasted face, in pixels."""


def orl(count: int) -> list[np.ndarray]:
    """The first picture of so many people, uint8 (112, 92, 3)."""
    faces = load("orl")
    return [decode(faces.paths[10 * person]) for person in range(count)]


def photograph(*faces: tuple[np.ndarray, int, int, float], size: tuple[int, int] = (400, 300)) -> np.ndarray:
    """A grey picture of (width, height) with faces in it, each at x, y and so many times as large; uint8 (h, w, 3)."""
    canvas = Image.new("RGB", size, (118, 124, 120))
    for pixels, x, y, scale in faces:
        large = Image.fromarray(pixels).resize((round(WIDTH * scale), round(HEIGHT * scale)), Image.Resampling.BICUBIC)
        canvas.paste(large, (x, y))
    return np.asarray(canvas)


def save(path: Path, picture: np.ndarray, **options: object) -> Path:
    """Write a picture; the ending says its format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path, **options)
    return path
