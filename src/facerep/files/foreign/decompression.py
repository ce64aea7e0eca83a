"""Swelling: how many bytes of memory compressed data may become, settled before any of it is unpacked."""

from __future__ import annotations

FREE = 1 << 28
"""Bytes that anything may become, up to deflate's own limit of 1032 times: 256 MiB."""
TIMES = 16
"""Beyond, that many times the bytes on disk: vectors of a network hardly shrink at all."""


def most_decompressed(stored: int) -> int:
    """The bytes that `stored` bytes of compressed data may become at most.

    >>> most_decompressed(1000), most_decompressed(1 << 20) >> 20, most_decompressed(1 << 30) >> 30
    (1032000, 256, 16)
    """
    return max(TIMES * stored, min(1032 * stored, FREE))
