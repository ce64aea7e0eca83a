"""Windows: squares that a response map proposes, the sum of the response in them over their size.

The size is the side. For a spot of even response on an empty ground the best window is then the spot itself: a smaller
one loses more of the sum than of its side, a larger one gains side alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FINER = 2
"""Windows begin and end at every half place of a map."""

_LEAST, _GROWTH = 0.15, 1.15
"""Side of the smallest window, as a share of the map's, and how much larger the next one is."""


@dataclass(frozen=True)
class Windows:
    """The best window of each map.

    Attributes:
        boxes: left, top, side, side in places of the map, from edge to edge, float64 (n, 4).
        scores: sum of the response over the side, float64 (n,).
    """

    boxes: np.ndarray
    scores: np.ndarray


def best_windows(responses: np.ndarray) -> Windows:
    """The best window of each map.

    Args:
        responses: float (n, height, width), not negative.
    """
    fine = finer(np.asarray(responses, np.float64))
    n, height, width = fine.shape
    sums = np.zeros((n, height + 1, width + 1))
    sums[:, 1:, 1:] = fine.cumsum(axis=1).cumsum(axis=2) / FINER**2
    scores, boxes = np.full(n, -1.0), np.zeros((n, 4))
    for side in sides(min(height, width)):
        inside = sums[:, side:, side:] - sums[:, :-side, side:] - sums[:, side:, :-side] + sums[:, :-side, :-side]
        flat = inside.reshape(n, -1) / (side / FINER)
        best = flat.argmax(axis=1)
        found = flat[np.arange(n), best]
        better = found > scores
        top, left = np.divmod(best, inside.shape[2])
        here = np.stack([left, top, np.full(n, side), np.full(n, side)], axis=1) / FINER
        scores[better], boxes[better] = found[better], here[better]
    return Windows(boxes, scores)


def sides(length: int) -> list[int]:
    """The sides of windows in a map of this side, in its finer places."""
    found, side = [], max(2.0, _LEAST * length)
    while side <= length:
        found.append(round(side))
        side *= _GROWTH
    return sorted(set(found) | {length})


def finer(responses: np.ndarray) -> np.ndarray:
    """Maps at FINER times their size, between the places by straight lines: float64 (n, height, width)."""
    for axis in (1, 2):
        length = responses.shape[axis]
        places = np.clip((np.arange(length * FINER) + 0.5) / FINER - 0.5, 0, length - 1)
        below = np.floor(places).astype(int)
        share = (places - below).reshape([-1 if each == axis else 1 for each in range(3)])
        above = np.minimum(below + 1, length - 1)
        responses = responses.take(below, axis) * (1 - share) + responses.take(above, axis) * share
    return responses
