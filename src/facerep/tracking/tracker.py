"""Tracker: one face followed from frame to frame by two heads over selected maps, and particles (FCNT).

Each frame: the region about the last box goes through the trunk; both heads draw their heat map; particles about the
last box are ranked by the general head's map. Where much of that map lies outside the best box there is a distractor,
and the specific head's map chooses instead. Source: FCNT, sections 4 and 5; docs/tracking.md says what differs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from facerep.tracking.choice import Choice, choose
from facerep.tracking.first_frame import learn
from facerep.tracking.heads import Head, drawn
from facerep.tracking.particles import scatter
from facerep.tracking.region import Region
from facerep.tracking.settings import TrackerSettings
from facerep.tracking.sight import Sight
from facerep.tracking.trunk import Trunk

SMALLEST = 3.0
"""Pixels of a box's shorter side below which it does not shrink."""


@dataclass(frozen=True)
class Followed:
    """What a tracker found in a frame.

    Attributes:
        box: x, y, width, height in pixels of the frame.
        score: confidence: the mean of the chosen map in the box, in 0..1.
        head: whose map chose.
        distractor: whether something like the tracked face is beside it.
    """

    box: np.ndarray
    score: float
    head: str
    distractor: bool


class Tracker:
    """One tracked face; made on the first frame, then given one frame after the other.

    Args:
        trunk: whose maps it looks at.
        frame: uint8 (height, width, 3).
        box: of the face, x, y, width, height.
        settings: see there.
        seed: of dropout, weights and particles; those of a frame depend on its number and the seed alone.
    """

    def __init__(self, trunk: Trunk, frame: np.ndarray, box: np.ndarray, settings: TrackerSettings, seed: int) -> None:
        self.sight, self.seed = Sight(trunk, settings), seed
        self.box, self.frames = np.asarray(box, np.float64), 0
        learnt = learn(self.sight, frame, self.box, torch.Generator().manual_seed(seed))
        self.scales, self.kept, self.powers = learnt.scales, learnt.kept, learnt.powers
        self.specific, self.general = learnt.heads
        self.first = learnt.specific
        self.best: tuple[Tensor, Tensor] | None = None
        self.best_score = 0.0

    def state(self) -> dict[str, Any]:
        """All that the next frames depend on, as tensors, lists and numbers."""
        return {
            "box": self.box.tolist(), "frames": self.frames, "scales": self.scales, "kept": self.kept,
            "powers": self.powers,
            "specific": self.specific.state_dict(), "general": self.general.state_dict(),
            "first": self.first, "best": self.best, "best_score": self.best_score,
        }  # fmt: skip

    @classmethod
    def restored(cls, trunk: Trunk, settings: TrackerSettings, seed: int, state: dict[str, Any]) -> Tracker:
        """The tracker of a state: it goes on as the one that was left would have.

        Raises:
            KeyError, TypeError, ValueError, RuntimeError: it is no such state.
        """
        tracker = cls.__new__(cls)
        tracker.sight, tracker.seed = Sight(trunk, settings), seed
        tracker.box, tracker.frames = np.array(state["box"], np.float64), int(state["frames"])
        tracker.powers = [float(power) for power in state["powers"]]
        on = trunk.device
        tracker.scales, tracker.kept = ([layer.to(on) for layer in state[name]] for name in ("scales", "kept"))
        tracker.specific, tracker.general = (Head(len(kept), torch.Generator()).to(on) for kept in tracker.kept)
        tracker.specific.load_state_dict(state["specific"])
        tracker.general.load_state_dict(state["general"])
        tracker.first = (state["first"][0].to(on), state["first"][1].to(on))
        best = state["best"]
        tracker.best = None if best is None else (best[0].to(on), best[1].to(on))
        tracker.best_score = float(state["best_score"])
        return tracker

    def follow(self, frame: np.ndarray) -> Followed:
        """Where the face is in the next frame."""
        self.frames += 1
        settings = self.sight.settings
        region = self.sight.region(self.box)
        maps = [
            (layer / scale)[kept]
            for layer, scale, kept in zip(self.sight.maps(frame, region), self.scales, self.kept, strict=True)
        ]
        rng = np.random.default_rng([self.seed, self.frames])
        boxes = scatter(self.box, settings.particles, settings.move, settings.grow, rng)
        found, head, seen = None, "general", False
        if settings.heads != "specific":
            found = choose(self.sight, drawn(self.general, maps[1]), boxes, region, self.powers[1])
            seen = found.distractor
        if found is None or (settings.heads == "both" and seen):
            head = "specific"
            found = choose(self.sight, drawn(self.specific, maps[0]), boxes, region, self.powers[0])
        self._move(found, frame)
        self._learn(maps[0], region, found, beside=seen and head == "specific" and found.distractor)
        return Followed(self.box.copy(), found.score, head, seen)

    def _move(self, found: Choice, frame: np.ndarray) -> None:
        """Take over the box; its place alone where confidence is low, nothing where the face is lost.

        Its centre stays inside the frame, its sides between SMALLEST pixels and twice the frame's.
        """
        settings = self.sight.settings
        if found.score <= settings.lost:
            return
        inside = np.array(frame.shape[1::-1], np.float64)
        sides = found.box[2:]
        if found.score <= settings.sure or sides.min() < SMALLEST or (sides > 2 * inside).any():
            sides = self.box[2:]
        centre = np.clip(found.box[:2] + found.box[2:] / 2, 0, inside)
        self.box = np.concatenate([centre - sides / 2, sides])

    def _learn(self, maps: Tensor, region: Region, found: Choice, *, beside: bool) -> None:
        """Teach the specific head on the first frame and the most confident since: now and then, and where its own map
        shows something beside the face."""
        settings = self.sight.settings
        if settings.heads == "general":
            return
        if found.score > max(self.best_score, settings.sure):
            self.best, self.best_score = (maps, self.sight.heat(region, self.box)), found.score
        due = self.frames % settings.every == 0
        if self.best is not None and (due or beside):
            maps, heats = self.first
            again = len(maps) // 2 or 1
            self.specific.teach(
                torch.cat([maps, self.best[0][None].expand(again, -1, -1, -1)]),
                torch.cat([heats, self.best[1][None].expand(again, -1, -1)]),
                settings.again,
            )
        if due:
            self.best, self.best_score = None, 0.0
