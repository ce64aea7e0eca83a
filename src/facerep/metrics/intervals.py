"""95 % intervals of rates, for pairs that share people as well as for pairs that do not.

Clopper–Pearson where every pair stands alone; else Wilson's interval with as many trials as the pairs are
worth, or a bootstrap over people. Source: Clopper and Pearson 1934; Wilson 1927; Fogliato, Patil and Perona,
arXiv 2306.01198, sections 3 and 4; docs/numbers.md, rule 7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betaincinv, stdtrit

from facerep.metrics.rates import crossing
from facerep.metrics.result import Rate
from facerep.metrics.roc import Curve, descending, group_ends, rows_of

LEVEL = 0.95
CLOPPER_PEARSON = "Clopper-Pearson"


@dataclass(frozen=True)
class Units:
    """What pairs may share: people, or faces where people are unknown.

    Attributes:
        left, right: the unit on each side of a pair, from 0 without gaps; shape (p,).
        word: "people", "faces", or "pairs" where a pair is its own unit.
    """

    left: np.ndarray
    right: np.ndarray
    word: str

    @cached_property
    def count(self) -> int:
        """How many different units there are."""
        return int(max(self.left.max(), self.right.max())) + 1

    @cached_property
    def apart(self) -> np.ndarray:
        """Pairs whose sides are different units, shape (p,)."""
        return self.left != self.right

    @cached_property
    def recur(self) -> bool:
        """True where a unit stands in more than one pair: the pairs are not independent."""
        return bool(self.touching(np.ones(len(self.left))).max() > 1)

    def touching(self, values: np.ndarray) -> np.ndarray:
        """Sums of `values` over the pairs that a unit stands in, once a pair; shape (count,)."""
        sums = np.bincount(self.left, values, self.count)
        return sums + np.bincount(self.right[self.apart], values[self.apart], self.count)

    def between(self, values: np.ndarray) -> np.ndarray:
        """Sums of `values` over the pairs between the same two different units."""
        return np.bincount(self._couples, values[self.apart])

    @cached_property
    def _couples(self) -> np.ndarray:
        low = np.minimum(self.left, self.right)[self.apart].astype(np.int64)
        high = np.maximum(self.left, self.right)[self.apart].astype(np.int64)
        keys = low * self.count + high
        if self.count**2 <= max(4_000_000, 4 * len(self.left)):  # sums fit an array of all couples
            return keys
        return np.unique(keys, return_inverse=True)[1]

    def take(self, rows: np.ndarray) -> Units:
        """The units of some pairs, numbered anew."""
        left, right = self.left[rows], self.right[rows]
        present = np.zeros(self.count, bool)
        present[left] = present[right] = True
        anew = np.cumsum(present) - 1
        return Units(anew[left], anew[right], self.word)


def units(left: np.ndarray, right: np.ndarray, word: str) -> Units:
    """Units from any labels of the two sides of the pairs, shape (p,) each."""
    codes = np.unique(np.concatenate([left, right]), return_inverse=True)[1]
    return Units(codes[: len(left)], codes[len(left) :], word)


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


def shared_variance(residuals: np.ndarray, of: Units) -> float:
    """Variance of a sum of residuals when pairs that share a unit depend on each other.

        sum over all (a, b) that share a unit of r_a r_b  =  sum_u S_u^2 - sum_{u<v} T_uv^2

    with S_u the sum over the pairs of unit u, and T_uv over the pairs between u and v, which S counts twice.
    The mean comes from the same pairs, which makes residuals too small. The factor that mends this where all
    units pair alike is G / (G - 1) for pairs within G units, and G (G - 1) / ((G - 2) (G - 3)) for pairs
    between them; the second is taken where there are both. The variance of independent pairs, sum r^2, is the
    least given.

    Source: arXiv 2306.01198, section 3 (plug-in estimator), written with two passes over the pairs; the
    factors follow from residuals a_u + a_v - 2 mean(a) of a model in which units add up.
    """
    total = float(np.sum(of.touching(residuals) ** 2) - np.sum(of.between(residuals) ** 2))
    count = of.count
    if of.apart.any():
        # with three units or fewer the pairs between them leave no spread to see: the most cautious factor
        total *= count * (count - 1) / ((count - 2) * (count - 3)) if count > 3 else count**2
    elif count > 1:
        total *= count / (count - 1)
    return max(total, float(np.sum(residuals**2)))


def worth(of: Units) -> float:
    """How many independent trials pairs are worth at least, where no error tells how much they depend.

    Pairs of the same person count as one, pairs that share one of two people as half dependent:
    p^2 / (1/2 sum_u N_u^2 + 1/2 sum_u N_uu^2), N_u the pairs of unit u, N_uu those within it.
    """
    ones = np.ones(len(of.left))
    inside = np.bincount(of.left[~of.apart], minlength=of.count)
    return len(ones) ** 2 / (np.sum(of.touching(ones) ** 2) / 2 + np.sum(inside.astype(float) ** 2) / 2)


def rate(hits: np.ndarray, of: Units) -> Rate:
    """The share of hits with its interval: Clopper–Pearson if no unit recurs, else the adjusted Wilson.

    Args:
        hits: bool, shape (p,).
        of: the units of these pairs.
    """
    count, trials = int(np.count_nonzero(hits)), len(hits)
    value = count / trials
    if not of.recur:
        return Rate(value, *clopper_pearson(count, trials), count, trials, CLOPPER_PEARSON)
    if count in (0, trials):
        effective = worth(of)
    else:
        effective = value * (1 - value) * trials**2 / shared_variance(hits - value, of)
    low, high = wilson(value, effective, max(of.count - 1, 1))
    return Rate(value, low, high, count, trials, adjusted(of))


def adjusted(of: Units) -> str:
    """The name of Wilson's interval with the variance adjusted."""
    return f"Wilson, variance adjusted for shared {of.word}"


