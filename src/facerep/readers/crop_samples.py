"""Samples of a data set as networks see it: some faces, spread evenly, cut by each crop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from facerep.errors import BadInput
from facerep.faces.crops import Crop
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.readers.decode_many import Work, pictures

HEIGHT, WIDTH = 55, 47
"""Of a crop where no network is chosen: what most rows of the catalog see."""

FACES = 60
"""How many faces are cut."""


def whole_face(faces: Faces, preset: str | None) -> Crop:
    """The crop that is shown of a set where no network is chosen; without a preset, as `extract` chooses it."""
    return Crop(chosen_preset(faces, preset or "auto"), HEIGHT, WIDTH)


@dataclass(frozen=True)
class CropSample:
    """Faces that one crop cuts.

    Attributes:
        crop: the crop.
        names, people: of the faces.
        crops: uint8 (height, width, channels), or why a face cannot be cut.
        of: how many faces the set has.
    """

    crop: Crop
    names: Sequence[str]
    people: Sequence[str]
    crops: Sequence[np.ndarray | str]
    of: int


def sample_crops(
    faces: Faces, crops: Sequence[Crop], cut: Callable[[Crop], Work] = lambda crop: crop.cut
) -> list[CropSample]:
    """A sample for each different crop, all of the same faces.

    Args:
        faces: the set.
        crops: of the networks.
        cut: what cuts a face by a crop.

    Raises:
        BadInput: there is no face.
    """
    if len(faces) == 0:
        raise BadInput("no face to show", faces.root)
    few = faces.take(np.unique(np.linspace(0, len(faces) - 1, min(FACES, len(faces))).round().astype(int)))
    names, people = few.names.astype(str).tolist(), few.people.astype(str).tolist()
    return [
        CropSample(crop, names, people, [pixels for _, pixels in pictures(few, cut(crop), workers=0)], len(faces))
        for crop in dict.fromkeys(crops)
    ]
