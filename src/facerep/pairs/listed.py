"""Pairs that are scored one by one and kept: a list, a sample, or all pairs of few faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facerep.codes.vector_search import score_pairs
from facerep.files.rows import Rows
from facerep.metrics import clusters, eer_auc, influence, intervals
from facerep.metrics.bootstrap import equal_error_interval
from facerep.metrics.roc import Curve, check, descending, sweep_sorted
from facerep.pairs.accuracy import RatesAtThreshold, accuracy_of_pairs
from facerep.pairs.blocks import score_blocks
from facerep.pairs.choice import ChosenPairs
from facerep.pairs.clusters import pair_clusters
from facerep.results.figures import Accuracy, Rate
from facerep.scorers.scorer import Scorer


@dataclass(frozen=True, kw_only=True)
class PairScores:
    """The scored pairs, for scores.csv.

    Attributes:
        names, people: of the faces that were read, which may be those of the pairs alone, shape (n,).
        left, right: rows of `names`, shape (p,).
        same, fold, value, accepted: of each pair, shape (p,).
    """

    names: np.ndarray
    people: np.ndarray
    left: np.ndarray
    right: np.ndarray
    same: np.ndarray
    fold: np.ndarray
    value: np.ndarray
    accepted: np.ndarray

    def __len__(self) -> int:
        return len(self.value)


@dataclass(frozen=True)
class ListedPairs:
    """The scored pairs and what they share.

    Attributes:
        chosen: rows of the file, kind and fold of each pair, shape (p,).
        scores: float64, shape (p,).
        of: what the pairs share.
        seed: of the bootstrap.
    """

    chosen: ChosenPairs
    scores: np.ndarray
    of: clusters.Clusters
    seed: int

    @property
    def word(self) -> str:
        """What the pairs share."""
        return self.of.word

    @cached_property
    def _kinds(self) -> tuple[clusters.Clusters, clusters.Clusters]:
        same = self.chosen.same
        return self.of.take(same), self.of.take(~same)

    def curve(self, far: Sequence[float]) -> Curve:  # noqa: ARG002
        """The ROC, exact everywhere."""
        order = descending(self.scores)
        return sweep_sorted(self.scores[order], self.chosen.same[order])

    def equal_error(self, value: float) -> tuple[float, float, str]:
        """The interval of the equal error rate."""
        return equal_error_interval(value, self.scores, self.chosen.same, self.of, seed=self.seed)

    def measure(self, thresholds: Sequence[float], curve: Curve) -> tuple[dict[float, RatesAtThreshold], Rate]:
        """Rates at thresholds, and the area under the ROC, each with its interval."""
        area = influence.auc_rate(curve, *eer_auc.auc(curve), self.scores, self.chosen.same, self.of)
        return self.rates(thresholds), area

    def rates(self, thresholds: Sequence[float]) -> dict[float, RatesAtThreshold]:
        """Rates at thresholds."""
        return {threshold: self._at(threshold) for threshold in thresholds}

    def _at(self, threshold: float) -> RatesAtThreshold:
        accepted, same = self.scores >= threshold, self.chosen.same
        inside, across = self._kinds
        tar, far = intervals.rate(accepted[same], inside), intervals.rate(accepted[~same], across)
        return RatesAtThreshold(tar, far, intervals.rate(accepted == same, self.of))

    def within(self, faces: np.ndarray, threshold: float) -> tuple[Rate | None, Rate | None]:
        """True and false accept rate of the pairs of some faces with each other, None where there is no such pair."""
        both = faces[self.chosen.left] & faces[self.chosen.right]
        by_kind: list[Rate | None] = []
        for kind in (self.chosen.same, ~self.chosen.same):
            mine = both & kind
            by_kind.append(intervals.rate(self.scores[mine] >= threshold, self.of.take(mine)) if mine.any() else None)
        return by_kind[0], by_kind[1]

    def accuracy(self) -> tuple[Accuracy, np.ndarray]:
        """Accuracy, and the threshold that each pair is judged by, see `accuracy_of_pairs`."""
        return accuracy_of_pairs(self.scores, self.chosen.same, self.chosen.fold, self.of)

    def table(self, features: Rows, accepted: np.ndarray) -> PairScores:
        """The pairs, for scores.csv."""
        chosen = self.chosen
        return PairScores(
            names=features.names, people=features.people, left=chosen.left, right=chosen.right,
            same=chosen.same, fold=chosen.fold, value=self.scores, accepted=accepted,
        )  # fmt: skip


def listed_pairs(features: Rows, chosen: ChosenPairs, scorer: Scorer, rows: np.ndarray, seed: int) -> ListedPairs:
    """Score the pairs.

    Raises:
        BadInput: a score is NaN, with the pair; or there are no pairs of one kind.
    """
    left, right = chosen.left, chosen.right
    if chosen.rows is None:
        scores = score_pairs(scorer.score, rows, rows, left, right)
    else:
        scores = _scores_of_all(scorer, rows[chosen.rows], len(left))
    check(scores, chosen.same, lambda pair: ", ".join(features.names[[left[pair], right[pair]]]))
    return ListedPairs(chosen, scores, pair_clusters(left, right, features.people), seed)


def _scores_of_all(scorer: Scorer, rows: np.ndarray, pairs: int) -> np.ndarray:
    """Scores of all rows with each other, block by block: within 1e-6 of those of a list, shape (pairs,)."""
    scores, filled = np.empty(pairs, np.float64), 0
    step = max(1, score_blocks.BLOCK_BYTES // (8 * len(rows)))
    for start in range(0, len(rows) - 1, step):
        block = scorer.matrix(rows[start : start + step], rows[start + 1 :])
        for row in range(len(block)):  # one copy a face; the pairs of a face lie side by side
            piece = block[row, row:]
            scores[filled : filled + len(piece)] = piece
            filled += len(piece)
    return scores
