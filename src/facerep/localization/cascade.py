"""The cascade: where the first stage responds to head and shoulders, the second one looks for the face.

picture at several sizes ─ stage 1 ─ density peaks ─ squares ─ stage 2 ─ best window ─ box ─ (once more) ─ faces
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from PIL import Image

from facerep.errors import BadInput
from facerep.faces.batches import normalise
from facerep.faces.pasted import CLOSE, WIDE
from facerep.localization.edge_boxes import edge_boxes
from facerep.localization.peaks import density_peaks
from facerep.localization.pyramid import levels, scales
from facerep.metrics.boxes.overlap import iou, sums
from facerep.networks.localizing.calibration import Calibration, boxes_of, in_pixels
from facerep.networks.localizing.lnet import LNet, geometry_of
from facerep.networks.localizing.windows import best_windows
from facerep.networks.weights import Model

_AT_ONCE = 64

NESTED = 0.6
"""Of a box that lies in a surer one by more than this share nothing is kept: an eye or a mouth is no face."""


@dataclass(frozen=True)
class Search:
    """How faces are looked for.

    Attributes:
        least, most: sides of the boxes that are looked for, in pixels; most 0 is the picture's side.
        stages: 2, or 1: the first stage's windows alone.
        squares: how many places of the first stage the second one looks at, at most.
        threshold: of the last stage's score; None is the one that held-out pictures chose, -inf takes all.
        overlap: of two boxes that overlap by more, the one with the lower score goes.
        windows: what the first stage scores: "peaks" of its response, or the "edge-boxes" of the picture.
    """

    least: float = 20.0
    most: float = 0.0
    stages: int = 2
    squares: int = 60
    threshold: float | None = None
    overlap: float = 0.3
    windows: Literal["peaks", "edge-boxes"] = "peaks"


@dataclass(frozen=True)
class Localizer:
    """A network that finds faces.

    Attributes:
        network: in evaluation mode, on `device`.
        stages: what held-out pictures told of each.
        attributes: what it was taught, in the order of the answers.
    """

    network: LNet
    stages: tuple[Calibration, Calibration]
    attributes: tuple[str, ...]
    device: torch.device

    @property
    def side(self) -> int:
        """Of the pictures that it was taught with, in pixels."""
        return self.network.row.height


def localizer(model: Model, device: torch.device) -> Localizer:
    """The localizer in a run.

    Raises:
        BadInput: a run of another lesson.
    """
    taught = model.card.get("localization")
    if not isinstance(model.network, LNet) or not isinstance(taught, dict):
        hint = "give a run of `facerep train --loss localization`"
        raise BadInput(f"network {model.row.name} does not find faces", model.path, hint)
    first, second = (Calibration(**stage) for stage in taught["stages"])
    network = model.network.to(device)
    return Localizer(network, (first, second), tuple(taught["attributes"]), device)


@dataclass(frozen=True)
class Found:
    """Faces of one picture, the surest first.

    Attributes:
        boxes: x, y, width, height in pixels, float64 (n, 4).
        scores: float64 (n,), larger is surer.
    """

    boxes: np.ndarray
    scores: np.ndarray


@torch.inference_mode()
def find(picture: np.ndarray, by: Localizer, search: Search) -> Found:
    """The faces of a picture, uint8 (h, w, 3)."""
    boxes, scores = (_first if search.windows == "peaks" else _proposed)(picture, by, search)
    if search.stages == 2:
        for _ in range(2):  # the second time its squares lie on what the first time found
            boxes, scores = _second(picture, boxes, by)
    threshold = by.stages[search.stages - 1].threshold if search.threshold is None else search.threshold
    height, width = picture.shape[:2]
    kept = apart(boxes, scores, search.overlap, NESTED)
    boxes, scores = boxes[kept], scores[kept]
    low = np.clip(boxes[:, :2], 0, [width, height])
    high = np.clip(boxes[:, :2] + boxes[:, 2:], 0, [width, height])
    boxes = np.column_stack([low, high - low])
    kept = (scores >= threshold) & (boxes[:, 2:] > 1).all(axis=1)
    return Found(boxes[kept], scores[kept])


def _first(picture: np.ndarray, by: Localizer, search: Search) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and scores by the first stage: peaks of the response at each size of the picture."""
    height, width = picture.shape[:2]
    side, stage = by.side, by.network.stage(0)
    face = side * (WIDE.least + WIDE.most) / 2
    geometry, calibration = geometry_of(by.network.row), by.stages[0]
    wanted = scales(height, width, face=face, least=search.least, most=search.most or max(height, width))
    window = face / calibration.side  # in pixels of the level
    places = max(1, round(window / geometry.stride))
    boxes, scores = [np.empty((0, 4))], [np.empty(0)]
    for level in levels(picture, stage, wanted, by.device):
        summed = box_sums(level.response, places) / places  # the response in such a window over its side
        peaks = density_peaks(summed, apart=places / 2, most=search.squares)
        middle = geometry.stride * peaks.places[:, ::-1] + geometry.first + 0.5
        windows = np.column_stack([middle - window / 2, np.full((len(middle), 2), window)])
        boxes.append(boxes_of(windows, calibration) / level.scale)
        scores.append(summed[peaks.places[:, 0], peaks.places[:, 1]])
    every, score = np.concatenate(boxes), np.concatenate(scores)
    best = apart(every, score, 0.6)[: search.squares]
    return every[best], score[best]


