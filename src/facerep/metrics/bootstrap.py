"""The interval of the equal error rate, by a bootstrap over people.

Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13 (percentiles);
docs/numbers.md, rule 7 (intervals).
"""

from __future__ import annotations

import numpy as np

from facerep.metrics.intervals import LEVEL, Clusters, adjusted, least_worth, wilson
from facerep.metrics.rates import crossing
from facerep.metrics.roc import descending, group_ends

MOST = 500_000
"""Pairs that a bootstrap goes over; of more, so many are drawn."""


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
    """Interval of the equal error rate: bootstrap over units, both sides of a pair drawn.

    A draw takes as many units as there are, with replacement; a pair inside a unit that was drawn w times
    counts w times, one between units drawn w and v times counts w * v times. The 2.5 and 97.5 per cent
    points of the draws are given. Draws without a genuine or without an impostor pair, which happen with few
    people, have no rate and are left out. At a rate of 0 or 1, and with two people, a bootstrap sees no spread
    and Wilson's interval stands in.

    Args:
        value: the rate on all pairs.
        scores, same: shape (p,).
        of: the units of the pairs.
        seed: of the draws.
        draws: how many; fewer, at least 200, on many pairs.
        most: above this many pairs, so many drawn by the seed are used.
        drawn: the pairs given are already drawn from more.

    Returns:
        (low, high, name of the method).
    """

    def without_spread() -> tuple[float, float, str]:
        return *wilson(value, least_worth(same, of), max(of.count - 1, 1)), adjusted(of.word)

    if value in (0.0, 1.0):
        return without_spread()
    rng = np.random.default_rng(seed)
    if len(scores) > most:
        kept = _thin(same, most, rng)
        scores, same, of, drawn = scores[kept], same[kept], of.take(kept), True
    draws = int(np.clip(100_000_000 // len(scores), 200, draws))
    order = descending(scores)
    ends, genuine = group_ends(scores[order]), same[order]
    left, right, apart = of.left[order], of.right[order], of.apart[order]
    values = []
    for _ in range(draws):
        times = np.bincount(rng.integers(of.count, size=of.count), minlength=of.count).astype(np.float64)
        weight = times[left]
        weight[apart] *= times[right[apart]]
        accepted = np.cumsum(np.where(genuine, weight, 0))[ends]
        wrong = np.cumsum(np.where(genuine, 0, weight))[ends]
        if accepted[-1] == 0 or wrong[-1] == 0:
            continue
        far = np.concatenate([[0], wrong / wrong[-1]])
        frr = np.concatenate([[1], 1 - accepted / accepted[-1]])
        row = crossing(far, frr)
        values.append((far[row] + frr[row]) / 2)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(values, [tail, 1 - tail]) if values else (0.0, 1.0)
    if low == high:
        return without_spread()
    name = f"bootstrap over {of.word}, {len(values)} draws"
    if len(values) < draws:
        name += f" ({draws - len(values)} more had pairs of one kind only)"
    if drawn:
        name += f" on {len(scores):,} of the pairs"
    return min(float(low), value), max(float(high), value), name


def _thin(same: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    genuine, impostor = np.flatnonzero(same), np.flatnonzero(~same)
    share = min(len(genuine), max(most // 2, most - len(impostor)))
    parts = rng.choice(genuine, share, replace=False), rng.choice(impostor, most - share, replace=False)
    return np.sort(np.concatenate(parts))
