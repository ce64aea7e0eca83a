"""Figures whose interval follows from influence: how much each face, or pair, moves the figure.

Influences sum to the error of the figure, so its variance is theirs, with what faces and pairs share (`clusters`).
Source: DeLong, DeLong and Clarke-Pearson 1988 for the area under the ROC; docs/numbers.md, rule 7 (intervals).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import stdtrit

from facerep.metrics.clusters import AT_ONCE, Clusters, least_worth, shared_variance
from facerep.metrics.intervals import adjusted, by_variance
from facerep.metrics.roc import Curve, descending, rows_of
from facerep.results.figures import LEVEL, Measure, Rate


def group_means(values: np.ndarray, groups: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The mean over groups of the mean of each column, (k,), and how much each row moves it, (n, k).

    Args:
        values: float64 (n, k).
        groups: which rows are in each, bool (n, k); of a single group the plain mean is given.
    """
    means, influence = np.zeros(values.shape[1]), np.zeros(values.shape)
    for group in groups:
        count = group.sum(axis=0)
        mean = (values * group).sum(axis=0) / count
        means += mean / len(groups)
        influence += (values - mean) * group / count / len(groups)
    return means, influence


def measure(value: float, influence: np.ndarray, of: Clusters, least: Callable[[], float]) -> Measure:
    """A figure between 0 and 1 with Wilson's interval.

    Args:
        value: the figure.
        influence: of each row on it, shape (n,).
        of: the clusters of the rows.
        least: how many independent trials it is worth where there is no spread.
    """
    low, high = by_variance(value, shared_variance(influence, of), of.count, least)
    return Measure(value, low, high, adjusted(of.word) if of.recur else "Wilson")


def difference(first: np.ndarray, second: np.ndarray, groups: Sequence[np.ndarray], of: Clusters) -> Measure:
    """Mean of all columns of one system minus that of another on the same rows, with Student's interval.

    Args:
        first, second: right answers, bool (n, k).
        groups: see `group_means`.
        of: the clusters of the rows.
    """
    means, influence = group_means(second.astype(np.float64) - first, groups)
    value = float(means.mean())
    spread = math.sqrt(shared_variance(influence.mean(axis=1), of))
    half = float(stdtrit(max(of.count - 1, 1), (1 + LEVEL) / 2)) * spread
    return Measure(value, value - half, value + half, f"Student, variance adjusted for shared {of.word}")


def auc_rate(curve: Curve, area: float, won: float, scores: np.ndarray, same: np.ndarray, of: Clusters) -> Rate:
    """The area under the ROC with its interval.

    A pair's influence is the share of pairs of the other kind that it wins against (DeLong et al. 1988).
    """
    row = rows_of(scores, descending(scores))
    influence = np.empty(len(scores))
    for start in range(0, len(scores), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        genuine, true = same[part], _steps(curve.true_accepts, row[part])
        false = _steps(curve.false_accepts, row[part])
        wins = np.where(
            genuine,
            (curve.impostor - false[0] + false[1] / 2) / curve.impostor,
            (true[0] - true[1] / 2) / curve.genuine,
        )
        influence[part] = (wins - area) / np.where(genuine, curve.genuine, curve.impostor)
    interval = by_variance(area, shared_variance(influence, of), of.count, lambda: least_worth(same, of))
    name = adjusted(of.word) if of.recur else "Wilson, variance of DeLong"
    return Rate(area, *interval, won, curve.genuine * curve.impostor, name)


def _steps(accepts: np.ndarray, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Accepts at some rows of a curve, and how many of them come with that row."""
    at = accepts[rows]
    return at, at - np.where(rows > 0, accepts[np.maximum(rows - 1, 0)], 0)
