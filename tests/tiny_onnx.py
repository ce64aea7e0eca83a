"""Small ONNX networks of faces, as other programs write them: a convolution, a pool, a full layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

SIDE, DIMENSION = 16, 6


def tiny_onnx(
    path: Path,
    *,
    batch: int | str = "n",
    channels: int = 3,
    layout: str = "nchw",
    removed: bool = False,
    more_outputs: Sequence[str] = (),
    extra: Sequence[Any] = (),
    output: str = "embedding",
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write a network of SIDE x SIDE faces with DIMENSION units; its weights are always the same.

    Args:
        path: where.
        batch: of the input, a number or the name of an open one.
        channels: 3 or 1.
        layout: "nchw" or "nhwc".
        removed: list a weight that is no more among the inputs, as SFace's int8 file does.
        more_outputs: names inside the graph that are outputs too: "maps", "pooled".
        extra: nodes more.
        output: name of the feature.
        metadata: what the file says of itself.
    """
    rng = np.random.default_rng(0)
    weights = {
        "kernel": rng.normal(size=(4, channels, 3, 3)) / 8, "full": rng.normal(size=(4 * 16, DIMENSION)) / 8,
    }  # fmt: skip
    first = "faces"
    nodes = []
    if layout == "nhwc":
        nodes.append(helper.make_node("Transpose", ["faces"], ["turned"], perm=[0, 3, 1, 2]))
        first = "turned"
    nodes += [
        helper.make_node("Conv", [first, "kernel"], ["maps"], pads=[1, 1, 1, 1]),
        helper.make_node("MaxPool", ["maps"], ["pooled"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("MatMul", ["flat", "full"], [output]),
        *extra,
    ]
    shape = [batch, channels, SIDE, SIDE] if layout == "nchw" else [batch, SIDE, SIDE, channels]
    inputs = [helper.make_tensor_value_info("faces", TensorProto.FLOAT, shape)]
    if removed:
        inputs.append(helper.make_tensor_value_info("removed_weight", TensorProto.FLOAT, [8, 3, 3, 3]))
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in (*more_outputs, output)]
    kept = [numpy_helper.from_array(values.astype(np.float32), name) for name, values in weights.items()]
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, kept)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    helper.set_model_props(model, metadata or {})
    onnx.save(model, path)
    return path


def by_hand(faces: np.ndarray, mean: float, scale: float) -> np.ndarray:
    """The feature of uint8 faces (n, SIDE, SIDE, 3), by loops over pixels: float64 (n, DIMENSION)."""
    rng = np.random.default_rng(0)
    kernel = (rng.normal(size=(4, 3, 3, 3)) / 8).astype(np.float32)
    full = (rng.normal(size=(4 * 16, DIMENSION)) / 8).astype(np.float32)
    rows = []
    for face in faces:
        padded = np.pad((face.astype(np.float64) - mean) * scale, ((1, 1), (1, 1), (0, 0)))
        maps = np.zeros((4, SIDE, SIDE))
        for y in range(SIDE):
            for x in range(SIDE):
                maps[:, y, x] = np.einsum("ochw,hwc->o", kernel, padded[y : y + 3, x : x + 3])
        rows.append(maps.reshape(4, 4, 4, 4, 4).max(axis=(2, 4)).reshape(-1) @ full)
    return np.array(rows)
