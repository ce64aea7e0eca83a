"""What a detector finds in a photograph: boxes with scores, and five points where it gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Found:
    """The faces of one photograph.

    Attributes:
        boxes: x, y, width and height in pixels of the photograph, float64 (n, 4).
        scores: how sure, 0 to 1, float64 (n,).
        points: left eye, right eye, nose, left and right mouth corner as seen, x then y, float64 (n, 5, 2); None where
            the detector gives none.
    """

    boxes: np.ndarray
    scores: np.ndarray
    points: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.boxes)

    def take(self, rows: np.ndarray) -> Found:
        """Some faces only, in the given order."""
        points = None if self.points is None else self.points[rows]
        return Found(self.boxes[rows], self.scores[rows], points)


Detector = Callable[[np.ndarray], Found]
"""A photograph uint8 (h, w, 3), RGB, of any size, to the faces in it."""


def nothing() -> Found:
    """No face."""
    return Found(np.empty((0, 4)), np.empty(0))
