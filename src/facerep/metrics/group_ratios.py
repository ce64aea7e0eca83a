"""Rates of groups of faces at one threshold, and how many times as high one is as another.

FMR is the false accept rate of the impostor pairs within a group, FNMR the share of its genuine pairs not accepted:
the words of ISO/IEC 19795-10 for comparisons between demographic groups.
Source of the ratio's interval: Donner and Zou 2012; Newcombe 2016 (MOVER-R). docs/numbers.md, rule 11 (groups).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from facerep.results.figures import Rate, Ratio

MOVER = "MOVER-R of the two intervals"
BOUNDS = "bounds of the two intervals, people stand in both groups"


@dataclass(frozen=True)
class GroupRates:
    """One group: `fmr` and `fnmr` are None where it has no such pair, the ratios are to the reference group's."""

    JSON: ClassVar = (
        "name", "faces", "people", "genuine", "impostor", "fmr", "fnmr", "fmr_ratio", "fnmr_ratio",
    )  # fmt: skip

    name: str
    faces: int
    people: int
    fmr: Rate | None
    fnmr: Rate | None
    fmr_ratio: Ratio | None
    fnmr_ratio: Ratio | None

    @property
    def genuine(self) -> int:
        """Genuine pairs within the group."""
        return self.fnmr.of if self.fnmr else 0

    @property
    def impostor(self) -> int:
        """Impostor pairs within the group."""
        return self.fmr.of if self.fmr else 0


@dataclass(frozen=True)
class Groups:
    """All groups of one label.

    Attributes:
        label: the column, or the table that it came from and the column.
        threshold: the one that all were judged by.
        reference: the group that ratios are to: the one with most faces.
        each: the groups, the one with most faces first.
        across: genuine and impostor pairs that lie between groups or touch a face without the label.
        unlabelled: faces without the label.
    """

    label: str
    threshold: float
    reference: str
    each: tuple[GroupRates, ...]
    across: dict[str, int]
    unlabelled: int


def ratio(rate: Rate, to: Rate, *, apart: bool) -> Ratio:
    """How many times as high a rate is as another, with a 95 % interval.

    With l, u the bounds of each rate's own interval, MOVER-R takes the ratios r at which the two shortfalls
    p1 - l1 and r (u2 - p2) (for the lower bound; p1 - u1 and l2 for the upper) make up the whole difference:

        (p1 - r p2)^2 = (p1 - l1)^2 + r^2 (u2 - p2)^2

    Args:
        rate, to: both from pairs of their own.
        apart: no person stands in both. Else the rates may depend on each other in any way, and the interval
            reaches from l1 / u2 to u1 / l2.
    """
    value = _over(rate.value, to.value)
    if not apart:
        return Ratio(value, _over(rate.low, to.high) or 0.0, _top(rate.high, to.low), BOUNDS)
    low = _root(rate.value, rate.low, to.value, to.high, -1)
    high = _root(rate.value, rate.high, to.value, to.low, 1)
    return Ratio(value, low, high, MOVER)


def _over(one: float, other: float) -> float | None:
    if other == 0:
        return None if one == 0 else math.inf
    return one / other


def _top(one: float, other: float) -> float:
    return math.inf if other == 0 else one / other


def _root(one: float, its: float, other: float, others: float, sign: int) -> float:
    """The root of the quadratic equation for one bound; `its` and `others` are the bounds that go into it."""
    square, middle, rest = others * (2 * other - others), one * other, its * (2 * one - its)
    inner = max(middle * middle - rest * square, 0.0)
    # the root in the form that subtracts no nearly equal numbers
    if sign < 0:
        below = middle + math.sqrt(inner)
        return max(rest / below, 0.0) if below else 0.0
    return (middle + math.sqrt(inner)) / square if square > 0 else math.inf
