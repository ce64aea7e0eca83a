"""95 % intervals of rates, for pairs that share people as well as for pairs that do not.

Clopper–Pearson where every pair stands alone; else Wilson's interval with as many trials as the pairs are
worth. Source: Clopper and Pearson 1934; Wilson 1927; Fogliato, Patil and Perona,
arXiv 2306.01198, sections 3 and 4; docs/numbers.md, rule 7 (intervals).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.special import betaincinv, stdtrit

from facerep.metrics.clusters import Clusters, shared_variance, worth
from facerep.results.figures import LEVEL, Rate

CLOPPER_PEARSON = "Clopper-Pearson"


def clopper_pearson(count: int, of: int) -> tuple[float, float]:
    """The exact interval of `count` hits in `of` independent trials.

    >>> clopper_pearson(0, 10)
    (0.0, 0.3084971078187607)
    """
    tail = (1 - LEVEL) / 2
    low = 0.0 if count == 0 else float(betaincinv(count, of - count + 1, tail))
    high = 1.0 if count == of else float(betaincinv(count + 1, of - count, 1 - tail))
    return low, high


def wilson(value: float, trials: float, freedom: float = math.inf) -> tuple[float, float]:
    """Wilson's interval of a rate that is worth `trials` independent trials.

    The quantile is Student's with `freedom` degrees: few people know little about their own spread.
    """
    z = float(stdtrit(freedom, (1 + LEVEL) / 2)) if math.isfinite(freedom) else 1.959963984540054
    square = z * z / trials
    centre = (value + square / 2) / (1 + square)
    half = z * math.sqrt(value * (1 - value) / trials + square / (4 * trials)) / (1 + square)
    return max(0.0, min(centre - half, value)), min(1.0, max(centre + half, value))


def by_variance(
    value: float, variance: float, clusters: int, least: Callable[[], float], times: int = 1
) -> tuple[float, float]:
    """Wilson's interval of a figure between 0 and 1 by the variance of its estimate.

    Args:
        value: the figure.
        variance: of `times` the figure; for a rate of so many trials, of the sum of its hits.
        clusters: how many there are that depend on nothing else.
        least: how many independent trials the figure is worth where no error shows it (`clusters.worth`).
        times: see `variance`.
    """
    trials = value * (1 - value) * times**2 / variance if variance > 0 and 0 < value < 1 else least()
    return wilson(value, trials, max(clusters - 1, 1))


def rate(hits: np.ndarray, of: Clusters) -> Rate:
    """The share of hits with its interval: Clopper–Pearson if no cluster recurs, else the adjusted Wilson.

    Args:
        hits: bool, shape (p,).
        of: the clusters of these pairs.
    """
    count, trials = int(np.count_nonzero(hits)), len(hits)
    value = count / trials
    if not of.recur:
        return Rate(value, *clopper_pearson(count, trials), count, trials, CLOPPER_PEARSON)
    variance = shared_variance(hits - value, of) if 0 < count < trials else 0.0
    interval = by_variance(value, variance, of.count, lambda: worth(of), trials)
    return Rate(value, *interval, count, trials, adjusted(of.word))


def balanced(tar: Rate, far: Rate) -> Rate:
    """Balanced accuracy, (TAR + 1 - FAR) / 2, each kind of pair counting as much as the other.

    Genuine and impostor pairs share people, so the interval is the widest that those of the two rates allow. `of` is
    twice the number of genuine times that of impostor pairs, and `count` the share of it.
    """
    of = 2 * tar.of * far.of
    count = int(tar.count) * far.of + (far.of - int(far.count)) * tar.of
    low, high = (tar.low + 1 - far.high) / 2, (tar.high + 1 - far.low) / 2
    return Rate(count / of, low, high, count, of, f"widest that both allow: {tar.interval}")


def adjusted(word: str) -> str:
    """The name of Wilson's interval with the variance adjusted."""
    return f"Wilson, variance adjusted for shared {word}"
