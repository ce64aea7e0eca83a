"""Compare: ways to track, side by side on sequences with true boxes, over several seeds; one pass each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from facerep.errors import BadInput, Usage
from facerep.files.provenance import software
from facerep.metrics.tracking import NEAR, precision, success_auc, success_curve
from facerep.progress import progress
from facerep.results.figures import Spread
from facerep.results.kinds import TRACKING
from facerep.studies.tracking.track import track
from facerep.tracking.frames import TRUTH, Frames, first_box
from facerep.tracking.opencv_trackers import RANDOM, OpenCVTracker, require_opencv
from facerep.tracking.tracker import TrackerSettings
from facerep.tracking.trunk import Trunk

WAYS: dict[str, tuple[str, TrackerSettings]] = {
    "selected": ("both heads, selected maps", TrackerSettings()),
    "random": ("both heads, random maps", TrackerSettings(maps="random")),
    "all": ("both heads, all maps", TrackerSettings(maps="all")),
    "general": ("general head alone", TrackerSettings(heads="general")),
    "specific": ("specific head alone", TrackerSettings(heads="specific")),
}
"""Ways of ours by name: in words, and as settings."""


@dataclass(frozen=True)
class Judged:
    """One way on one sequence.

    Attributes:
        sequence: its name.
        frames: judged.
        success_auc, precision: over the seeds.
        curve: success over the 21 thresholds, mean over the seeds.
    """

    sequence: str
    frames: int
    success_auc: Spread
    precision: Spread
    curve: tuple[float, ...]


@dataclass(frozen=True)
class Way:
    """One way to track.

    Attributes:
        name: in words.
        each: by sequence.
    """

    name: str
    each: tuple[Judged, ...]


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
    found = []
    total = len(ways) * seeds + sum(seeds if name in RANDOM else 1 for name in against)
    with progress("track", total * len(sequences), "passes") as done:
        for way in ways:
            words, settings = WAYS[way]
            passes = [
                [_ours(trunk, frames, settings, seed + number, done) for number in range(seeds)] for frames in sequences
            ]
            found.append(_way(words, sequences, passes))
        for name in against:
            times = seeds if name in RANDOM else 1
            passes = [[_theirs(name, frames, seed + number, done) for number in range(times)] for frames in sequences]
            found.append(_way(f"OpenCV's {name.upper()}", sequences, passes))
    return TrackingComparison(
        trunk=trunk.name, layers=trunk.layers, seed=seed, seeds=seeds, near=NEAR, ways=tuple(found),
        warnings=tuple(warning for frames in sequences for warning in frames.warnings), software=software(),
    )  # fmt: skip


def _ours(trunk: Trunk, frames: Frames, settings: TrackerSettings, seed: int, done) -> np.ndarray:
    rows = track(trunk, frames, None, settings, seed=seed).rows
    done(1)
    return np.array([row.box or (np.nan,) * 4 for row in rows])


def _theirs(name: str, frames: Frames, seed: int, done) -> np.ndarray:
    boxes = np.array(list(_followed(name, frames, seed)))
    done(1)
    return boxes


def _followed(name: str, frames: Frames, seed: int) -> Iterator[np.ndarray]:
    tracker, nothing = None, np.full(4, np.nan)
    for frame in frames.read():
        if frame.pixels is None:
            yield nothing
        elif tracker is None:
            box = first_box(frames, None)
            tracker = OpenCVTracker(name, frame.pixels, box, seed)
            yield box
        else:
            box = tracker.follow(frame.pixels)
            yield nothing if box is None else box


def _way(words: str, sequences: Sequence[Frames], passes: list[list[np.ndarray]]) -> Way:
    return Way(words, tuple(_judged(frames, some) for frames, some in zip(sequences, passes, strict=True)))


def _judged(frames: Frames, passes: list[np.ndarray]) -> Judged:
    truth = frames.truth
    assert truth is not None
    there = np.isfinite(truth).all(axis=1)
    pairs = [(boxes[there], truth[there]) for boxes in passes]
    return Judged(
        Path(frames.path).name, int(there.sum()), _spread([success_auc(*pair) for pair in pairs]),
        _spread([precision(*pair) for pair in pairs]),
        tuple(np.mean([success_curve(*pair) for pair in pairs], axis=0).tolist()),
    )  # fmt: skip


def _spread(values: list[float]) -> Spread:
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else 0.0, len(values))
