"""Scores of pairs, cover by cover: what each system loses by a cover, beside itself, and beside another system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from facerep.codes.vector_search import score_pairs
from facerep.errors import BadInput
from facerep.faces.cover import Cover
from facerep.metrics.bootstrap import drawn_means, middle
from facerep.metrics.clusters import Clusters
from facerep.metrics.differences import mcnemar
from facerep.metrics.intervals import rate
from facerep.networks.catalog import BASELINES
from facerep.pairs.accuracy import accuracy_of_pairs
from facerep.pairs.choice import ChosenPairs
from facerep.pairs.clusters import pair_clusters
from facerep.results.figures import Difference, Measure
from facerep.studies.robustness.result import CoverPoint, SystemUnderCovers
from facerep.studies.robustness.systems import CoveredSystem


class CoveredScores:
    """Scores, cover by cover; the clean faces come first and are remembered."""

    def __init__(
        self, systems: Sequence[CoveredSystem], chosen: ChosenPairs, people: np.ndarray, on: str, seed: int
    ) -> None:
        self.systems, self.chosen, self.on, self.seed = systems, chosen, on, seed
        self.of = pair_clusters(chosen.left, chosen.right, people)
        ours = [system.networks not in BASELINES and system.layer == "feature" for system in systems]
        self.reference = ours.index(True) if any(ours) else 0
        self.clean: list[np.ndarray] = []
        self.thresholds: list[np.ndarray] = []
        self.right: list[list[np.ndarray]] = [[] for _ in systems]
        self.points: list[list[CoverPoint]] = [[] for _ in systems]

    def add(self, cover: Cover, rows: Sequence[np.ndarray]) -> None:
        """Judge all systems under one cover, with the rows that their scorers take."""
        first = not self.clean
        if first:
            self.clean = list(rows)
        same = self.chosen.same
        for place, (system, mine) in enumerate(zip(self.systems, rows, strict=True)):
            scores = self._scores(system, self.clean[place] if self.on == "one" else mine, mine)
            accuracy, thresholds = accuracy_of_pairs(scores, same, self.chosen.fold, self.of)
            if first:
                self.thresholds.append(thresholds)
            kept = rate((scores >= self.thresholds[place]) == same, self.of)
            self.right[place].append((scores >= thresholds) == same)
            self.points[place].append(CoverPoint(cover, accuracy, kept))

    def _scores(self, system: CoveredSystem, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        scores = score_pairs(system.scorer.score, left, right, self.chosen.left, self.chosen.right)
        if np.isnan(scores).any():
            pair = int(np.isnan(scores).argmax())
            raise BadInput(f"{system.name}: the score of pair {pair + 1} is NaN", self.chosen.name)
        return scores

    def under_covers(self) -> tuple[SystemUnderCovers, ...]:
        """All that was judged, each point beside clean faces and beside the reference."""
        right = np.stack([np.stack(covers) for covers in self.right])
        drawn = drawn_means(right.reshape(-1, right.shape[2]).T, self.of, seed=self.seed)
        drawn = drawn.reshape(-1, *right.shape[:2])
        means, same = right.mean(axis=2), self.chosen.same.mean()
        judged = []
        for place, (system, points) in enumerate(zip(self.systems, self.points, strict=True)):
            beside = _Beside(right[place], drawn[:, place], means[place], self.of, max(same, 1 - same))
            other = None if place == self.reference else (drawn[:, self.reference], means[self.reference])
            lossy = [beside.point(point, cover, other) for cover, point in enumerate(points[1:], 1)]
            dimension = system.fitted.dimension if system.fitted else self.clean[place].shape[1]
            judged.append(SystemUnderCovers(system, dimension, (points[0], *lossy)))
        return tuple(judged)


@dataclass(frozen=True)
class _Beside:
    """One system beside its clean faces, and beside another.

    Attributes:
        right: which pairs were judged rightly, bool (covers, p), the clean faces first.
        drawn: accuracies of the draws, (draws, covers).
        means: accuracies, (covers,).
        of: what the pairs share.
        guess: the accuracy of one answer for every pair.
    """

    right: np.ndarray
    drawn: np.ndarray
    means: np.ndarray
    of: Clusters
    guess: float

    def point(self, point: CoverPoint, cover: int, other: tuple[np.ndarray, np.ndarray] | None) -> CoverPoint:
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
