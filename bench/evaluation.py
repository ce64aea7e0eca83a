"""Ten-fold evaluation of 6,000 and 60,000 pairs: ours against two ways that are usual.

One rival asks scikit-learn's roc_curve for the curve of the nine other folds and takes its most accurate point, which
is exact. The other does what FaceNet's evaluator does and many took over (src/facenet.py, calculate_roc): at each of
400 squared distances from 0 to 4 it counts, in the nine folds to choose, in the tenth to draw. Both give an accuracy a
fold; ours is the same as the exact one, and right too where distances do not fit that grid (tests/test_bench.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np
from sklearn.metrics import roc_curve

from facerep.metrics.folds import judge_folds, mean_and_error
from row import Row, peak, row

PAIRS, FOLDS, ROUNDS, REPEATS = (6000, 60_000), 10, 5, 5
GRID = np.arange(0, 4, 0.01)
AIM = 100
"""For 6,000 pairs: the more pairs, the less the loops over thresholds weigh."""


def measure(sizes: Sequence[int] = PAIRS, rounds: int = ROUNDS, repeats: int = REPEATS) -> list[Row]:
    """How many times as long the rivals take.

    Args:
        sizes: numbers of pairs, multiples of 20.
        rounds: how often all three run, one after another.
        repeats: how often ours runs in a round.
    """
    return [found for pairs in sizes for found in _of_size(pairs, rounds, repeats)]


def _of_size(pairs: int, rounds: int, repeats: int) -> list[Row]:
    draw = np.random.default_rng(0)
    same = np.arange(pairs) % 2 == 0
    fold = np.arange(pairs) * FOLDS // pairs
    distances = np.clip(draw.normal(np.where(same, 0.9, 1.9), 0.35), 0, 4)
    scores = -distances
    _ours(scores, same, fold)
    ours_peak = peak()
    _agree(scores, same, fold)
    ours, exact, counted = [], [], []
    for _ in range(rounds):
        ours.append(_timed(lambda: [mean_and_error(_ours(scores, same, fold)) for _ in range(repeats)]) / repeats)
        exact.append(_timed(lambda: mean_and_error(_by_roc_curve(scores, same, fold))))
        counted.append(_timed(lambda: mean_and_error(by_grid(distances, same, fold))))
    rows = []
    for name, rival, aim in (("roc_curve a fold", exact, None), (f"{len(GRID)} thresholds a fold", counted, AIM)):
        note = f"{1000 * np.median(rival):,.1f} ms against {1000 * np.median(ours):,.2f} ms"
        ratios = [theirs / mine for theirs, mine in zip(rival, ours, strict=True)]
        aim = aim if pairs == min(PAIRS) else None
        rows.append(row(f"evaluation of {pairs:,} pairs: {name} / ours", ratios, aim, ours_peak, note))
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


def by_grid(distances: np.ndarray, same: np.ndarray, fold: np.ndarray) -> list[float]:
    """Accuracy a fold by the threshold of the grid that is the most accurate one on the other folds."""
    accuracies = []
    for k in range(FOLDS):
        mine = fold == k
        chosen = [_counted(threshold, distances[~mine], same[~mine])[2] for threshold in GRID]
        drawn = [_counted(threshold, distances[mine], same[mine]) for threshold in GRID]
        accuracies.append(drawn[int(np.argmax(chosen))][2])
    return accuracies


def _counted(threshold: float, distances: np.ndarray, same: np.ndarray) -> tuple[float, float, float]:
    """True accept rate, false accept rate and accuracy at one threshold, counted pair by pair."""
    accepted = np.less(distances, threshold)
    true_accepts = np.sum(np.logical_and(accepted, same))
    false_accepts = np.sum(np.logical_and(accepted, np.logical_not(same)))
    true_rejects = np.sum(np.logical_and(np.logical_not(accepted), np.logical_not(same)))
    missed = np.sum(np.logical_and(np.logical_not(accepted), same))
    tar = float(true_accepts) / float(true_accepts + missed)
    far = float(false_accepts) / float(false_accepts + true_rejects)
    return tar, far, float(true_accepts + true_rejects) / len(distances)


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
