"""Bootstrap of means over pairs, by drawing units: of one, or of several together.

What is made of several means, a difference of differences or a quotient, needs one bootstrap for all of them.
Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 (percentiles);
docs/numbers.md, rule 8 (differences).
"""

from __future__ import annotations

import numpy as np

from facerep.metrics.intervals import LEVEL, Clusters

_AT_ONCE, _BYTES = 50, 200_000_000
"""Draws in one product of matrices, and what their weights may take."""


def drawn_means(columns: np.ndarray, of: Clusters, *, seed: int, draws: int = 2000) -> np.ndarray:
    """Means of columns when units are drawn with replacement, both sides of a pair; the same draws for all columns.

    A pair inside a unit that was drawn w times counts w times, one between units drawn w and v times w * v times.
    Where no unit recurs, pairs are drawn. Draws that hit no pair, which happen with few units, are left out.

    Args:
        columns: numbers of the pairs, (p, k).
        of: the units of the pairs.
        seed: of the draws.
        draws: how many; fewer, at least 200, on many pairs.

    Returns:
        float64 (draws, k).
    """
    if not of.recur:
        alone = np.arange(len(columns))
        of = Clusters(alone, alone, "pairs")
    draws = int(np.clip(200_000_000 // len(columns), 200, draws))
    # pairs of the same two units weigh the same in every draw: they are summed before
    keys = np.minimum(of.left, of.right).astype(np.int64) * of.count + np.maximum(of.left, of.right)
    couples, place = np.unique(keys, return_inverse=True)
    left, right = np.divmod(couples, of.count)
    pairs = np.bincount(place).astype(np.float64)
    sums = np.stack([np.bincount(place, column) for column in columns.T], axis=1)
    apart, rng, means = left != right, np.random.default_rng(seed), []
    step = min(_AT_ONCE, max(1, _BYTES // (8 * len(couples))))
    for start in range(0, draws, step):
        some = min(step, draws - start)
        drawn = np.stack([
            np.bincount(rng.integers(of.count, size=of.count), minlength=of.count).astype(np.float64)
            for _ in range(some)
        ])  # fmt: skip
        weights = drawn[:, left]
        weights[:, apart] *= drawn[:, right[apart]]
        totals = weights @ pairs
        means.append((weights @ sums)[totals > 0] / totals[totals > 0, None])
    return np.concatenate(means)


def middle(values: np.ndarray, widest: float = 1.0) -> tuple[float, float]:
    """The 95 % interval of draws, (draws,): their 2.5 and 97.5 per cent points.

    Where there are none nothing is known: all that can be, from -widest to widest.
    """
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail]) if len(values) else (-widest, widest)
    return float(low), float(high)
