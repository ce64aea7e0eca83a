"""How surely localizers find faces: recall on scenes with known boxes, false alarms on scenes without faces."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
from pydantic import Field

from facerep.errors import BadInput
from facerep.faces.table import Faces
from facerep.files.json_file import Form, read_json
from facerep.localization.cascade import Found, Localizer, Search, find, localizer
from facerep.localization.edge_boxes import require_edge_boxes
from facerep.localization.scenes import Scene, scenes
from facerep.metrics.boxes.overlap import iou
from facerep.metrics.clusters import clusters
from facerep.metrics.intervals import rate
from facerep.networks.device import device as pick_device
from facerep.networks.weights import Model, load_model
from facerep.progress import progress
from facerep.results.figures import Spread
from facerep.studies.localization.baselines import finder_of
from facerep.studies.localization.result import AtFalseAlarms, ByAttributes, Curve, LocalizationFigures, System

OVERLAPS = (0.4, 0.5)
FALSE_ALARMS = (0.1, 1.0)
_ALL = -np.inf


class _Split(Form):
    photographs: list[str] = Field(default=[])


@dataclass
class _Judged:
    """One system while it is judged.

    Attributes:
        finder: picture to faces, all of them.
        windows: see localization.cascade.Search; "" for a baseline.
        best: of each labelled face the score of the surest box on it, by overlap; -inf where there is none.
        false: scores of all boxes on empty scenes.
    """

    name: str
    finder: Callable[[np.ndarray], Found]
    stages: int
    windows: str = ""
    by: Localizer | None = None
    model: Model | None = None
    best: dict[float, list[float]] = field(default_factory=lambda: {overlap: [] for overlap in OVERLAPS})
    false: list[float] = field(default_factory=list)
    seconds: float = 0.0


def judge(
    runs: Sequence[str],
    photographs: Faces,
    *,
    count: int,
    baselines: Sequence[str] = (),
    one_stage: bool = False,
    edge_boxes: bool = False,
    least: float = 14.0,
    device: str = "auto",
    seed: int = 0,
) -> LocalizationFigures:
    """Judge runs and baselines on the same scenes.

    Args:
        runs: runs of `train --loss localization`, or their weights.
        photographs: with one labelled box each, none of which a run was made from.
        count: scenes of each kind.
        baselines: names, see baselines.py.
        one_stage: judge each run's first stage alone too.
        edge_boxes: judge each run with windows of OpenCV's EdgeBoxes too.
        least: side of the smallest boxes looked for, in pixels.
        device: where it is computed.
        seed: of the scenes.

    Raises:
        BadInput: photographs without boxes, or that a run took its backgrounds from; no such run.
        Usage, NotAvailable: no such baseline; or its library is not here.
    """
    boxed = photographs.take(np.flatnonzero(np.isfinite(photographs.boxes).all(axis=1)))
    if len(boxed) < 4:
        raise BadInput("fewer than four photographs with boxes", photographs.root, "give a table with x1, y1, x2, y2")
    if edge_boxes:
        require_edge_boxes()
    place, systems = pick_device(device), []
    for run in runs:
        model = load_model(run)
        _refuse_trained_on(run, boxed)
        by = localizer(model, place)
        for stages in (2, 1) if one_stage else (2,):
            search = Search(least=least, stages=stages, threshold=_ALL)
            name = run if stages == 2 else f"{run}, first stage"
            systems.append(_Judged(name, _finder(by, search), stages, search.windows, by, model))
        if edge_boxes:
            search = Search(least=least, threshold=_ALL, windows="edge-boxes")
            systems.append(_Judged(f"{run}, windows of EdgeBoxes", _finder(by, search), 2, search.windows, by, model))
    systems += [_Judged(name, finder_of(name, least), 1) for name in baselines]
    rows, kinds, empty = [], [], 0
    with progress("judge", 3 * count, "scenes") as advance:
        for scene in scenes(boxed, count, seed):
            rows += scene.rows.tolist()
            kinds += [scene.kind] * len(scene.rows)
            empty += scene.kind == "empty"
            for system in systems:
                _look(system, scene)
            advance(1)
    judged = tuple(_system(system, np.array(rows), np.array(kinds), empty, 3 * count) for system in systems)
    return LocalizationFigures(
        photographs={"root": boxed.root, "fingerprint": boxed.fingerprint(), "count": len(boxed)},
        scenes=count, faces=len(rows), seed=seed, systems=judged, by_attributes=_by_attributes(judged), warnings=(),
    )  # fmt: skip


def _finder(by: Localizer, search: Search) -> Callable[[np.ndarray], Found]:
    return lambda picture: find(picture, by, search)


def _look(system: _Judged, scene: Scene) -> None:
    started = time.perf_counter()
    found = system.finder(scene.picture)
    system.seconds += time.perf_counter() - started
    if scene.kind == "empty":
        system.false += found.scores.tolist()
        return
    overlaps = iou(scene.boxes[:, None], found.boxes[None])
    for least, best in system.best.items():
        on = np.where(overlaps >= least, found.scores[None], -np.inf)
        best += on.max(axis=1, initial=-np.inf).tolist()


def _system(system: _Judged, rows: np.ndarray, kinds: np.ndarray, empty: int, count: int) -> System:
    false = np.sort(np.array(system.false))[::-1]
    of = clusters(rows, rows, "photographs")
    at = []
    for overlap in OVERLAPS:
        best = np.array(system.best[overlap])
        for per_picture in FALSE_ALARMS:
            threshold = threshold_for(false, per_picture * empty)
            at.append(
                AtFalseAlarms(
                    per_picture, overlap, threshold if np.isfinite(threshold) else None, rate(best > threshold, of)
                )
            )
    best, first = np.array(system.best[OVERLAPS[0]]), threshold_for(false, FALSE_ALARMS[0] * empty)
    by_kind = {}
    for kind in dict.fromkeys(kinds.tolist()):
        here = kinds == kind
        by_kind[kind] = rate(best[here] > first, clusters(rows[here], rows[here], "photographs"))
    chosen, alarms = None, None
    if system.by is not None:
        threshold = system.by.stages[system.stages - 1].threshold
        chosen = rate(np.array(system.best[OVERLAPS[-1]]) >= threshold, of)
        alarms = float((false >= threshold).sum() / empty)
    return System(
        name=system.name, network=system.model.row.name if system.model else "",
        attributes=len(system.by.attributes) if system.by else 0, start=_start(system.model), stages=system.stages,
        windows=system.windows, at=tuple(at), chosen=chosen, false_alarms=alarms, by_kind=by_kind,
        curve=curve_of(np.array(system.best[OVERLAPS[-1]]), false, empty),
        pictures_per_second=count / max(system.seconds, 1e-9),
    )  # fmt: skip


def threshold_for(false: np.ndarray, allowed: float) -> float:
    """What a score must exceed so that at most so many false alarms do; `false` falls."""
    place = int(np.floor(allowed + 1e-9))
    return float(false[place]) if place < len(false) else -np.inf


def curve_of(best: np.ndarray, false: np.ndarray, empty: int) -> Curve:
    """Recall over false alarms a picture.

    Args:
        best: score of each labelled face, -inf where it was not found.
        false: scores on empty scenes, falling.
        empty: how many of these there are.
    """
    faces = np.sort(best[np.isfinite(best)])
    thresholds = np.unique(np.concatenate([faces, false]))[::-1]
    above = len(faces) - np.searchsorted(faces, thresholds, side="left")
    alarms = len(false) - np.searchsorted(false[::-1], thresholds, side="left")
    start = np.zeros(1)
    return Curve(np.concatenate([start, alarms / empty]), np.concatenate([start, above / len(best)]))


def _start(model: Model | None) -> str:
    if model is None:
        return ""
    if model.row.family == "lnet-mobilenet":
        return "ImageNet"
    return "recognition" if 'start = ""' not in str(model.card.get("recipe")) else "random"


def _refuse_trained_on(run: str, photographs: Faces) -> None:
    path = Path(run) / "split.json"
    if not path.is_file():
        return
    used = set(read_json(path, _Split, "train it again")["photographs"])
    names = [name for name in photographs.names.tolist() if name in used]
    if names:
        what = f"{len(names)} of the photographs gave this run its backgrounds, such as {names[0]}"
        raise BadInput(what, run, "judge it on others")


def _by_attributes(systems: Sequence[System]) -> tuple[ByAttributes, ...]:
    runs = sorted(
        (system for system in systems if system.attributes and system.stages == 2 and system.windows == "peaks"),
        key=lambda system: (system.network, system.start, system.attributes),
    )
    found = []
    for (_, start, attributes), some in groupby(runs, lambda one: (one.network, one.start, one.attributes)):
        recalls = np.array([one.recall(FALSE_ALARMS[0], OVERLAPS[-1]).value for one in some])
        deviation = float(recalls.std(ddof=1)) if len(recalls) > 1 else 0.0
        found.append(ByAttributes(attributes, start, Spread(float(recalls.mean()), deviation, len(recalls))))
    return tuple(found) if len({one.attributes for one in found}) > 1 else ()
