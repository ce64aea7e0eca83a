"""What verification under covers found, as plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from facerep.faces.cover import Cover
from facerep.results.figures import Difference, FoldMean, Measure, Rate
from facerep.results.to_json import to_json
from facerep.studies.robustness.systems import System

FORMAT, VERSION = "facerep/robustness", 1


@dataclass(frozen=True)
class Point:
    """A system under one cover.

    Attributes:
        cover: what is hidden.
        accuracy: with thresholds chosen on pairs under the same cover, by folds where the list has them.
        kept: with the thresholds of clean pairs.
        difference: all pairs together, accuracy under the cover minus that of clean faces; None for clean faces.
        left: of the accuracy above that of one answer for every pair, which share is left; None for clean faces, or
            where there is none to lose.
        more_lost: points lost minus those lost by the reference; None for clean faces and for the reference itself.
    """

    cover: Cover
    accuracy: FoldMean | Rate
    kept: Rate
    difference: Difference | None
    left: Measure | None = None
    more_lost: Measure | None = None

    @property
    def value(self) -> float:
        """The accuracy; the mean over folds where there are some."""
        return self.accuracy.mean if isinstance(self.accuracy, FoldMean) else self.accuracy.value

    @property
    def rate(self) -> Rate:
        """The accuracy of all pairs together, with its interval."""
        return self.accuracy.pooled if isinstance(self.accuracy, FoldMean) else self.accuracy

    @property
    def error(self) -> float | None:
        """Standard error over folds, None without."""
        return self.accuracy.standard_error if isinstance(self.accuracy, FoldMean) else None


@dataclass(frozen=True)
class Curve:
    """A system under all covers, the clean faces first."""

    system: System
    dimension: int
    points: tuple[Point, ...]

    def to_dict(self) -> dict[str, Any]:
        """The system as JSON holds it."""
        return {
            "name": self.system.name, "networks": self.system.networks, "rows": list(self.system.rows),
            "layer": self.system.layer,
            "dimension": self.dimension, "scorer": self.system.scorer, "fitted_on": self.system.fitted_on,
            "covers": [
                {
                    "cover": point.cover.kind, "amount": point.cover.amount, "accuracy": to_json(point.accuracy),
                    "difference": to_json(point.difference),
                    "left_above_one_answer": to_json(point.left),
                    "more_lost_than_reference": to_json(point.more_lost),
                    "accuracy_with_clean_thresholds": to_json(point.kept),
                }
                for point in self.points
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class Robustness:
    """All systems, on the same pairs and covers.

    Attributes:
        reference: name of the system that the others' losses are compared with: the first whose layer is `feature`.
        (others): what their names say; `on` is "both" or "one".
    """

    dataset: str
    pairs: str
    genuine: int
    impostor: int
    folds: int
    faces: int
    crop: str
    mirror: str
    on: str
    reference: str
    curves: tuple[Curve, ...]
    missing: dict[str, int]
    seed: int
    overlap: dict[str, Any]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON holds it."""
        return {
            "format": FORMAT, "version": VERSION, "dataset": self.dataset, "pairs": self.pairs,
            "counts": {"genuine": self.genuine, "impostor": self.impostor, "missing": self.missing},
            "folds": self.folds, "faces": self.faces, "crop": self.crop, "mirror": self.mirror,
            "covered_faces_of_a_pair": self.on, "reference": self.reference,
            "systems": [to_json(curve) for curve in self.curves], "seed": self.seed,
            "overlap": self.overlap, "warnings": list(self.warnings),
        }  # fmt: skip
