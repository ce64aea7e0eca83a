"""The k most alike rows of a gallery, exactly: FAISS's scans, with a part of the gallery on each core.

FAISS shares queries among the cores, so one query has one core. Here every core takes a part of the gallery, which
serves any number of queries. Equal scores are ordered by gallery row.
Source: the scans are faiss.knn_hamming, faiss.knn; docs/search.md has the times.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import faiss
import numpy as np

from facerep.codes.hamming import same_length

Nearest = tuple[np.ndarray, np.ndarray]
"""Scores and rows, both of shape (queries, k), best first."""


def nearest_codes(queries: np.ndarray, gallery: np.ndarray, k: int) -> Nearest:
    """The codes that differ in the fewest bits.

    Args:
        queries, gallery: packed codes, uint8, shape (q, bytes) and (n, bytes).
        k: how many, at most n.

    Returns:
        Minus the distances, int32; rows, int64. Larger is more alike, equal ones by row.

    Raises:
        Mismatch: codes of different lengths.

    >>> gallery = np.array([[0b0001], [0b0111], [0b0010]], dtype=np.uint8)
    >>> [found.tolist() for found in nearest_codes(np.array([[0b0011]], dtype=np.uint8), gallery, 3)]
    [[[-1, -1, -1]], [[0, 1, 2]]]
    """
    same_length(queries, gallery)
    queries = np.ascontiguousarray(queries)

    def scan(part: np.ndarray) -> Nearest:
        # of equal distances this scan keeps the first rows, whatever k is: the heap replaces by strictly smaller ones
        distances, rows = faiss.knn_hamming(queries, part, min(k, len(part)))
        return -distances, rows

    return _on_all_cores(scan, gallery, k)


def nearest_products(queries: np.ndarray, gallery: np.ndarray, k: int) -> Nearest:
    """The vectors with the largest inner products, in float32: rounded, and equal ones in no promised choice.

    `vector_search.nearest_vectors` makes exact scores of them.

    Args:
        queries, gallery: float32, shape (q, d) and (n, d).
        k: how many, at most n.
    """
    queries = np.ascontiguousarray(queries)

    def scan(part: np.ndarray) -> Nearest:
        return faiss.knn(queries, part, min(k, len(part)), metric=faiss.METRIC_INNER_PRODUCT)

    return _on_all_cores(scan, gallery, k)


def best(scores: np.ndarray, rows: np.ndarray, k: int) -> Nearest:
    """The k best of each line: the larger score first, of equal ones the smaller row.

    Args:
        scores, rows: shape (q, m) each.

    >>> best(np.array([[1, 3, 3]]), np.array([[0, 9, 4]]), 2)
    (array([[3, 3]]), array([[4, 9]]))
    """
    order = np.lexsort((rows, -scores))[:, :k]
    return np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)


def merge(one: Nearest | None, other: Nearest, k: int) -> Nearest:
    """The k best of two answers to the same queries."""
    if one is None:
        return best(*other, k)
    scores, rows = (np.concatenate(both, axis=1) for both in zip(one, other, strict=True))
    return best(scores, rows, k)


def _on_all_cores(scan: Callable[[np.ndarray], Nearest], gallery: np.ndarray, k: int) -> Nearest:
    """The best of what `scan` finds in each part of the gallery."""
    parts = np.array_split(np.ascontiguousarray(gallery), min(faiss.omp_get_max_threads(), len(gallery)))
    # the number of OpenMP threads is each thread's own: one here, and as before elsewhere
    with ThreadPoolExecutor(len(parts), initializer=faiss.omp_set_num_threads, initargs=(1,)) as cores:
        answers = list(cores.map(scan, parts))
    found, start = None, 0
    for part, (scores, rows) in zip(parts, answers, strict=True):
        found = merge(found, (scores, rows + start), k)
        start += len(part)
    assert found is not None
    return found
