"""Nearness: how far pictures are from the truth, and whether the truth of another person is nearer.

Source: docs/numbers.md, rule 15 (nearest truth).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_AT_ONCE = 4096


@dataclass(frozen=True)
class Nearness:
    """Pictures one by one, face after face, of all that have a truth.

    Attributes:
        error: squared error, the mean over the pixels, of grey values in -1..1; float64 (k,).
        nearest: the right person's truth is nearer than that of any other person; bool (k,).
    """

    error: np.ndarray
    nearest: np.ndarray


def nearness(drawn: np.ndarray, truths: np.ndarray, own: np.ndarray) -> Nearness:
    """Pictures of one kind, such as of one view, against the truths of all people.

    Args:
        drawn: uint8 (k, height, width).
        truths: uint8 (p, height, width), a person each.
        own: which of the truths is the right one, (k,).
    """
    wanted = _flat(truths)
    squares = (wanted**2).sum(axis=1)
    errors, nearest = [], []
    for start in range(0, len(drawn), _AT_ONCE):
        part, right = _flat(drawn[start : start + _AT_ONCE]), own[start : start + _AT_ONCE]
        distances = (part**2).sum(axis=1)[:, None] + squares - 2 * part @ wanted.T
        rows = np.arange(len(part))
        mine = ((part - wanted[right]) ** 2).mean(axis=1)
        distances[rows, right] = np.inf
        # whole numbers of squared half grey levels: equal distances compare as equal
        others = np.rint(distances.min(axis=1, initial=np.inf) * 127.5**2)
        errors.append(mine)
        nearest.append(np.rint(mine * part.shape[1] * 127.5**2) < others)
    return Nearness(np.concatenate(errors), np.concatenate(nearest))


def _flat(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(len(pictures), -1).astype(np.float64) / 127.5 - 1
