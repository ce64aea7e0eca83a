"""What is asked of scored pairs, however they are kept: as a list, or scored anew block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from facerep.metrics.roc import Curve
from facerep.results.figures import Rate


@dataclass(frozen=True)
class RatesAtThreshold:
    """Rates at one threshold: genuine and impostor pairs accepted, and pairs of both kinds judged rightly."""

    tar: Rate
    far: Rate
    right: Rate


class ScoredPairs(Protocol):
    """Pairs with their scores; `word` says what they share: "people", "faces", or "pairs" where it is nothing."""

    @property
    def word(self) -> str: ...

    def curve(self, far: Sequence[float], /) -> Curve:
        """The ROC, exact at each of `far`, at the equal error rate and at the most accurate threshold."""
        ...

    def equal_error(self, value: float, /) -> tuple[float, float, str]:
        """The interval of the equal error rate, and its method."""
        ...

    def measure(self, thresholds: Sequence[float], curve: Curve, /) -> tuple[dict[float, RatesAtThreshold], Rate]:
        """Rates at each threshold, and the area under the ROC."""
        ...

    def rates(self, thresholds: Sequence[float], /) -> dict[float, RatesAtThreshold]:
        """Rates at each threshold."""
        ...

    def within(self, faces: np.ndarray, threshold: float, /) -> tuple[Rate | None, Rate | None]:
        """True and false accept rate of the pairs whose faces are both among `faces`, a mask."""
        ...
