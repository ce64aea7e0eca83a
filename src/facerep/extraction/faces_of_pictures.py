"""The faces of pictures that are named one by one: found and aligned, unless a picture is an aligned face already."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from facerep.detection.aligned_faces import SIDE, Finding, aligned_faces, require
from facerep.errors import BadInput, NotAvailable, Usage
from facerep.faces.alignment import TEMPLATE
from facerep.faces.crops import CannotCrop
from facerep.faces.decode import UnreadablePicture, decode
from facerep.faces.table import Faces, make_faces

_HINT = "give --crop loose where a face is in the middle of the picture, half as high as it"


@dataclass(frozen=True)
class FoundFace:
    """The face that was taken of a picture.

    Attributes:
        name: of the picture.
        pixels: the aligned face, uint8 (112, 112, 3).
        box: x, y, width, height in the picture; None where it is an aligned face itself.
        score: of the detector.
        found: how many faces the picture has.
    """

    name: str
    pixels: np.ndarray
    box: np.ndarray | None
    score: float
    found: int


def faces_of(pictures: Sequence[Path], how: Finding) -> tuple[list[FoundFace], Faces]:
    """The face of each picture, and a table of them that any network takes.

    Args:
        pictures: files; one of 112x112 pixels is taken as an aligned face.
        how: how faces are found.

    Raises:
        BadInput: a picture cannot be read, or no face was found in it.
        NotAvailable: the detector is not here.
        Usage: every face is asked for.
    """
    if how.faces == "all":
        raise Usage("of each picture one face is taken", hint="give --faces largest, central or one")
    found, points = [], []
    for path in pictures:
        face, at = _face_of(path, how)
        found.append(face)
        points.append(at)
    names = [str(path) for path in pictures]
    kept = [_as_png(face.pixels) for face in found]
    table = make_faces(
        "photographs", names, [""] * len(names), kept, root=" and ".join(names), points=np.stack(points)
    )  # fmt: skip
    return found, table


def _face_of(path: Path, how: Finding) -> tuple[FoundFace, np.ndarray]:
    try:
        picture = decode(path)
        if picture.shape[:2] == (SIDE, SIDE):
            return FoundFace(str(path), picture, None, 1.0, 1), TEMPLATE.astype(np.float32)
        require(how)
        face = aligned_faces(how, picture)[0]
    except UnreadablePicture as error:
        raise BadInput(error.reason, path) from error
    except CannotCrop as error:
        raise BadInput(str(error), path, _HINT) from error
    except NotAvailable as error:
        raise NotAvailable(error.what, path, f"{error.hint}; or {_HINT}") from error
    return FoundFace(str(path), face["pixels"], face["box"], float(face["score"]), int(face["found"])), face["points"]


def _as_png(pixels: np.ndarray) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=0)
    return stream.getvalue()
