"""The bootstrap over clusters, in which both sides of a pair are drawn.

Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 (percentiles); docs/numbers.md, rules 7
and 8 (intervals, differences).
"""

from __future__ import annotations

import numpy as np

from facerep.metrics.clusters import Clusters, alone, least_worth
from facerep.metrics.eer_auc import crossing
from facerep.metrics.intervals import adjusted, by_variance
from facerep.metrics.roc import descending, group_ends
from facerep.results.figures import LEVEL

MOST = 500_000
"""Pairs that the bootstrap of the equal error rate goes over; of more, so many are drawn."""
_AT_ONCE, _BYTES = 50, 200_000_000
"""Draws in one product of matrices, and what their weights may take."""


def drawn_weights(of: Clusters, rng: np.random.Generator, draws: int) -> np.ndarray:
    """How often pairs count when as many clusters as there are are drawn, with replacement; float64 (draws, p).

    A pair inside a cluster that was drawn w times counts w times, one between clusters drawn w and v times w * v times.
    """
    drawn = np.stack([
        np.bincount(rng.integers(of.count, size=of.count), minlength=of.count).astype(np.float64) for _ in range(draws)
    ])  # fmt: skip
    weights = drawn[:, of.left]
    weights[:, of.apart] *= drawn[:, of.right[of.apart]]
    return weights


def drawn_means(columns: np.ndarray, of: Clusters, *, seed: int, draws: int = 2000) -> np.ndarray:
    """Means of columns when clusters are drawn; the same draws for all columns.

    What is made of several means, a difference of differences or a quotient, needs one bootstrap for all of them.
    Where no cluster recurs, pairs are drawn. Draws that hit no pair, which happen with few clusters, are left out.

    Args:
        columns: numbers of the pairs, (p, k).
        of: the clusters of the pairs.
        seed: of the draws.
        draws: how many; fewer, at least 200, on many pairs.

    Returns:
        float64 (draws, k).
    """
    of = alone(of)
    draws = int(np.clip(200_000_000 // len(columns), 200, draws))
    # pairs of the same two clusters weigh the same in every draw: they are summed before
    keys = np.minimum(of.left, of.right).astype(np.int64) * of.count + np.maximum(of.left, of.right)
    couples, place = np.unique(keys, return_inverse=True)
    left, right = np.divmod(couples, of.count)
    pairs = np.bincount(place).astype(np.float64)
    sums = np.stack([np.bincount(place, column) for column in columns.T], axis=1)
    together, rng, means = Clusters(left, right, of.word), np.random.default_rng(seed), []
    step = min(_AT_ONCE, max(1, _BYTES // (8 * len(couples))))
    for start in range(0, draws, step):
        weights = drawn_weights(together, rng, min(step, draws - start))
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


def equal_error_interval(
    value: float,
    scores: np.ndarray,
    same: np.ndarray,
    of: Clusters,
    *,
    seed: int,
    draws: int = 1000,
    most: int = MOST,
    drawn: bool = False,
) -> tuple[float, float, str]:
    """Interval of the equal error rate: bootstrap over clusters, both sides of a pair drawn.

    Draws without a genuine or without an impostor pair, which happen with few people, have no rate and are left out.
    At a rate of 0 or 1, and with two people, a bootstrap sees no spread and Wilson's interval stands in.

    Args:
        value: the rate on all pairs.
        scores, same: shape (p,).
        of: the clusters of the pairs.
        seed: of the draws.
        draws: how many; fewer, at least 200, on many pairs.
        most: above this many pairs, so many drawn by the seed are used.
        drawn: the pairs given are already drawn from more.

    Returns:
        (low, high, name of the method).
    """

    def without_spread() -> tuple[float, float, str]:
        return *by_variance(value, 0.0, of.count, lambda: least_worth(same, of)), adjusted(of.word)

    if value in (0.0, 1.0):
        return without_spread()
    rng = np.random.default_rng(seed)
    if len(scores) > most:
        kept = _thin(same, most, rng)
        scores, same, of, drawn = scores[kept], same[kept], of.take(kept), True
    draws = int(np.clip(100_000_000 // len(scores), 200, draws))
    order = descending(scores)
    ends, genuine = group_ends(scores[order]), same[order]
    ordered = Clusters(of.left[order], of.right[order], of.word)
    values = []
    for _ in range(draws):
        weight = drawn_weights(ordered, rng, 1)[0]
        accepted = np.cumsum(np.where(genuine, weight, 0))[ends]
        wrong = np.cumsum(np.where(genuine, 0, weight))[ends]
        if accepted[-1] == 0 or wrong[-1] == 0:
            continue
        far = np.concatenate([[0], wrong / wrong[-1]])
        frr = np.concatenate([[1], 1 - accepted / accepted[-1]])
        row = crossing(far, frr)
        values.append((far[row] + frr[row]) / 2)
    low, high = middle(np.array(values)) if values else (0.0, 1.0)
    if low == high:
        return without_spread()
    name = f"bootstrap over {of.word}, {len(values)} draws"
    if len(values) < draws:
        name += f" ({draws - len(values)} more had pairs of one kind only)"
    if drawn:
        name += f" on {len(scores):,} of the pairs"
    return min(low, value), max(high, value), name


def _thin(same: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    genuine, impostor = np.flatnonzero(same), np.flatnonzero(~same)
    share = min(len(genuine), max(most // 2, most - len(impostor)))
    parts = rng.choice(genuine, share, replace=False), rng.choice(impostor, most - share, replace=False)
    return np.sort(np.concatenate(parts))
