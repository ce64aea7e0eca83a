"""Positions: which weights of a layer are kept, in as few bytes as a bitmap or 8-bit gaps need.

bitmap  one bit a weight, order as numpy.packbits gives it
gaps    one byte a kept weight: how many are left out before it; 255 leaves out 255 and keeps none
"""

from __future__ import annotations

import numpy as np

KINDS = ("bitmap", "gaps")
_LONG = 255


def pack(mask: np.ndarray) -> tuple[str, np.ndarray]:
    """The shorter form of a mask, bool (n,): its kind and its bytes, uint8."""
    bitmap, gaps = np.packbits(mask), _gaps(mask)
    return ("gaps", gaps) if len(gaps) < len(bitmap) else ("bitmap", bitmap)


def unpack(kind: str, packed: np.ndarray, size: int) -> np.ndarray:
    """The mask, bool (size,), of its packed form.

    Raises:
        ValueError: no such kind, or the bytes do not describe `size` weights.
    """
    if kind not in KINDS or packed.dtype != np.uint8 or packed.ndim != 1:
        raise ValueError(f"positions are {packed.dtype} {packed.shape} as {kind!r}")
    if kind == "bitmap":
        if len(packed) != -(-size // 8):
            raise ValueError(f"bitmap of {len(packed)} bytes for {size} weights")
        return np.unpackbits(packed, count=size).astype(bool)
    steps = packed.astype(np.int64)
    kept = steps != _LONG
    places = np.cumsum(steps + kept)[kept] - 1
    if len(places) and places[-1] >= size:
        raise ValueError(f"gaps lead to weight {places[-1]} of {size}")
    mask = np.zeros(size, bool)
    mask[places] = True
    return mask


def _gaps(mask: np.ndarray) -> np.ndarray:
    places = np.flatnonzero(mask)
    left_out = np.diff(places, prepend=-1) - 1
    longs = left_out // _LONG
    gaps = np.full(len(places) + int(longs.sum()), _LONG, np.uint8)
    gaps[np.cumsum(longs + 1) - 1] = left_out % _LONG
    return gaps