def auc_rate(
    curve: Curve,
    area: float,
    won: float,
    scores: np.ndarray,
    same: np.ndarray,
    of: Units,
    order: np.ndarray | None = None,
) -> Rate:
    """The area under the ROC with its interval.

    A pair's influence is the share of pairs of the other kind that it wins against (DeLong et al. 1988); the
    variance of their mean allows for shared units, and Wilson's interval of the same variance is given.
    `order` is the sort that made the curve, where it is still at hand.
    """
    row = rows_of(scores, descending(scores) if order is None else order)
    step_true = np.diff(curve.true_accepts, prepend=0)
    step_false = np.diff(curve.false_accepts, prepend=0)
    wins = np.where(
        same,
        (curve.impostor - curve.false_accepts + step_false / 2)[row] / curve.impostor,
        (curve.true_accepts - step_true / 2)[row] / curve.genuine,
    )
    influence = (wins - area) / np.where(same, curve.genuine, curve.impostor)
    variance = shared_variance(influence, of)
    if area in (0.0, 1.0) or variance == 0:
        effective = least_worth(same, of)
    else:
        effective = area * (1 - area) / variance
    low, high = wilson(area, effective, max(of.count - 1, 1))
    name = adjusted(of) if of.recur else "Wilson, variance of DeLong"
    return Rate(area, low, high, won, curve.genuine * curve.impostor, name)


def least_worth(same: np.ndarray, of: Units) -> float:
    """What the less telling kind of pairs is worth in independent trials."""
    return min(worth(of.take(same)), worth(of.take(~same)))


def equal_error_interval(
    value: float,
    scores: np.ndarray,
    same: np.ndarray,
    of: Units,
    *,
    seed: int,
    draws: int = 1000,
    most: int = 500_000,
) -> tuple[float, float, str]:
    """Interval of the equal error rate: bootstrap over units, both sides of a pair drawn.

    A draw takes as many units as there are, with replacement; a pair inside a unit that was drawn w times
    counts w times, one between units drawn w and v times counts w * v times. The 2.5 and 97.5 per cent
    points of the draws are given. At a rate of 0 or 1 a bootstrap sees no spread and Wilson's interval
    stands in.

    Args:
        value: the rate on all pairs.
        scores, same: shape (p,).
        of: the units of the pairs.
        seed: of the draws.
        draws: how many; fewer, at least 200, on many pairs.
        most: above this many pairs, so many drawn by the seed are used.
    """
    if value in (0.0, 1.0):
        return *wilson(value, least_worth(same, of), max(of.count - 1, 1)), adjusted(of)
    rng = np.random.default_rng(seed)
    note = ""
    if len(scores) > most:
        kept = _thin(same, most, rng)
        scores, same, of = scores[kept], same[kept], of.take(kept)
        note = f" on {most} of the pairs"
    draws = int(np.clip(100_000_000 // len(scores), 200, draws))
    order = descending(scores)
    ends, genuine = group_ends(scores[order]), same[order]
    left, right, apart = of.left[order], of.right[order], of.apart[order]
    values = []
    for _ in range(draws):
        drawn = np.bincount(rng.integers(of.count, size=of.count), minlength=of.count).astype(np.float64)
        weight = drawn[left]
        weight[apart] *= drawn[right[apart]]
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
    return (
        min(float(low), value),
        max(float(high), value),
        f"bootstrap over {of.word}, {len(values)} draws{note}",
    )


def _thin(same: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    genuine, impostor = np.flatnonzero(same), np.flatnonzero(~same)
    share = min(len(genuine), max(most // 2, most - len(impostor)))
    parts = rng.choice(genuine, share, replace=False), rng.choice(impostor, most - share, replace=False)
    return np.sort(np.concatenate(parts))
