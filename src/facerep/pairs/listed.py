"""Pairs that are scored one by one and kept: a list, a sample, or all pairs of few faces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from facerep.files.features import Codes, Features
from facerep.metrics import clusters, influence, intervals, rates
from facerep.metrics.bootstrap import equal_error_interval
from facerep.metrics.folds import judge_folds, mean_and_error
from facerep.metrics.roc import Curve, check, descending, sweep_sorted
from facerep.pairs.choice import Chosen
from facerep.pairs.scored import AtRates, Scorer
from facerep.results.figures import Fold, FoldMean, Rate

BLOCK_BYTES = 16_000_000


@dataclass(frozen=True, kw_only=True)
class PairScores:
    """The scored pairs, for scores.csv.

    Attributes:
        names, people: of the faces of the file, shape (n,).
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
        of: the units of the pairs.
        seed: of the bootstrap.
    """

    chosen: Chosen
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

    def measure(self, thresholds: Sequence[float], curve: Curve) -> tuple[dict[float, AtRates], Rate]:
        """Rates at thresholds, and the area under the ROC, each with its interval."""
        area = influence.auc_rate(curve, *rates.auc(curve), self.scores, self.chosen.same, self.of)
        return self.rates(thresholds), area

    def rates(self, thresholds: Sequence[float]) -> dict[float, AtRates]:
        """Rates at thresholds."""
        return {threshold: self._at(threshold) for threshold in thresholds}

    def _at(self, threshold: float) -> AtRates:
        accepted, same = self.scores >= threshold, self.chosen.same
        inside, across = self._kinds
        tar, far = intervals.rate(accepted[same], inside), intervals.rate(accepted[~same], across)
        return AtRates(tar, far, intervals.rate(accepted == same, self.of))

    def within(self, faces: np.ndarray, threshold: float) -> tuple[Rate | None, Rate | None]:
        """True and false accept rate of the pairs of some faces with each other, None where there is no such pair."""
        both = faces[self.chosen.left] & faces[self.chosen.right]
        found: list[Rate | None] = []
        for kind in (self.chosen.same, ~self.chosen.same):
            mine = both & kind
            found.append(intervals.rate(self.scores[mine] >= threshold, self.of.take(mine)) if mine.any() else None)
        return found[0], found[1]

    def folds(self) -> tuple[FoldMean, np.ndarray]:
        """Accuracy by the rule of folds, and which pairs were accepted when it was measured."""
        same = self.chosen.same
        folds, accepted = judge_folds(self.scores, same, self.chosen.fold)
        mean, error = mean_and_error([fold.count / fold.of for fold in folds])
        together = intervals.rate(accepted == same, self.of)
        return FoldMean(mean, error, len(folds), together, tuple[Fold, ...](folds)), accepted

    def table(self, held: Features | Codes, accepted: np.ndarray) -> PairScores:
        """The pairs, for scores.csv."""
        chosen = self.chosen
        return PairScores(
            names=held.names, people=held.people, left=chosen.left, right=chosen.right,
            same=chosen.same, fold=chosen.fold, value=self.scores, accepted=accepted,
        )  # fmt: skip


def listed_pairs(held: Features | Codes, chosen: Chosen, judge: Scorer, rows: np.ndarray, seed: int) -> ListedPairs:
    """Score the pairs.

    Raises:
        BadInput: a score is NaN, with the pair; or there are no pairs of one kind.
    """
    scores = _score(judge, rows, chosen)
    check(scores, chosen.same, lambda row: ", ".join(held.names[[chosen.left[row], chosen.right[row]]]))
    return ListedPairs(chosen, scores, _units(held, chosen), seed)


def _score(judge: Scorer, rows: np.ndarray, chosen: Chosen) -> np.ndarray:
    """Scores of the pairs, float64, shape (p,), in blocks of bounded memory.

    Lists go row by row through `score`, so that a pair's score does not depend on its neighbours; all pairs
    go through `matrix`, block by block, and agree within 1e-6.
    """
    scores = np.empty(len(chosen.left), np.float64)
    if chosen.rows is None:
        step = max(1, BLOCK_BYTES // (8 * rows.shape[1]))
        for start in range(0, len(scores), step):
            part = slice(start, start + step)
            scores[part] = judge.score(rows[chosen.left[part]], rows[chosen.right[part]])
        return scores
    labelled = rows[chosen.rows]
    n = len(labelled)
    step = max(1, BLOCK_BYTES // (8 * n))
    filled = 0
    for start in range(0, n - 1, step):
        block = judge.matrix(labelled[start : start + step], labelled[start + 1 :])
        for row in range(len(block)):  # one copy a face; the pairs of a face lie side by side
            piece = block[row, row:]
            scores[filled : filled + len(piece)] = piece
            filled += len(piece)
    return scores


def _units(held: Features | Codes, chosen: Chosen) -> clusters.Clusters:
    """What the pairs may share: people where all are known, else faces; each pair alone if nothing recurs."""
    known = held.people != ""
    if known[chosen.left].all() and known[chosen.right].all():
        codes, word = np.unique(held.people.astype(str), return_inverse=True)[1].astype(np.int32), "people"
    else:
        codes, word = np.arange(len(held), dtype=np.int32), "faces"
    of = clusters.Clusters(codes[chosen.left], codes[chosen.right], word).take(np.ones(len(chosen.left), bool))
    return clusters.alone(of)
