"""Single figures of a curve: equal error rate, area under it, the most accurate threshold.

Source: docs/numbers.md, rules 4, 5 and 6 (equal error rate, area under the ROC, accuracy and its threshold).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.metrics.roc import Curve

AT_ONCE = 1 << 20
"""Rows of a curve that are summed at a time."""


@dataclass(frozen=True)
class Crossing:
    """Where false reject steps cross false accept steps; `far` and `frr` are equal where they meet."""

    row: int
    far: float
    frr: float

    @property
    def value(self) -> float:
        """The mean of the two rates."""
        return (self.far + self.frr) / 2


def equal_error(curve: Curve) -> Crossing:
    """The equal error rate.

    With t1 the highest candidate where FRR <= FAR and t2 the lowest where FRR >= FAR, the one with the
    smaller FAR + FRR is taken (t1 on a tie), and both rates at it are given: they differ where the steps do
    not meet.

    Source: Maio et al., FVC2000, IEEE PAMI 24(3), 2002, section 5.

    >>> from facerep.metrics.roc import sweep
    >>> equal_error(sweep(np.array([3.0, 1.0, 2.0, 0.0]), np.array([True, True, False, False]))).value
    0.5
    """
    row = crossing(curve.far, curve.frr)
    return Crossing(row, float(curve.far[row]), float(curve.frr[row]))


def crossing(far: np.ndarray, frr: np.ndarray) -> int:
    """The row of the equal error rate; `far` never falls along the rows, `frr` never rises."""
    # rows go from high thresholds to low ones, so FRR <= FAR holds from some row on, and always in the last
    first = int(np.argmax(frr <= far))
    if first == 0 or frr[first] == far[first]:
        return first
    before = first - 1
    return first if far[first] + frr[first] <= far[before] + frr[before] else before


def auc(curve: Curve) -> tuple[float, float]:
    """Area under the ROC as the rank statistic, and the comparisons won that it counts.

    The share of (genuine, impostor) comparisons in which the genuine score is larger, ties half.

    Returns:
        (area, comparisons won); the latter is a multiple of a half, of genuine * impostor.

    >>> from facerep.metrics.roc import sweep
    >>> auc(sweep(np.array([2.0, 1.0, 1.0, 0.0]), np.array([True, True, False, False])))
    (0.875, 3.5)
    """
    twice, true, false = 0, 0, 0
    for start in range(0, len(curve.thresholds), AT_ONCE):
        true_accepts, false_accepts = (
            column[start : start + AT_ONCE] for column in (curve.true_accepts, curve.false_accepts)
        )
        false_steps = np.diff(false_accepts, prepend=false)
        before = np.concatenate([[true], true_accepts[:-1]])
        # in two parts, high and low: the sum passes 2^63 where hundreds of thousands of faces are all compared
        high, low = np.divmod(before + true_accepts, 1 << 20)
        twice += (int(np.sum(false_steps * high)) << 20) + int(np.sum(false_steps * low))
        true, false = int(true_accepts[-1]), int(false_accepts[-1])
    return twice / (2 * curve.genuine * curve.impostor), twice / 2


def best_threshold(curve: Curve) -> float:
    """The most accurate threshold.

    Among equally accurate candidates the lower median is taken, and the midpoint between it and the next
    lower distinct score is given; it accepts the same pairs and lies in the middle of the gap. Beside the
    lowest score, or at +inf, the candidate itself is given; so it is where the midpoint would be infinite.

    >>> from facerep.metrics.roc import sweep
    >>> best_threshold(sweep(np.array([0.9, 0.8, 0.2, 0.1]), np.array([True, True, False, False])))
    0.5
    """
    row = best_row(curve)
    candidate = float(curve.thresholds[row])
    if row + 1 == len(curve.thresholds) or not np.isfinite(candidate):
        return candidate
    lower = float(curve.thresholds[row + 1])
    middle = lower / 2 + candidate / 2
    return middle if np.isfinite(middle) and lower < middle < candidate else candidate


def best_row(curve: Curve) -> int:
    """The row of the most accurate candidate, the lower median of several."""
    right = curve.true_accepts - curve.false_accepts
    best = np.flatnonzero(right == right.max())
    # rows fall in threshold; of k candidates in rising order the lower median is number (k - 1) // 2
    return int(best[len(best) - 1 - (len(best) - 1) // 2])


def wins(curve: Curve, genuine: np.ndarray) -> np.ndarray:
    """The share of impostor scores that each genuine score wins against, ties half; shape (g,).

    Args:
        curve: has each genuine score as a candidate.
        genuine: the genuine scores.
    """
    row = np.searchsorted(-curve.thresholds, -np.asarray(genuine, np.float64))
    tied = np.diff(curve.false_accepts, prepend=0)[row]
    return (curve.impostor - curve.false_accepts[row] + tied / 2) / curve.impostor
