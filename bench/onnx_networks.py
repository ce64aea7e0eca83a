"""Extraction by an ONNX network against a bare loop: cut a face, its mirror image too, one call of onnxruntime each.

The network is the one in the box, exported; pictures are JPEG files of 112x112, aligned. Both run in this process on
one thread, and processor time is compared: what `extract` adds is the check of the input contract, blocks that outlive
a kill, and the feature file.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from facerep.extraction.extract import extract, plan
from facerep.faces.decode import decode
from facerep.faces.table import Faces, make_faces
from facerep.networks.onnx_files.export import to_onnx
from facerep.networks.onnx_files.runtime import onnxruntime_package
from facerep.networks.weights import load_model
from row import Row, peak, row

AIM, FACES, ROUNDS, SIDE, BATCH = 0.9, 1500, 5, 112, 128
CPU = torch.device("cpu")


def measure(faces: int = FACES, rounds: int = ROUNDS) -> list[Row]:
    """Faces a second of `extract` over those of the loop.

    Args:
        faces: how many pictures.
        rounds: how often both run, one after the other.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        proto = to_onnx([load_model(None)], "feature")
        (folder / "net.onnx").write_bytes(proto.SerializeToString())
        table, model = _pictures(folder, faces), load_model(folder / "net.onnx")
        doing = plan([model], table, crop="aligned")
        session = _session(folder / "net.onnx")
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        whole, bare = [], []
        try:
            for _ in range(rounds + 1):
                begun = time.process_time()
                found = extract(table, doing, folder / "f.h5", device=CPU, workers=0, batch_size=BATCH, overwrite=True)
                whole.append(time.process_time() - begun)
                assert found.faces == len(table)
                begun = time.process_time()
                _loop(session, table, doing.crops[0])
                bare.append(time.process_time() - begun)
        finally:
            torch.set_num_threads(threads)
    ratios = [alone / all_ for all_, alone in zip(whole[1:], bare[1:], strict=True)]
    note = f"faces/s of one thread: {faces / np.median(whole[1:]):,.0f}, {faces / np.median(bare[1:]):,.0f}"
    return [row("extraction: ONNX network / bare onnxruntime loop", ratios, AIM, peak(), note)]


def _session(path: Path) -> Any:
    runtime = onnxruntime_package()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    return runtime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _loop(session: Any, table: Faces, crop: Any) -> np.ndarray:
    features = []
    for place, marks in zip(table.paths, table.marks, strict=True):
        both = crop.cut_both(decode(place), marks)
        values = ((both - np.float32(127.5)) * np.float32(1 / 127.5)).transpose(0, 3, 1, 2)
        twins = [session.run(None, {"faces": np.ascontiguousarray(values[side : side + 1])})[0] for side in (0, 1)]
        features.append((twins[0] + twins[1]) / 2)
    return np.concatenate(features)


def _pictures(folder: Path, count: int) -> Faces:
    draw = np.random.default_rng(0)
    paths = [folder / f"{number:05d}.jpg" for number in range(count)]
    for path in paths:
        shapes = Image.fromarray(draw.integers(256, size=(12, 12, 3), dtype=np.uint8))
        shapes.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(path, quality=85)
    return make_faces("folders", [path.name for path in paths], [""] * count, paths)
