"""Advice: the error where not one face of a data set could be used, with the crop preset to give instead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facerep.errors import BadInput
from facerep.faces.crops import PRESETS
from facerep.faces.decode import UnreadablePicture, decode_size
from facerep.faces.table import Faces


def no_face(what: str, faces: Faces, failures: Sequence[tuple[str, str]]) -> BadInput:
    """The error to raise.

    Args:
        what: what could not be done, such as "no face could be cut".
        faces: the data set.
        failures: (name, reason) of all its faces; one that a crop preset refused is shown, else the first.
    """
    refused = [(name, reason) for name, reason in failures if "crop preset" in reason or "known" in reason]
    name, reason = refused[0] if refused else failures[0]
    said = f"{what} ({len(failures)} failed; first: {name}: {reason})"
    if refused:
        return BadInput(said, faces.root, _other_crops(faces, name))
    outside = "points and boxes are pixels of the picture as it is stored" if "outside" in reason else None
    return BadInput(said, faces.root, outside)


def _other_crops(faces: Faces, name: str) -> str | None:
    """Which presets take the picture of a face: those that know its size, and the one that takes any."""
    try:
        size = decode_size(faces.paths[list(faces.names).index(name)])
    except UnreadablePicture:
        return None
    fitting = [preset.name for preset in PRESETS.values() if size in preset.typical]
    if np.isfinite(faces.boxes).all(axis=1).any():
        fitting.insert(0, "box")
    return "give " + " or ".join(f"--crop {name}" for name in [*fitting, "loose"])
