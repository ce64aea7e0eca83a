"""Is one system better than another on the same pairs? Paired, never two separate intervals.

Source: McNemar 1947, exact form; docs/numbers.md, rule 8 (differences).
"""

from __future__ import annotations

import numpy as np

from facerep.metrics.bootstrap import drawn_means, middle
from facerep.metrics.clusters import Clusters
from facerep.results.figures import Difference


def mcnemar(first_only: int, second_only: int) -> float:
    """Two-sided exact p-value: under no difference, disagreements fall on either side like a fair coin.

    >>> mcnemar(3, 9)
    0.14599609375
    """
    from scipy.stats import binomtest  # takes 1.2 s to import

    of = first_only + second_only
    return float(binomtest(first_only, of).pvalue) if of else 1.0


def compare(first: np.ndarray, second: np.ndarray, of: Clusters, *, seed: int, draws: int = 2000) -> Difference:
    """Difference in accuracy of two systems on the same pairs.

    The interval is a paired bootstrap over clusters, both sides of a pair drawn; McNemar's p-value is given only
    where none recurs.

    Args:
        first, second: which pairs each system judges rightly, bool, shape (p,).
        of: the clusters of the pairs.
        seed: of the draws.
        draws: how many.
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    step = second.astype(np.float64) - first
    low, high = middle(drawn_means(step[:, None], of, seed=seed, draws=draws)[:, 0])
    first_only, second_only = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    p = None if of.recur else mcnemar(first_only, second_only)
    return Difference(float(step.mean()), low, high, first_only, second_only, p, f"paired bootstrap over {of.word}")
