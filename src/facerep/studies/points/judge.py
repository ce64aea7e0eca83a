"""How near five points are to marked ones, and how many faces are found, system by system on the same pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from facerep.detection.aligned_faces import LEAST_SCORE
from facerep.detection.detectors import detector, row_of
from facerep.detection.five_points import BUNDLED, OF_DETECTOR, Pointer, five_points, require_points
from facerep.detection.found import Detector, Found
from facerep.errors import BadInput
from facerep.faces.decode import UnreadablePicture, decode
from facerep.faces.table import Faces
from facerep.localization.scenes import scenes
from facerep.metrics.bootstrap import drawn_means, middle
from facerep.metrics.boxes.overlap import iou
from facerep.metrics.clusters import clusters
from facerep.metrics.intervals import rate
from facerep.progress import progress
from facerep.results.figures import Measure
from facerep.studies.points.result import OnPictures, PointFigures, PointSystem

OVERLAP = 0.4
"""Intersection over union from which on a face is found: the labelled boxes are tighter than those of detectors."""
FAR = 0.10
"""Share of the eyes' distance above which the points of a face are far off."""
_INTERVAL = "bootstrap over photographs, 2.5 to 97.5 per cent"


@dataclass(frozen=True)
class _Picture:
    """A picture with labelled faces: x, y, width, height (n, 4), points (n, 5, 2), and the photograph each is from."""

    kind: str
    pixels: np.ndarray
    boxes: np.ndarray
    points: np.ndarray
    rows: np.ndarray


@dataclass
class _Judged:
    """One system while it is judged; `errors` of each labelled face, NaN where it was not found."""

    name: str
    points: str
    find: Detector
    locate: Pointer
    errors: list[float] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def judge(
    systems: Sequence[str], photographs: Faces, *, mosaics: int = 0, least_score: float = LEAST_SCORE, seed: int = 0
) -> PointFigures:
    """Judge detectors and what finds the points in their boxes.

    Args:
        systems: DETECTOR or DETECTOR:POINTS, as `align` takes them; the first is what others are put beside.
        photographs: with a box from the brows to the chin and five points each.
        mosaics: pictures made of four photographs, at random places and sizes, beside the photographs themselves.
        least_score: score from which on a box counts.
        seed: of mosaics and intervals.

    Raises:
        BadInput: no photograph with box and points, or none that can be read; no such run.
        NotAvailable, Usage: as `detector` and `five_points`.
    """
    judged = [_system(name) for name in systems]
    marked = np.isfinite(photographs.boxes).all(axis=1) & np.isfinite(photographs.points).all(axis=(1, 2))
    faces = photographs.take(np.flatnonzero(marked))
    if not len(faces) or (mosaics and len(faces) < 4):
        hint = "give a table with x1, y1, x2, y2 and le_x .. rm_y; mosaics need four"
        raise BadInput(f"{len(faces)} photographs with a box and five points", photographs.root, hint)
    failures: list[tuple[str, str]] = []
    kinds, rows, counts = [], [], {}
    with progress("judge", len(faces) + mosaics, "pictures") as advance:
        for picture in _pictures(faces, mosaics, seed, failures):
            counts[picture.kind] = counts.get(picture.kind, 0) + 1
            kinds += [picture.kind] * len(picture.rows)
            rows += picture.rows.tolist()
            for system in judged:
                _look(system, picture, least_score)
            advance(1)
    if not rows:
        raise BadInput(f"no photograph can be read (first: {failures[0][1]})", faces.root)
    of, kind = np.array(rows), np.array(kinds)
    first = np.array(judged[0].errors)
    return PointFigures(
        photographs={"root": faces.root, "fingerprint": faces.fingerprint(), "count": len(faces)},
        mosaics=mosaics, faces={name: int((kind == name).sum()) for name in counts}, least_score=least_score, seed=seed,
        systems=tuple(
            PointSystem(
                system.name, system.name.partition(":")[0], system.points,
                {
                    name: _on(
                        system, kind == name, of, first if place else None, counts[name] / system.seconds[name], seed
                    )
                    for name in counts
                },
            )
            for place, system in enumerate(judged)
        ),
        failures=tuple(failures),
    )  # fmt: skip


