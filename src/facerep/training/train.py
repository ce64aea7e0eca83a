"""Train: a data set and a recipe in, a run folder out. The order of things stands here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from facerep.console import console, counted
from facerep.errors import Mismatch
from facerep.faces.crops import Crop
from facerep.faces.patches import parse_patch
from facerep.faces.preset_choice import chosen_preset
from facerep.faces.table import Faces
from facerep.files import people
from facerep.files.inputs import command
from facerep.files.provenance import made, now
from facerep.networks.catalog import row
from facerep.networks.device import device as pick_device
from facerep.networks.network import Network
from facerep.networks.sparse import copy_masks
from facerep.networks.weights import Model
from facerep.readers.cache import CutFaces, cut_all
from facerep.training.callbacks import EachEpoch
from facerep.training.checkpoint import read_checkpoint
from facerep.training.data import FaceData, doubts, few, split_people
from facerep.training.machine import Machine, fit, trainer_on
from facerep.training.recipe import Recipe, write_recipe
from facerep.training.run_folder import count_epochs, open_run, read_people
from facerep.training.starting import load_start
from facerep.training.teacher import Teacher

FEW_TO_TRAIN = 100
"""The most people with whom random weights were tried; they were far worse than the box (docs/train.md, section 3)."""


@dataclass(frozen=True)
class Trained:
    """What a run came to.

    `crop` and `data` are for judging the run and stay out of the JSON.
    """

    folder: Path
    network: str
    people: int
    faces: int
    failures: tuple[tuple[str, str], ...]
    epochs: int
    best_epoch: int
    validation_accuracy: float
    validation_people: int
    validation_pairs: int
    crop: Crop = field(repr=False, compare=False)
    data: FaceData = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        told = {name: value for name, value in vars(self).items() if name not in ("crop", "data")}
        return {**told, "folder": str(self.folder), "failures": [list(item) for item in self.failures]}


@command()
def train(
    faces: Faces,
    recipe: Recipe,
    folder: Path,
    *,
    machine: Machine,
    resume: bool = False,
    overwrite: bool = False,
    signals: Path | None = None,
) -> Trained | None:
    """Train a network; None on all processes of a distributed run but the first, which writes and tells.

    `signals` is a run whose heads and margins go on being taught with, see `take_signals`.

    Raises:
        BadInput: see `prepare` and open_run.
        NotAvailable: the device is not here, or Lightning refuses the machine.
        Usage: Lightning refuses strategy, devices or nodes.
        FacerepError: training diverged.
    """
    device = pick_device(machine.device)
    trainer = trainer_on(machine, device, recipe.precision, recipe.schedule)
    console.quiet |= not trainer.is_global_zero
    crop, data = prepare(faces, recipe, machine.workers)
    cut, failures = data.cut, (*faces.failures, *data.cut.failures)
    reads = recipe.network.start
    start = load_start(reads) if reads else None
    if not reads and len(data.people) <= FEW_TO_TRAIN:
        console.note(
            f"{len(data.people)} people are few to train from random weights: --start bundled goes on from the weights "
            "in the box (docs/train.md, section 3)"
        )
    torch.manual_seed(recipe.seed)
    teacher = Teacher(recipe, len(data.people), data.pairs, data.clusters)
    if start is not None:
        start_from(teacher.network, start)
    # what is refused is refused before anything is removed or written
    checkpoint: Path | None = folder / "checkpoints" / "last.ckpt"
    if trainer.is_global_zero:
        told = _told(data, cut, failures, device)
        checkpoint = open_run(folder, write_recipe(recipe), told, resume=resume, overwrite=overwrite)
    elif not (resume and checkpoint.exists()):
        checkpoint = None
    if signals is not None:
        take_signals(teacher, signals, data.people)
    card = {
        "people": len(data.people), "faces": len(data.split.train), "trained_on": cut.faces.kind,
        "fingerprint": cut.faces.fingerprint(), "recipe": write_recipe(recipe), "made": now(),
        "trained_people": trained_people(data.people, start),
    }  # fmt: skip
    per_step = min(recipe.data.people_per_batch, len(data.people)) * recipe.data.pictures_per_person
    each_epoch = EachEpoch(folder, crop, card, per_step, recipe.schedule.patience)
    console.note(
        f"{recipe.network.name}: {counted(len(data.split.train), 'face')} of "
        f"{counted(len(data.people), 'person', 'people')}, crop {crop}, "
        f"{len(failures)} failed; validation by {data.split.by}, {len(data.pairs[0])} pairs"
    )
    fit(trainer, teacher, data, each_epoch, checkpoint)
    if not trainer.is_global_zero:
        return None
    return Trained(
        folder=folder, network=recipe.network.name, people=len(data.people), faces=len(data.split.train),
        failures=failures, epochs=count_epochs(folder) or 0, best_epoch=each_epoch.best_epoch + 1,
        validation_accuracy=each_epoch.best, validation_people=len(set(data.held.faces.people)),
        validation_pairs=len(data.pairs[0]), crop=crop, data=data,
    )  # fmt: skip


def prepare(faces: Faces, recipe: Recipe, workers: int) -> tuple[Crop, FaceData]:
    """The crop that a recipe asks for, and the faces in it, told apart by use.

    Raises:
        BadInput: see split_people and cut_all.
    """
    crop = crop_of(faces, recipe.network.name, recipe.data.crop, recipe.data.patch)
    # which people train is settled before a pixel is read, so that bad input is told at once
    split_people(faces, recipe.data, recipe.seed)
    cut = cut_all(faces, crop, workers=workers)
    split = split_people(cut.faces, recipe.data, recipe.seed)
    held = cut_all(cut.faces.take(split.validation), crop, workers=workers, mirrored=True)
    for doubt in doubts(cut.faces, split) + few(cut.faces, split):
        console.warn(doubt)
    return crop, FaceData(cut, held, split, recipe.data, recipe.seed)


def start_from(network: Network, model: Model) -> None:
    """Take the weights of a trained network of the same row; feature layers that it lacks stay as they are.

    Layers that are sparse in it are so in `network` from now on.

    Raises:
        Mismatch: another row, or one with batch normalisation and one without.
    """
    if replace(model.row, supervised=network.row.supervised) != network.row:
        raise Mismatch(f"network differs: {network.row.name} cannot start from {model.row.name}", model.path)
    copy_masks(model.network, network)
    missing, unknown = network.load_state_dict(model.network.state_dict(), strict=False)
    if unknown or any(not name.startswith("below.") for name in missing):
        raise Mismatch("network differs: one has batch normalisation, the other has not", model.path)


def take_signals(teacher: Teacher, run: Path, people: list[str]) -> None:
    """Go on with the heads, margins and lower feature layers of a run; where they do not fit, start anew and say so.

    Args:
        teacher: its network is left as it is.
        run: its checkpoint is read.
        people: the training people, whom the heads must know.
    """
    checkpoint, listed = run / "checkpoints" / "last.ckpt", run / "people.txt"
    if not checkpoint.exists():
        console.note(f"signals start anew: {checkpoint} is not there")
        return
    if not listed.exists() or read_people(listed) != people:
        console.note(f"signals start anew: {run} was trained on other people")
        return
    state = read_checkpoint(checkpoint)["state_dict"]
    kept = {name: tensor for name, tensor in state.items() if not name.startswith("network.")}
    kept |= {name: tensor for name, tensor in state.items() if name.startswith("network.below.")}
    wanted = teacher.state_dict()
    if any(name not in wanted or wanted[name].shape != tensor.shape for name, tensor in kept.items()):
        console.note(f"signals start anew: {run} was taught with others")
        return
    teacher.load_state_dict(kept, strict=False)


def trained_people(own: Iterable[str], start: Model | None) -> str:
    """The training people as weights keep them: those of the run, and those of the weights that it started from."""
    before = None if start is None else start.trained_people
    known = people.together([people.hashes(own), before])
    assert known is not None
    return people.as_text(known)


def crop_of(faces: Faces, network: str, choice: str, patch: str) -> Crop:
    """The crop that a network of this row is taught with: a preset or `auto`, and the part of the face."""
    chosen = chosen_preset(faces, choice)
    shape = row(network)
    return Crop(chosen, shape.height, shape.width, parse_patch(patch, "rgb" if shape.channels == 3 else "grey"))


def _told(
    data: FaceData, cut: CutFaces, failures: tuple[tuple[str, str], ...], device: torch.device
) -> dict[str, Any]:  # fmt: skip
    return {
        "people.txt": "".join(f"{person}\n" for person in data.people),
        "split.json": {
            "by": data.split.by,
            "train": data.people,
            "validation": sorted(set(data.held.faces.people)),
        },
        "environment.json": {
            **made(console.command), "device": str(device), "threads": torch.get_num_threads(),
            "dataset": cut.faces.kind, "fingerprint": cut.faces.fingerprint(),
            "failures": [list(item) for item in failures],
        },
    }  # fmt: skip
