"""The scored pairs of a choice: kept as a list, or scored anew block by block where they are too many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np

from facerep import threads
from facerep.errors import Usage
from facerep.files.rows import Rows
from facerep.pairs.all_pairs import PASSES, PASSES_OF_CODES, AllPairs
from facerep.pairs.choice import ChosenPairs
from facerep.pairs.listed import ListedPairs, listed_pairs
from facerep.pairs.rows_on_disk import RowsOnDisk
from facerep.progress import progress
from facerep.ray_cluster import STORE, RayCluster
from facerep.scorers.hamming import Hamming
from facerep.scorers.scorer import Scorer

ScoredPairs = ListedPairs | AllPairs
"""Both give the curve, rates at thresholds, the interval of the equal error rate and the rates within a group."""


@contextmanager
def scored_pairs(
    features: Rows,
    chosen: ChosenPairs,
    scorer: Scorer,
    rows: np.ndarray | RowsOnDisk,
    device: str,
    seed: int,
    machines: RayCluster | None = None,
) -> Iterator[ScoredPairs]:
    """Score the pairs; while those that are not kept are scored, a bar shows how far that is.

    Raises:
        Usage: a device or machines are asked for, and the pairs are few; machines are, beside a device or for vectors.
    """
    if machines is not None:
        if not chosen.streamed or not isinstance(scorer, Hamming):
            these = "these few are scored here" if isinstance(scorer, Hamming) else f"{scorer.name} is scored here"
            raise Usage(f"--engine ray is for all pairs of many codes; {these}")
        if device not in ("auto", "cpu"):
            raise Usage(f"--device {device} means nothing with --engine ray: distances of codes are counted on cores")
        device = "cpu"
    if not chosen.streamed or chosen.rows is None:
        if device not in ("auto", "cpu"):
            raise Usage(f"--device {device} is for all pairs of many faces; these few are scored on the CPU")
        assert not isinstance(rows, RowsOnDisk)
        yield listed_pairs(features, chosen, scorer, rows, seed)
        return
    person = np.unique(features.people[chosen.rows].astype(str), return_inverse=True)[1]
    there_are = len(person) * (len(person) - 1) // 2
    passes = PASSES_OF_CODES if isinstance(scorer, Hamming) else PASSES
    some = rows.select(chosen.rows) if isinstance(rows, RowsOnDisk) else rows[chosen.rows]
    with ExitStack() as after:
        each: threads.Each = threads.each
        if machines is not None and not isinstance(some, RowsOnDisk):
            each = after.enter_context(machines.each(STORE + 2 * some.nbytes))
        advance = after.enter_context(progress("judge all pairs", passes * there_are, "pairs"))
        yield AllPairs(scorer, some, person, chosen.rows, features.names, seed, device, advance, each)
