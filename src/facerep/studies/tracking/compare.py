"""Compare: ways to track, side by side on sequences with true boxes, over several seeds; one pass each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.files.provenance import software
from facerep.metrics.boxes.tracking import NEAR, precision, success_auc, success_curve
from facerep.progress import progress
from facerep.results.figures import Spread
from facerep.results.kinds import TRACKING
from facerep.studies.tracking.track import track
from facerep.tracking.frames import TRUTH, Frames, first_box
from facerep.tracking.opencv_trackers import RANDOM, OpenCVTracker, require_opencv
from facerep.tracking.settings import TrackerSettings
from facerep.tracking.trunk import Trunk

WAYS: dict[str, tuple[str, TrackerSettings]] = {
    "selected": ("both heads, selected maps", TrackerSettings()),
    "random": ("both heads, random maps", TrackerSettings(maps="random")),
    "all": ("both heads, all maps", TrackerSettings(maps="all")),
    "general": ("general head alone", TrackerSettings(heads="general")),
    "specific": ("specific head alone", TrackerSettings(heads="specific")),
    "fixed": ("both heads, selected maps, the first size", TrackerSettings(grow=0.0)),
}
"""Ways of ours by name: in words, and as settings."""


@dataclass(frozen=True)
class Judged:
    """One way on one sequence.

    Attributes:
        sequence: its name.
        frames: judged.
        success_auc, precision: over the seeds.
        each_auc, each_precision: of each seed.
        curve: success over the 21 thresholds, mean over the seeds.
    """

    sequence: str
    frames: int
    success_auc: Spread
    precision: Spread
    each_auc: tuple[float, ...]
    each_precision: tuple[float, ...]
    curve: tuple[float, ...]


@dataclass(frozen=True)
class Group:
    """One way on sequences of one kind, whose names differ in the number at their end alone; or on all of them.

    Attributes:
        name: of the kind, ALL for all.
        sequences: how many.
        success_auc, precision: the mean over the sequences; over the seeds.
    """

    name: str
    sequences: int
    success_auc: Spread
    precision: Spread


ALL = "all"
"""What the group of all sequences is called."""


@dataclass(frozen=True)
class Beside:
    """A way less the first way, sequence by sequence.

    Attributes:
        sequences: how many.
        success_auc: mean of the differences, each of means over the seeds.
        standard_error: of that mean, over the sequences.
    """

    sequences: int
    success_auc: float
    standard_error: float


@dataclass(frozen=True)
class Way:
    """One way to track.

    Attributes:
        name: in words.
        each: by sequence.
        groups: of sequences, then all; empty where there is one sequence.
        beside: the first way; None for that, and where there is one sequence.
    """

    name: str
    each: tuple[Judged, ...]
    groups: tuple[Group, ...]
    beside: Beside | None


@dataclass(frozen=True, kw_only=True)
class TrackingComparison:
    """Ways to track, side by side.

    Attributes:
        trunk, layers: of our ways.
        seeds: how many; they begin at `seed`.
        near: pixels of precision.
        ways: in the order of the table.
        warnings: what the user should look at.
        software: versions.
    """

    KIND: ClassVar = TRACKING

    trunk: str
    layers: tuple[str, str]
    seed: int
    seeds: int
    near: float
    ways: tuple[Way, ...]
    warnings: tuple[str, ...]
    software: dict[str, str]


def compare(
    trunk: Trunk,
    sequences: Sequence[Frames],
    ways: Sequence[str],
    against: Sequence[str] = (),
    *,
    seed: int,
    seeds: int,
) -> TrackingComparison:
    """Track the face of every sequence in every way.

    Args:
        trunk: of our ways.
        sequences: with true boxes.
        ways: keys of WAYS.
        against: trackers of OpenCV, see `tracking.opencv_trackers`; all but MIL are run once, as no seed changes them.
        seed, seeds: the seeds are seed, seed + 1, ...

    Raises:
        BadInput: a sequence has no true boxes.
        Usage, NotAvailable: there is no such way or tracker, or OpenCV is not here.
    """
    if unknown := [way for way in ways if way not in WAYS]:
        raise Usage(f"no way to track {unknown[0]!r}", hint="there are: " + ", ".join(WAYS))
    if against:
        require_opencv(tuple(against))
    for frames in sequences:
        if frames.truth is None:
            raise BadInput(f"no true boxes ({TRUTH})", frames.path, "name folders in OTB's layout")
    found: list[Way] = []
    total = len(ways) * seeds + sum(seeds if name in RANDOM else 1 for name in against)
    with progress("track", total * len(sequences), "passes") as done:
        for name in (*ways, *against):
            ours = WAYS.get(name) if name in ways else None
            times = seeds if ours or name in RANDOM else 1
            passes = []
            for frames in sequences:
                followed = []
                for number in range(times):
                    if ours:
                        rows = track(trunk, frames, None, ours[1], seed=seed + number).rows
                        followed.append(np.array([row.box or (np.nan,) * 4 for row in rows]))
                    else:
                        followed.append(np.array(list(_followed(name, frames, seed + number))))
                    done(1)
                passes.append(_judged(frames, followed))
            found.append(_way(ours[0] if ours else f"OpenCV's {name.upper()}", passes, found[0] if found else None))
    return TrackingComparison(
        trunk=trunk.name, layers=trunk.layers, seed=seed, seeds=seeds, near=NEAR, ways=tuple(found),
        warnings=tuple(warning for frames in sequences for warning in frames.warnings), software=software(),
    )  # fmt: skip


def _followed(name: str, frames: Frames, seed: int) -> Iterator[np.ndarray]:
    """The boxes of a tracker of OpenCV; where it has lost the face the last one stays, as ours does."""
    tracker, box = None, np.full(4, np.nan)
    for frame in frames.read():
        if frame.pixels is None:
            yield np.full(4, np.nan)
            continue
        if tracker is None:
            box = first_box(frames, None)
            tracker = OpenCVTracker(name, frame.pixels, box, seed)
        elif (followed := tracker.follow(frame.pixels)) is not None:
            box = followed
        yield box


def _way(words: str, each: list[Judged], first: Way | None) -> Way:
    groups: dict[str, list[Judged]] = {}
    for one in each:
        groups.setdefault(re.sub(r"[-_][0-9]+$", "", one.sequence), []).append(one)
    if len(each) == 1:
        return Way(words, tuple(each), (), None)
    gathered = [*groups.items()] if len(groups) > 1 else []
    beside = None
    if first is not None:
        apart = [one.success_auc.mean - other.success_auc.mean for one, other in zip(each, first.each, strict=True)]
        beside = Beside(len(apart), float(np.mean(apart)), float(np.std(apart, ddof=1) / len(apart) ** 0.5))
    return Way(words, tuple(each), tuple(_group(*group) for group in [*gathered, (ALL, each)]), beside)


def _group(name: str, some: list[Judged]) -> Group:
    auc, near = (np.mean([getattr(one, part) for one in some], axis=0) for part in ("each_auc", "each_precision"))
    return Group(name, len(some), _spread(auc.tolist()), _spread(near.tolist()))


def _judged(frames: Frames, passes: list[np.ndarray]) -> Judged:
    truth = frames.truth
    assert truth is not None
    there = np.isfinite(truth).all(axis=1)
    pairs = [(boxes[there], truth[there]) for boxes in passes]
    aucs, near = ([figure(*pair) for pair in pairs] for figure in (success_auc, precision))
    return Judged(
        Path(frames.path).name, int(there.sum()), _spread(aucs), _spread(near), tuple(aucs), tuple(near),
        tuple(np.mean([success_curve(*pair) for pair in pairs], axis=0).tolist()),
    )  # fmt: skip


def _spread(values: list[float]) -> Spread:
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0, len(values))
