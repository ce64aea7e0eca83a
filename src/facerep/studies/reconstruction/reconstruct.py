"""Reconstruct: faces through a network that draws, and its pictures against the truth.

The truth is the canonical picture of a face's person, chosen by labels. A blurred average for everybody has a small
error and knows nobody: so the truths of all people compete for each picture, and an untrained network draws too.
No file is written and nothing is printed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from facerep.errors import BadInput
from facerep.faces.crops import Crop
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces, as_text
from facerep.files.label_columns import text_column
from facerep.files.people import overlap
from facerep.files.provenance import software
from facerep.metrics.clusters import clusters
from facerep.metrics.intervals import rate
from facerep.networks.weights import Model
from facerep.pairs.people_overlap import Overlaps
from facerep.readers.cache import CutFaces, cut_all
from facerep.studies.reconstruction.nearness import Nearness, nearness
from facerep.studies.reconstruction.painter import Painter, draw_all, untrained
from facerep.studies.reconstruction.result import Closeness, Judgement, PictureGroup, ReconstructionResult
from facerep.studies.reconstruction.view_painter import any_painter
from facerep.training.lessons.canonical_targets import MEASURE, Targets, choose_targets


@dataclass(frozen=True)
class Drawn:
    """Faces with their pictures and, where there is one, the truth.

    Attributes:
        faces: the table, failures taken out.
        seen: what the network saw, uint8 (n, height, width, channels).
        names: of the pictures of a face; ("",) where there is one.
        pictures: uint8 (n, pictures, height, width).
        truth: rows of `seen` that are the truth of each picture, (n, pictures); -1 where there is none.
    """

    faces: Faces
    seen: np.ndarray
    names: tuple[str, ...]
    pictures: np.ndarray
    truth: np.ndarray


def reconstruct(
    model: Model,
    faces: Faces,
    *,
    crop: str = "auto",
    target: str | None = None,
    by: str | None = None,
    device: torch.device,
    workers: int = -1,
    seed: int = 0,
    painting: Callable[[Model, Crop, torch.device], Painter] = any_painter,
) -> tuple[ReconstructionResult, Drawn]:
    """Draw faces anew and judge what was drawn.

    Args:
        model: of a run that was taught to draw.
        faces: whose pictures are drawn.
        crop: a preset's name, or `auto`.
        target: what the truth is chosen by; None: what the network was taught, where the set has these columns.
        by: a column; pictures are judged by its values too.
        device: where the network is.
        workers: processes that cut faces.
        seed: of the untrained network.
        painting: makes a painter of a model.

    Raises:
        BadInput: the network draws nothing; no face can be cut; a column that `target` or `by` names is not there, or
            nobody has a truth by the `target` that was asked for.
        Usage: no such preset; `target` is no rule.
    """
    chosen = Crop(chosen_preset(faces, crop), model.crop.height, model.crop.width, model.crop.patch)
    painter = painting(model, chosen, device)
    if by is not None:  # before a pixel is read
        text_column(faces.labels, by, faces.root, "data set")
    rule, why = _truth_rule(painter, faces, target)
    warnings = [f"no truth here: {why}; name some by --target"] if why else []
    cut = cut_all(faces, chosen, workers=workers)
    drawn, truths = _drawn(painter, cut, rule, device)
    judged, known = None, np.zeros(0, int)
    if truths is not None:
        other = painting(untrained(model, seed), chosen, device)
        blank = draw_all(other, cut.pixels[:, 0], device, "untrained network")
        judged, known = _judge(drawn, blank, by)
    made_of = Overlaps(network=overlap(drawn.faces.people[known], model.trained_people) if len(known) else None)
    result = ReconstructionResult(
        network={"name": model.row.name, "weights": model.sha256, "file": model.path, "crop": str(chosen)},
        dataset={"kind": faces.kind, "fingerprint": faces.fingerprint()},
        faces=len(drawn.faces), failures=(*faces.failures, *cut.failures), target=rule, targets=painter.names,
        between=painter.between, judged=judged, overlap=made_of, seed=seed, software=software(),
        warnings=(*warnings, *made_of.warnings()),
    )  # fmt: skip
    return result, drawn


def _truth_rule(painter: Painter, faces: Faces, target: str | None) -> tuple[str, str]:
    """The rule that the truth is chosen by, "" where there is none; and why there is none.

    Raises:
        BadInput, Usage: a rule that was asked for gives nobody a truth.
    """
    rule = target or painter.rule
    if not rule:
        return "", "the network was taught no one picture of a person"
    if target is None and rule == MEASURE:
        return "", "the network chose it without labels"
    if target is None and any(part.partition("=")[0].strip() not in faces.labels for part in rule.split(",")):
        return "", f"the set has not the columns that it is chosen by ({rule})"
    if rule != MEASURE:
        found = choose_targets(faces, None, rule, painter.names, anybody=target is not None)
        if not len(found.people):
            return "", f"nobody has such a picture ({rule}; {', '.join(painter.names)})"
    return rule, ""


def _drawn(painter: Painter, cut: CutFaces, rule: str, device: torch.device) -> tuple[Drawn, Targets | None]:
    pictures = draw_all(painter, cut.pixels[:, 0], device, "reconstruct")
    targets, truth = None, np.full((len(cut.faces), len(painter.names)), -1)
    if rule:
        targets = choose_targets(cut.faces, cut.pixels[:, 0, ..., 0], rule, painter.names)
        truth = targets.of(cut.faces.people)
    return Drawn(cut.faces, cut.pixels[:, 0], painter.names, pictures, truth), targets


def _judge(drawn: Drawn, blank: np.ndarray, by: str | None) -> tuple[Judgement, np.ndarray]:
    """The judgement, and the faces that were judged.

    A face that is itself the truth is not judged: it would be copied.
    """
    grey = drawn.seen[..., 0]
    rows, places, ours, theirs, flat, people = [], [], [], [], [], 0
    for place in range(len(drawn.names)):
        truth = drawn.truth[:, place]
        known = np.unique(truth[truth >= 0])
        people = max(people, len(known))
        judged = np.flatnonzero((truth >= 0) & (truth != np.arange(len(truth))))
        if len(judged) == 0:
            continue
        own = np.searchsorted(known, truth[judged])
        ours.append(nearness(drawn.pictures[judged, place], grey[known], own))
        theirs.append(nearness(blank[judged, place], grey[known], own))
        mean = np.broadcast_to(np.rint(grey[known].mean(axis=0)).astype(np.uint8), (len(judged), *grey.shape[1:]))
        flat.append(nearness(mean, grey[known], own).error)
        rows.append(judged)
        places.append(np.full(len(judged), place))
    if not rows:
        raise BadInput("no face to judge: all of them are canonical pictures themselves", drawn.faces.root)
    all_rows, all_places = np.concatenate(rows), np.concatenate(places)
    both = _together(ours), _together(theirs)

    def group(name: str, some: np.ndarray) -> PictureGroup:
        whose = drawn.faces.people[all_rows[some]]
        return PictureGroup(name, *(_closeness(one, some, whose) for one in both))

    whole = group("", np.ones(len(all_rows), bool))
    column = as_text(drawn.faces.labels[by])[all_rows] if by is not None else np.array([], dtype=object)
    several = len(drawn.names) > 1
    judgement = Judgement(
        people=people, without_truth=int((drawn.truth < 0).all(axis=1).sum()), drawn=whole.drawn,
        untrained=whole.untrained, one_for_all=float(np.concatenate(flat).mean()), by=by or "",
        groups=tuple(group(name, column == name) for name in _in_order(column)),
        pictures=tuple(
            group(name, all_places == place) for place, name in enumerate(drawn.names) if (all_places == place).any()
        ) if several else (),
    )  # fmt: skip
    return judgement, np.unique(all_rows)


def _together(parts: list[Nearness]) -> Nearness:
    return Nearness(np.concatenate([part.error for part in parts]), np.concatenate([part.nearest for part in parts]))


def _closeness(of: Nearness, some: np.ndarray, people: np.ndarray) -> Closeness:
    return Closeness(
        int(some.sum()), float(of.error[some].mean()), rate(of.nearest[some], clusters(people, people, "people"))
    )


def _in_order(column: np.ndarray) -> list[str]:
    """The values of a column, numbers by their size, then words."""

    def key(value: str) -> tuple[bool, float, str]:
        try:
            return False, float(value), value
        except ValueError:
            return True, 0.0, value

    return sorted(set(column.tolist()), key=key)
