"""The aligned faces of a photograph: found, their five points, the similarity onto the template, the picture."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from facerep.detection.choice import NotOne, chosen, require_policy
from facerep.detection.detectors import DEFAULT, detector
from facerep.detection.five_points import BUNDLED, five_points, require_points, weights_of_points
from facerep.faces.alignment import TEMPLATE, similarity, warp
from facerep.faces.crops import CannotCrop, Crop, cut_for

SIDE = 112
"""Of an aligned face, in pixels: the frame of the template."""

LEAST_SCORE = 0.5
"""Score from which on what a detector finds is a face."""

ALIGNED = np.dtype([
    ("pixels", np.uint8, (SIDE, SIDE, 3)),
    ("points", np.float32, (5, 2)),
    ("box", np.float64, 4),
    ("score", np.float64),
    ("source_points", np.float64, (5, 2)),
    ("transform", np.float64, (2, 3)),
    ("number", np.int64),
    ("found", np.int64),
])  # fmt: skip
"""One aligned face.

pixels: the picture; points: in it, x then y; box: x, y, width and height in the photograph; score: of the detector;
source_points: in the photograph; transform: from the photograph to the aligned face; number: its place among the faces
that were taken, from 1; found: how many faces the photograph has, taken or not.
"""


@dataclass(frozen=True)
class Finding:
    """How faces are found, chosen and aligned; picklable, and the same for all photographs.

    Attributes:
        detector: its name, see detectors.DETECTORS.
        faces: which of several are taken, see choice.POLICIES.
        least_score: from which on a box is a face, 0 to 1.
        points: what finds the five points, see five_points.

    Raises:
        Usage: no such policy, no such detector, or points of a detector that gives none.
    """

    detector: str = DEFAULT
    faces: str = "largest"
    least_score: float = LEAST_SCORE
    points: str = BUNDLED

    def __post_init__(self) -> None:
        require_policy(self.faces)
        require_points(self.detector, self.points)


def require(how: Finding) -> None:
    """Raise before any work is done where faces cannot be found so.

    Raises:
        BadInput, NotAvailable, Usage: as `detector` and `five_points`.
    """
    detector(how.detector)
    five_points(how.points)


def described(how: Finding) -> dict[str, Any]:
    """How faces are found, with the weights of the five points: for files and for resuming."""
    return {**asdict(how), "weights": weights_of_points(how.points)}


def aligned_faces(how: Finding, picture: np.ndarray, _marks: np.ndarray | None = None) -> np.ndarray:
    """The aligned faces of a photograph, in the order of the policy.

    Args:
        how: how they are found.
        picture: uint8 (h, w, 3), RGB.

    Returns:
        ALIGNED, (n,), at least one.

    Raises:
        CannotCrop: no face was found, or several where one is wanted.
    """
    height, width = picture.shape[:2]
    found = detector(how.detector)(picture)
    found = found.take(np.flatnonzero(found.scores >= how.least_score))
    if not len(found):
        raise CannotCrop("no face was found")
    try:
        rows = chosen(found, how.faces, height, width)
    except NotOne as several:
        raise CannotCrop(str(several)) from several
    faces, locate = np.zeros(len(rows), ALIGNED), five_points(how.points)
    for face, row in zip(faces, rows, strict=True):
        located = locate(picture, found.take(np.array([row])))
        transform = similarity(located, TEMPLATE)
        try:
            face["pixels"] = warp(picture, transform, SIDE, SIDE)
        except ValueError as error:
            raise CannotCrop(str(error)) from error
        face["points"] = located @ transform[:, :2].T + transform[:, 2]
        face["box"], face["score"] = found.boxes[row], found.scores[row]
        face["source_points"], face["transform"] = located, transform
    faces["number"], faces["found"] = np.arange(1, len(rows) + 1), len(found)
    return faces


def cut_aligned(
    how: Finding, crops: tuple[Crop, ...], mirror: str, picture: np.ndarray, marks: np.ndarray
) -> np.ndarray:
    """All crops of the one face that is taken of a photograph, as `cut_for` gives them of its aligned picture.

    Raises:
        CannotCrop: no face was found, or several where one is wanted.
    """
    face = aligned_faces(how, picture, marks)[0]
    return cut_for(crops, mirror, face["pixels"], face["points"])


def crop_aligned(how: Finding, crop: Crop, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """One crop of the same face, uint8 (height, width, channels), as `Crop.cut` gives it of its aligned picture."""
    face = aligned_faces(how, picture, marks)[0]
    return crop.cut(face["pixels"], face["points"])
