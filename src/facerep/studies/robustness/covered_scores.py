"""Scores of pairs, cover by cover, and what each system loses by a cover: beside itself, and beside another system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facerep.errors import BadInput
from facerep.faces.cover import Cover
from facerep.metrics import intervals
from facerep.metrics.bootstrap import drawn_means, middle
from facerep.metrics.clusters import Clusters, clusters
from facerep.metrics.differences import mcnemar
from facerep.metrics.folds import judge_folds, mean_and_error
from facerep.metrics.rates import best_threshold
from facerep.metrics.roc import sweep
from facerep.networks.catalog import BASELINES
from facerep.pairs.choice import Chosen
from facerep.results.figures import Difference, Fold, FoldMean, Measure, Rate
from facerep.studies.robustness.result import Curve, Point
from facerep.studies.robustness.systems import System

_BYTES = 16_000_000


class CoveredScores:
    """Scores, cover by cover; the clean faces come first and are remembered."""

    def __init__(self, systems: Sequence[System], chosen: Chosen, people: np.ndarray, on: str, seed: int) -> None:
        self.systems, self.chosen, self.on, self.seed = systems, chosen, on, seed
        left, right = people[chosen.left], people[chosen.right]
        known = bool((left != "").all() and (right != "").all())
        sides = (left, right) if known else (chosen.left, chosen.right)
        self.of = clusters(sides[0].astype(str), sides[1].astype(str), "people" if known else "faces")
        self.folds = len(np.unique(chosen.fold)) > 1
        names = [place for place, system in enumerate(systems)
                 if system.networks not in BASELINES and system.layer == "feature"]  # fmt: skip
        self.reference = names[0] if names else 0
        self.clean: list[np.ndarray] = []
        self.thresholds: list[np.ndarray] = []
        self.right: list[list[np.ndarray]] = [[] for _ in systems]
        self.found: list[list[Point]] = [[] for _ in systems]

    def add(self, cover: Cover, rows: Sequence[np.ndarray]) -> None:
        """Judge all systems under one cover, with the rows that their scorers take."""
        first = not self.clean
        if first:
            self.clean = list(rows)
        for place, (system, mine) in enumerate(zip(self.systems, rows, strict=True)):
            scores = _scores(system, self.clean[place] if self.on == "one" else mine, mine, self.chosen)
            accuracy, thresholds = self._accuracy(scores)
            if first:
                self.thresholds.append(thresholds)
            kept = intervals.rate((scores >= self.thresholds[place]) == self.chosen.same, self.of)
            self.right[place].append((scores >= thresholds) == self.chosen.same)
            self.found[place].append(Point(cover, accuracy, kept, None))

    def _accuracy(self, scores: np.ndarray) -> tuple[FoldMean | Rate, np.ndarray]:
        """Accuracy, and the threshold that each pair was held against."""
        same, fold = self.chosen.same, self.chosen.fold
        if not self.folds:
            threshold = best_threshold(sweep(scores, same))
            return intervals.rate((scores >= threshold) == same, self.of), np.full(len(scores), threshold)
        folds, accepted = judge_folds(scores, same, fold)
        mean, error = mean_and_error([each.count / each.of for each in folds])
        pooled = intervals.rate(accepted == same, self.of)
        thresholds = np.array([each.threshold for each in folds])[np.unique(fold, return_inverse=True)[1]]
        return FoldMean(mean, error, len(folds), pooled, tuple[Fold, ...](folds)), thresholds

    def curves(self) -> tuple[Curve, ...]:
        """All that was judged, each point beside clean faces and beside the reference."""
        right = np.stack([np.stack(covers) for covers in self.right])
        drawn = drawn_means(right.reshape(-1, right.shape[2]).T, self.of, seed=self.seed)
        drawn = drawn.reshape(-1, *right.shape[:2])
        means, same = right.mean(axis=2), self.chosen.same.mean()
        found = []
        for place, (system, points) in enumerate(zip(self.systems, self.found, strict=True)):
            width = self.clean[place].shape[1]
            beside = _Beside(right[place], drawn[:, place], means[place], self.of, max(same, 1 - same))
            other = None if place == self.reference else (drawn[:, self.reference], means[self.reference])
            found.append(Curve(
                system, system.fitted.dimension if system.fitted else width,
                (points[0], *(beside.point(each, cover, other) for cover, each in enumerate(points[1:], 1))),
            ))  # fmt: skip
        return tuple(found)


@dataclass(frozen=True)
class _Beside:
    """One system beside its clean faces, and beside another.

    Attributes:
        right: which pairs were judged rightly, bool (covers, p), the clean faces first.
        drawn: accuracies of the draws, (draws, covers).
        means: accuracies, (covers,).
        of: the units of the pairs.
        guess: the accuracy of one answer for every pair.
    """

    right: np.ndarray
    drawn: np.ndarray
    means: np.ndarray
    of: Clusters
    guess: float

    def point(self, point: Point, cover: int, other: tuple[np.ndarray, np.ndarray] | None) -> Point:
        """The point with its differences; `other` are the draws and accuracies of the reference."""
        method = f"paired bootstrap over {self.of.word}"
        clean, right = self.right[0], self.right[cover]
        lost, losses = self.means[0] - self.means[cover], self.drawn[:, 0] - self.drawn[:, cover]
        first_only, second_only = int(np.sum(clean & ~right)), int(np.sum(right & ~clean))
        p = None if self.of.recur else mcnemar(first_only, second_only)
        difference = Difference(-lost, *middle(-losses), first_only, second_only, p, method)
        left = more = None
        above = self.drawn[:, 0] > self.guess
        if self.means[0] > self.guess and above.any():
            share = (self.means[cover] - self.guess) / (self.means[0] - self.guess)
            shares = (self.drawn[above, cover] - self.guess) / (self.drawn[above, 0] - self.guess)
            left = Measure(share, *middle(shares), method)
        if other is not None:
            draws, means = other
            beyond = losses - (draws[:, 0] - draws[:, cover])
            more = Measure(lost - (means[0] - means[cover]), *middle(beyond, widest=2.0), method)
        return replace(point, difference=difference, left=left, more_lost=more)


def _scores(system: System, left: np.ndarray, right: np.ndarray, chosen: Chosen) -> np.ndarray:
    scores = np.empty(len(chosen.left))
    step = max(1, _BYTES // (8 * right.shape[1]))
    for start in range(0, len(scores), step):
        part = slice(start, start + step)
        scores[part] = system.score(left[chosen.left[part]], right[chosen.right[part]])
    if np.isnan(scores).any():
        pair = int(np.isnan(scores).argmax())
        raise BadInput(f"{system.name}: the score of pair {pair + 1} is NaN", chosen.name)
    return scores
