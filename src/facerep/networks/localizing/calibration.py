"""What held-out pictures tell of a stage: how a face's box lies in its best window, and when there is a face at all.

No network learns anything here: five numbers a stage are read off.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.metrics.eer_auc import best_threshold
from facerep.metrics.roc import sweep
from facerep.networks.localizing.lnet import Geometry
from facerep.networks.localizing.windows import best_windows


@dataclass(frozen=True)
class Calibration:
    """Of one stage.

    Attributes:
        across, down: middle of the box less middle of the window, in sides of the window: the median.
        side: side of the box over that of the window: the median.
        threshold: score of a window from which on there is a face.
    """

    across: float
    down: float
    side: float
    threshold: float


@dataclass(frozen=True)
class Calibrated:
    """What came of it: the numbers, and which pictures are on the right side of the threshold, bool (n,)."""

    calibration: Calibration
    hits: np.ndarray


def calibrate(responses: np.ndarray, boxes: np.ndarray, geometry: Geometry) -> Calibrated:
    """Read off a stage's numbers.

    Args:
        responses: maps of pictures with and without a face, float (n, height, width).
        boxes: where the face's box is, x1, y1, x2, y2 in pixels, (n, 4); NaN where there is no face.
        geometry: of the maps.
    """
    windows, shown = best_windows(responses), np.asarray(np.isfinite(boxes).all(axis=1))
    found = in_pixels(windows.boxes, geometry)
    window, box = found[shown], boxes[shown].astype(np.float64)
    box = np.column_stack([box[:, :2] + 0.5, box[:, 2:] - box[:, :2]])  # from edge to edge
    apart = (box[:, :2] + box[:, 2:] / 2 - window[:, :2] - window[:, 2:] / 2) / window[:, 2:]
    # at most the best score: where nothing separates the two, no picture has a face
    threshold = min(float(best_threshold(sweep(windows.scores, shown))), float(windows.scores.max()))
    across, down = np.median(apart, axis=0).tolist()
    side = float(np.median(box[:, 2] / window[:, 2]))
    return Calibrated(Calibration(across, down, side, threshold), (windows.scores >= threshold) == shown)


def in_pixels(windows: np.ndarray, geometry: Geometry) -> np.ndarray:
    """Windows in pixels of the picture, from edge to edge; (n, 4) left, top, width, height of places."""
    corner = geometry.stride * (windows[:, :2] - 0.5) + geometry.first + 0.5
    return np.column_stack([corner, geometry.stride * windows[:, 2:]])


def boxes_of(windows: np.ndarray, by: Calibration) -> np.ndarray:
    """The boxes that windows stand for: left, top, width, height, float64 (n, 4)."""
    middle = windows[:, :2] + windows[:, 2:] / 2 + windows[:, 2:] * [by.across, by.down]
    size = windows[:, 2:] * by.side
    return np.column_stack([middle - size / 2, size])
