"""What a judgement of detectors and five points is: faces found, how far their points are from the marked ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from facerep.results.figures import Measure, Rate
from facerep.results.kinds import POINT_FIGURES


@dataclass(frozen=True)
class OnPictures:
    """One system on one kind of pictures.

    Attributes:
        recall: the share of the labelled faces that a box overlaps by 0.4 or more.
        error: mean distance of the five points over the eyes' distance, a mean over the faces found; None where none
            was.
        median: of the same.
        far: the share of the faces found with an error above 0.10; None where none was.
        beside: mean error minus that of the first system, on faces that both found; None of the first.
        pictures_per_second: measured; no part of result.json.
    """

    JSON: ClassVar = ("recall", "error", "median", "far", "beside")

    recall: Rate
    error: Measure | None
    median: float | None
    far: Rate | None
    beside: Measure | None
    pictures_per_second: float


@dataclass(frozen=True)
class PointSystem:
    """A detector with what finds the points in its boxes; `by_kind`: "photographs", "mosaics"."""

    name: str
    detector: str
    points: str
    by_kind: dict[str, OnPictures]


@dataclass(frozen=True)
class PointFigures:
    """Several systems on the same pictures.

    Attributes:
        photographs: root, fingerprint, count.
        mosaics: how many there are; 0 is none.
        faces: labelled, by kind of picture.
        least_score: from which on a box counts.
        seed: of mosaics and intervals.
        systems: in the order asked.
        failures: (name, reason) of photographs that could not be read.
    """

    KIND: ClassVar = POINT_FIGURES

    photographs: dict[str, Any]
    mosaics: int
    faces: dict[str, int]
    least_score: float
    seed: int
    systems: tuple[PointSystem, ...]
    failures: tuple[tuple[str, str], ...]
