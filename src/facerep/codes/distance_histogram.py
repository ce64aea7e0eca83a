"""How often each Hamming distance is found among all pairs of codes: their whole ROC, and no score is kept.

XOR, a count of ones and a tally, in blocks that stay in a core's cache; as many threads as arithmetic may have.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from facerep import threads
from facerep.codes.hamming import distances

BLOCK_BYTES = 1 << 20
"""Of the XOR of a block: it stays in a core's second-level cache."""
PAIRS = 1 << 20
"""Genuine pairs that are measured at once."""


def histograms(codes: np.ndarray, person: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the distances of genuine and of impostor pairs, all faces with each other.

    Args:
        codes: packed, uint8, shape (n, bytes), n at least 2.
        person: of each code, shape (n,).

    Returns:
        Pairs at each distance from 0 to 8 * bytes, int64, (genuine, impostor).

    >>> codes = np.array([[0b000], [0b001], [0b111]], np.uint8)
    >>> [counts[:4].tolist() for counts in histograms(codes, np.array(["a", "a", "b"]))]
    [[0, 1, 0, 0], [0, 0, 1, 1]]
    """
    genuine = _inside(codes, person)
    return genuine, _all(codes) - genuine


def _all(codes: np.ndarray) -> np.ndarray:
    """Of all pairs of different rows."""
    n, bits = len(codes), 8 * codes.shape[1]
    words = np.ascontiguousarray(np.pad(codes, ((0, 0), (0, -codes.shape[1] % 8)))).view(np.uint64)
    across = np.ascontiguousarray(words.T)
    wide = BLOCK_BYTES // 8
    tall = max(1, wide // n)

    def rows_from(top: int) -> np.ndarray:
        counts = np.zeros(bits + 1, np.int64)
        for start in range(top, n, wide):
            found = _between(words[top : top + tall], across[:, start : start + wide])
            counts += np.bincount(found.ravel(), minlength=bits + 1)
        return counts

    with ThreadPoolExecutor(threads.count()) as pool:
        counts = sum(pool.map(rows_from, range(0, n, tall)), np.zeros(bits + 1, np.int64))
    # the square on the diagonal holds each of its pairs twice, and each row with itself
    for top in range(0, n, tall):
        square = _between(words[top : top + tall], across[:, top : top + tall])
        counts -= np.bincount(square[np.tri(len(square), dtype=bool)], minlength=bits + 1)
    return counts


def _between(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Distances of rows (k, words) to columns (words, m); shape (k, m), in the smallest type that holds them."""
    found = np.bitwise_count(rows[:, 0, None] ^ columns[0])
    if len(columns) > 3:  # a fourth word of 64 bits could bring a uint8 to 256
        found = found.astype(np.uint16)
    for word in range(1, len(columns)):
        found += np.bitwise_count(rows[:, word, None] ^ columns[word])
    return found


def _inside(codes: np.ndarray, person: np.ndarray) -> np.ndarray:
    """Of the pairs of one person."""
    number = np.unique(person, return_inverse=True)[1]
    order = np.argsort(number, kind="stable")
    faces = np.bincount(number)
    starts = np.cumsum(faces) - faces
    counts = np.zeros(8 * codes.shape[1] + 1, np.int64)
    for start, many in zip(starts, faces, strict=True):
        left, right = np.triu_indices(many, 1)
        mine = order[start : start + many]
        for begin in range(0, len(left), PAIRS):
            part = slice(begin, begin + PAIRS)
            found = distances(codes[mine[left[part]]], codes[mine[right[part]]])
            counts += np.bincount(found, minlength=len(counts))
    return counts
