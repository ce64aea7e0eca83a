"""Training from tar shards that are streamed, nothing kept, against a bare PyTorch loop that reads the same.

The bare loop is that of training.py, fed by torch's own DataLoader with as many worker processes, each of which reads,
decodes and cuts the pictures of a batch. Both end with the same weights, which is checked. The pictures are noise of a
face's size as JPEG, in shards that `data shard` wrote, of which a window of two is drawn from at a time.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from facerep.console import console
from facerep.faces.crops import PRESETS, Crop
from facerep.faces.decode import decode_assuming
from facerep.faces.patches import parse_patch
from facerep.faces.table import Faces, make_faces
from facerep.networks import catalog
from facerep.readers.cache import CutFaces
from facerep.readers.load import load
from facerep.readers.shards.write import write_shards
from facerep.readers.streamed_crops import StreamedCrops
from facerep.training.recipe import read_recipe
from row import Row, peak, row
from training import AIM, HELD_OUT, RECIPE, agree, bare, epoch, images

PEOPLE, PICTURES, ROUNDS, WORKERS, SIDE = 48, 32, 5, 1, 112


def measure(people: int = PEOPLE, pictures: int = PICTURES, rounds: int = ROUNDS, workers: int = WORKERS) -> list[Row]:
    """Images a second of ours over those of the bare loop.

    Args:
        people, pictures: of training; a round is one epoch, people * pictures / 128 steps.
        rounds: how often both run, one after another.
        workers: processes of each that read, decode and cut.
    """
    recipe = read_recipe("modern", {**RECIPE, "data.window": 2})
    console.quiet, quiet = True, console.quiet
    try:
        with tempfile.TemporaryDirectory() as folder:
            faces = _shards(Path(folder), people, pictures)
            shape = catalog.row(recipe.network.name)
            crop = Crop(PRESETS["loose"], shape.height, shape.width, parse_patch("face", "rgb"))
            cut = CutFaces(faces, StreamedCrops(faces, crop, workers), ())

            def loaded(batches: list[np.ndarray]) -> Iterable[np.ndarray]:
                return DataLoader(
                    _Plain(faces, crop), sampler=batches, batch_size=None, num_workers=workers,  # pyright: ignore
                    collate_fn=_as_it_is, multiprocessing_context="forkserver",
                )  # fmt: skip

            _, ours = epoch(recipe, cut)
            ours_peak = peak()
            agree(ours, bare(recipe, cut, loaded)[1])
            times = [(epoch(recipe, cut)[0], bare(recipe, cut, loaded)[0]) for _ in range(rounds)]
            count = images(recipe, cut)
    finally:
        console.quiet = quiet
    lightning, plain = np.array(times).T
    speeds = f"{count / np.median(lightning):,.0f} against {count / np.median(plain):,.0f} images/s"
    note = f"{speeds}, {count:,} images a round"
    return [row("training from streamed shards: facerep / bare loop", plain / lightning, AIM, ours_peak, note)]


class _Plain(Dataset):
    """Batches of crops, as one would write it."""

    def __init__(self, faces: Faces, crop: Crop) -> None:
        self.paths, self.marks, self.crop = faces.paths, faces.marks, crop

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        torch.set_num_threads(1)
        each = [self.crop.cut(decode_assuming(self.paths[row])[0], self.marks[row]) for row in rows]
        return np.stack(each)[:, None]


def _as_it_is(batch: np.ndarray) -> np.ndarray:
    return batch


def _shards(folder: Path, people: int, pictures: int) -> Faces:
    """Pictures of noise in shards, with people who validate."""
    draw, paths = np.random.default_rng(0), []
    labels = np.repeat(np.arange(people + HELD_OUT), pictures)
    for number, person in enumerate(labels):
        path = folder / "pictures" / f"{person:05d}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray(draw.integers(256, size=(SIDE // 4, SIDE // 4, 3), dtype=np.uint8))
        small.resize((SIDE, SIDE)).save(path, quality=90)
        paths.append(path)
    split = np.where(labels < people, "train", "validation").astype(object)
    faces = make_faces(
        "folders", [f"{path.parent.name}/{path.name}" for path in paths], [f"{person:05d}" for person in labels],
        paths, labels={"split": split}, root=folder / "pictures",
    )  # fmt: skip
    size = sum(path.stat().st_size for path in paths)
    write_shards(faces, folder / "shards", limit=size // 12)
    return load(folder / "shards")
