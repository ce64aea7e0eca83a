"""What DeepID2+ claims: its figures, from the text and the tables, or read off its plots (marked ~).

FC-4 is the feature, FC-3 to FC-1 the feature layers below it; 25 networks together are `several`.
Source: Sun, Wang, Tang, Deeply learned face representations are sparse, selective, and robust, CVPR 2015, sections 3
to 6.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ABOUT = ("accuracy", "bits", "sparse", "selective", "robust")
UNKNOWN = "?"
"""The paper gives no figure."""
LAYERS = {"feature": "FC-4", "feature-3": "FC-3", "feature-2": "FC-2", "feature-1": "FC-1"}
"""Layers of ours, and what the paper calls them."""
SEVERAL, BASELINE = "several", "LBP"
COVERS = {("bottom", 0.4): "40 % from below", ("block", 40.0): "block of 40"}
"""The covers that stand for all: the middle of each row of the paper's figure."""


@dataclass(frozen=True)
class Claim:
    """One claim, in per cent, or in points where it speaks of points.

    Attributes:
        about: what it is about.
        text: what is claimed; no two claims have the same.
        paper: its figure, in words.
    """

    about: Literal["accuracy", "bits", "sparse", "selective", "robust"]
    text: str
    paper: str


def lost(cover: tuple[str, float], system: str) -> str:
    """The text of the claim of the points that a system loses under a cover."""
    return f"lost, {COVERS[cover]}, {system}"


def left(cover: tuple[str, float], system: str) -> str:
    """The same of the share that is left of what clean faces have above a coin."""
    return f"left, {COVERS[cover]}, {system}"


def beyond(cover: tuple[str, float], system: str) -> str:
    """The same of the points that a system loses more than FC-4."""
    return f"lost beyond FC-4, {COVERS[cover]}, {system}"


_ACCURACY = {"FC-4": 98.7, "FC-3": 98.4, "FC-2": 97.1, "FC-1": 94.0, BASELINE: 93.0, SEVERAL: 99.5}
"""Of clean faces, as the plots of covered faces have it."""
_COVERED = {
    ("bottom", 0.4): {"FC-4": 91.5, "FC-3": 92.1, "FC-2": 90.3, "FC-1": 78.7, SEVERAL: 93.8, BASELINE: 66.8},
    ("block", 40.0): {"FC-4": 93.1, "FC-3": 93.1, "FC-2": 90.8, "FC-1": 83.3, SEVERAL: 96.4, BASELINE: 78.8},
}


def _robust() -> list[Claim]:
    found = []
    for cover, accuracies in _COVERED.items():
        fall = {system: _ACCURACY[system] - covered for system, covered in accuracies.items()}
        found += [Claim("robust", lost(cover, system), f"~{points:.1f}") for system, points in fall.items()]
        for system, covered in accuracies.items():
            share = 100 * (covered - 50) / (_ACCURACY[system] - 50)
            found.append(Claim("robust", left(cover, system), f"~{share:.0f}"))
        for system, points in fall.items():
            if system != "FC-4":
                found.append(Claim("robust", beyond(cover, system), f"~{points - fall['FC-4']:+.1f}"))
    return found


CLAIMS: tuple[Claim, ...] = (
    Claim("accuracy", "Joint Bayesian, FC-4", "98.70"),
    Claim("accuracy", "Joint Bayesian, FC-3", "~98.4"),
    Claim("accuracy", "Joint Bayesian, FC-2", "~97.1"),
    Claim("accuracy", "Joint Bayesian, FC-1", "~93.7"),
    Claim("accuracy", f"Joint Bayesian, {SEVERAL}", "99.47 (25)"),
    Claim("accuracy", "Joint Bayesian, LBP", "~93.0"),
    Claim("accuracy", "closed set, rank 1", "95.0 (25)"),
    Claim("accuracy", "open set, rank 1 at FAR 1 %", "80.7 (25)"),
    Claim("accuracy", "YouTube Faces", "93.2"),
    Claim("bits", "Joint Bayesian on bits, FC-4", "97.67"),
    Claim("bits", "Hamming, FC-4", "96.45"),
    Claim("bits", f"Joint Bayesian on bits, {SEVERAL}", "99.12 (25)"),
    Claim("bits", f"Hamming, {SEVERAL}", "97.47 (25)"),
    Claim("sparse", "units active on a face, FC-4", "57.0"),
    Claim("sparse", "  deviation over faces, FC-4", "6.6"),
    Claim("sparse", "faces that activate a unit, FC-4", "57.0"),
    Claim("sparse", "  deviation over units, FC-4", "12.3"),
    Claim("selective", "unit for a person, same faces, FC-4", "97"),
    Claim("selective", "unit for a person, other faces, FC-4", UNKNOWN),
    Claim("selective", "unit for an attribute, same faces, FC-4", "97"),
    Claim("selective", "unit for an attribute, other faces, FC-4", UNKNOWN),
    Claim("selective", "units excited by a person, FC-4", "~34 to 39"),
    Claim("selective", "median unit for a person, LBP", "~50 to 60"),
    *_robust(),
)
