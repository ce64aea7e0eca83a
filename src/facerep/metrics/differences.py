"""Is one system better than another on the same pairs? Paired, never two separate intervals.

Source: McNemar 1947, exact form; docs/numbers.md, rule 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from facerep.metrics.intervals import LEVEL, Units
from facerep.metrics.joint_draws import drawn_means, middle


@dataclass(frozen=True)
class Difference:
    """Accuracy of the second system minus that of the first.

    Attributes:
        value: the difference.
        low, high: its 95 % interval.
        first_only, second_only: pairs that only the one or only the other judges rightly.
        p: two-sided exact McNemar p-value, which takes pairs as independent; None where units recur.
        method: how the interval was made.
    """

    value: float
    low: float
    high: float
    first_only: int
    second_only: int
    p: float | None
    method: str

    @property
    def significant(self) -> bool:
        """True where the 95 % interval leaves out 0 (or p < 0.05, where there is one)."""
        return self.p < 1 - LEVEL if self.p is not None else not self.low <= 0 <= self.high

    def to_dict(self) -> dict[str, Any]:
        """The difference as JSON holds it."""
        return {**vars(self), "significant": self.significant}


def mcnemar(first_only: int, second_only: int) -> float:
    """Two-sided exact p-value: under no difference, disagreements fall on either side like a fair coin.

    >>> mcnemar(3, 9)
    0.14599609375
    """
    from scipy.stats import binomtest  # takes 1.2 s to import

    of = first_only + second_only
    return float(binomtest(first_only, of).pvalue) if of else 1.0


def compare(first: np.ndarray, second: np.ndarray, of: Units, *, seed: int, draws: int = 2000) -> Difference:
    """Difference in accuracy of two systems on the same pairs.

    The interval is a paired bootstrap over units, both sides of a pair drawn; McNemar's p-value is given only
    where no unit recurs.

    Args:
        first, second: which pairs each system judges rightly, bool, shape (p,).
        of: the units of the pairs.
        seed: of the draws.
        draws: how many.
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    step = second.astype(np.float64) - first
    low, high = middle(drawn_means(step[:, None], of, seed=seed, draws=draws)[:, 0])
    first_only, second_only = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    p = None if of.recur else mcnemar(first_only, second_only)
    return Difference(float(step.mean()), low, high, first_only, second_only, p, f"paired bootstrap over {of.word}")
