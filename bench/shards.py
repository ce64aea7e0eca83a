"""Shards by Ray's workers of one core each, against this process with one thread, which decodes and computes alike.

Counted is from when each worker has written its first part until the last is written: the start of a cluster, of
its workers and of their networks is left out on both sides (a command pays it once). Pictures are JPEG files of
250x250, the network is deepid2, faces are mirrored, shards are tar files.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import torch

import extraction
from facerep.extraction.many.all_shards import Engine
from facerep.extraction.many.engines import engine_of
from facerep.extraction.many.extract_many import extract_many
from facerep.extraction.many.extracting import ExtractJob
from facerep.extraction.many.work import here
from facerep.files.folders.feature_folder import read_index
from facerep.readers.in_shards import in_shards
from facerep.readers.shards.write import write_shards
from row import Row, peak, row

AIM, FACES, SHARDS, ROUNDS = 0.9, 3200, 8, 2


def measure(faces: int = FACES, shards: int = SHARDS, rounds: int = ROUNDS) -> list[Row]:
    """Faces a second of one worker over those of this process, and of two workers over twice those of one.

    Args:
        faces: how many pictures.
        shards: in how many files, about; an even number of them is done.
        rounds: how often each runs, one after another.
    """
    if find_spec("ray") is None:
        return []
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table = extraction.photographs(folder, faces)
        extraction.random_model(folder)
        whole = sum(path.stat().st_size for path in folder.glob("*.jpg")) + 2048 * faces
        write_shards(table, folder / "shards", limit=whole // shards)
        job = ExtractJob(folder / "feats", (str(folder / "model.safetensors"),), device="cpu", workers=0)
        alone, one, two, spent = [], [], [], []
        for _ in range(rounds):
            begun = time.process_time()
            alone.append(_rate(job, here, 1))
            spent.append((time.process_time() - begun) / faces * 1000)
            ours = peak()
            one.append(_rate(job, engine_of("ray", devices=1), 1))
            two.append(_rate(job, engine_of("ray", devices=2), 2))
    note = "faces/s: " + ", ".join(
        f"{what} {min(rates):,.0f} .. {max(rates):,.0f}"
        for what, rates in (("this process", alone), ("one worker", one), ("two workers", two))
    )
    note += f"; processor time of this process for 1,000 faces: {min(spent):.1f} s"
    ratios = [by_ray / plain for by_ray, plain in zip(one, alone, strict=True)]
    shared = [both / (2 * single) for both, single in zip(two, one, strict=True)]
    return [
        row("extract --engine ray, one worker / extract", ratios, AIM, ours, note),
        row("extract --engine ray: two workers / twice one", shared, None, ours, note),
    ]


def _rate(job: ExtractJob, engine: Engine, workers: int) -> float:
    """Faces a second, from when each of the workers has done one shard to the end, by the times of the parts' files."""
    shutil.rmtree(job.folder, ignore_errors=True)
    shards = in_shards([job.folder.with_name("shards")])
    made = extract_many(shards[: len(shards) // 2 * 2], job, engine)
    assert made.failed == 0
    parts = read_index(job.folder)["parts"]
    done = sorted(((job.folder / name).stat().st_mtime, part["rows"]) for name, part in parts.items())
    return sum(rows for _, rows in done[workers:]) / (done[-1][0] - done[workers - 1][0])
