"""The results of reading views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from facerep.pairs.people_overlap import Overlaps
from facerep.results.figures import Measure, Rate
from facerep.results.kinds import VIEWS, VIEWS_BY


@dataclass(frozen=True)
class ViewReader:
    """One way to read the view of a face.

    Attributes:
        name: which.
        error: mean of |read - true|, in the numbers of the labels, such as degrees.
        right: faces whose true view is the nearest to what was read.
        by_view: the error of the faces of each view, in the order of ViewReading.views; None where there is no face.
    """

    name: str
    error: Measure
    right: Rate
    by_view: tuple[float | None, ...]


@dataclass(frozen=True)
class UnitReading:
    """What a linear read-out finds in some units.

    Attributes:
        units: h_v, or a layer.
        dimension: how many.
        view: faces whose view was right, of people whom the read-out was not fitted on.
        person: faces whose person was right; fitted on the other half of each person's faces.
    """

    units: str
    dimension: int
    view: Rate
    person: Rate


@dataclass(frozen=True, kw_only=True)
class ViewReading:
    """Views of faces, read in several ways.

    Attributes:
        network: its row, weights, file and crop.
        dataset: kind and fingerprint.
        factor: the label column.
        views: its values.
        faces, people: judged.
        fitted_faces, fitted_people: read-outs of the view are fitted on.
        support_faces: of these, how many the support vectors were chosen from.
        readers: of the view.
        units: what each kind of unit knows.
        chance_view, chance_person: of one answer for every face.
        failures: (name, reason).
    """

    KIND: ClassVar = VIEWS

    network: dict[str, Any]
    dataset: dict[str, Any]
    factor: str
    views: tuple[str, ...]
    faces: int
    people: int
    fitted_faces: int
    fitted_people: int
    support_faces: int
    readers: tuple[ViewReader, ...]
    units: tuple[UnitReading, ...]
    chance_view: float
    chance_person: float
    failures: tuple[tuple[str, str], ...]
    seed: int
    overlap: Overlaps
    software: dict[str, str]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class ClassView:
    """The views that faces of one class show, in the numbers of the network's views: degrees, as a rule.

    Attributes:
        name: of the class.
        faces: how many.
        view: their mean.
    """

    name: str
    faces: int
    view: Measure


@dataclass(frozen=True, kw_only=True)
class ViewsByLabel:
    """Views of faces whose labels are classes and no degrees, such as poses from left to right.

    Attributes:
        network: its row, weights, file and crop.
        dataset: kind and fingerprint.
        label: the column.
        faces: judged.
        classes: in the order of their numbers.
        rank_correlation: Spearman's, of class and view; None where classes are no numbers.
        failures: (name, reason).
    """

    KIND: ClassVar = VIEWS_BY

    network: dict[str, Any]
    dataset: dict[str, Any]
    label: str
    faces: int
    classes: tuple[ClassView, ...]
    rank_correlation: Measure | None
    failures: tuple[tuple[str, str], ...]
    seed: int
    overlap: Overlaps
    software: dict[str, str]
    warnings: tuple[str, ...]
