"""Who is judged by what was made from them: the network's, the scorer's and the threshold's people among those judged.

Rates on such people are too good for anybody else. Labels are compared, by their hashes (files/people.py): the same
people under other labels cannot be seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from facerep.files import people
from facerep.files.people import Overlap, overlap
from facerep.files.rows import Rows
from facerep.pairs.threshold import ChosenThreshold
from facerep.scorers.scorer import Scorer

MOST_KEPT = 10_000
"""Of more people than these a result keeps those of the smallest hashes, which are as good as drawn."""


@dataclass(frozen=True, kw_only=True)
class Overlaps:
    """How many of the people judged stand among those of each maker; None where there is none, or it is not known."""

    network: Overlap | None = None
    scorer: Overlap | None = None
    threshold: Overlap | None = None

    def warnings(self) -> list[str]:
        """One line for each maker that saw people who are judged."""
        made = {"network": "network was trained", "scorer": "scorer was fitted", "threshold": "threshold was chosen"}
        return [
            f"the {made[name]} on {found.people:,} of the people judged here ({found.of:,}), going by their labels: "
            "rates on other people are worse"
            for name, found in vars(self).items()
            if found is not None and found.people
        ]


def overlaps(
    features: Rows, rows: np.ndarray, scorer: Scorer | Path | None = None, threshold: ChosenThreshold | None = None
) -> Overlaps:
    """The overlaps of some faces of a file with those whom network, scorer and threshold were made from.

    Args:
        features: the file.
        rows: of the faces that are judged, a mask or an index array.
        scorer: the scorer file; of other scorers it is not known.
        threshold: where it was chosen elsewhere.
    """
    judged = features.people[rows]
    fitted = None
    if isinstance(scorer, Path):
        from facerep.scorers.scorer_file import fitted_people

        fitted = fitted_people(scorer)
    return Overlaps(
        network=overlap(judged, features.trained_people),
        scorer=overlap(judged, fitted),
        threshold=None if threshold is None else overlap(judged, threshold.people),
    )


def describe_people(judged: np.ndarray) -> dict[str, Any] | None:
    """The people of some faces as a result keeps them, so that a threshold knows whom it was chosen on."""
    known = people.hashes(judged)
    return {"count": len(known), "hashes": people.as_text(known[:MOST_KEPT])} if len(known) else None
