"""What a verification gives back: rates with their counts and intervals, and how it was made.

Plain numbers only; nothing is computed here. The JSON form is described by docs/result.schema.json.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from facerep.metrics.roc import Curve

if TYPE_CHECKING:
    from facerep.metrics.groups import Groups

FORMAT, VERSION = "facerep/verification", 1


@dataclass(frozen=True)
class Rate:
    """A rate, what it was counted from, and its 95 % interval.

    Attributes:
        value: the rate, a fraction.
        low, high: the interval.
        count: how many of the trials the rate counts (for the AUC: comparisons won, a tie is a half).
        of: how many trials there were.
        interval: the method of the interval, in words.
    """

    value: float
    low: float
    high: float
    count: float
    of: int
    interval: str

    def to_dict(self) -> dict[str, Any]:
        """The rate as JSON holds it."""
        return dict(vars(self))


@dataclass(frozen=True)
class Fold:
    """One fold, judged by the threshold of the others: `count` of `of` pairs were right."""

    threshold: float
    count: int
    of: int

    def to_dict(self) -> dict[str, Any]:
        """The fold as JSON holds it."""
        return {
            "threshold": number(self.threshold),
            "count": self.count,
            "of": self.of,
            "value": self.count / self.of,
        }


@dataclass(frozen=True)
class FoldMean:
    """Mean accuracy over folds, its standard error s / sqrt(folds), s from n - 1; and the folds pooled."""

    mean: float
    standard_error: float
    folds: int
    pooled: Rate
    each: tuple[Fold, ...]

    def to_dict(self) -> dict[str, Any]:
        """The mean as JSON holds it."""
        return {
            "mean": self.mean, "standard_error": self.standard_error, "folds": self.folds,
            "pooled": self.pooled.to_dict(), "each": [fold.to_dict() for fold in self.each],
        }  # fmt: skip


@dataclass(frozen=True)
class EqualError:
    """Where false accepts and false rejects are equally frequent.

    `far` and `frr` differ where the steps do not meet. The rate's value is the mean of the two, its counts
    are the errors of both kinds at `threshold`.
    """

    rate: Rate
    threshold: float
    far: float
    frr: float

    def to_dict(self) -> dict[str, Any]:
        """The equal error rate as JSON holds it."""
        return {**self.rate.to_dict(), "far": self.far, "frr": self.frr, "threshold": number(self.threshold)}


@dataclass(frozen=True)
class TarAtFar:
    """The true accept rate at a target false accept rate.

    Attributes:
        far: the target.
        threshold: the smallest threshold that holds it, None where the rate was refused.
        tar: the rate reached, None where refused.
        obtained: the false accept rate really obtained at the threshold.
        flag: None, "few impostors" (fewer than 10 / far) or "refused" (fewer than 1 / far).
        impostor, needed: how many impostor pairs there were, and how many 1 / far asks for.
    """

    far: float
    threshold: float | None
    tar: Rate | None
    obtained: Rate | None
    flag: str | None
    impostor: int
    needed: int

    def to_dict(self) -> dict[str, Any]:
        """The operating point as JSON holds it."""
        return {
            "far": self.far,
            "threshold": None if self.threshold is None else number(self.threshold),
            "tar": self.tar and self.tar.to_dict(),
            "flag": self.flag,
            "obtained": self.obtained and self.obtained.to_dict(),
            "impostor": self.impostor,
            "needed": self.needed,
        }


@dataclass(frozen=True)
class AtThreshold:
    """What one threshold gives on these pairs, and who chose it; `source` is the result that it was taken from."""

    value: float
    chosen: str
    tar: Rate
    far: Rate
    source: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The threshold as JSON holds it."""
        return {
            "value": number(self.value), "chosen": self.chosen,
            "tar": self.tar.to_dict(), "far": self.far.to_dict(), "source": self.source,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Scores:
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


@dataclass(frozen=True, kw_only=True)
class Result:
    """A verification result.

    `recurring` counts pairs that a list has again, those that stand both ways round, and those of a face with itself;
    `impostor_sets` says how many sets the impostor pairs come from (studies/mixed_sets.py). `balanced_accuracy`
    is at `threshold`. `overlap` counts the people judged whom network, scorer or threshold were made from
    (studies/overlaps.py); `people` keeps the hashes of those judged. `curve` and `scores` are for figures and CSV and
    stay out of the JSON; `scores` is None where there were too many pairs to keep them.
    """

    metric: str
    features: dict[str, Any]
    scorer: dict[str, Any]
    protocol: dict[str, Any]
    genuine: int
    impostor: int
    missing: dict[str, int]
    recurring: dict[str, int]
    impostor_sets: dict[str, int] | None
    accuracy: Rate | FoldMean
    balanced_accuracy: Rate
    eer: EqualError
    auc: Rate
    tar_at_far: tuple[TarAtFar, ...]
    threshold: AtThreshold
    groups: Groups | None
    overlap: dict[str, Any]
    people: dict[str, Any] | None
    seeds: dict[str, int]
    software: dict[str, str]
    warnings: tuple[str, ...]
    curve: Curve = field(repr=False, compare=False)
    scores: Scores | None = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The result as result.json holds it; a threshold of +inf or -inf is the string "inf" or "-inf"."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "metric": self.metric,
            "features": self.features,
            "scorer": self.scorer,
            "protocol": self.protocol,
            "counts": {
                "genuine": self.genuine,
                "impostor": self.impostor,
                "missing": self.missing,
                "recurring": self.recurring,
                "impostor_sets": self.impostor_sets,
            },
            "accuracy": self.accuracy.to_dict(),
            "balanced_accuracy": self.balanced_accuracy.to_dict(),
            "eer": self.eer.to_dict(),
            "auc": self.auc.to_dict(),
            "tar_at_far": [point.to_dict() for point in self.tar_at_far],
            "threshold": self.threshold.to_dict(),
            "groups": self.groups and self.groups.to_dict(),
            "overlap": self.overlap,
            "people": self.people,
            "seeds": self.seeds,
            "software": self.software,
            "warnings": list(self.warnings),
        }


def number(value: float) -> float | str:
    """A threshold for JSON, which has no infinity: "inf" and "-inf" stand for it."""
    return value if math.isfinite(value) else str(value)
