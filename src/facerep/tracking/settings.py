"""Settings: every choice of how a face is followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Maps = Literal["selected", "random", "all"]
Heads = Literal["both", "general", "specific"]


@dataclass(frozen=True, kw_only=True)
class TrackerSettings:
    """How a face is followed; the defaults are those of docs/tracking.md.

    Attributes:
        maps: which maps of a layer the heads see.
        share: of the maps of a layer that are kept; the paper keeps 384 of 512.
        heads: which choose the box.
        particles, move, grow: see `particles.scatter`.
        times: the region's side in diagonals of the box.
        spread: standard deviation of the heat map in sides of the box.
        steps: of teaching a head on the first frame.
        again: of teaching the specific head later.
        every: frames between two updates of the specific head.
        quiet: of a map, divided by its maximum: lower values count as 0.
        averaged: how many of the best particles make the box: their mean.
        distractor: mass outside the box, as a share of that inside, from which there is a distractor.
        sure: confidence above which a frame may teach and the scale may change.
        lost: confidence below which the box stays.
    """

    maps: Maps = "selected"
    share: float = 0.75
    heads: Heads = "both"
    particles: int = 600
    move: float = 0.1
    grow: float = 0.03
    times: float = 2.0
    spread: float = 0.25
    steps: int = 50
    again: int = 10
    every: int = 20
    quiet: float = 0.1
    averaged: int = 10
    distractor: float = 0.2
    sure: float = 0.25
    lost: float = 0.1
