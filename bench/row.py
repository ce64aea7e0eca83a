"""A row of the table that `make bench` prints: one ratio with its spread, and the memory that it took."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Row:
    """One ratio, measured over alternating rounds in one process.

    Attributes:
        name: what is compared, "work: one / other"; the ratio is of the two in this order, and larger is better.
        ratio: the median over the rounds.
        low, high: the quartiles.
        aim: what the ratio should not fall below; None where any ratio is only told.
        peak_mb: the most memory of the bench's process when our side had run, and the rival had not.
        note: the two sides in absolute figures.
    """

    name: str
    ratio: float
    low: float
    high: float
    aim: float | None
    peak_mb: float
    note: str


def row(name: str, ratios: Sequence[float], aim: float | None, peak_mb: float, note: str) -> Row:
    """The row of one ratio a round."""
    low, middle, high = np.quantile(np.asarray(ratios, float), [0.25, 0.5, 0.75])
    return Row(name, float(middle), float(low), float(high), aim, peak_mb, note)


def peak() -> float:
    """The most memory that this process has had, in MB; it never falls."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)
