"""Track: a face through all frames of a folder or video, from its box in the first one.

Nothing is printed here. What is written is the state to go on from, see state_file.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from facerep.errors import BadInput
from facerep.files.provenance import software
from facerep.metrics.boxes.tracking import NEAR, precision, success_auc
from facerep.progress import progress
from facerep.results.kinds import TRACK
from facerep.studies.tracking.state_file import StateFile
from facerep.tracking.frames import Frame, Frames, first_box
from facerep.tracking.settings import TrackerSettings
from facerep.tracking.tracker import Followed, Tracker
from facerep.tracking.trunk import Trunk


@dataclass(frozen=True)
class Row:
    """One frame of a track.

    Attributes:
        name: of the frame.
        box: x, y, width, height; None where the frame could not be read.
        score: confidence, 1 in the first frame.
        head: "general" or "specific", whose map chose; "given" in the first frame, "" in a failure.
        failure: why the frame could not be read, else "".
    """

    name: str
    box: tuple[float, float, float, float] | None
    score: float
    head: str
    failure: str = ""


@dataclass(frozen=True)
class TrackFigures:
    """How well boxes follow the true ones.

    Attributes:
        frames: judged: those in which the face is there, the first included, as the benchmark has it.
        success_auc: in 0..1.
        precision: share of frames whose centres are at most `near` pixels apart.
        near: pixels.
    """

    frames: int
    success_auc: float
    precision: float
    near: float = NEAR


@dataclass(frozen=True, kw_only=True)
class Track:
    """A face through frames.

    Attributes:
        frames: where they are.
        trunk, layers: the network, its middle and its late layer.
        settings: how the face was followed.
        seed: of every random choice.
        box: in the first frame.
        rows: a frame each.
        distractors: frames in which something like the face was beside it.
        figures: None where true boxes are unknown.
        warnings: what the user should look at.
        software: versions.
    """

    KIND: ClassVar = TRACK
    JSON: ClassVar = (
        "frames", "trunk", "layers", "settings", "seed", "box", "counts", "figures", "failures", "warnings", "software",
    )  # fmt: skip

    frames: Path
    trunk: str
    layers: tuple[str, str]
    settings: TrackerSettings
    seed: int
    box: tuple[float, ...]
    rows: tuple[Row, ...]
    distractors: int
    figures: TrackFigures | None
    warnings: tuple[str, ...]
    software: dict[str, str]

    @property
    def failures(self) -> tuple[tuple[str, str], ...]:
        """(name, reason) of frames that could not be read."""
        return tuple((row.name, row.failure) for row in self.rows if row.failure)

    @property
    def counts(self) -> dict[str, int]:
        """Frames in all, by the head that chose, and with a distractor."""
        heads = {head: sum(row.head == head for row in self.rows) for head in ("general", "specific")}
        return {"frames": len(self.rows), **heads, "distractors": self.distractors, "failures": len(self.failures)}


def track(
    trunk: Trunk,
    frames: Frames,
    box: np.ndarray | None = None,
    settings: TrackerSettings = TrackerSettings(),
    *,
    seed: int = 0,
    state: StateFile | None = None,
    seen: Callable[[Frame, Row], object] | None = None,
) -> Track:
    """Follow a face.

    Args:
        trunk: the network.
        frames: to follow it through.
        box: of the face in the first frame; None takes the true one.
        settings: how.
        seed: of every random choice.
        state: where to go on from, and where what is done is kept.
        seen: called with each frame and its row, such as by who draws them.

    Raises:
        BadInput: no frame, the first cannot be read, or the box lies outside it.
        Usage: no box, and no true one.
    """
    first = first_box(frames, box)
    how = {
        "frames": str(frames.path), "trunk": trunk.name, "layers": list(trunk.layers), "seed": seed,
        "box": first.tolist(), **asdict(settings),
    }  # fmt: skip
    saved = state.begin(how) if state is not None else None
    tracker, rows, distractors = _go_on(trunk, settings, seed, saved, state)
    shape = None if saved is None else tuple(saved["shape"])
    with progress(f"track {frames.path.name}", frames.count, "frames") as done:
        before = 0 if seen is not None else len(rows)
        done(before)
        for number, frame in enumerate(frames.read(before), before):
            if number < len(rows) and seen is not None:  # followed before the stop, but not drawn
                seen(frame, rows[number])
                done(1)
                continue
            if tracker is None:
                shape, tracker = _begin(trunk, frame, first, frames, settings, seed)
                row = Row(frame.name, tuple(first.tolist()), 1.0, "given")
            else:
                row, found = _next(tracker, frame, shape)
                distractors += found is not None and found.distractor
            rows.append(row)
            if seen is not None:
                seen(frame, row)
            done(1)
            if state is not None and len(rows) % state.every == 0:
                state.keep(
                    {"tracker": tracker.state(), "rows": _plain(rows), "distractors": distractors, "shape": shape}
                )
    if tracker is None:
        raise BadInput("no frame", frames.path)
    return Track(
        frames=frames.path, trunk=trunk.name, layers=trunk.layers, settings=settings, seed=seed,
        box=tuple(first.tolist()), rows=tuple(rows), distractors=distractors, figures=figures_of(rows, frames.truth),
        warnings=frames.warnings, software=software(),
    )  # fmt: skip


def figures_of(rows: list[Row], truth: np.ndarray | None) -> TrackFigures | None:
    """The figures of a track; a frame that could not be read is missed."""
    if truth is None:
        return None
    boxes = np.array([row.box or (np.nan,) * 4 for row in rows])
    there = np.isfinite(truth[: len(boxes)]).all(axis=1)
    boxes, truth = boxes[there], truth[: len(boxes)][there]
    return TrackFigures(len(boxes), success_auc(boxes, truth), precision(boxes, truth)) if len(boxes) else None


def _begin(
    trunk: Trunk, frame: Frame, box: np.ndarray, frames: Frames, settings: TrackerSettings, seed: int
) -> tuple[tuple[int, ...], Tracker]:
    if frame.pixels is None:
        raise BadInput(f"first frame {frame.name} cannot be read ({frame.failure})", frames.path)
    height, width = frame.pixels.shape[:2]
    if box[0] >= width or box[1] >= height or (box[:2] + box[2:] <= 0).any():
        text = ",".join(f"{value:g}" for value in box)
        raise BadInput(f"box {text} lies outside the first frame ({width}x{height} pixels)", frames.path)
    return frame.pixels.shape, Tracker(trunk, frame.pixels, box, settings, seed)


def _next(tracker: Tracker, frame: Frame, shape: tuple[int, ...] | None) -> tuple[Row, Followed | None]:
    if frame.pixels is None:
        return Row(frame.name, None, 0.0, "", frame.failure), None
    if frame.pixels.shape != shape:
        size, wanted = (f"{at[1]}x{at[0]}" for at in (frame.pixels.shape, shape or (0, 0)))
        return Row(frame.name, None, 0.0, "", f"{size} pixels, the first frame has {wanted}"), None
    found = tracker.follow(frame.pixels)
    x, y, width, height = (float(value) for value in found.box)
    return Row(frame.name, (x, y, width, height), found.score, found.head), found


def _plain(rows: list[Row]) -> list[list[Any]]:
    return [[row.name, row.box, row.score, row.head, row.failure] for row in rows]


def _go_on(
    trunk: Trunk, settings: TrackerSettings, seed: int, saved: dict[str, Any] | None, state: StateFile | None
) -> tuple[Tracker | None, list[Row], int]:
    if saved is None or state is None:
        return None, [], 0
    try:
        rows = [Row(name, None if box is None else tuple(box), *others) for name, box, *others in saved["rows"]]
        return Tracker.restored(trunk, settings, seed, saved["tracker"]), rows, int(saved["distractors"])
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError, IndexError) as error:
        raise state.damaged() from error
