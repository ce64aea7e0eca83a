"""Points and boxes: whether what a table says can be the place of a face, told before anything is cut.

The order of the five points is judged by shape alone: they are brought onto the template by a similarity, and what is
left over is compared with what is left over when they are taken in another order. Measured on 60,596 faces of five
sets (docs/your-own-pictures.md): 2 were warned of without reason.
"""

from __future__ import annotations

from itertools import permutations

import numpy as np

from facerep.faces.alignment import SWAPPED, TEMPLATE

SMALLEST = 4.0
"""Pixels: five points that lie within so few are not those of a face."""

_LEFT_OVER, _BETTER, _UPSIDE_DOWN = 0.3, 0.5, 90.0
"""Share left over above which points are doubted, how much better another order must be, degrees of turn."""

_BLOCK = 4096


def fault_of_points(points: np.ndarray, width: int, height: int) -> str:
    """Why five points (5, 2) are not those of a face in a picture of this size, "" where they may be."""
    if float(np.ptp(points, axis=0).max()) < SMALLEST:
        return "the five points are not those of a face"
    inside = ((points > -1) & (points < [width, height])).all(axis=1)
    if inside.sum() < 2:
        return f"the five points lie outside the picture of {width}x{height}"
    return ""


def fault_of_box(box: np.ndarray, width: int, height: int) -> str:
    """Why a box (x1, y1, x2, y2) is not that of a face in a picture of this size, "" where it may be."""
    (left, top, right, bottom) = map(float, box)
    if right - left < SMALLEST or bottom - top < SMALLEST:
        return "the box has no size"
    across = min(right, width) - max(left, 0)
    down = min(bottom, height) - max(top, 0)
    if across <= 0 or down <= 0 or across * down < 0.5 * (right - left) * (bottom - top):
        return f"the box lies outside the picture of {width}x{height}"
    return ""


def are_fractions(values: np.ndarray) -> bool:
    """Whether coordinates (n, k), NaN where unknown, are shares of the picture's sides instead of pixels."""
    known = values[np.isfinite(values).all(axis=1)]
    return len(known) > 0 and bool((known >= 0).all() and 0 < known.max() <= 1)


def oddities(points: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """What is odd about the order or the turn of five points, with the rows of which it holds.

    Args:
        points: (n, 5, 2), NaN where unknown.

    Returns:
        (in words, row indices), the most frequent first.
    """
    rows = np.flatnonzero(np.isfinite(points).all(axis=(1, 2)))
    found: dict[str, list[np.ndarray]] = {}
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        for words, mask in _odd(points[some].astype(np.float64)).items():
            found.setdefault(words, []).append(some[mask])
    joined = [(words, np.concatenate(parts)) for words, parts in found.items()]
    return sorted((item for item in joined if len(item[1])), key=lambda item: -len(item[1]))


def _odd(points: np.ndarray) -> dict[str, np.ndarray]:
    left_over, turn = _fit(points)
    swapped, turned = _fit(points[:, SWAPPED])
    doubted = left_over > _LEFT_OVER
    mirrored = doubted & (swapped < _BETTER * left_over)
    reordered = np.zeros(len(points), bool)
    unclear = np.flatnonzero(doubted & ~mirrored)
    for order in permutations(range(5)) if len(unclear) else ():
        reordered[unclear] |= _fit(points[unclear][:, list(order)])[0] < _BETTER * left_over[unclear]
    steep = np.abs(turned)
    return {
        "left and right are swapped (left is meant as seen in the picture)": mirrored & (steep < 45),
        "x and y are swapped": mirrored & (steep >= 45) & (steep < 135),
        "y counts from the bottom": mirrored & (steep >= 135),
        "another order than left eye, right eye, nose, left and right mouth corner": reordered,
        "upside down": ~doubted & (np.abs(turn) > _UPSIDE_DOWN),
    }


def _fit(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a similarity onto the template leaves over, a share in 0..1, and its turn in degrees; (n,) each."""
    a, b = points - points.mean(axis=1, keepdims=True), TEMPLATE - TEMPLATE.mean(axis=0)
    along = (a * b).sum(axis=(1, 2))
    across = (a[..., 0] * b[:, 1] - a[..., 1] * b[:, 0]).sum(axis=1)
    sizes = np.maximum((a**2).sum(axis=(1, 2)) * (b**2).sum(), 1e-12)
    return np.sqrt(np.maximum(0, 1 - (along**2 + across**2) / sizes)), np.degrees(np.arctan2(across, along))
