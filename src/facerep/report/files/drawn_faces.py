"""A photograph with the boxes and points of the faces that were taken of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from facerep.errors import BadInput
from facerep.files.atomic import replacing

LARGEST = 1600
"""Longer side of a drawn photograph, in pixels."""
_BOX, _POINT = (0, 255, 120), (255, 60, 60)

Show = Callable[[str, np.ndarray, np.ndarray], None]
"""The name of an aligned picture, the photograph uint8 (h, w, 3), and its faces, detection.aligned_faces.ALIGNED."""


def drawer(folder: Path, *, overwrite: bool) -> Show:
    """What writes each photograph into a folder, as NAME.jpg.

    Raises:
        BadInput: the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise BadInput("photographs are drawn into a folder, a file is there", folder, "name a folder with --draw")

    def show(name: str, picture: np.ndarray, faces: np.ndarray) -> None:
        with replacing(folder / f"{name}.jpg", overwrite=overwrite) as temporary:
            drawn(picture, faces).save(temporary, format="JPEG", quality=90)

    return show


def drawn(picture: np.ndarray, faces: np.ndarray) -> Image.Image:
    """The photograph, LARGEST pixels long at most, with a box and five dots a face."""
    scale = min(1.0, LARGEST / max(picture.shape[:2]))
    image = Image.fromarray(picture)
    if scale < 1:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        image = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    pen = ImageDraw.Draw(image)
    for face in faces:
        x, y, width, height = face["box"] * scale
        thick = max(2, round(width / 60))
        pen.rectangle((x, y, max(x, x + width - 1), max(y, y + height - 1)), outline=_BOX, width=thick)
        for across, down in face["source_points"] * scale:
            pen.ellipse((across - thick, down - thick, across + thick, down + thick), fill=_POINT)
    return image
