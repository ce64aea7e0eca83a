"""Advice: the error where not one face of a data set could be used, with the crop preset to give instead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facerep.errors import BadInput
from facerep.faces.crops import PRESETS
from facerep.faces.decode import UnreadablePicture, decode_size
from facerep.faces.table import Faces
from facerep.files.picture_source import PictureSource


class NoFace(BadInput):
    """Raised when not one face of a data set could be used."""


def no_face(what: str, faces: Faces, failures: Sequence[tuple[str, str]]) -> NoFace:
    """The error to raise.

    Args:
        what: what could not be done, such as "no face could be cut".
        faces: the data set.
        failures: (name, reason) of all its faces; one that a crop preset refused is shown, else the first. Of a picture
            that was named alone its reason says all.
    """
    refused = [(name, reason) for name, reason in failures if "crop preset" in reason or "known" in reason]
    name, reason = refused[0] if refused else failures[0]
    alone = len(failures) == len(faces.names) == 1 and name == faces.root
    problem = reason if alone else f"{what} ({len(failures)} failed; first: {name}: {reason})"
    if refused:
        place = faces.paths[list(faces.names).index(name)]
        return NoFace(problem, faces.root, other_crops(place, boxed=bool(np.isfinite(faces.boxes).all(axis=1).any())))
    outside = "points and boxes are pixels of the picture as it is stored" if "outside" in reason else None
    return NoFace(problem, faces.root, outside)


def other_crops(place: PictureSource, *, boxed: bool = False) -> str | None:
    """Which presets take a picture: those that know its size, and the one that takes any; None where it is none.

    Args:
        place: where the picture is.
        boxed: a box of the face is known.
    """
    try:
        size = decode_size(place)
    except UnreadablePicture:
        return None
    fitting = ["box"] if boxed else []
    fitting += [preset.name for preset in PRESETS.values() if size in preset.typical]
    return "give " + " or ".join(f"--crop {name}" for name in [*fitting, "loose"])
