"""The result of a verification: rates with their counts, with intervals.

The JSON form is described by docs/result.schema.json.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from facerep.metrics.group_ratios import Groups
from facerep.metrics.roc import Curve
from facerep.pairs.listed import PairScores
from facerep.pairs.people_overlap import Overlaps
from facerep.results.figures import Accuracy, AtThreshold, EqualError, Rate, RateAtFar
from facerep.results.kinds import VERIFICATION
from facerep.results.to_json import to_json


@dataclass(frozen=True, kw_only=True)
class Result:
    """A verification result.

    `recurring` counts pairs that a list has again, those that stand both ways round, and those of a face with itself;
    `impostor_sets` says how many sets the impostor pairs come from (pairs/impostor_sets.py). `balanced_accuracy`
    is at `threshold`. `overlap` counts the people judged whom network, scorer or threshold were made from
    (pairs/people_overlap.py); `people` keeps the hashes of those judged. `curve` and `scores` are for figures and CSV,
    not for JSON; `scores` is None where there were too many pairs to keep them.
    """

    KIND: ClassVar = VERIFICATION
    JSON: ClassVar = (
        "metric", "features", "scorer", "protocol", "counts.genuine=genuine", "counts.impostor=impostor",
        "counts.missing=missing", "counts.recurring=recurring", "counts.impostor_sets=impostor_sets", "accuracy",
        "balanced_accuracy", "eer", "auc", "tar_at_far", "threshold", "groups", "overlap", "people", "seeds",
        "software", "warnings",
    )  # fmt: skip

    metric: str
    features: dict[str, Any]
    scorer: dict[str, Any]
    protocol: dict[str, Any]
    genuine: int
    impostor: int
    missing: dict[str, int]
    recurring: dict[str, int]
    impostor_sets: dict[str, int] | None
    accuracy: Accuracy
    balanced_accuracy: Rate
    eer: EqualError
    auc: Rate
    tar_at_far: tuple[RateAtFar, ...]
    threshold: AtThreshold
    groups: Groups | None
    overlap: Overlaps
    people: dict[str, Any] | None
    seeds: dict[str, int]
    software: dict[str, str]
    warnings: tuple[str, ...]
    curve: Curve = field(repr=False, compare=False)
    scores: PairScores | None = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The result as result.json holds it; a threshold of +inf or -inf is the string "inf" or "-inf"."""
        return to_json(self)
