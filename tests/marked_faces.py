"""Drawn faces whose five points are known: dark eyes and mouth in a light oval, turned, scaled and shifted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from facerep.faces.alignment import TEMPLATE

SIDE = 120


def drawn(seed: int) -> tuple[Image.Image, np.ndarray]:
    """A picture of SIDE pixels, and where its points are, (5, 2)."""
    draws = np.random.default_rng(seed)
    angle, scale = draws.normal(0, 0.15), draws.uniform(0.55, 0.75)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (TEMPLATE - TEMPLATE.mean(axis=0)) @ turn.T + SIDE / 2 + draws.uniform(-8, 8, 2)
    picture = Image.new("RGB", (SIDE, SIDE), tuple(draws.integers(20, 110, 3).tolist()))
    pen, skin = ImageDraw.Draw(picture), int(draws.integers(150, 230))
    middle, size = points.mean(axis=0), 52 * scale
    pen.ellipse([*(middle - size), *(middle + size)], fill=(skin, skin - 20, skin - 40))
    for number, radius in enumerate((5, 5, 3, 3, 3)):
        shade = 30 if number < 2 else 90
        pen.ellipse([*(points[number] - radius * scale), *(points[number] + radius * scale)], fill=(shade,) * 3)
    pen.line([*points[3], *points[4]], fill=(140, 40, 40), width=2)
    return picture, points


def write(folder: Path, count: int, *, validating: int = 0) -> Path:
    """A table `marked.csv` of so many faces, the last of which validate; beside it their pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["path,split," + ",".join(f"{axis}{number}" for number in range(1, 6) for axis in "xy")]
    for seed in range(count):
        picture, points = drawn(seed)
        picture.save(folder / f"{seed:03}.png")
        split = "validation" if seed >= count - validating else "train"
        lines.append(f"{seed:03}.png,{split}," + ",".join(f"{value:.3f}" for value in points.ravel()))
    (folder / "marked.csv").write_text("\n".join(lines) + "\n")
    return folder / "marked.csv"
