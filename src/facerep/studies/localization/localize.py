"""Localize: the boxes of the faces in photographs, one photograph after the other, and what the maps look like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from facerep.errors import Usage
from facerep.faces.decode import UnreadablePicture, decode
from facerep.faces.table import Faces
from facerep.localization.cascade import Found, Localizer, Search, find, localizer
from facerep.localization.pyramid import respond, shrunk
from facerep.networks.device import device as pick_device
from facerep.networks.weights import load_model
from facerep.progress import progress
from facerep.results.kinds import LOCALIZATION

TINY = 24
"""Pixels of the shorter side that a picture needs."""

MAP_SIDE = 320
"""Longer side of the picture that a shown map is of, in pixels."""


@dataclass(frozen=True)
class Localized:
    """The faces of some photographs.

    Attributes:
        run, weights: the run, and the SHA-256 of its weights.
        network: its row.
        threshold: score from which on a box is a face.
        chosen: whether held-out pictures chose it.
        stages: how many were asked.
        photographs: how many could be read.
        without: how many of these show no face, as far as was found.
        names: of the photographs, one a box.
        boxes: x, y, width, height in pixels, float64 (n, 4).
        scores: float64 (n,).
        failures: (name, reason) of the others.
    """

    KIND: ClassVar = LOCALIZATION
    JSON: ClassVar = (
        "run", "weights", "network", "stages", "threshold", "chosen", "photographs", "without", "faces", "found",
        "failures",
    )  # fmt: skip

    run: str
    weights: str
    network: str
    stages: int
    threshold: float
    chosen: bool
    photographs: int
    without: int
    names: tuple[str, ...]
    boxes: np.ndarray
    scores: np.ndarray
    failures: tuple[tuple[str, str], ...]

    @property
    def faces(self) -> int:
        """How many boxes there are."""
        return len(self.names)

    @property
    def found(self) -> list[dict[str, Any]]:
        """The boxes as JSON has them."""
        rows = zip(self.names, self.boxes.tolist(), self.scores.tolist(), strict=True)
        return [{"name": name, "box": box, "score": score} for name, box, score in rows]


@dataclass(frozen=True)
class Seen:
    """One photograph, for whoever draws it.

    Attributes:
        name: of the photograph.
        picture: uint8 (h, w, 3).
        response: of the picture made smaller, float32 (height, width).
        found: its faces.
    """

    name: str
    picture: np.ndarray
    response: np.ndarray
    found: Found


def localize(
    run: str | Path,
    photographs: Faces,
    search: Search | None = None,
    *,
    attribute: str | None = None,
    show: Callable[[Seen], None] | None = None,
    device: str = "auto",
) -> Localized:
    """Find the faces of photographs; memory is that of the largest one.

    Args:
        run: a run of `train --loss localization`, or its weights.
        photographs: names and places of the pictures.
        search: how faces are looked for.
        attribute: the map is that of this attribute's answer; None: the mean of the last maps.
        show: given each photograph with its map.
        device: where it is computed.

    Raises:
        BadInput: no such run, or one that finds no faces.
        Usage: an attribute that it was not taught.
    """
    search, model, place = search or Search(), load_model(run), pick_device(device)
    by = localizer(model, place)
    answer = None if attribute is None else _place_of(attribute, by)
    names, boxes, scores = [], [np.empty((0, 4))], [np.empty(0)]
    failures, without = list(photographs.failures), 0
    read = 0
    with progress("localize", len(photographs), "photographs") as advance:
        for name, path in zip(photographs.names.tolist(), photographs.paths, strict=True):
            try:
                picture = decode(path)
                height, width = picture.shape[:2]
                if min(height, width) < TINY:
                    raise UnreadablePicture(f"picture of {width}x{height} pixels is too small to look for faces")
            except UnreadablePicture as error:
                failures.append((name, error.reason))
                advance(1)
                continue
            found = find(picture, by, search)
            read += 1
            without += not len(found.boxes)
            names += [name] * len(found.boxes)
            boxes.append(found.boxes)
            scores.append(found.scores)
            if show is not None:
                show(Seen(name, picture, shown_map(picture, by, answer), found))
            advance(1)
    threshold = by.stages[search.stages - 1].threshold if search.threshold is None else search.threshold
    return Localized(
        run=str(run), weights=model.sha256, network=model.row.name, stages=search.stages, threshold=threshold,
        chosen=search.threshold is None, photographs=read, without=without, names=tuple(names),
        boxes=np.concatenate(boxes), scores=np.concatenate(scores), failures=tuple(failures),
    )  # fmt: skip


@torch.inference_mode()
def shown_map(picture: np.ndarray, by: Localizer, answer: int | None) -> np.ndarray:
    """The map of the whole picture, MAP_SIDE pixels long, by the first stage."""
    scale = min(1.0, MAP_SIDE / max(picture.shape[:2]))
    return respond(by.network.stage(0), shrunk(picture, scale), by.device, answer)


def _place_of(attribute: str, by: Localizer) -> int:
    if attribute not in by.attributes:
        raise Usage(f"the run was not taught {attribute!r}", hint=f"it was taught: {', '.join(by.attributes)}")
    return by.attributes.index(attribute)
