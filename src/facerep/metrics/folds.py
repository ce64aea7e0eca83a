"""The rule of LFW view 2: a fold is judged by the threshold of the others.

Source: Huang et al., Labeled Faces in the Wild, UMass Amherst TR 07-49, section 3;
docs/numbers.md, rule 6 (accuracy and its threshold).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facerep.errors import BadInput
from facerep.metrics.eer_auc import best_threshold
from facerep.metrics.roc import check, descending, sweep_sorted
from facerep.results.figures import Fold, Rate, Spread


def judge_folds(scores: np.ndarray, same: np.ndarray, fold: np.ndarray) -> tuple[list[Fold], np.ndarray]:
    """Judge each fold by the most accurate threshold of all others.

    Args:
        scores: float64, shape (p,).
        same: True for genuine pairs, shape (p,).
        fold: which fold a pair belongs to, shape (p,).

    Returns:
        The folds in rising order, and which pairs are accepted by their fold's threshold, bool, shape (p,).

    Raises:
        BadInput: see `roc.check`; or there are fewer than two folds, or a fold without genuine or impostor
            pairs.
    """
    scores, same = np.asarray(scores, np.float64), np.asarray(same, bool)
    check(scores, same)
    numbers, place = np.unique(fold, return_inverse=True)
    if len(numbers) < 2:
        raise BadInput(f"folds need at least two, there is {len(numbers)}")
    genuine = np.bincount(place[same], minlength=len(numbers))
    impostor = np.bincount(place[~same], minlength=len(numbers))
    if (short := (genuine == 0) | (impostor == 0)).any():
        k = int(short.argmax())
        raise BadInput(f"fold {numbers[k]} has {genuine[k]} genuine and {impostor[k]} impostor pairs, both are needed")

    order = descending(scores)
    sorted_scores, sorted_same, sorted_place = scores[order], same[order], place[order]
    accepted = np.zeros(len(scores), bool)
    folds = []
    for k in range(len(numbers)):
        others = sorted_place != k
        threshold = best_threshold(sweep_sorted(sorted_scores[others], sorted_same[others]))
        mine = place == k
        accepted[mine] = scores[mine] >= threshold
        right = int(np.count_nonzero(accepted[mine] == same[mine]))
        folds.append(Fold(threshold, right, int(np.count_nonzero(mine))))
    return folds, accepted


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """Mean over folds, and its standard error s / sqrt(n) with s from n - 1.

    >>> mean_and_error([0.9, 0.8, 1.0])
    (0.9, 0.05773502691896257)
    """
    mean, deviation = _mean_and_deviation(values)
    return mean, float(deviation / np.sqrt(len(values)))


def spread(rates: Sequence[Rate]) -> Spread:
    """A rate over trials: mean, and standard deviation from n - 1, which is 0 of one trial."""
    values = [rate.value for rate in rates]
    return Spread(*_mean_and_deviation(values), len(values))


def _mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
