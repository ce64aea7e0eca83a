"""Ensemble: which networks are best together, chosen one after the other by the pairs that they tell apart.

A set of networks scores a pair by the mean of their cosines, which is the cosine of their vectors, each brought to
length 1, side by side. Sets grow by the network that raises the area under the ROC most, and lose one again where the
smaller set is then better than the best of its size before (P. Pudil, J. Novovičová and J. Kittler, "Floating search
methods in feature selection", 1994). DeepID2, section 4, chooses its 25 patches forward and backward too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

import numpy as np

from facerep.codes.vector_search import score_pairs
from facerep.errors import Mismatch, Usage
from facerep.files.features import read_features
from facerep.files.rows import Features
from facerep.metrics.eer_auc import auc
from facerep.metrics.roc import sweep
from facerep.pairs.choice import choose
from facerep.pairs.inputs import scorer_of
from facerep.pairs.listed import ListedPairs, listed_pairs
from facerep.results.figures import Accuracy, Rate
from facerep.results.kinds import ENSEMBLE

DRAWN = 20_000
"""Pairs of each kind where no list is named and all of them are too many."""


@dataclass(frozen=True)
class Judged:
    """How well a set of networks tells pairs apart."""

    accuracy: Accuracy
    area: Rate


@dataclass(frozen=True)
class NetworkSet:
    """The best set of its size.

    Attributes:
        networks: their names, in the order of the files.
        chosen: on the pairs that chose it.
        tested: on the pairs of other faces; None where there are none.
    """

    networks: tuple[str, ...]
    chosen: Judged
    tested: Judged | None


@dataclass(frozen=True)
class EnsembleResult:
    """The best sets found, by size.

    Attributes:
        pairs: what chose, in words.
        genuine, impostor: how many pairs of each kind chose.
        tested_on: what tested, in words; "" where nothing did.
        sets: one a size, from 1.
    """

    KIND: ClassVar = ENSEMBLE

    pairs: str
    genuine: int
    impostor: int
    tested_on: str
    sets: tuple[NetworkSet, ...]
    warnings: tuple[str, ...]


def ensemble(
    files: Sequence[Path],
    tested: Sequence[Path] = (),
    *,
    pairs: Path | str | None = None,
    test_pairs: Path | str | None = None,
    most: int | None = None,
    sample: int | None = None,
    missing: str = "stop",
    seed: int = 0,
) -> EnsembleResult:
    """Choose sets of networks.

    Args:
        files: features of the same faces, a network each; a file of several networks counts as so many.
        tested: features of other faces by the same networks, in the same order.
        pairs, test_pairs, sample, missing, seed: as `verify` has them, of the faces that choose and of those that test.
        most: networks of the largest set; None: all.

    Raises:
        BadInput: see read_features and pairs.choice.choose; an all-zero vector.
        Mismatch: files are not of the same faces, or not of the same networks.
        Usage: fewer than two networks, or too many pairs.
    """
    names, cosines, judge = _scored(files, pairs, sample, missing, seed)
    if len(names) < 2:
        raise Usage("one network alone is no ensemble", hint="give features of several networks of the same faces")
    other = _scored(tested, test_pairs, None, missing, seed) if tested else None
    if other is not None and len(other[0]) != len(names):
        sides = f"{len(names)} choose, {len(other[0])} are tested"
        raise Mismatch(f"numbers of networks differ: {sides}", tested[0], "name the same networks in the same order")
    sets = []
    for members in floating_sets(len(names), most or len(names), lambda some: _area(cosines, judge, some)):
        on_others = None if other is None else _judged(other[1], other[2], members)
        sets.append(NetworkSet(tuple(names[k] for k in members), _judged(cosines, judge, members), on_others))
    same = judge.chosen.same
    warnings = [*judge.chosen.warnings, *([] if other is None else other[2].chosen.warnings)]
    return EnsembleResult(
        f"{Path(files[0]).name} and others, {judge.chosen.name}", int(same.sum()), int((~same).sum()),
        "" if other is None else f"{Path(tested[0]).name} and others, {other[2].chosen.name}",
        tuple(sets), tuple(warnings),
    )  # fmt: skip


def floating_sets(count: int, most: int, value: Callable[[tuple[int, ...]], float]) -> list[tuple[int, ...]]:
    """The best set found of each size, from 1 to `most` of `count` members, each in rising order.

    >>> worth = {(0,): 3, (1,): 2, (2,): 2, (0, 1): 4, (0, 2): 4, (1, 2): 6, (0, 1, 2): 7}
    >>> floating_sets(3, 3, worth.__getitem__)
    [(0,), (1, 2), (0, 1, 2)]
    """
    best: dict[int, tuple[float, tuple[int, ...]]] = {}
    current: tuple[int, ...] = ()
    while len(current) < min(most, count):
        grown = [tuple(sorted((*current, one))) for one in range(count) if one not in current]
        current = max(grown, key=value)
        if len(current) not in best or value(current) > best[len(current)][0]:
            best[len(current)] = value(current), current
        current = best[len(current)][1]
        while len(current) > 2:
            fewer = max((tuple(k for k in current if k != one) for one in current), key=value)
            if value(fewer) <= best[len(fewer)][0]:
                break
            best[len(fewer)], current = (value(fewer), fewer), fewer
    return [best[size][1] for size in sorted(best)]


def _scored(
    files: Sequence[Path], pairs: Path | str | None, sample: int | None, missing: str, seed: int
) -> tuple[list[str], np.ndarray, ListedPairs]:
    """Names of the networks, their cosines of the pairs (k, p), and the pairs with those of the first."""
    first = read_features(files[0])
    chosen = choose(first, pairs, sample, missing, seed)
    if chosen.streamed and pairs is None:
        chosen = choose(first, None, DRAWN, missing, seed)
    if chosen.streamed:
        raise Usage(
            "these are too many pairs to choose by", hint="give a list with --pairs, or draw some with --sample"
        )
    names: list[str] = []
    cosines: list[np.ndarray] = []
    judge: ListedPairs | None = None
    for number, (path, called) in enumerate(zip(files, _called(files), strict=True)):
        features = first if number == 0 else _same_faces(read_features(path), first)
        for name, columns in _networks(features, called):
            part = replace(features, values=np.ascontiguousarray(features.values[:, columns]), parts=())
            scorer, rows = scorer_of("cosine", part, None)
            if judge is None:
                judge = listed_pairs(part, chosen, scorer, rows, seed)
            names.append(name)
            cosines.append(score_pairs(scorer.score, rows, rows, chosen.left, chosen.right))
    assert judge is not None
    return names, np.stack(cosines), judge


def _same_faces(features: Features, first: Features) -> Features:
    """The rows of the first file's faces.

    Raises:
        Mismatch: the file lacks some.
    """
    rows = features.index()
    absent = [name for name in first.names if name not in rows]
    if absent:
        what = f"lacks {len(absent):,} of the {len(first):,} faces of {first.where}, such as {absent[0]!r}"
        raise Mismatch(what, features.where, "extract the same faces by all networks")
    return features.take(np.array([rows[name] for name in first.names]))


def _called(files: Sequence[Path]) -> list[str]:
    """Names of files without endings, with their folder where two are called alike."""
    stems = [Path(path).stem for path in files]
    return stems if len(set(stems)) == len(stems) else [f"{Path(path).parent.name}/{Path(path).stem}" for path in files]


def _networks(features: Features, stem: str) -> list[tuple[str, slice]]:
    """Names and columns of the networks of a file."""
    if len(features.parts) < 2:
        return [(stem, slice(None))]
    ends = np.cumsum([0, *(columns for _, columns in features.parts)])
    return [(f"{stem}:{number}", slice(int(a), int(b))) for number, (a, b) in enumerate(pairwise(ends), 1)]


def _area(cosines: np.ndarray, judge: ListedPairs, members: Sequence[int]) -> float:
    return auc(sweep(cosines[list(members)].mean(axis=0), judge.chosen.same))[0]


def _judged(cosines: np.ndarray, judge: ListedPairs, members: Sequence[int]) -> Judged:
    together = replace(judge, scores=cosines[list(members)].mean(axis=0))
    return Judged(together.accuracy()[0], together.measure([], together.curve([]))[1])
