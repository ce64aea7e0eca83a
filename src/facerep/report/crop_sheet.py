"""The sheet of crops: some faces of a data set as a network sees them, with their names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput
from facerep.faces.crops import Crop
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.files.atomic import refuse_existing
from facerep.readers.decode_many import pictures
from facerep.report.contact_sheet import SheetTile, Strip, write

HEIGHT, WIDTH = 55, 47
"""Of a crop where no network is chosen: what most rows of the catalog see."""

FACES, ACROSS = 60, 10
"""How many faces are shown, spread evenly over the set, and how many in a row."""

_SIDE = 110
"""A crop is enlarged by a whole number as long as it stays within so many pixels."""


def whole_face(faces: Faces, preset: str | None) -> Crop:
    """The crop that is shown of a set where no network is chosen; without a preset, as `extract` chooses it."""
    return Crop(chosen_preset(faces, preset or "auto"), HEIGHT, WIDTH)


def write_crops(path: Path, faces: Faces, crops: Sequence[Crop], *, overwrite: bool = False) -> None:
    """Write the sheet: one strip a crop; a face that cannot be cut is an empty frame with its reason.

    Raises:
        OutputExists, BadInput: as files are written; there is no face.
    """
    if len(faces) == 0:
        raise BadInput("no face to show", faces.root)
    refuse_existing(path, overwrite=overwrite)
    rows = np.unique(np.linspace(0, len(faces) - 1, min(FACES, len(faces))).round().astype(int))
    shown = faces.take(rows)
    tiles = {crop: _tiles(shown, crop) for crop in dict.fromkeys(crops)}
    about = f"{counted(len(shown), 'face')} of {len(faces):,}"
    if len(shown) < len(faces):
        about += ", spread evenly over the set"
    strips = [
        Strip(str(crop), about, [found[start : start + ACROSS] for start in range(0, len(found), ACROSS)])
        for crop, found in tiles.items()
    ]
    seen = [tile.picture.shape for found in tiles.values() for tile in found if tile.picture is not None]
    height, width = max((shape[0] for shape in seen), default=_SIDE), max((shape[1] for shape in seen), default=_SIDE)
    write(path, strips, height, width, overwrite=overwrite)


def _tiles(faces: Faces, crop: Crop) -> list[SheetTile]:
    times = max(1, _SIDE // max(crop.height, crop.width))
    found = []
    for row, answer in pictures(faces, crop.cut, workers=0):
        name = str(faces.names[row])
        if isinstance(answer, str):
            found.append(SheetTile(None, (name, answer)))
        else:
            large = answer.repeat(times, axis=0).repeat(times, axis=1)
            colour = large if large.shape[2] == 3 else large.repeat(3, axis=2)
            found.append(SheetTile(colour, (name, str(faces.people[row]))))
    return found
