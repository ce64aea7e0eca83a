"""Extraction of photographs with --align, whole, against the sum of its parts: decode, detect, points and cut, forward.

Photographs are JPEG files of 640x480 with a face of ORL each, the network is deepid2, the cascade that in the box.
Each part runs alone on all cores: decoding; decoding and detecting; all that is done before the network; the network.
On a CPU they share the cores, so the sum is the bound. Photographs without a face cost no points and no forward pass,
so there are none.
"""

from __future__ import annotations

import functools
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from extraction import random_model, whole_of
from facerep.detection.aligned_faces import Finding
from facerep.detection.detectors import detector
from facerep.extraction.extract import Plan, Runner, plan
from facerep.faces.decode import decode
from facerep.faces.table import Faces, make_faces
from facerep.readers.decode_many import Work, pictures
from facerep.readers.load import load
from row import Row, peak, row

AIM, PHOTOGRAPHS, ROUNDS, BATCH = 0.85, 600, 5, 128
WIDTH, HEIGHT, SIZES = 640, 480, (1.0, 3.0)
CPU = torch.device("cpu")


def measure(photographs: int = PHOTOGRAPHS, rounds: int = ROUNDS, finding: Finding | None = None) -> list[Row]:
    """Photographs a second of `extract --align` over those of the sum of its parts.

    Args:
        photographs: how many.
        rounds: how often the whole and its parts run, one after another.
        finding: how faces are found.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = _photographs(folder, photographs)
        doing = plan([random_model(folder, "points")], table, finding=finding or Finding())
        runner = Runner(doing, CPU)
        whole_of(table, doing, folder, 0.9)
        whole_peak = peak()
        batches = _batches(table, doing)
        runner(batches[0])
        times = []
        for _ in range(rounds):
            whole = whole_of(table, doing, folder, 0.9)
            parts = [_before(table, work) for work in (_decoded, functools.partial(_detected, doing), doing.cut)]
            times.append((whole, *parts, _forward(runner, batches)))
    ratios = [(before + forward) / whole for whole, _, _, before, forward in times]
    whole, decoded, detected, before, forward = np.median(times, axis=0)
    each = ", ".join(
        f"{name} {1000 * took / photographs:.1f}"
        for name, took in (
            ("whole", whole), ("decode", decoded), ("detect", detected - decoded), ("points, cut", before - detected),
            ("forward", forward),
        )
    )  # fmt: skip
    return [row("alignment: extract --align / parts", ratios, AIM, whole_peak, f"ms a photograph: {each}")]


def _photographs(folder: Path, count: int) -> Faces:
    """JPEG files, each with a face at a random place and size over smooth shapes."""
    draw = np.random.default_rng(0)
    orl = load("orl")
    faces = [Image.fromarray(decode(path)) for path in orl.paths[:60]]
    paths = [folder / f"{number:05d}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        shapes = Image.fromarray(draw.integers(90, 160, size=(6, 8, 3), dtype=np.uint8))
        picture = shapes.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
        face, scale = faces[number % len(faces)], draw.uniform(*SIZES)
        size = round(face.width * scale), round(face.height * scale)
        place = int(draw.integers(0, WIDTH - size[0])), int(draw.integers(0, HEIGHT - size[1]))
        picture.paste(face.resize(size, Image.Resampling.BICUBIC), place)
        picture.save(path, quality=90)
    return make_faces("folders", [path.name for path in paths], [""] * count, paths)


def _decoded(picture: np.ndarray, _marks: np.ndarray) -> np.ndarray:
    return picture[0, 0]


def _detected(doing: Plan, picture: np.ndarray, _marks: np.ndarray) -> np.ndarray:
    assert doing.finding is not None
    return detector(doing.finding.detector)(picture).boxes


def _before(table: Faces, work: Work) -> float:
    begun = time.perf_counter()
    for _ in pictures(table, work, workers=-1):
        pass
    return time.perf_counter() - begun


def _forward(runner: Runner, batches: list[np.ndarray]) -> float:
    begun = time.perf_counter()
    for batch in batches:
        runner(batch)
    return time.perf_counter() - begun


def _batches(table: Faces, doing: Plan) -> list[np.ndarray]:
    cuts = [answer for _, answer in pictures(table, doing.cut, workers=-1) if not isinstance(answer, str)]
    return [np.stack(cuts[start : start + BATCH]) for start in range(0, len(cuts), BATCH)]
