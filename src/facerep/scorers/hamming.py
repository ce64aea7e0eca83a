"""Hamming: minus the number of bits in which two codes differ, so that larger is more alike."""

from __future__ import annotations

import numpy as np

from facerep.codes import hamming


class Hamming:
    """Scores are whole numbers at most 0, as float64."""

    name = "hamming"

    def score(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Minus the distances of aligned packed codes, uint8 (p, bytes); float64, shape (p,)."""
        return 0.0 - hamming.distances(a, b)

    def matrix(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Minus the distances of every code of `a` to every code of `b`; float64, shape (na, nb)."""
        return 0.0 - hamming.matrix(a, b)
