"""Moved crops: the same face cut again, a little beside, nearer or farther; the features of all are averaged.

What a network says of a face depends a little on where its crop lies, and the five points are never exact. The mean
over a few moved crops depends on it less. How far they are moved was chosen on view 1 of LFW (docs/extract.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from facerep.errors import Usage

_FRAME = 112
"""Height of the frame of the template, in whose pixels a move is counted."""


@dataclass(frozen=True)
class Move:
    """Where a crop lies beside its own place.

    Attributes:
        x, y: what is seen moves by so many pixels of the 112x112 frame, to the right and down.
        zoom: and is so many times as large.
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0

    def mirrored(self, mirrored: bool) -> Move:
        """The same of a mirrored face."""
        return replace(self, x=-self.x) if mirrored else self

    def of(self, seen: np.ndarray, height: int, width: int) -> np.ndarray:
        """The map from picture to crop, float64 (2, 3), moved; of a crop of height x width pixels."""
        if self == UNMOVED:
            return seen
        middle, moved = np.array([(width - 1) / 2, (height - 1) / 2]), seen * self.zoom
        moved[:, 2] += middle * (1 - self.zoom) + np.array([self.x, self.y]) * height / _FRAME
        return moved


UNMOVED = Move()
_MOVES = UNMOVED, Move(zoom=0.93), Move(zoom=1.07), Move(x=-2), Move(x=2), Move(y=-2), Move(y=2)
MOST = len(_MOVES)


def moves(count: int) -> tuple[Move, ...]:
    """The first `count` moves: none, farther, nearer, left, right, up, down.

    Raises:
        Usage: there are not so many.
    """
    if not 1 <= count <= MOST:
        raise Usage(f"{count} moved crops are asked for", hint=f"there are 1 to {MOST}")
    return _MOVES[:count]
