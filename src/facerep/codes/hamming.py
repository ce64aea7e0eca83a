"""Hamming distances of packed codes: XOR and a count of ones, eight bytes at a time.

No search index here. Codes are as numpy.packbits gives them; the padding bits of the last byte are 0 in every code
and add nothing.
"""

from __future__ import annotations

import numpy as np

from facerep.errors import Mismatch

BLOCK_BYTES = 1 << 20
"""Size of the XOR of a block: small enough to stay in a core's second-level cache."""


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distances of aligned rows: bits in which a[i] and b[i] differ.

    Args:
        a, b: packed codes, uint8, shape (p, bytes).

    Returns:
        int64, shape (p,), in [0, 8 * bytes].

    Raises:
        Mismatch: codes of different lengths.

    >>> distances(np.array([[0b1010]], dtype=np.uint8), np.array([[0b0110]], dtype=np.uint8)).tolist()
    [2]
    """
    same_length(a, b)
    a, b = (_words(codes) if codes.shape[1] % 8 == 0 else codes for codes in (a, b))
    return np.bitwise_count(a ^ b).sum(axis=1, dtype=np.int64)


def matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distances of every row of `a` to every row of `b`, in blocks of bounded memory.

    Args:
        a: packed codes, uint8, shape (na, bytes).
        b: packed codes, uint8, shape (nb, bytes).

    Returns:
        int32, shape (na, nb).
    """
    same_length(a, b)
    left, right = _words(a), np.ascontiguousarray(_words(b).T)
    found = np.zeros((len(a), len(b)), dtype=np.int32)
    wide = max(1, min(len(b), BLOCK_BYTES // 8))
    tall = max(1, BLOCK_BYTES // (8 * wide))
    for top in range(0, len(a), tall):
        for start in range(0, len(b), wide):
            block = found[top : top + tall, start : start + wide]
            for word, column in enumerate(right[:, start : start + wide]):
                block += np.bitwise_count(left[top : top + tall, word, None] ^ column)
    return found


def _words(codes: np.ndarray) -> np.ndarray:
    """The same bits as uint64, zero bytes added where the length does not divide by 8."""
    short = -codes.shape[1] % 8
    if short:
        codes = np.pad(codes, ((0, 0), (0, short)))
    return np.ascontiguousarray(codes).view(np.uint64)


def same_length(a: np.ndarray, b: np.ndarray) -> None:
    """Refuse codes of different lengths."""
    if a.shape[1] != b.shape[1]:
        what = "codes differ in length"
        raise Mismatch(what, f"{a.shape[1]} and {b.shape[1]} bytes", "make both with one threshold rule")
