"""Projection: rows onto directions, one row at a time, so that a row's result does not depend on its neighbours."""

from __future__ import annotations

import numpy as np

_ROWS = 4096


def project(values: np.ndarray, mean: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """directions (x - mean) of each row x, in float64.

    Bit-identical whatever the number of rows, their order or the number of threads: a matrix product of BLAS chooses
    its order of sums by the shape it is given, einsum sums along the last axis in one fixed order. It costs about
    twice the time.

    Args:
        values: shape (n, d).
        mean: shape (d,).
        directions: shape (k, d).

    Returns:
        float64, shape (n, k).
    """
    directions = np.ascontiguousarray(directions, dtype=np.float64)
    found = np.empty((len(values), len(directions)))
    for start in range(0, len(values), _ROWS):
        centred = np.ascontiguousarray(values[start : start + _ROWS] - mean, dtype=np.float64)
        np.einsum("nd,kd->nk", centred, directions, out=found[start : start + _ROWS])
    return found
