"""Choice: which particles a heat map speaks for, and whether it shows something like the face beside them.

A head learnt to draw a Gaussian as large as the face. So a particle is ranked by how well the Gaussian of its own box
fits the map: their product, over the Gaussian's length. That is largest for the box of the right size, where a mean
over the box only falls with the size. A power of the area is left, which the first frame tells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.metrics.boxes.overlap import sums
from facerep.tracking.particles import likeness
from facerep.tracking.region import Region
from facerep.tracking.sight import Sight

POWERS, APART = (-0.5, 0.5), 1.1
"""Bounds of the power of the area, and by how much the boxes differ by which it is told."""
STRONG = 0.2
"""Of a map, divided by its maximum: what counts as mass when a distractor is looked for."""


@dataclass(frozen=True)
class Choice:
    """The best particles of a map, as one box.

    Attributes:
        box: x, y, width, height in pixels of the frame, float64 (4,).
        score: the mean of the map in the box, in 0..1.
        distractor: whether much of the map lies outside the box.
    """

    box: np.ndarray
    score: float
    distractor: bool


def choose(sight: Sight, heat: np.ndarray, boxes: np.ndarray, region: Region, power: float) -> Choice:
    """The best particles by a head's map.

    Args:
        sight: how boxes lie in the map.
        heat: of a head, float (grid, grid).
        boxes: the particles, float64 (n, 4).
        region: that the map is of.
        power: of the area.
    """
    settings = sight.settings
    cells, clear = sight.cells(region, boxes), cleared(heat, settings.quiet)
    rank = likeness(clear, cells, settings.spread) * (cells[:, 2] * cells[:, 3]) ** power
    best = np.argsort(-rank, kind="stable")[: settings.averaged]
    box = boxes[best].mean(axis=0)
    at = sight.cells(region, box[None])
    strong = np.where(clear > STRONG, clear, 0)
    inside = float(sums(strong, at)[0])
    distractor = strong.sum() - inside >= settings.distractor * inside
    return Choice(box, float(sums(clear, at)[0] / at[0, 2] / at[0, 3]), bool(distractor))


def power_for(sight: Sight, heat: np.ndarray, box: np.ndarray) -> float:
    """The power of the area by which a particle's rank is multiplied, such that the given box is of the best size.

    Args:
        sight: how boxes lie in the map.
        heat: of a head, of the region about the box.
        box: of the face in the first frame.
    """
    centre, sides = box[:2] + box[2:] / 2, box[2:] * np.array([[1 / APART], [APART]])
    cells = sight.cells(sight.region(box), np.concatenate([centre - sides / 2, sides], axis=1))
    small, large = likeness(cleared(heat, sight.settings.quiet), cells, sight.settings.spread)
    if small <= 0 or large <= 0:
        return 0.0
    return float(np.clip(np.log(small / large) / (4 * np.log(APART)), *POWERS))


def cleared(heat: np.ndarray, quiet: float) -> np.ndarray:
    """A head's map divided by its maximum; what is quiet is 0."""
    top = float(heat.max())
    heat = heat / top if top > 0 else np.zeros_like(heat)
    return np.where(heat < quiet, 0, heat)
