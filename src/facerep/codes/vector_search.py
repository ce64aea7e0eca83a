"""The k most alike vectors of a gallery, exactly: searched in float32, scored in float64.

An inner product in float32 of vectors no longer than 1 is wrong by at most `margin`. So a vector whose product lies
more than that below what the k-th best score amounts to cannot be among the k best; all others are scored pair by pair.
The answer is therefore the same for every block size, number of threads and device.
Source of the bound: Higham, Accuracy and Stability of Numerical Algorithms (2002), section 3.1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Literal

import numpy as np

from facerep.codes.exact_search import Nearest, merge, nearest_products

Metric = Literal["cosine", "euclidean", "inner"]
Score = Callable[[np.ndarray, np.ndarray], np.ndarray]
Products = Callable[[np.ndarray, np.ndarray, int], Nearest]

SPARE = 8
"""Candidates beyond k that are looked at first: nearly always enough to see that no others count."""
PAIR_BYTES = 1 << 24
"""Of the vectors of one side that are scored at a time."""


def nearest_vectors(
    queries: np.ndarray,
    blocks: Iterable[tuple[int, np.ndarray]],
    k: int,
    metric: Metric,
    score: Score,
    products: Products = nearest_products,
) -> Nearest:
    """The k best scores of each query over all blocks.

    Args:
        queries: float32, shape (q, d).
        blocks: the number of a block's first row, and its vectors, float32, shape (n, d).
        k: how many, at most the rows of all blocks together.
        metric: what `score` computes; for cosine no vector is all zero.
        score: the exact scores of aligned rows, float64 (p,).
        products: how the vectors with the largest inner products are found.

    Returns:
        Scores, float64, and rows, int64. Larger is more alike, equal ones by row.
    """
    scores, rows = np.full((len(queries), k), -np.inf), np.full((len(queries), k), -1, np.int64)
    allowed = margin(queries.shape[1])
    for start, block in blocks:
        scaled, against, product = _scaled(queries, block, metric)
        pending, width = np.arange(len(queries)), min(len(block), k + SPARE)
        while len(pending):
            rough, near = products(scaled[pending], against, width)
            needed = rough >= product(scores[pending, -1], pending)[:, None] - allowed
            exact = score_pairs(score, queries, block, pending[:, None], near, needed)
            after = merge((scores[pending], rows[pending]), (exact, near + start), k)
            # whatever is not among the candidates has at most the least of their products
            sure = (rough.min(axis=1) < product(after[0][:, -1], pending) - allowed) | (width == len(block))
            scores[pending[sure]], rows[pending[sure]] = after[0][sure], after[1][sure]
            pending, width = pending[~sure], min(len(block), 4 * width)
    return scores, rows


def score_pairs(
    score: Score, left: np.ndarray, right: np.ndarray, i: np.ndarray, j: np.ndarray, needed: np.ndarray | None = None
) -> np.ndarray:
    """Scores of left[i] with right[j], in blocks of bounded memory; minus infinity where they are not needed.

    Args:
        left, right: vectors, shape (n, d) and (m, d).
        i, j: rows of the two, of shapes that go together.
        needed: bool, of their common shape; None: all.
    """
    i, j = np.broadcast_arrays(i, j)
    shape, i, j = i.shape, i.ravel(), j.ravel()
    pairs = None if needed is None else np.flatnonzero(needed)
    scores = np.full(i.size, -np.inf)
    step = max(1, PAIR_BYTES // (8 * left.shape[1]))
    for start in range(0, i.size if pairs is None else len(pairs), step):
        some = slice(start, start + step) if pairs is None else pairs[start : start + step]
        scores[some] = score(left[i[some]], right[j[some]])
    return scores.reshape(shape)


def margin(dimension: int) -> float:
    """How far an inner product in float32 of `dimension` numbers can be off, for vectors of length at most 1.

    d roundings of at most 2^-24 each, in any order of the sum, and a few more for what was divided and cast before;
    twice that, since `euclidean` adds a product of up to 1/2.
    """
    return 2 * (dimension + 16) * 2.0**-24


def normalised(rows: np.ndarray) -> np.ndarray:
    """The same directions with length 1, float32; what is all zero stays so."""
    return _divided(rows, _lengths(rows)[:, None])


def _scaled(
    queries: np.ndarray, block: np.ndarray, metric: Metric
) -> tuple[np.ndarray, np.ndarray, Callable[[np.ndarray, np.ndarray], np.ndarray]]:
    """Both sides as float32 vectors no longer than about 1, whose inner products are ordered as the scores are.

    Also what product a score of each of some queries amounts to, in exact arithmetic.
    """
    if metric == "cosine":
        return normalised(queries), normalised(block), lambda scores, _: scores
    own, theirs = _lengths(queries), _lengths(block)
    if metric == "inner":
        most = theirs.max()
        return _divided(queries, own[:, None]), _divided(block, most), lambda scores, some: scores / (own[some] * most)
    # |x - y|^2 = |x|^2 - 2 (x y - |y|^2 / 2), and the bracket is the inner product of (x, -1/2) and (y, |y|^2)
    most = max(own.max(), theirs.max())
    left = np.pad(_divided(queries, most), ((0, 0), (0, 1)), constant_values=-0.5)
    right = np.pad(_divided(block, most), ((0, 0), (0, 1)))
    right[:, -1] = np.einsum("ij,ij->i", block, block, dtype=np.float64) / most**2
    squares = np.einsum("ij,ij->i", queries, queries, dtype=np.float64)
    return left, right, lambda scores, some: (squares[some] - scores**2) / (2 * most**2)


def _lengths(rows: np.ndarray) -> np.ndarray:
    """Lengths, float64; 1 for what has none."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    return np.where(lengths > 0, lengths, 1.0)


def _divided(rows: np.ndarray, by: np.ndarray | float) -> np.ndarray:
    """The quotient, rounded to float32 once: a float32 square may be too large for float32."""
    return np.divide(rows, by, out=np.empty(rows.shape, np.float32), dtype=np.float64, casting="same_kind")
