"""Extraction, whole, against its bound 1 / (1 / decode + 1 / forward): decode and forward alone, each on all cores.

Pictures are JPEG files of 250x250, the network is deepid2, faces are mirrored: as `facerep extract` does it by
default. On a CPU decode and forward share the cores, so the bound is that nothing is lost beside the two; start of
the decoding processes belongs to decode, blocks and the feature file belong to extract alone.
"""

from __future__ import annotations

import functools
import tempfile
import time
from pathlib import Path
from unittest import mock

import numpy as np
import torch
from PIL import Image

from facerep.extraction.extract import Plan, Runner, extract, plan
from facerep.faces import fast_jpeg
from facerep.faces.crops import PRESETS, Crop, cut_for
from facerep.faces.decode import decode
from facerep.faces.table import Faces, make_faces
from facerep.networks import catalog
from facerep.networks.deepid import DeepID
from facerep.networks.weights import Model, load_model, save_model
from facerep.readers.decode_many import pictures
from row import Row, peak, row

AIM, FACES, ROUNDS, SIDE, BATCH, DIFFERENT, DECODED = 0.85, 3000, 5, 250, 128, 60, 500
CPU = torch.device("cpu")


def measure(faces: int = FACES, rounds: int = ROUNDS) -> list[Row]:
    """Images a second of `extract` over those of the bound.

    Args:
        faces: how many pictures.
        rounds: how often extract, decode and forward run, one after another.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = photographs(folder, faces)
        doing = plan([random_model(folder)], table)
        runner = Runner(doing, CPU)

        whole_of(table.take(np.arange(min(faces, BATCH))), doing, folder)
        whole = [whole_of(table, doing, folder)]
        whole_peak = peak()
        batches = _batches(table, doing)
        runner(batches[0])
        decode, forward = [], []
        for _ in range(rounds):
            whole.append(whole_of(table, doing, folder))
            decode.append(_decode(table, doing))
            forward.append(_forward(runner, batches))
        faster = _decoding(table.take(np.arange(min(faces, DECODED))), doing, rounds)
    ratios = [(apart + through) / all_ for all_, apart, through in zip(whole[1:], decode, forward, strict=True)]
    each = ", ".join(
        f"{name} {faces / np.median(times):,.0f}"
        for name, times in (("extract", whole[1:]), ("decode", decode), ("forward", forward))
    )
    return [row("extraction: extract / bound", ratios, AIM, whole_peak, f"images/s: {each}"), *faster]


def _decoding(table: Faces, doing: Plan, rounds: int) -> list[Row]:
    """Decoding and cutting on one thread, by simplejpeg and by Pillow; none without simplejpeg."""
    if fast_jpeg.decoder() is None:
        return []
    times: list[tuple[float, float]] = []
    for _ in range(rounds + 1):
        by_it = _cut_here(table, doing)
        with mock.patch.object(fast_jpeg, "decoder", return_value=None):
            times.append((by_it, _cut_here(table, doing)))
    ratios = [pillow / by_it for by_it, pillow in times[1:]]
    ours, theirs = (len(table) / np.median(side) for side in zip(*times[1:], strict=True))
    note = f"images/s of one thread: {ours:,.0f}, {theirs:,.0f}"
    return [row("decode and cut a face: simplejpeg / Pillow", ratios, None, peak(), note)]


def _cut_here(table: Faces, doing: Plan) -> float:
    begun = time.thread_time()
    for place, marks in zip(table.paths, table.marks, strict=True):
        cut_for(doing.crops, doing.mirror, decode(place), marks)
    return time.thread_time() - begun


def photographs(folder: Path, count: int) -> Faces:
    """JPEG files with smooth shapes and a little noise; some 15 kB each, as photographs of this size have."""
    draw = np.random.default_rng(0)
    paths = [folder / f"{number:05d}.jpg" for number in range(count)]
    for first in range(min(count, DIFFERENT)):
        shapes = Image.fromarray(draw.integers(256, size=(12, 12, 3), dtype=np.uint8))
        smooth = np.asarray(shapes.resize((SIDE, SIDE), Image.Resampling.BICUBIC), float)
        noisy = smooth + draw.normal(scale=6, size=smooth.shape)
        Image.fromarray(np.uint8(np.clip(noisy, 0, 255))).save(paths[first], quality=85)
        for copy in paths[first + DIFFERENT :: DIFFERENT]:
            copy.write_bytes(paths[first].read_bytes())
    return make_faces("lfw", [path.name for path in paths], [""] * count, paths)


def random_model(folder: Path, preset: str = "lfw") -> Model:
    """deepid2 with random weights, read from a file in the folder."""
    torch.manual_seed(0)
    shape = catalog.row("deepid2")
    crop = Crop(PRESETS[preset], shape.height, shape.width)
    path = folder / "model.safetensors"
    save_model(path, DeepID(shape, normalise=True), crop=crop, normalise=True, dropout=0.0, card={})
    return load_model(path)


def whole_of(table: Faces, doing: Plan, folder: Path, least: float = 1.0) -> float:
    """Seconds of `extract`, which must give features of this share of the faces."""
    begun = time.perf_counter()
    found = extract(table, doing, folder / "features.h5", device=CPU, batch_size=BATCH, overwrite=True)
    took = time.perf_counter() - begun
    assert found.faces >= least * len(table)
    return took


def _decode(table: Faces, doing: Plan) -> float:
    begun = time.perf_counter()
    for _ in pictures(table, functools.partial(cut_for, doing.crops, doing.mirror), workers=-1):
        pass
    return time.perf_counter() - begun


def _forward(runner: Runner, batches: list[np.ndarray]) -> float:
    begun = time.perf_counter()
    for batch in batches:
        runner(batch)
    return time.perf_counter() - begun


def _batches(table: Faces, doing: Plan) -> list[np.ndarray]:
    answers = pictures(table, functools.partial(cut_for, doing.crops, doing.mirror), workers=-1)
    cuts = [answer for _, answer in answers if not isinstance(answer, str)]
    return [np.stack(cuts[start : start + BATCH]) for start in range(0, len(cuts), BATCH)]
