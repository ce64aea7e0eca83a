"""Squares around faces whose five points are marked: found as `align` finds them, with room to be moved."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from PIL import Image

from facerep.detection.detectors import detector
from facerep.detection.five_points import TYPICAL
from facerep.errors import BadInput
from facerep.faces.alignment import warp
from facerep.faces.crop_advice import no_face
from facerep.faces.crops import CannotCrop
from facerep.faces.point_checks import fault_of_points
from facerep.faces.table import Faces
from facerep.networks.pointing.frames import DOWN
from facerep.progress import progress
from facerep.readers.decode_many import pictures

SIDE = 128
"""Pixels of a square."""
_HIGH = 1.8
"""Side of a square, in the box's height."""
_LEAST_SCORE = 0.3

_SQUARE = np.dtype([("pixels", np.uint8, (SIDE, SIDE)), ("points", np.float32, (5, 2)), ("box", np.float32, 4)])


@dataclass(frozen=True)
class Squares:
    """The faces of a data set as they are taught.

    Attributes:
        faces: the table, failures taken out.
        pixels: grey, uint8 (n, 1, SIDE, SIDE, 1).
        points: in them, float32 (n, 5, 2).
        boxes: in them, x, y, width, height, float32 (n, 4).
        failures: (name, reason) of the others.
    """

    faces: Faces
    pixels: np.ndarray
    points: np.ndarray
    boxes: np.ndarray
    failures: tuple[tuple[str, str], ...]


def squares(faces: Faces, by: str, workers: int) -> Squares:
    """The squares of faces with five points.

    Args:
        faces: whose points are known.
        by: the detector; or "points": the box is made from the points, as that of a face seen from the front.
        workers: processes that decode.

    Raises:
        BadInput: none has five points; or none could be used, with the first reason.
        NotAvailable, Usage: as `detector`.
    """
    known = np.isfinite(faces.points).all(axis=(1, 2))
    if not known.any():
        raise BadInput("no face has five points", faces.root, "name a table with x1, y1 .. x5, y5, or le_x .. rm_y")
    if by != "points":
        detector(by)
    faces = faces.take(np.flatnonzero(known))
    kept, cut, failures = [], [], []
    with progress("faces with points", len(faces)) as advance:
        for row, answer in pictures(faces, functools.partial(_square, by), workers=workers):
            if isinstance(answer, str):
                failures.append((faces.names[row], answer))
            else:
                kept.append(row)
                cut.append(answer)
            advance(1)
    if not kept:
        raise no_face("no face with points could be used", faces, failures)
    every = np.stack(cut)
    pixels = np.ascontiguousarray(every["pixels"])[:, None, :, :, None]
    return Squares(faces.take(np.array(kept)), pixels, every["points"].copy(), every["box"].copy(), tuple(failures))


def _square(by: str, picture: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """One face: a scalar of _SQUARE."""
    points = np.asarray(marks[:5], np.float64)
    if fault := fault_of_points(points, picture.shape[1], picture.shape[0]):
        raise CannotCrop(fault)
    box = _box_of(points) if by == "points" else _box_found(by, picture, points)
    x, y, width, height = box
    scale = SIDE / (_HIGH * height)
    middle = np.array([x + width / 2, y + DOWN * height]) - 0.5
    shift = (SIDE - 1) / 2 - scale * middle
    matrix = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    found = np.zeros((), _SQUARE)
    try:
        found["pixels"] = np.asarray(Image.fromarray(warp(picture, matrix, SIDE, SIDE)).convert("L"))
    except ValueError as error:
        raise CannotCrop(str(error)) from error
    found["points"] = scale * points + shift
    found["box"] = [*(scale * (np.array([x, y]) - 0.5) + shift + 0.5), scale * width, scale * height]
    return found


def _box_found(by: str, picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The box, among those of a detector, that the points lie in."""
    found, middle = detector(by)(picture), points.mean(axis=0)
    within = ((found.boxes[:, :2] < middle) & (middle < found.boxes[:, :2] + found.boxes[:, 2:])).all(axis=1)
    rows = np.flatnonzero(within & (found.scores >= _LEAST_SCORE))
    if not len(rows):
        raise CannotCrop("no face was found where its five points are")
    apart = np.hypot(*(found.boxes[rows, :2] + found.boxes[rows, 2:] / 2 - middle).T)
    return found.boxes[rows[np.argmin(apart)]]


def _box_of(points: np.ndarray) -> np.ndarray:
    """The box whose typical points are nearest to these, x, y, width, height."""
    typical = TYPICAL * [1.0, 1.31]  # a box is so many times as high as it is wide
    a, b = typical - typical.mean(axis=0), points - points.mean(axis=0)
    width = float(np.sqrt((b**2).sum() / (a**2).sum()))
    corner = points.mean(axis=0) + 0.5 - width * typical.mean(axis=0)
    return np.array([*corner, width, 1.31 * width])
