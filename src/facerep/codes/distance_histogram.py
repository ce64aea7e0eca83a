"""How often each Hamming distance is found among all pairs of codes: their whole ROC, and no score is kept.

XOR, a count of ones and a tally, in blocks that stay in a core's cache; as many threads as arithmetic may have. A block
is a pure function of codes and two row numbers, and blocks add up: other processes or machines can take some of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from facerep import threads
from facerep.codes.hamming import distances

BLOCK_BYTES = 1 << 20
"""Of the XOR of a block: it stays in a core's second-level cache."""
PAIRS = 1 << 20
"""Genuine pairs that are measured at once."""
TASK_PAIRS, TASKS = 1 << 26, 512
"""Pairs of a block that is given to a thread or a worker, about: a part of a second; more where there would be more
blocks than TASKS. What is cut does not depend on who does it, so neither do sums."""


def histograms(
    codes: np.ndarray,
    person: np.ndarray,
    advance: Callable[[int], None] = lambda _pairs: None,
    each: threads.Each = threads.each,
) -> tuple[np.ndarray, np.ndarray]:
    """Count the distances of genuine and of impostor pairs, all faces with each other.

    Args:
        codes: packed, uint8, shape (n, bytes), n at least 2.
        person: of each code, shape (n,).
        advance: called with how many pairs were counted.
        each: does the blocks.

    Returns:
        Pairs at each distance from 0 to 8 * bytes, int64, (genuine, impostor).

    >>> codes = np.array([[0b000], [0b001], [0b111]], np.uint8)
    >>> [counts[:4].tolist() for counts in histograms(codes, np.array(["a", "a", "b"]))]
    [[0, 1, 0, 0], [0, 0, 1, 1]]
    """
    genuine, every = _inside(codes, person), np.zeros(8 * codes.shape[1] + 1, np.int64)
    columns = words_of(codes)
    blocks = list(row_blocks(len(codes)))
    for block, counts in zip(blocks, each(count_block, [columns], blocks), strict=True):
        every += counts[: len(every)]
        advance(pairs_of_block(len(codes), *block))
    return genuine, every - genuine


def words_of(codes: np.ndarray) -> np.ndarray:
    """Packed codes as words of 64 bits, uint64, shape (words, n), a column a code; what fills up the last word is 0."""
    words = np.ascontiguousarray(np.pad(codes, ((0, 0), (0, -codes.shape[1] % 8)))).view(np.uint64)
    return np.ascontiguousarray(words.T)


def task_pairs(n: int) -> int:
    """How many of the pairs of n rows a task takes, about."""
    return max(TASK_PAIRS, n * n // 2 // TASKS)


def row_blocks(n: int, pairs: int | None = None) -> Iterator[tuple[int, int]]:
    """Rows from where to where: every pair of n rows is of one such block of rows and the rows behind its first."""
    pairs, start = pairs or task_pairs(n), 0
    while start < n - 1:
        stop = min(n, start + max(1, pairs // (n - start)))
        yield start, stop
        start = stop


def pairs_of_block(n: int, start: int, stop: int) -> int:
    """How many pairs a block of `row_blocks` counts."""
    rows = stop - start
    return rows * (n - stop) + rows * (rows - 1) // 2


def count_block(columns: np.ndarray, start: int, stop: int) -> np.ndarray:
    """How often each distance is found between the rows of a block and those behind each of them.

    Args:
        columns: see `words_of`.
        start, stop: the block.

    Returns:
        int64, shape (64 * words + 1,); beyond the bits of the codes it is 0.
    """
    n = columns.shape[1]
    counts = np.zeros(64 * len(columns) + 1, np.int64)
    wide = BLOCK_BYTES // 8
    tall = max(1, wide // (n - start))
    for top in range(start, stop, tall):
        own = columns[:, top : min(top + tall, stop)]
        for left in range(top, n, wide):
            found = between(own, columns[:, left : left + wide])
            counts += np.bincount(found.ravel(), minlength=len(counts))
        # the square on the diagonal holds each of its pairs twice, and each row with itself
        square = between(own, own)
        counts -= np.bincount(square[np.tri(len(square), dtype=bool)], minlength=len(counts))
    return counts


def between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distances of codes as columns, (words, k) and (words, m); shape (k, m), in the smallest type that holds them."""
    found = np.bitwise_count(one[0, :, None] ^ other[0])
    if len(one) > 3:  # a fourth word of 64 bits could bring a uint8 to 256
        found = found.astype(np.uint16)
    for mine, theirs in zip(one[1:], other[1:], strict=True):
        found += np.bitwise_count(mine[:, None] ^ theirs)
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
