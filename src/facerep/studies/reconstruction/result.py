"""The result of a reconstruction: how near pictures are to the truth, and those of an untrained network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from facerep.pairs.people_overlap import Overlaps
from facerep.results.figures import Rate
from facerep.results.kinds import RECONSTRUCTION


@dataclass(frozen=True)
class Closeness:
    """How near some pictures are to the truth.

    Attributes:
        pictures: how many.
        error: their squared error, the mean over pixels and pictures, of grey values in -1..1.
        nearest_truth: how many are nearer to the right person's truth than to that of any other person.
    """

    pictures: int
    error: float
    nearest_truth: Rate


@dataclass(frozen=True)
class PictureGroup:
    """Pictures that have something in common, such as the view of the face that they were drawn from."""

    JSON: ClassVar = ("name", "*drawn", "untrained")

    name: str
    drawn: Closeness
    untrained: Closeness


@dataclass(frozen=True)
class Judgement:
    """Pictures against the truth.

    Attributes:
        people: whose truths there are: each picture is compared with as many.
        without_truth: faces whose person has none, which are not judged.
        drawn: by the network.
        untrained: by the same network with random weights.
        one_for_all: the error of the mean of all truths, drawn for everybody.
        by: the column that `groups` go by; "" without.
        groups: the judged pictures by the value of that column.
        pictures: by what is drawn, such as each view; empty where one picture is drawn of a face.
    """

    people: int
    without_truth: int
    drawn: Closeness
    untrained: Closeness
    one_for_all: float
    by: str
    groups: tuple[PictureGroup, ...]
    pictures: tuple[PictureGroup, ...]


@dataclass(frozen=True, kw_only=True)
class ReconstructionResult:
    """Faces that were drawn anew.

    Attributes:
        network: its row, weights, file and crop.
        dataset: kind and fingerprint.
        faces: how many were drawn.
        failures: (name, reason) of those that could not be.
        target, targets: what the truth is chosen by, and the names of the pictures of a face.
        between: of these names, views that were not trained.
        judged: against the truth; None where there is none.
        overlap: judged people whom the network was trained on.
        seed: of the untrained network.
    """

    KIND: ClassVar = RECONSTRUCTION

    network: dict[str, Any]
    dataset: dict[str, Any]
    faces: int
    failures: tuple[tuple[str, str], ...]
    target: str
    targets: tuple[str, ...]
    between: tuple[str, ...]
    judged: Judgement | None
    overlap: Overlaps
    seed: int
    software: dict[str, str]
    warnings: tuple[str, ...]
