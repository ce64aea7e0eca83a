"""Baselines of localization: the middle of the picture, edges, and detectors out of packages where these are here."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from facerep.detection.detectors import DETECTORS, detector
from facerep.errors import NotAvailable, Usage
from facerep.localization.cascade import Found, apart, box_sums
from facerep.localization.peaks import density_peaks
from facerep.localization.pyramid import scales, shrunk

NAMES = ("centre", "edges", "cascade", *DETECTORS)
"""What options call them."""

Finder = Callable[[np.ndarray], Found]

_CENTRE = 0.345
"""Side of a face's box in LFW's photographs, as a share of the picture's: the median of 330."""
_FACE, _PLACE = 16, 4
"""Edges: side of the window and of a place, in pixels of the picture made smaller."""


def finder_of(name: str, least: float) -> Finder:
    """A baseline by its name; `least` is the side of the smallest boxes looked for.

    Raises:
        Usage: there is no such baseline.
        NotAvailable: its package is not here.
    """
    match name:
        case "centre":
            return _centre
        case "edges":
            return lambda picture: _edges(picture, least)
        case "cascade":
            return _cascade(least)
        case _ if name in DETECTORS:
            find_by = detector(name)

            def find(picture: np.ndarray) -> Found:
                found = find_by(picture)
                return Found(found.boxes, found.scores)

            return find
    raise Usage(f"no baseline {name!r}", hint=f"there are: {', '.join(NAMES)}")


def _centre(picture: np.ndarray) -> Found:
    height, width = picture.shape[:2]
    side = _CENTRE * min(height, width)
    return Found(np.array([[(width - side) / 2, (height - side) / 2, side, side]]), np.ones(1))


def _edges(picture: np.ndarray, least: float) -> Found:
    """Where a window holds the most edges, at each size of the picture."""
    height, width = picture.shape[:2]
    boxes, scores = [np.empty((0, 4))], [np.empty(0)]
    for scale in scales(height, width, face=_FACE, least=least, most=max(height, width)):
        grey = np.asarray(Image.fromarray(shrunk(picture, scale)).convert("L"), np.float64)
        down, across = np.gradient(grey)
        edges = np.hypot(down, across)
        high, wide = (length // _PLACE * _PLACE for length in edges.shape)
        if not high or not wide:
            continue
        pooled = edges[:high, :wide].reshape(high // _PLACE, _PLACE, wide // _PLACE, _PLACE).mean(axis=(1, 3))
        places = _FACE // _PLACE
        summed = box_sums(pooled, places) / places**2
        peaks = density_peaks(summed, apart=places / 2, most=60).places
        middle = _PLACE * (peaks[:, ::-1] + 0.5 * (places % 2))
        boxes.append(np.column_stack([middle - _FACE / 2, np.full((len(middle), 2), _FACE)]) / scale)
        scores.append(summed[peaks[:, 0], peaks[:, 1]])
    every, score = np.concatenate(boxes), np.concatenate(scores)
    kept = apart(every, score, 0.3)
    return Found(every[kept], score[kept])


def _cascade(least: float) -> Finder:
    """scikit-image's cascade of local binary patterns; it gives boxes without a score."""
    try:
        from skimage.data import lbp_frontal_face_cascade_filename  # pyright: ignore[reportMissingImports]
        from skimage.feature import Cascade  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise NotAvailable("scikit-image, whose cascade it is, is not here", hint="pip install facerep[hog]") from error
    detector = Cascade(lbp_frontal_face_cascade_filename())

    def find(picture: np.ndarray) -> Found:
        side = min(picture.shape[:2])
        smallest = round(max(24.0, least))
        if side <= smallest:
            return Found(np.empty((0, 4)), np.empty(0))
        found = detector.detect_multi_scale(
            img=picture, scale_factor=1.2, step_ratio=1, min_size=(smallest, smallest), max_size=(side, side)
        )  # fmt: skip
        boxes = np.array([[one["c"], one["r"], one["width"], one["height"]] for one in found], np.float64)
        return Found(boxes.reshape(-1, 4), np.ones(len(boxes)))

    return find
