"""Faces in photographs as a report: counts, boxes.csv; and a picture of each map with its boxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from facerep.errors import BadInput
from facerep.files.atomic import refuse_existing, replacing
from facerep.report.failures import failure_lines
from facerep.report.report import Csv, Facts, Report
from facerep.studies.localization.localize import Localized, Seen

COLUMNS = ("name", "x", "y", "width", "height", "score")

_COLOURS = np.array([[0, 0, 0], [70, 10, 90], [180, 30, 80], [245, 110, 30], [255, 220, 90]], np.float64)
"""From no response to the strongest."""

LARGEST = 800
"""Longer side of a drawn picture, in pixels."""


def report_of(result: Localized, output: Path | None) -> Report:
    """Faces in photographs as a report; `output` is where the boxes are written."""
    rows = [
        ["network", f"{result.network}, {result.run}"],
        ["photographs", f"{result.photographs:,}"],
        ["faces", f"{result.faces:,}"],
        ["photographs without a face", f"{result.without:,}"],
        ["photographs that failed", f"{len(result.failures):,}"],
        ["threshold", f"{result.threshold:.6g}"],
    ]
    notes = ["the threshold was chosen on held-out made-up pictures of the training"] if result.chosen else []
    if output is None:
        notes.append("-o FILE writes the boxes")
    return Report(
        result=result,
        shown=[Facts(rows, notes)],
        files={"boxes.csv": Csv(COLUMNS, lambda: _lines(result))},
        faults=failure_lines(result.failures, "--json"),
    )


def _lines(result: Localized) -> Iterator[list[object]]:
    for name, box, score in zip(result.names, result.boxes.tolist(), result.scores.tolist(), strict=True):
        yield [name, *(round(length, 2) for length in box), round(score, 6)]


def drawer(folder: Path, *, overwrite: bool) -> Callable[[Seen], None]:
    """What writes each photograph with its heat map and boxes into a folder, as NAME.png.

    Raises:
        BadInput: the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise BadInput("maps go into a folder, a file is there", folder, "name a folder with --maps")

    def draw(seen: Seen) -> None:
        path = folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '_', seen.name).lstrip('.')}.png"
        refuse_existing(path, overwrite=overwrite)
        with replacing(path, overwrite=overwrite) as temporary:
            drawn(seen).save(temporary, format="PNG")

    return draw


def drawn(seen: Seen) -> Image.Image:
    """A photograph, and beside it the same under its heat map, with the boxes."""
    picture = Image.fromarray(seen.picture)
    scale = min(1.0, LARGEST / max(picture.size))
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    picture = picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    heat = np.asarray(_heat(seen.response).resize(size, Image.Resampling.BILINEAR))
    under = Image.fromarray((0.35 * np.asarray(picture) + 0.65 * heat).astype(np.uint8))
    for image in (picture, under):
        pen = ImageDraw.Draw(image)
        for x, y, width, height in (seen.found.boxes * scale).tolist():
            pen.rectangle((x, y, max(x, x + width - 1), max(y, y + height - 1)), outline=(0, 255, 120), width=2)
    both = Image.new("RGB", (2 * size[0], size[1]))
    both.paste(picture, (0, 0))
    both.paste(under, (size[0], 0))
    return both


def _heat(response: np.ndarray) -> Image.Image:
    """The map in colours, from its least value to its largest."""
    low, high = float(response.min()), float(response.max())
    share = (response - low) / (high - low) if high > low else np.zeros_like(response)
    places = share * (len(_COLOURS) - 1)
    below = np.minimum(places.astype(int), len(_COLOURS) - 2)
    part = (places - below)[..., None]
    return Image.fromarray((_COLOURS[below] * (1 - part) + _COLOURS[below + 1] * part).astype(np.uint8))
