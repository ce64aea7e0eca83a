"""Accuracy of scored pairs: by folds where they have some, else at the most accurate threshold of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facerep.metrics.clusters import Clusters
from facerep.metrics.eer_auc import best_threshold
from facerep.metrics.folds import judge_folds, mean_and_error
from facerep.metrics.intervals import rate
from facerep.metrics.roc import sweep
from facerep.results.figures import Accuracy, FoldMean, Rate


@dataclass(frozen=True)
class RatesAtThreshold:
    """Rates at one threshold: genuine and impostor pairs accepted, and pairs of both kinds judged rightly."""

    tar: Rate
    far: Rate
    right: Rate


def accuracy_of_pairs(
    scores: np.ndarray, same: np.ndarray, fold: np.ndarray, of: Clusters
) -> tuple[Accuracy, np.ndarray]:
    """Accuracy, and the threshold that each pair is judged by, float64, shape (p,).

    Args:
        scores: float64, shape (p,).
        same: True for genuine pairs, shape (p,).
        fold: which fold a pair belongs to, shape (p,).
        of: what the pairs share.

    Raises:
        BadInput: a score is NaN; the pairs, or those of one fold, are of one kind.
    """
    numbers, place = np.unique(fold, return_inverse=True)
    if len(numbers) == 1:
        threshold = best_threshold(sweep(scores, same))
        return rate((scores >= threshold) == same, of), np.full(len(scores), threshold)
    folds, accepted = judge_folds(scores, same, fold)
    mean, error = mean_and_error([each.value for each in folds])
    together = rate(accepted == same, of)
    return FoldMean(mean, error, len(folds), together, tuple(folds)), np.array([each.threshold for each in folds])[
        place
    ]
