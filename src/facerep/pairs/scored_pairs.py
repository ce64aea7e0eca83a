"""The scored pairs of a choice: kept as a list, or scored anew block by block where they are too many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from facerep.errors import Usage
from facerep.files.rows import Codes, Features
from facerep.pairs.all_pairs import PASSES, PASSES_OF_CODES, AllPairs
from facerep.pairs.choice import ChosenPairs
from facerep.pairs.listed import ListedPairs, listed_pairs
from facerep.progress import progress
from facerep.scorers.hamming import Hamming
from facerep.scorers.scorer import Scorer

ScoredPairs = ListedPairs | AllPairs
"""Both give the curve, rates at thresholds, the interval of the equal error rate and the rates within a group."""


@contextmanager
def scored_pairs(
    features: Features | Codes, chosen: ChosenPairs, scorer: Scorer, rows: np.ndarray, device: str, seed: int
) -> Iterator[ScoredPairs]:
    """Score the pairs; while those that are not kept are scored, a bar shows how far that is.

    Raises:
        Usage: a device is asked for, and the pairs are few.
    """
    if not chosen.streamed or chosen.rows is None:
        if device not in ("auto", "cpu"):
            raise Usage(f"--device {device} is for all pairs of many faces; these few are scored on the CPU")
        yield listed_pairs(features, chosen, scorer, rows, seed)
        return
    person = np.unique(features.people[chosen.rows].astype(str), return_inverse=True)[1]
    there_are = len(person) * (len(person) - 1) // 2
    passes = PASSES_OF_CODES if isinstance(scorer, Hamming) else PASSES
    with progress("judge all pairs", passes * there_are, "pairs") as advance:
        yield AllPairs(scorer, rows[chosen.rows], person, chosen.rows, features.names, seed, device, advance)
