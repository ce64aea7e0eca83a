"""Euclidean: minus the distance between two vectors, so that larger is more alike."""

from __future__ import annotations

import numpy as np

_CLOSE = 1e-6
"""Below this share of the squared lengths, a squared distance from a product has lost too many digits."""


class Euclidean:
    """Scores at most 0; identical rows score exactly 0. Pair by pair as in `Cosine`."""

    name = "euclidean"

    def score(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Minus the distances of aligned rows (p, d); float64, shape (p,)."""
        apart = np.asarray(a, np.float64) - np.asarray(b, np.float64)
        apart = np.ascontiguousarray(apart)
        # 0 - x, not -x: identical rows score 0.0 and not -0.0
        return 0.0 - np.sqrt(np.einsum("ij,ij->i", apart, apart))

    def matrix(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Minus the distances of every row of `a` to every row of `b`; float64, shape (na, nb)."""
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        lengths = np.einsum("ij,ij->i", a, a)[:, None] + np.einsum("ij,ij->i", b, b)
        squares = lengths - 2.0 * (a @ b.T)
        scores = 0.0 - np.sqrt(np.maximum(squares, 0.0))
        close = np.nonzero(squares < _CLOSE * lengths)
        step = 65_536
        for start in range(0, len(close[0]), step):
            rows, columns = (place[start : start + step] for place in close)
            scores[rows, columns] = self.score(a[rows], b[columns])
        return scores