def _system(name: str) -> _Judged:
    by, _, points = name.partition(":")
    source = points or (OF_DETECTOR if row_of(by).points else BUNDLED)
    require_points(by, source)
    return _Judged(name, source, detector(by), five_points(source))


def _pictures(faces: Faces, mosaics: int, seed: int, failures: list[tuple[str, str]]) -> Iterator[_Picture]:
    boxes = faces.boxes.astype(np.float64)
    corners = np.column_stack([boxes[:, :2] + 0.5, boxes[:, 2:] - boxes[:, :2]])  # from edge to edge
    for row, (name, path) in enumerate(zip(faces.names.tolist(), faces.paths, strict=True)):
        try:
            pixels = decode(path)
        except UnreadablePicture as error:
            failures.append((name, error.reason))
            continue
        here = np.array([row])
        yield _Picture("photographs", pixels, corners[here], faces.points[here].astype(np.float64), here)
    for scene in scenes(faces, mosaics, seed) if mosaics else ():
        if scene.kind != "mosaic":
            continue
        own = corners[scene.rows]
        times = scene.boxes[:, 2:] / own[:, 2:]
        inside = faces.points[scene.rows].astype(np.float64) + 0.5 - own[:, None, :2]
        points = inside * times[:, None] + scene.boxes[:, None, :2] - 0.5
        yield _Picture("mosaics", scene.picture, scene.boxes, points, scene.rows)


def _look(system: _Judged, picture: _Picture, least_score: float) -> None:
    started = time.perf_counter()
    found = system.find(picture.pixels)
    found = found.take(np.flatnonzero(found.scores >= least_score))
    overlaps = iou(picture.boxes[:, None], found.boxes[None])
    for row, points in enumerate(picture.points):
        best = int(overlaps[row].argmax()) if len(found) else 0
        if not len(found) or overlaps[row, best] < OVERLAP:
            system.errors.append(float("nan"))
            continue
        located = system.locate(picture.pixels, _one(found, best))
        system.errors.append(error_of(located, points))
    took = time.perf_counter() - started
    system.seconds[picture.kind] = system.seconds.get(picture.kind, 1e-9) + took


def _one(found: Found, row: int) -> Found:
    return found.take(np.array([row]))


def error_of(found: np.ndarray, marked: np.ndarray) -> float:
    """Mean distance of five points (5, 2) over the distance of the marked eyes.

    >>> marked = np.array([[0.0, 0], [10, 0], [5, 5], [2, 9], [8, 9]])
    >>> error_of(marked + [0, 1], marked)
    0.1
    """
    return float(np.hypot(*(found - marked).T).mean() / np.hypot(*(marked[1] - marked[0])))


def _on(
    system: _Judged, here: np.ndarray, rows: np.ndarray, first: np.ndarray | None, speed: float, seed: int
) -> OnPictures:
    errors, rows = np.array(system.errors)[here], rows[here]
    found = np.isfinite(errors)
    recall = rate(found, clusters(rows, rows, "photographs"))
    if not found.any():
        return OnPictures(recall, None, None, None, None, speed)
    of = clusters(rows[found], rows[found], "photographs")
    beside = None
    if first is not None:
        both = found & np.isfinite(first[here])
        beside = _mean(errors[both] - first[here][both], rows[both], seed) if both.any() else None
    return OnPictures(
        recall, _mean(errors[found], rows[found], seed), float(np.median(errors[found])),
        rate(errors[found] > FAR, of), beside, speed,
    )  # fmt: skip


def _mean(values: np.ndarray, rows: np.ndarray, seed: int) -> Measure:
    """The mean with its interval; photographs are drawn."""
    drawn = drawn_means(values[:, None], clusters(rows, rows, "photographs"), seed=seed)
    return Measure(float(values.mean()), *middle(drawn[:, 0]), _INTERVAL)
