"""All pairs of labelled faces with each other: no score is kept that no figure needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from facerep import threads
from facerep.codes.vector_search import score_pairs
from facerep.console import counted
from facerep.errors import BadInput, NotAvailable
from facerep.metrics import eer_auc, person_sums
from facerep.metrics.bootstrap import MOST, equal_error_interval
from facerep.metrics.clusters import Clusters
from facerep.metrics.intervals import adjusted, by_variance, rate
from facerep.metrics.ladder import Ladder, ladder
from facerep.metrics.pair_draws import draw_pairs
from facerep.metrics.roc import Curve
from facerep.metrics.streamed import streamed_curve
from facerep.pairs.accuracy import RatesAtThreshold
from facerep.pairs.blocks.disk_blocks import DiskBlocks
from facerep.pairs.blocks.hamming_blocks import HammingBlocks
from facerep.pairs.blocks.score_blocks import NumpyBlocks, PairFaces
from facerep.pairs.rows_on_disk import RowsOnDisk
from facerep.results.figures import Rate
from facerep.scorers.hamming import Hamming
from facerep.scorers.scorer import Scorer

if TYPE_CHECKING:
    from facerep.pairs.blocks.device_blocks import DeviceBlocks

MOST_GENUINE = 20_000_000
"""Genuine scores are kept, all of them: 160 MB, and 640 MB while they are made."""
PASSES, PASSES_OF_CODES = 3, 2
"""Over all pairs: to count, to keep a few scores, to measure; no scores of codes are kept."""
QUANTILES = 4096
"""Of drawn impostor scores: no more scores than lie between two of them are kept for one figure."""


@dataclass(frozen=True)
class AllPairs:
    """Faces in the order of their people, and what scores them.

    Attributes:
        scorer: makes the scores.
        rows: what it takes, one row for each face, shape (n, k); in memory, or on disk.
        person: of each face, from 0 without gaps, never falling; shape (n,).
        of_file: their rows in the file, shape (n,).
        names: of the faces of the file, for messages.
        seed: of the bootstrap.
        device: where the scores are computed: "cpu" by numpy, "auto" and "cuda" see `networks.device`.
        advance: called with how many pairs were scored.
        each: does the tasks that pairs of codes are cut into.
    """

    scorer: Scorer
    rows: np.ndarray | RowsOnDisk
    person: np.ndarray
    of_file: np.ndarray
    names: np.ndarray
    seed: int = 0
    device: str = "cpu"
    advance: Callable[[int], None] = field(default=lambda _count: None)
    each: threads.Each = threads.each

    word = "people"

    @cached_property
    def people(self) -> person_sums.FaceCounts:
        """How many faces each person has."""
        return person_sums.FaceCounts(np.bincount(self.person))

    @cached_property
    def faces(self) -> PairFaces:
        """The faces as blocks take them."""
        rows = np.empty((0, 0), np.float32) if isinstance(self.rows, RowsOnDisk) else self.rows
        return PairFaces(rows, self.person, self.people, self.names[self.of_file])

    @cached_property
    def blocks(self) -> NumpyBlocks | DeviceBlocks | HammingBlocks | DiskBlocks:
        """The scores of the impostor pairs."""
        if self.device == "cpu" or isinstance(self.rows, RowsOnDisk):
            return self._on_cpu
        from facerep.networks.device import device  # torch takes seconds to import
        from facerep.pairs.blocks.device_blocks import DeviceBlocks

        where = device(self.device)
        if where.type != "cpu":
            try:
                return DeviceBlocks(self.scorer, self.faces, self.advance, where)
            except NotAvailable:
                if self.device != "auto":
                    raise
        return self._on_cpu

    @cached_property
    def _on_cpu(self) -> NumpyBlocks | HammingBlocks | DiskBlocks:
        if isinstance(self.rows, RowsOnDisk):
            return DiskBlocks(self.scorer, self.faces, self.rows, self.advance)
        if isinstance(self.scorer, Hamming):
            return HammingBlocks(self.faces, self.advance, self.each)
        return NumpyBlocks(self.scorer, self.faces, self.advance)

    @cached_property
    def genuine(self) -> tuple[np.ndarray, np.ndarray]:
        """Scores of the genuine pairs, and their people; shape (p,) each."""
        pairs = int(self.people.genuine.sum())
        if pairs > MOST_GENUINE:
            many = f"{counted(pairs, 'genuine pair')}, of which at most {MOST_GENUINE:,} are kept"
            raise BadInput(many, hint="draw some of them with --sample")
        sides = [np.triu_indices(faces, 1) for faces in self.people.faces]
        left, right = (
            np.concatenate([start + side[place] for start, side in zip(self.faces.starts, sides, strict=True)])
            for place in (0, 1)
        )
        return self.score(left, right), self.person[left]

    def score(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Scores of some pairs of faces, one by one; shape (p,)."""
        if isinstance(self.rows, RowsOnDisk):
            scores = _scores_from_disk(self.scorer, self.rows, left, right)
        else:
            scores = score_pairs(self.scorer.score, self.rows, self.rows, left, right)
        if (missing := np.isnan(scores)).any():
            first = int(missing.argmax())
            self.faces.refuse_nan(missing[first, None, None], int(left[first]), int(right[first]))
        return scores

    def curve(self, far: Sequence[float]) -> Curve:
        """The ROC, exact where a figure is read off it; see `streamed_curve`."""
        if isinstance(counted := self._on_cpu, HammingBlocks):
            return _of_histograms(*counted.counts)
        assert not isinstance(self.blocks, HammingBlocks)
        scores, same, _ = self._drawn(4 * QUANTILES)
        coarse = np.quantile(scores[~same], np.linspace(0, 1, QUANTILES), method="lower")
        return streamed_curve(self.genuine[0], self.blocks, far, coarse)

    def _drawn(self, each: int) -> tuple[np.ndarray, np.ndarray, Clusters]:
        """Up to `each` pairs of each kind, drawn by the seed: scores, kinds, clusters."""
        left, right, same = draw_pairs(self.person.astype(str), each, seed=self.seed)
        return self.score(left, right), same, Clusters(self.person[left], self.person[right], "people")

    def equal_error(self, value: float) -> tuple[float, float, str]:
        """The interval of the equal error rate."""
        if value in (0.0, 1.0):
            people = self.people
            return *by_variance(value, 0.0, len(people.faces), lambda: people.least_worth), adjusted("people")
        scores, same, of = self._drawn(MOST // 2)
        return equal_error_interval(value, scores, same, of, seed=self.seed, drawn=True)

    def measure(self, thresholds: Sequence[float], curve: Curve) -> tuple[dict[float, RatesAtThreshold], Rate]:
        """Rates at thresholds, and the area under the ROC, each with its interval; one pass over the pairs."""
        scores, person = self.genuine
        table = ladder(scores)
        *hits, wins = self.blocks.sums(thresholds, table, _share_above(table, scores))
        own = eer_auc.wins(curve, scores)
        mine = np.bincount(person, own, len(self.people.faces))
        area = person_sums.area_rate(curve, *eer_auc.auc(curve), mine, float(own @ own), wins)
        return self._rates(thresholds, hits), area

    def rates(self, thresholds: Sequence[float]) -> dict[float, RatesAtThreshold]:
        """Rates at thresholds, each with its interval; one pass over the pairs."""
        return self._rates(thresholds, self.blocks.sums(thresholds))

    def _rates(
        self, thresholds: Sequence[float], hits: Sequence[person_sums.ImpostorSums]
    ) -> dict[float, RatesAtThreshold]:
        scores, person = self.genuine
        inside, at = _inside(person), {}
        for threshold, accepted in zip(thresholds, hits, strict=True):
            genuine = scores >= threshold
            mine = np.bincount(person, genuine, len(self.people.faces))
            right = person_sums.right_rate(mine, accepted.complement())
            at[threshold] = RatesAtThreshold(rate(genuine, inside), person_sums.impostor_rate(accepted), right)
        return at

    def within(self, faces: np.ndarray, threshold: float) -> tuple[Rate | None, Rate | None]:
        """True and false accept rate of the pairs of some faces with each other, None where there is no such pair."""
        chosen = faces[self.of_file]
        anew = np.unique(self.person[chosen], return_inverse=True)[1]
        rows = self.rows.select(chosen) if isinstance(self.rows, RowsOnDisk) else self.rows[chosen]
        some = replace(self, rows=rows, person=anew, of_file=self.of_file[chosen])
        tar = far = None
        if some.people.genuine.any():
            scores, person = some.genuine
            tar = rate(scores >= threshold, _inside(person))
        if len(some.people.faces) > 1:
            far = person_sums.impostor_rate(some.blocks.sums([threshold])[0])
        return tar, far


def _scores_from_disk(scorer: Scorer, rows: RowsOnDisk, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Scores of some pairs: together those between the same two stretches of faces, which are read; shape (p,)."""
    scores, most = np.empty(len(left)), rows.side_by_side()
    stretches = np.sort(np.stack([left, right]) // most, axis=0)
    of = stretches[0].astype(np.int64) * (len(rows) // most + 1) + stretches[1]
    order = np.argsort(of, kind="stable")
    for some in np.split(order, np.flatnonzero(np.diff(of[order])) + 1) if len(order) else ():
        faces = np.unique([left[some], right[some]])
        held, places = rows[faces], [np.searchsorted(faces, side[some]) for side in (left, right)]
        scores[some] = score_pairs(scorer.score, held, held, *places)
    return scores


def _inside(person: np.ndarray) -> Clusters:
    """The clusters of genuine pairs: the people that have one, numbered anew."""
    anew = np.unique(person, return_inverse=True)[1]
    return Clusters(anew, anew, "people")


def _share_above(table: Ladder, genuine: np.ndarray) -> np.ndarray:
    """The share of genuine scores that win against a score in each slot of the table, ties half."""
    counts = np.bincount(table.slots(genuine), minlength=2 * len(table.values))
    above = len(genuine) - np.cumsum(counts)
    return (above + counts / 2) / len(genuine)


def _of_histograms(genuine: np.ndarray, impostor: np.ndarray) -> Curve:
    """The ROC of Hamming distances from how often each one occurs."""
    distance = np.flatnonzero(genuine + impostor)
    true, false = np.cumsum(genuine[distance]), np.cumsum(impostor[distance])
    thresholds = np.concatenate([[np.inf], 0.0 - distance])
    true, false = (np.concatenate([[0], counts]) for counts in (true, false))
    return Curve(thresholds, true, false, int(true[-1]), int(false[-1]))
