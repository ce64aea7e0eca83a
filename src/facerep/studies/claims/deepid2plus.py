"""What DeepID2+ claims: quantities, and the paper's figures of them, from text and tables or read off plots (marked ~).

FC-4 is the feature, FC-3 to FC-1 the feature layers below it; 25 networks together are `several`.
Source: Sun, Wang, Tang, Deeply learned face representations are sparse, selective, and robust, CVPR 2015, sections 3
to 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

ABOUT = ("accuracy", "bits", "sparse", "selective", "robust")
UNKNOWN = "?"
"""The paper gives no figure."""
LAYERS = {"feature": "FC-4", "feature-3": "FC-3", "feature-2": "FC-2", "feature-1": "FC-1"}
"""Layers of ours, and what the paper calls them."""
SEVERAL, BASELINE = "several", "LBP"
COVERS = {"bottom": ("bottom", 0.4), "block": ("block", 40.0)}
"""The covers that stand for all: the middle of each row of the paper's figure."""


@dataclass(frozen=True)
class Quantity:
    """What a claim gives a figure of.

    Attributes:
        id: no two have the same.
        about: one of ABOUT.
        text: in words, {system} in place of the system.
        part: the part of a result that holds the figure, see `claims`; "" where no result of ours does.
        path: of the figure in the part, / between keys; NAME=VALUE takes that item of a list.
        per: the number in the part that the figure is divided by.
        sign: -1 where the claim is of a loss and the figure of a gain.
    """

    id: str
    about: str
    text: str
    part: str = ""
    path: str = ""
    per: str = ""
    sign: int = 1


@dataclass(frozen=True)
class Claim:
    """One claim, in per cent, or in points where it speaks of points; `paper` is the paper's figure, in words."""

    JSON: ClassVar = ("about=quantity.about", "text", "paper")

    quantity: Quantity
    system: str
    paper: str

    @property
    def id(self) -> str:
        """No two claims have the same."""
        return f"{self.quantity.id}/{self.system}"

    @property
    def text(self) -> str:
        """What is claimed, in words."""
        return self.quantity.text.format(system=self.system)


QUANTITIES = (
    Quantity("verified", "accuracy", "Joint Bayesian, {system}", "joint-bayesian", "accuracy"),
    Quantity("closed-set", "accuracy", "closed set, rank 1", "closed-set", "closed_set/rank=1/rate"),
    Quantity("open-set", "accuracy", "open set, rank 1 at FAR 1 %", "open-set", "open_set/far=0.01/dir"),
    Quantity("youtube", "accuracy", "YouTube Faces"),
    Quantity("bits", "bits", "Joint Bayesian on bits, {system}", "joint-bayesian of bits", "accuracy"),
    Quantity("hamming", "bits", "Hamming, {system}", "hamming", "accuracy"),
    Quantity("active", "sparse", "units active on a face, {system}", "layer", "share_active"),
    Quantity("active-deviation", "sparse", "  deviation over faces, {system}", "layer",
             "active_units_of_a_face/standard_deviation", per="units"),
    Quantity("exciting", "sparse", "faces that activate a unit, {system}", "layer", "share_active"),
    Quantity("exciting-deviation", "sparse", "  deviation over units, {system}", "layer",
             "faces_that_activate_a_unit/standard_deviation", per="faces"),
    Quantity("person-same", "selective", "unit for a person, same faces, {system}", "best person",
             "accuracy_same_faces"),
    Quantity("person-other", "selective", "unit for a person, other faces, {system}", "best person",
             "accuracy_other_half"),
    Quantity("attribute-same", "selective", "unit for an attribute, same faces, {system}", "best attribute",
             "accuracy_same_faces"),
    Quantity("attribute-other", "selective", "unit for an attribute, other faces, {system}", "best attribute",
             "accuracy_other_half"),
    Quantity("person-median", "selective", "median unit for a person, {system}", "people", "median"),
    Quantity("person-excited", "selective", "units excited by a person, {system}", "people", "share_excitatory"),
    *(
        Quantity(f"{name}-{cover}", "robust", f"{text}, {words}, {{system}}", f"{part}{cover}", path, sign=sign)
        for cover, words in (("bottom", "40 % from below"), ("block", "block of 40"))
        for name, text, part, path, sign in (
            ("lost", "lost", "", "difference", -1),
            ("left", "left", "", "left_above_one_answer", 1),
            ("beyond", "lost beyond FC-4", "beyond ", "more_lost_than_reference", 1),
        )
    ),
)  # fmt: skip

_ACCURACY = {"FC-4": 98.7, "FC-3": 98.4, "FC-2": 97.1, "FC-1": 94.0, BASELINE: 93.0, SEVERAL: 99.5}
"""Of clean faces, as the plots of covered faces have it."""
_COVERED = {
    "bottom": {"FC-4": 91.5, "FC-3": 92.1, "FC-2": 90.3, "FC-1": 78.7, SEVERAL: 93.8, BASELINE: 66.8},
    "block": {"FC-4": 93.1, "FC-3": 93.1, "FC-2": 90.8, "FC-1": 83.3, SEVERAL: 96.4, BASELINE: 78.8},
}


def _claims() -> Iterator[tuple[str, str, str]]:
    """Quantity, system, and the paper's figure."""
    yield from (
        ("verified", "FC-4", "98.70"), ("verified", "FC-3", "~98.4"), ("verified", "FC-2", "~97.1"),
        ("verified", "FC-1", "~93.7"), ("verified", SEVERAL, "99.47 (25)"), ("verified", BASELINE, "~93.0"),
        ("closed-set", "", "95.0 (25)"), ("open-set", "", "80.7 (25)"), ("youtube", "", "93.2"),
        ("bits", "FC-4", "97.67"), ("hamming", "FC-4", "96.45"),
        ("bits", SEVERAL, "99.12 (25)"), ("hamming", SEVERAL, "97.47 (25)"),
        ("active", "FC-4", "57.0"), ("active-deviation", "FC-4", "6.6"),
        ("exciting", "FC-4", "57.0"), ("exciting-deviation", "FC-4", "12.3"),
        ("person-same", "FC-4", "97"), ("person-other", "FC-4", UNKNOWN),
        ("attribute-same", "FC-4", "97"), ("attribute-other", "FC-4", UNKNOWN),
        ("person-excited", "FC-4", "~34 to 39"), ("person-median", BASELINE, "~50 to 60"),
    )  # fmt: skip
    for cover, accuracies in _COVERED.items():
        fall = {system: _ACCURACY[system] - covered for system, covered in accuracies.items()}
        for system, points in fall.items():
            yield f"lost-{cover}", system, f"~{points:.1f}"
        for system, covered in accuracies.items():
            yield f"left-{cover}", system, f"~{100 * (covered - 50) / (_ACCURACY[system] - 50):.0f}"
        for system, points in fall.items():
            if system != "FC-4":
                yield f"beyond-{cover}", system, f"~{points - fall['FC-4']:+.1f}"


_BY_ID = {quantity.id: quantity for quantity in QUANTITIES}
CLAIMS = tuple(Claim(_BY_ID[quantity], system, paper) for quantity, system, paper in _claims())