def _proposed(picture: np.ndarray, by: Localizer, search: Search) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and scores of windows by their edges: the response in each, at the size at which the stage knows faces."""
    height, width = picture.shape[:2]
    windows = edge_boxes(picture)
    sides = windows[:, 2:].max(axis=1)
    sought = (sides >= search.least) & (sides <= (search.most or max(height, width)))
    windows, sides = windows[sought], sides[sought]
    face = by.side * (WIDE.least + WIDE.most) / 2
    geometry = geometry_of(by.network.row)
    wanted = scales(height, width, face=face, least=search.least, most=search.most or max(height, width))
    nearest = np.abs(np.log(sides[:, None] * np.array(wanted) / face)).argmin(axis=1)
    scores = np.zeros(len(windows))
    for number, level in enumerate(levels(picture, by.network.stage(0), wanted, by.device)):
        here = nearest == number
        places = windows[here] * level.scale / geometry.stride
        places[:, :2] += 0.5 - (geometry.first + 0.5) / geometry.stride
        scores[here] = sums(level.response, places) / np.maximum(places[:, 2:].max(axis=1), 1e-9)
    best = apart(windows, scores, 0.6)[: search.squares]
    return windows[best], scores[best]


def _second(picture: np.ndarray, boxes: np.ndarray, by: Localizer) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and scores by the second stage, which looks at a square around each box."""
    side, stage, geometry = by.side, by.network.stage(1), geometry_of(by.network.row)
    squares = _squares_around(boxes, (CLOSE.least + CLOSE.most) / 2)
    found, scores = [np.empty((0, 4))], [np.empty(0)]
    for start in range(0, len(squares), _AT_ONCE):
        some = squares[start : start + _AT_ONCE]
        seen = np.stack([cut_square(picture, square, side) for square in some])
        maps = stage(normalise(torch.from_numpy(seen).to(by.device))).mean(dim=1).float().cpu().numpy()
        windows = best_windows(maps)
        inside = boxes_of(in_pixels(windows.boxes, geometry), by.stages[1]) * (some[:, 2:3] / side)
        found.append(np.column_stack([inside[:, :2] + some[:, :2], inside[:, 2:]]))
        scores.append(windows.scores)
    return np.concatenate(found), np.concatenate(scores)


def _squares_around(boxes: np.ndarray, share: float) -> np.ndarray:
    """Squares of which boxes take this share of the side."""
    side = boxes[:, 2:].max(axis=1, keepdims=True) / share
    return np.column_stack([boxes[:, :2] + boxes[:, 2:] / 2 - side / 2, side, side])


def cut_square(picture: np.ndarray, square: np.ndarray, side: int) -> np.ndarray:
    """A square of a picture at another size; outside the picture its edge is repeated. uint8 (side, side, 3)."""
    left, top = np.floor(square[:2]).astype(int)
    length = max(1, int(np.ceil(square[2])))
    rows = np.clip(np.arange(top, top + length), 0, picture.shape[0] - 1)
    columns = np.clip(np.arange(left, left + length), 0, picture.shape[1] - 1)
    region = Image.fromarray(picture[rows[:, None], columns])
    offset = square[:2] - [left, top]
    right, bottom = np.minimum(offset + square[2], length)
    box = (float(offset[0]), float(offset[1]), float(right), float(bottom))
    return np.asarray(region.resize((side, side), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0))


def box_sums(response: np.ndarray, places: int) -> np.ndarray:
    """The sum in a square of so many places around each, float64, the same shape; outside the map is nothing."""
    before = places // 2
    padded = np.pad(response.astype(np.float64), ((before + 1, places - before - 1), (before + 1, places - before - 1)))
    sums = padded.cumsum(axis=0).cumsum(axis=1)
    return sums[places:, places:] - sums[:-places, places:] - sums[places:, :-places] + sums[:-places, :-places]


def apart(boxes: np.ndarray, scores: np.ndarray, overlap: float, nested: float = 1.0) -> np.ndarray:
    """Rows of the boxes that stand apart from all surer ones, the surest first.

    Args:
        boxes, scores: (n, 4), (n,).
        overlap: the largest intersection over union that two may have.
        nested: the largest share of the smaller one that two may have in common.
    """
    order, kept = np.argsort(-scores, kind="stable"), []
    while len(order):
        kept.append(int(order[0]))
        first, others = boxes[order[0]], boxes[order[1:]]
        low = np.maximum(first[:2], others[:, :2])
        common = np.clip(np.minimum(first[:2] + first[2:], others[:, :2] + others[:, 2:]) - low, 0, None).prod(axis=1)
        smaller = np.minimum(first[2:].prod(), others[:, 2:].prod(axis=1))
        order = order[1:][(iou(first, others) <= overlap) & (common <= nested * smaller)]
    return np.array(kept, int)
