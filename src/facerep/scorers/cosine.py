"""Cosine: the angle between two vectors. 1 is the same direction, whatever the lengths.

Source: the common choice for margin-trained networks (ArcFace, CVPR 2019).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facerep.errors import BadInput


class Cosine:
    """Scores in [-1, 1]; identical rows score exactly 1.

    A pair's score is computed from its two rows alone, in float64 and in one order: it does not depend on the
    batch, on the order of the two, or on the number of threads.
    """

    name = "cosine"

    def __init__(
        self, zeros: Sequence[str] = (), where: str = "vectors in memory", *, allow_zero: bool = False
    ) -> None:
        """`zeros` are the names of the faces whose vector is all zero, `where` their file: for the error.

        With `allow_zero` there is no error: an all-zero vector scores 0 with every other.
        """
        self._zeros, self._where, self._allow_zero = zeros, where, allow_zero

    def score(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Cosines of aligned rows (p, d); float64, shape (p,).

        Raises:
            BadInput: an all-zero row, which has no direction; the faces are named.
        """
        a, b = np.ascontiguousarray(a, np.float64), np.ascontiguousarray(b, np.float64)
        squares = self._squares(a) * self._squares(b)
        # the root of the product, not the product of roots: x / sqrt(x * x) is exactly 1
        return np.clip(np.einsum("ij,ij->i", a, b) / np.sqrt(squares), -1.0, 1.0)

    def matrix(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Cosines of every row of `a` with every row of `b`; float64, shape (na, nb)."""
        a, b = np.ascontiguousarray(a, np.float64), np.ascontiguousarray(b, np.float64)
        a, b = (rows / np.sqrt(self._squares(rows))[:, None] for rows in (a, b))
        return np.clip(a @ b.T, -1.0, 1.0)

    def _squares(self, rows: np.ndarray) -> np.ndarray:
        squares = np.einsum("ij,ij->i", rows, rows)
        if self._allow_zero:
            return np.where(squares > 0, squares, 1.0)
        if not squares.all():
            faces = ", ".join(repr(str(name)) for name in self._zeros[:3]) or f"row {squares.argmin()}"
            what = f"an all-zero vector has no cosine ({faces})"
            raise BadInput(what, self._where, "leave such faces out, or use euclidean")
        return squares
