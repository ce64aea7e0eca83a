"""What a scorer is, whatever makes its scores."""

from __future__ import annotations

from typing import Protocol

import numpy as np


class Scorer(Protocol):
    """What makes scores of prepared rows; larger is more alike."""

    name: str

    def score(self, a: np.ndarray, b: np.ndarray, /) -> np.ndarray:
        """Scores of aligned rows, float64 (p,): a pair's score depends on its two rows alone."""
        ...

    def matrix(self, a: np.ndarray, b: np.ndarray, /) -> np.ndarray:
        """Scores of every row of `a` with every row of `b`, float64 (na, nb), within 1e-6 of `score`."""
        ...
