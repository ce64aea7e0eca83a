"""Ten-fold evaluation of 6,000 and 60,000 pairs: ours against two ways that are usual.

One rival asks scikit-learn's roc_curve for the curve of the nine other folds and takes its most accurate point, which
is exact. The other counts at each of 1,000 thresholds, as FaceNet's evaluator does (src/facenet.py, calculate_roc):
for the nine folds to choose, for the tenth to draw. Both give an accuracy a fold; ours is the same as the exact one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.metrics import roc_curve

from facerep.metrics.folds import judge_folds, mean_and_error
from row import Row, peak, row

PAIRS, FOLDS, ROUNDS, REPEATS, THRESHOLDS = (6000, 60_000), 10, 5, 5, 1000


def measure(
    sizes: Sequence[int] = PAIRS, rounds: int = ROUNDS, repeats: int = REPEATS, thresholds: int = THRESHOLDS
) -> list[Row]:
    """How many times as long the rivals take.

    Args:
        sizes: numbers of pairs, multiples of 20.
        rounds: how often all three run, one after another.
        repeats: how often ours runs in a round.
        thresholds: of the counting rival.
    """
    return [found for pairs in sizes for found in _of_size(pairs, rounds, repeats, thresholds)]


def _of_size(pairs: int, rounds: int, repeats: int, thresholds: int) -> list[Row]:
    draw = np.random.default_rng(0)
    same = np.arange(pairs) % 2 == 0
    fold = np.arange(pairs) * FOLDS // pairs
    scores = draw.normal(same * 2.5, 1.0)
    grid = np.linspace(scores.min(), scores.max(), thresholds)
    _ours(scores, same, fold)
    ours_peak = peak()
    _agree(scores, same, fold)
    ours, exact, counted = [], [], []
    for _ in range(rounds):
        ours.append(_timed(lambda: [mean_and_error(_ours(scores, same, fold)) for _ in range(repeats)]) / repeats)
        exact.append(_timed(lambda: mean_and_error(_by_roc_curve(scores, same, fold))))
        counted.append(_timed(lambda: mean_and_error(_by_thresholds(scores, same, fold, grid))))
    rows = []
    for name, rival in (("roc_curve a fold", exact), (f"{thresholds:,} thresholds a fold", counted)):
        note = f"{1000 * np.median(rival):,.1f} ms against {1000 * np.median(ours):,.2f} ms"
        ratios = [theirs / mine for theirs, mine in zip(rival, ours, strict=True)]
        rows.append(row(f"evaluation of {pairs:,} pairs: {name} / ours", ratios, None, ours_peak, note))
    return rows


def _ours(scores: np.ndarray, same: np.ndarray, fold: np.ndarray) -> list[float]:
    folds, _ = judge_folds(scores, same, fold)
    return [found.count / found.of for found in folds]


def _by_roc_curve(scores: np.ndarray, same: np.ndarray, fold: np.ndarray) -> list[float]:
    accuracies = []
    for k in range(FOLDS):
        mine = fold == k
        threshold = _roc_threshold(scores[~mine], same[~mine])
        accuracies.append(float(np.mean((scores[mine] >= threshold) == same[mine])))
    return accuracies


def _roc_threshold(scores: np.ndarray, same: np.ndarray) -> float:
    far, tar, thresholds = roc_curve(same, scores)
    genuine = np.count_nonzero(same)
    right = tar * genuine + (1 - far) * (len(same) - genuine)
    return float(thresholds[np.argmax(right)])


def _by_thresholds(scores: np.ndarray, same: np.ndarray, fold: np.ndarray, grid: np.ndarray) -> list[float]:
    accuracies = []
    for k in range(FOLDS):
        mine = fold == k
        chosen = [_counted(threshold, scores[~mine], same[~mine])[2] for threshold in grid]
        drawn = [_counted(threshold, scores[mine], same[mine]) for threshold in grid]
        accuracies.append(drawn[int(np.argmax(chosen))][2])
    return accuracies


def _counted(threshold: float, scores: np.ndarray, same: np.ndarray) -> tuple[float, float, float]:
    """True accept rate, false accept rate and accuracy at one threshold, counted pair by pair."""
    accepted = np.greater_equal(scores, threshold)
    true_accepts = np.sum(np.logical_and(accepted, same))
    false_accepts = np.sum(np.logical_and(accepted, np.logical_not(same)))
    true_rejects = np.sum(np.logical_and(np.logical_not(accepted), np.logical_not(same)))
    missed = np.sum(np.logical_and(np.logical_not(accepted), same))
    tar = float(true_accepts) / float(true_accepts + missed)
    far = float(false_accepts) / float(false_accepts + true_rejects)
    return tar, far, float(true_accepts + true_rejects) / len(scores)


def _agree(scores: np.ndarray, same: np.ndarray, fold: np.ndarray) -> None:
    """Our thresholds and those of roc_curve are equally accurate on the folds that they were chosen on."""
    folds, _ = judge_folds(scores, same, fold)
    for k, found in enumerate(folds):
        others, truth = scores[fold != k], same[fold != k]
        ours = np.count_nonzero((others >= found.threshold) == truth)
        assert ours == np.count_nonzero((others >= _roc_threshold(others, truth)) == truth)


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
