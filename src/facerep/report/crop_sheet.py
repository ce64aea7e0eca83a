"""The sheet of crops: some faces of a data set as a network sees them, with their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facerep.console import counted
from facerep.readers.crop_samples import CropSample
from facerep.report.contact_sheet import SheetTile, Strip, write

ACROSS = 10
"""Faces in a row."""

_SIDE = 110
"""A crop is enlarged by a whole number as long as it stays within so many pixels."""


def write_crops(path: Path, samples: Sequence[CropSample], *, overwrite: bool = False) -> None:
    """Write the sheet: one strip a crop; a face that cannot be cut is an empty frame with its reason."""
    strips = [_strip(sample) for sample in samples]
    shapes = [tile.picture.shape for strip in strips for row in strip.rows for tile in row if tile.picture is not None]
    height, width = (max((shape[side] for shape in shapes), default=_SIDE) for side in (0, 1))
    write(path, strips, height, width, overwrite=overwrite)


def _strip(sample: CropSample) -> Strip:
    about = f"{counted(len(sample.names), 'face')} of {sample.of:,}"
    if len(sample.names) < sample.of:
        about += ", spread evenly over the set"
    times = max(1, _SIDE // max(sample.crop.height, sample.crop.width))
    faces = zip(sample.names, sample.people, sample.crops, strict=True)
    tiles = [
        SheetTile(None, (name, pixels)) if isinstance(pixels, str) else SheetTile(_large(pixels, times), (name, person))
        for name, person, pixels in faces
    ]
    return Strip(str(sample.crop), about, [tiles[start : start + ACROSS] for start in range(0, len(tiles), ACROSS)])


def _large(pixels: np.ndarray, times: int) -> np.ndarray:
    """Enlarged, in colour."""
    large = pixels.repeat(times, axis=0).repeat(times, axis=1)
    return large if large.shape[2] == 3 else large.repeat(3, axis=2)
