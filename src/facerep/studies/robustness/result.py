"""The result of verification under covers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facerep.faces.cover import Cover
from facerep.pairs.people_overlap import Overlaps
from facerep.results.figures import Accuracy, Difference, Measure, Rate
from facerep.results.kinds import ROBUSTNESS
from facerep.studies.robustness.systems import CoveredSystem


@dataclass(frozen=True)
class CoverPoint:
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

    JSON: ClassVar = (
        "cover=cover.kind", "amount=cover.amount", "accuracy", "difference", "left_above_one_answer=left",
        "more_lost_than_reference=more_lost", "accuracy_with_clean_thresholds=kept",
    )  # fmt: skip

    cover: Cover
    accuracy: Accuracy
    kept: Rate
    difference: Difference | None = None
    left: Measure | None = None
    more_lost: Measure | None = None


@dataclass(frozen=True)
class SystemUnderCovers:
    """A system under all covers, the clean faces first."""

    JSON: ClassVar = (
        "name=system.name", "networks=system.networks", "rows=system.rows", "layer=system.layer", "dimension",
        "scorer=system.chain", "fitted_on=system.fitted_on", "covers=points",
    )  # fmt: skip

    system: CoveredSystem
    dimension: int
    points: tuple[CoverPoint, ...]

    def of(self, kind: str) -> list[CoverPoint]:
        """The clean faces, then the covers of a kind by their amount."""
        return [self.points[0], *(point for point in self.points[1:] if point.cover.kind == kind)]


@dataclass(frozen=True)
class Robustness:
    """All systems, on the same pairs and covers.

    Attributes:
        on: which faces of a pair are covered, "both" or "one".
        reference: name of the system that the others' losses are compared with: the first whose layer is `feature`.
    """

    KIND: ClassVar = ROBUSTNESS
    JSON: ClassVar = (
        "dataset", "pairs", "counts.genuine=genuine", "counts.impostor=impostor", "counts.missing=missing", "folds",
        "faces", "crop", "mirror", "covered_faces_of_a_pair=on", "reference", "systems", "seed", "overlap", "warnings",
    )  # fmt: skip

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
    systems: tuple[SystemUnderCovers, ...]
    missing: dict[str, int]
    seed: int
    overlap: Overlaps
    warnings: tuple[str, ...]

    @property
    def kinds(self) -> list[str]:
        """The kinds of cover, in the order in which they were put on."""
        return list(dict.fromkeys(point.cover.kind for point in self.systems[0].points[1:]))

    @property
    def one_answer(self) -> float:
        """The accuracy of one answer for every pair."""
        return max(self.genuine, self.impostor) / (self.genuine + self.impostor)
