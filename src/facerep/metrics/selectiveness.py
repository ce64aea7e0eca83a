"""Selectiveness: how well one threshold on one unit separates some faces from all others.

Balanced accuracy is the mean of the true positive and the true negative rate. A unit whose mean is larger on the
faces in question is excitatory, and says "yes" above its threshold; else it is inhibitory, and says so below it.
Every unit is sorted once; a group of m faces then costs a sort of its m ranks, whatever the number of thresholds.
Source: DeepID2+, section 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from facerep.metrics.clusters import Clusters, shared_variance
from facerep.metrics.influence import group_means
from facerep.metrics.intervals import adjusted, by_variance
from facerep.results.figures import LEVEL, Rate


@dataclass(frozen=True)
class Ranked:
    """Units with their values in order.

    Attributes:
        values: float32, shape (units, faces).
        ascending: the same, sorted along faces.
        at_least, at_most: for each face, how many faces have this value or a larger (smaller) one; int32.
        sums: over faces, float64, shape (units,).
    """

    values: np.ndarray
    ascending: np.ndarray
    at_least: np.ndarray
    at_most: np.ndarray
    sums: np.ndarray


@dataclass(frozen=True)
class Cuts:
    """The best threshold of each unit, shape (units,) each.

    Attributes:
        excitatory: yes is above the threshold.
        threshold: midway between two neighbouring values; infinite where the best is one answer for all.
        accuracy: balanced, on the faces that chose it; at least 0.5.
    """

    excitatory: np.ndarray
    threshold: np.ndarray
    accuracy: np.ndarray


def rank(values: np.ndarray) -> Ranked:
    """Sort units, shape (units, faces), once; equal values share their ranks."""
    n = values.shape[1]
    order = np.argsort(values, axis=1)
    ascending = np.take_along_axis(values, order, axis=1)
    steps = ascending[:, 1:] != ascending[:, :-1]
    place = np.arange(n, dtype=np.int32)
    first, last = np.zeros(values.shape, np.int32), np.full(values.shape, n - 1, np.int32)
    first[:, 1:] = np.where(steps, place[1:], 0)
    np.maximum.accumulate(first, axis=1, out=first)
    last[:, :-1] = np.where(steps, place[:-1], n - 1)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    at_least, at_most = np.empty_like(first), np.empty_like(first)
    np.put_along_axis(at_least, order, n - first, axis=1)
    np.put_along_axis(at_most, order, last + 1, axis=1)
    return Ranked(values, ascending, at_least, at_most, values.sum(axis=1, dtype=np.float64))


def best_cuts(ranked: Ranked, positive: np.ndarray) -> Cuts:
    """The threshold of each unit with the highest balanced accuracy; of equals the one with fewest faces beyond it.

    Args:
        ranked: units.
        positive: the faces in question, bool, shape (faces,); some, not all.
    """
    rows, minority = _fewer(positive)
    above, gain, count = _search(ranked, rows)
    n = len(positive)
    # of the sorted values, the two between which the cut lies: with all faces beyond it there is only one
    low = np.where(above, n - count - 1, count - 1)
    units = np.arange(len(count))
    inside = (low >= 0) & (low + 1 < n)
    pair = ranked.ascending[units, np.clip(low, 0, n - 1)], ranked.ascending[units, np.clip(low + 1, 0, n - 1)]
    middle = (pair[0].astype(np.float64) + pair[1]) / 2
    threshold = np.where(inside, middle, np.where(above, -np.inf, np.inf))
    return Cuts(above == minority, threshold, _accuracy(gain, len(rows), n))


def best_of_all(ranked: Ranked, groups: Iterable[np.ndarray]) -> np.ndarray:
    """The highest balanced accuracy that any of the units reaches, for each group (bool, shape (faces,))."""
    best = []
    for positive in groups:
        rows, _ = _fewer(positive)
        best.append(_accuracy(_search(ranked, rows)[1].max(), len(rows), len(positive)))
    return np.array(best)


def says_yes(values: np.ndarray, cuts: Cuts) -> np.ndarray:
    """What units answer for faces, values of shape (units, faces); bool."""
    return (values > cuts.threshold[:, None]) == cuts.excitatory[:, None]


def balanced(yes: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Balanced accuracy of answers, bool (..., faces)."""
    return (yes[..., positive].mean(axis=-1) + 1 - yes[..., ~positive].mean(axis=-1)) / 2


def balanced_rate(yes: np.ndarray, positive: np.ndarray, of: Clusters) -> Rate:
    """Balanced accuracy of one unit's answers with its interval; faces of one person depend on each other.

    Counts are couples of a positive and a negative face in which both are right, one right a half: the share of
    these is the balanced accuracy.

    Args:
        yes: answers, bool, shape (faces,).
        positive: the truth.
        of: the people of the faces.
    """
    right, value = yes == positive, float(balanced(yes, positive))
    p, n = int(positive.sum()), int((~positive).sum())
    _, influence = group_means(right[:, None].astype(np.float64), [positive[:, None], ~positive[:, None]])
    # one person alone shows no spread between people
    variance = shared_variance(influence[:, 0], of) if of.count > 1 else 0.0
    interval = by_variance(value, variance, of.count, lambda: min(of.take(positive).count, of.take(~positive).count))
    won = (int(right[positive].sum()) * n + int(right[~positive].sum()) * p) / 2
    return Rate(value, *interval, won, p * n, adjusted(of.word))


def chance(null: np.ndarray, best: float) -> tuple[float, float]:
    """The 95 % point of the best of all units under shuffled labels, and the share of shuffles at or above `best`.

    The share counts the labels as they are as one more shuffle, so it is never 0.
    """
    return float(np.quantile(null, LEVEL)), float((1 + np.sum(null >= best)) / (1 + len(null)))


def _fewer(positive: np.ndarray) -> tuple[np.ndarray, bool]:
    """The rows of the smaller kind, and whether that is the positive one."""
    minority = 2 * int(np.count_nonzero(positive)) <= len(positive)
    return np.flatnonzero(positive if minority else ~positive), minority


def _search(ranked: Ranked, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each unit: do `rows` lie above; the gain of the best cut; how many faces lie beyond it.

    A cut that takes in k of the m rows and r of the n faces has 2 accuracy - 1 = (k n - r m) / (m (n - m)); the
    best one stands at a row's own value. Whole numbers throughout, so that equals are equal.
    """
    n, m = ranked.values.shape[1], len(rows)
    inside = ranked.values[:, rows].sum(axis=1, dtype=np.float64)
    above = inside * (n - m) > (ranked.sums - inside) * m
    beyond = np.where(above[:, None], ranked.at_least[:, rows], ranked.at_most[:, rows])
    beyond.sort(axis=1)
    gains = np.arange(1, m + 1) * n - beyond.astype(np.int64) * m
    best = gains.argmax(axis=1)
    units = np.arange(len(best))
    return above, gains[units, best], beyond[units, best].astype(np.int64)


def _accuracy(gain: np.ndarray, m: int, n: int) -> np.ndarray:
    return (1 + gain / (m * (n - m))) / 2
