"""Drawn heads with attributes, and photographs with a box: what localization is taught and judged with, tiny."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw


def head(draws: np.random.Generator, *, glad: bool, fair: bool) -> Image.Image:
    """An aligned head of 89x109 pixels, as CelebA's are."""
    picture = Image.new("RGB", (89, 109), tuple(int(level) for level in draws.integers(0, 90, 3)))
    pen = ImageDraw.Draw(picture)
    skin = tuple(int(level + draws.integers(-15, 15)) for level in (225, 170, 140))
    pen.ellipse((14, 18, 74, 104), fill=(230, 200, 90) if fair else (50, 30, 20))
    pen.ellipse((20, 30, 68, 98), fill=skin)
    for x in (34, 54):
        pen.ellipse((x - 5, 53, x + 5, 59), fill=(250, 250, 250))
        pen.ellipse((x - 2, 54, x + 2, 58), fill=(20, 20, 60))
    pen.line((44, 60, 42, 69, 46, 69), fill=(150, 90, 70), width=2)
    pen.arc((34, 62, 54, 82), 20, 160, fill=(150, 30, 40), width=4) if glad else pen.line(
        (36, 77, 53, 77), (150, 30, 40), 3
    )
    return picture


def write(root: Path, heads: int = 48, photographs: int = 12) -> tuple[Path, Path, Path]:
    """Tables of heads, of photographs to train with, and of photographs to judge with."""
    draws = np.random.default_rng(0)
    (root / "heads").mkdir(parents=True)
    (root / "photos").mkdir()
    lines = []
    for number in range(heads):
        glad, fair = bool(number % 2), bool(number // 2 % 2)
        name = f"heads/{number:03}.png"
        head(draws, glad=glad, fair=fair).save(root / name)
        points = [34, 56, 54, 56, 44, 68, 36, 76, 53, 76]
        split = "validation" if number // 2 % 4 == 3 else "train"
        lines.append([name, f"person {number // 2}", split, *points, 1 if glad else -1, 1 if fair else -1])
    places = [f"{axis}{number}" for number in range(1, 6) for axis in "xy"]
    _table(root / "heads.csv", ["path", "person", "split", *places, "Glad", "Fair"], lines)
    tables = []
    for part in ("train", "judge"):
        lines = []
        for number in range(photographs):
            name = f"photos/{part}{number:02}.png"
            photograph, box = _photograph(draws)
            photograph.save(root / name)
            lines.append([name, *box])
        tables.append(root / f"photos_{part}.csv")
        _table(tables[-1], ["path", "x1", "y1", "x2", "y2"], lines)
    return root / "heads.csv", tables[0], tables[1]


def _photograph(draws: np.random.Generator) -> tuple[Image.Image, list[float]]:
    noise = draws.integers(0, 256, (8, 8, 3)).astype(np.uint8)
    picture = Image.fromarray(noise).resize((220, 200), Image.Resampling.BICUBIC)
    scale = float(draws.uniform(1.0, 1.5))
    seen = head(draws, glad=bool(draws.random() < 0.5), fair=bool(draws.random() < 0.5))
    seen = seen.resize((round(89 * scale), round(109 * scale)))
    left, top = int(draws.integers(0, 220 - seen.width)), int(draws.integers(0, 200 - seen.height))
    picture.paste(seen, (left, top))
    middle_x, middle_y, side = left + 44 * scale, top + 66 * scale, 40 * scale
    return picture, [middle_x - side / 2, middle_y - side / 2, middle_x + side / 2, middle_y + side / 2]


def _table(path: Path, header: list[str], lines: list[list]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *lines])
