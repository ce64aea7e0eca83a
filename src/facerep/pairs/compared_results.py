"""Verification results side by side: each with its paired difference to the first, on the same pairs.

Whether one is better than another is said by a paired test on the same pairs, never by two intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from facerep.errors import BadInput
from facerep.metrics.differences import compare
from facerep.pairs.clusters import pair_clusters
from facerep.pairs.score_file import Pairs, read_scores
from facerep.results.figures import Accuracy, Difference, Rate, RateAtFar
from facerep.results.kinds import COMPARISON, VERIFICATION
from facerep.results.read import accuracy_of, names_of, rate_of, read_result, tar_at_far_of

KEYS = ("metric", "protocol", "counts", "accuracy", "eer", "auc", "tar_at_far")
"""What is taken of a result."""


@dataclass(frozen=True)
class ComparedResult:
    """One result; `pairs` where scores.csv lies beside it, `difference` in accuracy to the first result.

    `json` is the result.json.
    """

    name: str
    json: dict[str, Any]
    pairs: Pairs | None
    difference: Difference | None = None

    @cached_property
    def accuracy(self) -> Accuracy:
        """By folds where there are some."""
        return accuracy_of(self.json["accuracy"])

    @cached_property
    def eer(self) -> Rate:
        """The equal error rate."""
        return rate_of(self.json["eer"])

    @cached_property
    def auc(self) -> Rate:
        """The area under the ROC."""
        return rate_of(self.json["auc"])

    @cached_property
    def tar_at_far(self) -> tuple[RateAtFar, ...]:
        """Rates at the false accept rates that were asked for."""
        return tuple(map(tar_at_far_of, self.json["tar_at_far"]))

    def at(self, far: float) -> RateAtFar | None:
        """The rate at one of these."""
        return next((point for point in self.tar_at_far if point.far == far), None)


def read_results(files: Sequence[Path], *, seed: int) -> list[ComparedResult]:
    """Results of `verify`, each with its paired difference to the first.

    Args:
        files: result.json files, or the folders that hold them.
        seed: of the paired bootstrap.

    Raises:
        BadInput: a file is not a result of `verify`, or scores.csv beside it is of other pairs.
    """
    files = [file / "result.json" if file.is_dir() else file for file in files]
    results = [_read(file) for file in files]
    named = zip(names_of(files), files, results, strict=True)
    rows = [ComparedResult(name, one, _pairs_of(file, one)) for name, file, one in named]
    first = rows[0]
    return [first, *(replace(row, difference=_against(first, row, seed)) for row in rows[1:])]


def comparison_json(rows: Sequence[ComparedResult], note: str) -> dict[str, Any]:
    """The results as comparison.json holds them."""
    return {
        **COMPARISON.head, "note": note,
        "rows": [
            {"name": row.name, **{key: row.json[key] for key in KEYS}, "difference": row.difference} for row in rows
        ],
    }  # fmt: skip


def _read(path: Path) -> dict[str, Any]:
    result = read_result(path, VERIFICATION)
    if absent := [key for key in KEYS if key not in result]:
        raise BadInput(f"result lacks {', '.join(absent)}", path)
    return result


def _pairs_of(file: Path, result: dict[str, Any]) -> Pairs | None:
    """The scores beside a result; None where there are none."""
    pairs = read_scores(file.with_name("scores.csv"))
    if pairs is not None:
        there = int(pairs.same.sum()), int((~pairs.same).sum())
        stated = result["counts"]["genuine"], result["counts"]["impostor"]
        if there != stated:
            what = f"scores.csv has {there[0]:,} genuine and {there[1]:,} impostor pairs, the result {stated[0]:,} and "
            raise BadInput(f"{what}{stated[1]:,}", file.parent, "run facerep verify again")
    return pairs


def _against(first: ComparedResult, row: ComparedResult, seed: int) -> Difference | None:
    """The paired difference to the first result, None where the pairs are not the same ones, or not kept."""
    ours, theirs = first.pairs, row.pairs
    if ours is None or theirs is None:
        return None
    if not np.array_equal(ours.faces, theirs.faces):
        ours, theirs = _in_order(ours), _in_order(theirs)
    if not np.array_equal(ours.faces, theirs.faces) or not np.array_equal(ours.same, theirs.same):
        return None
    left, right = np.arange(ours.same.size * 2).reshape(2, -1)  # a face has a number for each pair that it stands in
    of = pair_clusters(left, right, ours.people.ravel(), ours.faces.ravel())
    return compare(ours.right, theirs.right, of, seed=seed)


def _in_order(pairs: Pairs) -> Pairs:
    """The pairs by their names: a list names the two sides, and the pairs, in any order."""
    turned = pairs.faces[0] > pairs.faces[1]
    faces, people = (np.where(turned, both[::-1], both) for both in (pairs.faces, pairs.people))
    order = np.lexsort((faces[1], faces[0]))
    return Pairs(faces[:, order], people[:, order], pairs.same[order], pairs.score[order], pairs.right[order])
