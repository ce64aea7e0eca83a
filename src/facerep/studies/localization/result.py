"""What a judgement of localizers is: recall against false alarms, system by system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from facerep.results.figures import Rate, Spread
from facerep.results.kinds import LOCALIZATION_FIGURES


@dataclass(frozen=True)
class AtFalseAlarms:
    """Recall where so many false alarms a picture are allowed.

    Attributes:
        per_picture: allowed, on pictures without faces.
        overlap: a face is found where a box overlaps it by this much (intersection over union) or more.
        threshold: the lowest score that keeps it; None where no score does, as all boxes are equally sure.
        recall: the share of the labelled faces found.
    """

    per_picture: float
    overlap: float
    threshold: float | None
    recall: Rate


@dataclass(frozen=True)
class Curve:
    """Recall over false alarms a picture, at every threshold; float64 (p,) each, the false alarms rising."""

    per_picture: np.ndarray
    recall: np.ndarray


@dataclass(frozen=True)
class System:
    """One localizer on all scenes.

    Attributes:
        name: the run, or what the baseline is.
        network: row of the catalog; "" for a baseline.
        attributes: how many it was taught; 0 for a baseline.
        start: what its convolutions are from: "recognition", "ImageNet", "random"; "" for a baseline.
        stages: of its search.
        windows: what its first stage scores: "peaks", "edge-boxes"; "" for a baseline.
        at: recall at false alarms, overlap by overlap.
        chosen: recall at the threshold that held-out pictures chose; None for a baseline.
        false_alarms: a picture, at that threshold; None for a baseline.
        by_kind: recall by kind of scene, at the first false alarms and the first overlap.
        curve: at the last overlap.
        pictures_per_second: measured; no part of result.json.
    """

    JSON: ClassVar = (
        "name", "network", "attributes", "start", "stages", "windows", "at", "chosen", "false_alarms", "by_kind",
    )  # fmt: skip

    name: str
    network: str
    attributes: int
    start: str
    stages: int
    windows: str
    at: tuple[AtFalseAlarms, ...]
    chosen: Rate | None
    false_alarms: float | None
    by_kind: dict[str, Rate]
    curve: Curve
    pictures_per_second: float

    def recall(self, per_picture: float, overlap: float) -> Rate:
        """The recall at so many false alarms and such an overlap."""
        return next(one.recall for one in self.at if (one.per_picture, one.overlap) == (per_picture, overlap))


@dataclass(frozen=True)
class ByAttributes:
    """Recall of the runs that were taught so many attributes, from the same start.

    Attributes:
        attributes: how many.
        start: see System.
        recall: at 0.1 false alarms a picture; mean and spread over the runs, which are other draws of attributes.
    """

    attributes: int
    start: str
    recall: Spread


@dataclass(frozen=True)
class LocalizationFigures:
    """Several localizers on the same scenes.

    Attributes:
        photographs: what the scenes were made of: root, fingerprint, count.
        scenes: of each kind.
        faces: labelled, in all scenes.
        systems: in the order asked.
        by_attributes: where several runs were taught different numbers of attributes.
        warnings: what the user should look at.
    """

    KIND: ClassVar = LOCALIZATION_FIGURES
    JSON: ClassVar = ("photographs", "scenes", "faces", "seed", "systems", "by_attributes", "warnings")

    photographs: dict[str, Any]
    scenes: int
    faces: int
    seed: int
    systems: tuple[System, ...]
    by_attributes: tuple[ByAttributes, ...]
    warnings: tuple[str, ...]
