"""Groups: faces that are taken for one person, of all scores between them.

Average linkage: the two groups whose faces have the highest mean score are joined, as long as that is at or above the
threshold. One likeness between two strangers therefore joins nothing, as it would with single linkage. The clustering
is scipy's, to which scikit-learn's passes such distances on; scipy takes half of them, which halves memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from facerep.console import counted
from facerep.errors import BadInput, Usage
from facerep.files.rows import Codes, Features
from facerep.files.streams import open_stream
from facerep.metrics.grouping import GroupFigures, group_figures
from facerep.pairs.blocks.score_blocks import BLOCK_BYTES
from facerep.pairs.decision_rule import DecisionRule
from facerep.pairs.inputs import describe_features, describe_scorer, metric_of, opened, refuse_zeros, scorer_of
from facerep.pairs.threshold import ChosenThreshold
from facerep.progress import progress
from facerep.results.kinds import GROUPS
from facerep.scorers.scorer import Scorer

MOST = 20_000
"""Faces at most: their scores take 1.6 GB."""


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Faces by group.

    Attributes:
        features, metric, scorer: what was scored, and by what.
        threshold: the least mean score of two groups that are joined.
        chosen: where it is from; None where it was given as a number.
        names, people: of the faces, (n,).
        group: of each face, from 0, the largest group first, of equal ones that of the earlier face; int (n,).
        likeness: mean score of each face with the others of its group, NaN where it is alone; (n,).
        sizes: of each group.
        figures: beside labels, where people are known.
    """

    KIND: ClassVar = GROUPS
    JSON: ClassVar = (
        "features", "metric", "scorer", "threshold", "chosen", "faces", "groups", "alone", "sizes=larger", "figures",
    )  # fmt: skip

    features: dict[str, Any]
    metric: str
    scorer: dict[str, str]
    threshold: float
    chosen: ChosenThreshold | None
    names: np.ndarray
    people: np.ndarray
    group: np.ndarray
    likeness: np.ndarray
    sizes: np.ndarray
    figures: GroupFigures | None

    @property
    def faces(self) -> int:
        """How many there are."""
        return len(self.names)

    @property
    def groups(self) -> int:
        """How many groups of two faces or more."""
        return len(self.larger)

    @property
    def alone(self) -> int:
        """How many faces are with no other."""
        return int((self.sizes == 1).sum())

    @property
    def larger(self) -> list[int]:
        """Sizes of the groups of two faces or more, falling."""
        return self.sizes[self.sizes > 1].tolist()


def group(
    features: Features | Codes | Path, by: DecisionRule, *, threshold: float | None = None, seed: int = 0
) -> Groups:
    """Group the faces of a feature or code file by person.

    Args:
        features: the faces; people are not looked at, but for figures at the end.
        by: the scores, and where their threshold is from.
        threshold: a score, in place of it.
        seed: of the intervals.

    Raises:
        BadInput: more than MOST faces, or an all-zero vector under cosine; no such threshold.
        Mismatch: scorer or threshold were made with another network, crop, metric or scorer.
        Usage: no threshold is known; or two of them.
    """
    if threshold is not None and (by.threshold_from is not None or by.at_far is not None):
        raise Usage("--threshold is a score: leave --threshold-from and --at-far out")
    if isinstance(features, Path):
        _require_few(len(open_stream(features)), features)  # before they are read
    held = opened(features)
    _require_few(len(held), held.where)
    metric = metric_of(by.metric, held, by.scorer)
    judge, rows = scorer_of(metric, held, by.scorer)
    if metric == "cosine":
        refuse_zeros(held, rows, np.ones(len(rows), bool))
    chosen = None
    if threshold is None:
        found = by.threshold(held, metric, held.where)
        if not isinstance(found, ChosenThreshold):
            raise Usage(found, hint="give --threshold-from RESULT of `facerep verify`, or --threshold SCORE")
        chosen, threshold = found, found.threshold
    numbers = _ordered(_joined(judge, rows, threshold))
    sizes = np.bincount(numbers)
    return Groups(
        features=describe_features(held), metric=metric, scorer=describe_scorer(judge, by.scorer), threshold=threshold,
        chosen=chosen, names=held.names, people=held.people, group=numbers, likeness=_likeness(judge, rows, numbers),
        sizes=sizes, figures=group_figures(numbers, held.people, seed=seed),
    )  # fmt: skip


def _require_few(faces: int, where: str | Path) -> None:
    if faces > MOST:
        what = f"{faces:,} faces have {faces * (faces - 1) // 2:,} scores, {MOST:,} faces can be grouped"
        raise BadInput(what, where, "group them in parts; or `facerep search` finds the likest of each")


def _joined(judge: Scorer, rows: np.ndarray, threshold: float) -> np.ndarray:
    """A number of its group for each face, int (n,)."""
    from scipy.cluster.hierarchy import fcluster, linkage

    count = len(rows)
    if count == 1:
        return np.zeros(1, np.int64)
    scores, place = np.empty(count * (count - 1) // 2), 0
    step = max(1, BLOCK_BYTES // (8 * count))
    with progress(f"scores of {counted(count, 'face')}", len(scores)) as advance:
        for start in range(0, count - 1, step):
            block = judge.matrix(rows[start : start + step], rows[start:])
            before = place
            for line, row in enumerate(block[: count - 1 - start]):
                length = count - 1 - start - line
                scores[place : place + length] = row[line + 1 :]
                place += length
            advance(place - before)
    best = scores.max()
    tree = linkage(np.subtract(best, scores, out=scores), "average")
    # rounding of a mean is no reason to keep apart what meets the threshold
    return fcluster(tree, best - threshold + 1e-12 * max(1.0, abs(best)), "distance").astype(np.int64)


def _ordered(found: np.ndarray) -> np.ndarray:
    """The same groups numbered from 0, the largest first, of equal ones that of the earlier face."""
    _, first, inverse, sizes = np.unique(found, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order))
    return number[inverse]


def _likeness(judge: Scorer, rows: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """The mean score of each face with the others of its group, NaN where it is alone; float64 (n,)."""
    likeness, order = np.full(len(rows), np.nan), np.argsort(numbers, kind="stable")
    for members in np.split(order, np.cumsum(np.bincount(numbers))[:-1]):
        if len(members) > 1:
            scores = judge.matrix(rows[members], rows[members]).astype(np.float64)
            likeness[members] = (scores.sum(axis=1) - scores.diagonal()) / (len(members) - 1)
    return likeness
