"""From how many sets the impostor pairs come, and how many lie across two: those are easy.

The sets are those of the faces' label `set`: of a table's column, or of several data sets that were extracted together.
Source: docs/numbers.md, rule 12 (sets).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from facerep.files.rows import Rows
from facerep.pairs.choice import ChosenPairs
from facerep.pairs.within_sets import SET

LEAST_WARNED = 0.1
"""Share of the impostor pairs that lie across sets, from which on it is warned of."""


def impostor_sets(features: Rows, chosen: ChosenPairs) -> dict[str, Any] | None:
    """How many sets the judged faces are of, and how many impostor pairs lie within one and across two of them.

    Returns:
        None where the file does not say which set a face is of.
    """
    if SET not in features.labels:
        return None
    sets = np.unique(features.labels[SET].astype(str), return_inverse=True)[1]
    if chosen.rows is not None:
        of, people = sets[chosen.rows], np.unique(features.people[chosen.rows].astype(str), return_inverse=True)[1]
        alike = _pairs(np.bincount(of)), _pairs(np.unique(np.stack([of, people]), axis=1, return_counts=True)[1])
        impostor = _pairs(np.array([len(of)])) - _pairs(np.bincount(people))
        within = alike[0] - alike[1]
    else:
        of, other = sets[chosen.left], sets[chosen.right]
        within, impostor = int(np.sum((of == other) & ~chosen.same)), int(np.sum(~chosen.same))
        of = np.append(of, other)
    return {"sets": len(np.unique(of)), "within": within, "across": impostor - within}


def warn_of_sets(counts: Mapping[str, Any] | None, pairs: str) -> list[str]:
    """A warning where many impostor pairs lie across sets; `pairs` says whose: "here", "behind the threshold"."""
    if counts is None or counts["across"] < LEAST_WARNED * (counts["across"] + counts["within"]):
        return []
    share = counts["across"] / (counts["across"] + counts["within"])
    return [
        f"{100 * share:.0f} % of the impostor pairs {pairs} lie across {counts['sets']} sets, where framing alone "
        "tells strangers apart: the false accept rate within one set is higher, see --group set"
    ]


def _pairs(faces: np.ndarray) -> int:
    """Pairs that can be made within groups of so many faces."""
    return int(np.sum(faces.astype(np.int64) * (faces - 1) // 2))
