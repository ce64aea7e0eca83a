"""Rates averaged over sets of faces, every set counted once, with an interval over sets and people.

Pairs of two sets differ in framing, light and camera, which sets strangers apart for free: a false accept rate is
counted within sets. Sets differ among themselves by far more than their pairs show, so the interval follows from how
much their rates differ. Source: docs/numbers.md, rule 12 (sets); Wilson 1927; Zou and Donner 2008 (MOVER).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from facerep.console import counted
from facerep.metrics.intervals import wilson
from facerep.results.figures import Rate


def mean_rate(rates: Sequence[Rate]) -> Rate:
    """The mean of the rates of sets; `count` and `of` are sums over all sets.

    The interval is Wilson's with the variance of a mean of k sets that are drawn, s^2 / k, and Student's quantile of
    k - 1 degrees: s holds what differs between sets as well as between their people. Where all sets have one rate, or
    there is one set, nothing of this can be seen, and the intervals over people are put together as those of
    independent sets (MOVER).

    Args:
        rates: one a set.
    """
    values = np.array([rate.value for rate in rates])
    mean, sets = float(values.mean()), len(rates)
    variance = float(values.var(ddof=1)) / sets if sets > 1 else 0.0
    if variance > 0:
        low, high = wilson(mean, mean * (1 - mean) / variance, sets - 1)
        name = f"Wilson, variance of the mean of {sets} sets"
    else:
        low = max(0.0, mean - math.sqrt(sum((rate.value - rate.low) ** 2 for rate in rates)) / sets)
        high = min(1.0, mean + math.sqrt(sum((rate.high - rate.value) ** 2 for rate in rates)) / sets)
        name = f"MOVER of the people of {counted(sets, 'set')}"
    return Rate(mean, low, high, sum(rate.count for rate in rates), sum(rate.of for rate in rates), name)


def threshold_at(impostor: Mapping[str, np.ndarray], far: float) -> float:
    """The smallest threshold at which the mean over sets of the false accept rate is at most `far`.

    Args:
        impostor: scores of the impostor pairs within each set, shape (p,) each.
        far: the target.

    >>> threshold_at({"a": np.array([0.9, 0.5, 0.4, 0.3]), "b": np.array([0.6, 0.2])}, 0.25)
    0.9
    """
    scores = np.concatenate([*impostor.values()])
    weights = np.concatenate([np.full(len(some), 1 / (len(some) * len(impostor))) for some in impostor.values()])
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    # sums of shares such as 1/3 end a last digit beside the target that they meet
    within = np.cumsum(weights[order])[ends] <= far * (1 + 1e-9)
    return float(scores[order][ends[within][-1]]) if within.any() else math.inf
