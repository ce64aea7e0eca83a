"""Tracker: one face followed from frame to frame by two heads over selected maps, and particles (FCNT).

Each frame: the region about the last box goes through the trunk; both heads draw their heat map; particles about the
last box are ranked by the general head's map. Where much of that map lies outside the best box there is a distractor,
and the specific head's map chooses instead. Source: FCNT, sections 4 and 5; docs/tracking.md says what differs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from facerep.tracking.heads import Head
from facerep.tracking.particles import scatter, sums
from facerep.tracking.region import Region, around, cut
from facerep.tracking.selection import fit_selection, heat_map, significance
from facerep.tracking.trunk import Trunk

LOOKS = (
    (0.0, 0.0, 1.0), (0.35, 0.1, 1.0), (-0.35, -0.1, 1.0), (0.1, -0.35, 0.85), (-0.1, 0.35, 1.18), (0.25, 0.25, 1.18),
    (-0.25, 0.25, 0.85),
)  # fmt: skip
SMALLEST = 3.0
"""Pixels of a box's shorter side below which it does not shrink."""
GROWTH, BOUNDS, APART = 0.75, (0.3, 1.0), 1.1
"""The paper's exponent of the area, the bounds of ours, and by how much boxes differ from which ours is computed."""
STRONG = 0.2
"""Of a map, divided by its maximum: what counts as mass when a distractor is looked for."""

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
    grow: float = 0.005
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
        self.trunk, self.settings, self.seed = trunk, settings, seed
        self.box, self.frames = np.asarray(box, np.float64), 0
        generator = torch.Generator().manual_seed(seed)
        middle, late, heats = self._looks(frame)
        self.scales = [_scale(layer) for layer in (middle, late)]
        maps = [layer / scale for layer, scale in zip((middle, late), self.scales, strict=True)]
        self.kept = [_select(layer[0], heats[0], settings, generator) for layer in maps]
        self.specific, self.general = self._heads(generator)
        first = [layer[:, kept] for layer, kept in zip(maps, self.kept, strict=True)]
        self.specific.teach(first[0], heats, settings.steps)
        self.general.teach(first[1], heats, settings.steps)
        self.growth = [
            self._exponent(head, seen[0]) for head, seen in zip((self.specific, self.general), first, strict=True)
        ]
        self.first: tuple[Tensor, Tensor] = (first[0], heats)
        self.best: tuple[Tensor, Tensor] | None = None
        self.best_score = 0.0

    def state(self) -> dict[str, Any]:
        """All that the next frames depend on, as tensors, lists and numbers."""
        return {
            "box": self.box.tolist(), "frames": self.frames, "scales": self.scales, "kept": self.kept,
            "growth": self.growth,
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
        tracker.trunk, tracker.settings, tracker.seed = trunk, settings, seed
        tracker.box, tracker.frames = np.array(state["box"], np.float64), int(state["frames"])
        tracker.growth = [float(power) for power in state["growth"]]
        on = trunk.device
        tracker.scales, tracker.kept = ([layer.to(on) for layer in state[name]] for name in ("scales", "kept"))
        tracker.specific, tracker.general = tracker._heads(torch.Generator())
        tracker.specific.load_state_dict(state["specific"])
        tracker.general.load_state_dict(state["general"])
        tracker.first = (state["first"][0].to(on), state["first"][1].to(on))
        best = state["best"]
        tracker.best = None if best is None else (best[0].to(on), best[1].to(on))
        tracker.best_score = float(state["best_score"])
        return tracker

    def _heads(self, generator: torch.Generator) -> list[Head]:
        return [Head(len(kept), generator).to(self.trunk.device) for kept in self.kept]

    def follow(self, frame: np.ndarray) -> Followed:
        """Where the face is in the next frame."""
        self.frames += 1
        settings = self.settings
        region = self._region()
        maps = [
            (layer / scale)[kept]
            for layer, scale, kept in zip(self._maps(frame, region), self.scales, self.kept, strict=True)
        ]
        rng = np.random.default_rng([self.seed, self.frames])
        boxes = scatter(self.box, settings.particles, settings.move, settings.grow, rng)
        found, seen = None, False
        if settings.heads != "specific":
            found = self._choose(self._drawn(self.general, maps[1]), boxes, region, "general")
            seen = found.distractor
        if settings.heads == "specific" or (settings.heads == "both" and seen):
            found = self._choose(self._drawn(self.specific, maps[0]), boxes, region, "specific")
        assert found is not None
        self._move(found, frame)
        self._learn(maps[0], region, found, seen)
        return replace(found, box=self.box.copy(), distractor=seen)

    def _move(self, found: Followed, frame: np.ndarray) -> None:
        """Take over the box; its place alone where confidence is low, nothing where the face is lost.

        Its centre stays inside the frame, its sides between SMALLEST pixels and twice the frame's.
        """
        if found.score <= self.settings.lost:
            return
        inside = np.array(frame.shape[1::-1], np.float64)
        sides = found.box[2:]
        if found.score <= self.settings.sure or sides.min() < SMALLEST or (sides > 2 * inside).any():
            sides = self.box[2:]
        centre = np.clip(found.box[:2] + found.box[2:] / 2, 0, inside)
        self.box = np.concatenate([centre - sides / 2, sides])

    def _learn(self, maps: Tensor, region: Region, found: Followed, seen: bool) -> None:
        """Teach the specific head on the first frame and the most confident since, now and then."""
        if self.settings.heads == "general":
            return
        if found.score > max(self.best_score, self.settings.sure):
            self.best, self.best_score = (maps, self._heat(region, self.box)), found.score
        due = self.frames % self.settings.every == 0
        if self.best is not None and (due or (seen and found.head == "specific" and found.distractor)):
            maps, heats = self.first
            again = len(maps) // 2 or 1
            self.specific.teach(
                torch.cat([maps, self.best[0][None].expand(again, -1, -1, -1)]),
                torch.cat([heats, self.best[1][None].expand(again, -1, -1)]),
                self.settings.again,
            )
        if due:
            self.best, self.best_score = None, 0.0

    def _looks(self, frame: np.ndarray) -> tuple[Tensor, Tensor, Tensor]:
        """The first frame as the heads learn it: maps of both layers and heat maps of several regions about the box."""
        diagonal = float(np.hypot(*self.box[2:]))
        middle, late, heats = [], [], []
        for across, down, times in LOOKS:
            region = around(self.box, self.trunk.size, self.settings.times * times)
            region = replace(region, x=region.x + across * diagonal, y=region.y + down * diagonal)
            maps = self._maps(frame, region)
            middle.append(maps[0])
            late.append(maps[1])
            heats.append(self._heat(region, self.box))
        return torch.stack(middle), torch.stack(late), torch.stack(heats)

    def _exponent(self, head: Head, maps: Tensor) -> float:
        """The power of the area by which a particle's mean is multiplied, such that the given box is the best scale."""
        region = around(self.box, self.trunk.size, self.settings.times)
        centre = self.box[:2] + self.box[2:] / 2
        sides = self.box[2:] * np.array([[1 / APART], [APART]])
        cells = self._cells(region, np.concatenate([centre - sides / 2, sides], axis=1))
        means = sums(self._clear(self._drawn(head, maps)), cells) / cells[:, 2] / cells[:, 3]
        if (means <= 0).any():
            return GROWTH
        return float(np.clip(np.log(means[0] / means[1]) / (4 * np.log(APART)), *BOUNDS))

    def _clear(self, heat: np.ndarray) -> np.ndarray:
        """A head's map divided by its maximum; what is quiet is 0."""
        top = float(heat.max())
        heat = heat / top if top > 0 else np.zeros_like(heat)
        return np.where(heat < self.settings.quiet, 0, heat)

    def _choose(self, heat: np.ndarray, boxes: np.ndarray, region: Region, head: str) -> Followed:
        """The best particles by a head's map, as one box."""
        cells = self._cells(region, boxes)
        clear = self._clear(heat)
        area = cells[:, 2] * cells[:, 3]
        mean = sums(clear, cells) / area
        rank = mean * area ** self.growth[head == "general"]
        best = np.argsort(-rank, kind="stable")[: self.settings.averaged]
        box = boxes[best].mean(axis=0)
        at = self._cells(region, box[None])
        strong = np.where(clear > STRONG, clear, 0)
        inside = float(sums(strong, at)[0])
        distractor = strong.sum() - inside >= self.settings.distractor * inside
        return Followed(box, float(sums(clear, at)[0] / at[0, 2] / at[0, 3]), head, bool(distractor))

    def _region(self) -> Region:
        return around(self.box, self.trunk.size, self.settings.times)

    def _maps(self, frame: np.ndarray, region: Region) -> list[Tensor]:
        return [layer[0] for layer in self.trunk.maps(cut(frame, region)[None])]

    def _drawn(self, head: Head, maps: Tensor) -> np.ndarray:
        with torch.inference_mode():
            return head(maps[None])[0].cpu().numpy()

    def _cells(self, region: Region, boxes: np.ndarray) -> np.ndarray:
        """Boxes of the frame in cells, where cell i reaches from i to i + 1."""
        inside = region.inside(boxes)
        inside[..., :2] -= self.trunk.first
        inside /= self.trunk.stride
        inside[..., :2] += 0.5
        return inside

    def _heat(self, region: Region, box: np.ndarray) -> Tensor:
        x, y, width, height = (float(value) for value in self._cells(region, box))
        spread = self.settings.spread
        centre = (x + width / 2 - 0.5, y + height / 2 - 0.5)
        return heat_map(self.trunk.grid, centre, (width * spread, height * spread)).to(self.trunk.device)


def _scale(looks: Tensor) -> Tensor:
    """What a layer is divided by: the root of its mean square. One number: a map that is silent stays so."""
    return (looks**2).mean().sqrt().clamp(min=1e-6)


def _select(maps: Tensor, heat: Tensor, settings: TrackerSettings, generator: torch.Generator) -> Tensor:
    """The maps of a layer that its head sees, by their places, rising."""
    count = max(1, round(settings.share * len(maps)))
    if settings.maps == "all":
        return torch.arange(len(maps), device=maps.device)
    if settings.maps == "random":
        chosen = torch.randperm(len(maps), generator=generator)[:count].to(maps.device)
    else:
        chosen = torch.topk(significance(fit_selection(maps, heat, generator), maps, heat), count).indices
    return chosen.sort().values
