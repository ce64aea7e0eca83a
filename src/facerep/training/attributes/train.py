"""Teach attributes: cut faces with their answers in, a run folder out, which is a run like any other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from facerep.console import console, counted
from facerep.faces.crops import Crop
from facerep.files.inputs import command
from facerep.files.provenance import fingerprint, made, now
from facerep.networks.device import device as pick_device
from facerep.readers.cache import CutFaces
from facerep.training.attributes.recipe import AttributeRecipe
from facerep.training.attributes.teacher import AttributeData, AttributeTeacher
from facerep.training.callbacks import EachEpoch
from facerep.training.machine import Machine, fit, trainer_on
from facerep.training.recipe import write_recipe
from facerep.training.run_folder import Metrics, open_run
from facerep.training.starting import load_start
from facerep.training.train import start_from, trained_people

COLUMNS = [
    "epoch", "attributes", "id", "validation_accuracy", "validation_low", "validation_high", "rate",
    "images_per_second",
]  # fmt: skip


@dataclass(frozen=True)
class Lesson:
    """What is taught from which cut faces.

    Attributes:
        attributes: names, (k,).
        answers: int8 (n, k).
        train, validation: rows.
        by: how these were told apart.
    """

    attributes: tuple[str, ...]
    answers: np.ndarray
    train: np.ndarray
    validation: np.ndarray
    by: str


@command()
def teach_attributes(
    cut: CutFaces, crop: Crop, lesson: Lesson, recipe: AttributeRecipe, folder: Path,
    *, machine: Machine, resume: bool = False, overwrite: bool = False,
) -> None:  # fmt: skip
    """Train a network on attributes; the weights kept are those with the best mean accuracy on the validation part.

    Raises:
        BadInput: see open_run.
        Mismatch: the network to start from is another one.
        FacerepError: training diverged.
    """
    device = pick_device(machine.device)
    trainer = trainer_on(machine, device, recipe.precision, recipe.schedule)
    people = np.where(cut.faces.people == "", cut.faces.names, cut.faces.people)
    text = write_recipe(recipe)  # pyright: ignore[reportArgumentType]
    told = _told(cut, lesson, device)
    reads = recipe.network.start
    start = load_start(reads) if reads else None  # before anything is removed
    checkpoint = open_run(folder, text, told, resume=resume, overwrite=overwrite)
    torch.manual_seed(recipe.seed)
    numbers = identities(cut.faces.people, lesson.train)
    teacher = AttributeTeacher(
        recipe, lesson.answers[lesson.validation], people[lesson.validation], int(numbers.max()) + 1
    )
    if start is not None:
        start_from(teacher.network, start)
    data = AttributeData(
        cut.pixels, lesson.answers, numbers, lesson.train, lesson.validation,
        batch_size=recipe.data.batch_size, seed=recipe.seed,
    )  # fmt: skip
    card = {
        "people": len(_people(cut, lesson.train)), "faces": len(lesson.train), "trained_on": cut.faces.kind,
        "taught": "attributes", "fingerprint": cut.faces.fingerprint(), "recipe": text, "made": now(),
        "trained_people": trained_people(_people(cut, lesson.train), start),
    }  # fmt: skip
    each_epoch = EachEpoch(folder, crop, card, min(recipe.data.batch_size, len(lesson.train)), recipe.schedule.patience)
    each_epoch.metrics = Metrics(folder / "metrics.csv", COLUMNS)
    console.note(
        f"{recipe.network.name}: {counted(len(lesson.attributes), 'attribute')} of "
        f"{counted(len(lesson.train), 'face')}, crop {crop}; "
        f"validation by {lesson.by}"
    )
    fit(trainer, teacher, data, each_epoch, checkpoint)


def identities(people: np.ndarray, train: np.ndarray) -> np.ndarray:
    """Numbers of the training people with two faces or more, int64 (n,); -1 for all others and for other faces."""
    known, counts = np.unique(people[train][people[train] != ""].astype(str), return_counts=True)
    number = {person: place for place, person in enumerate(known[counts > 1].tolist())}
    numbers = np.full(len(people), -1, np.int64)
    numbers[train] = [number.get(person, -1) for person in people[train]]
    return numbers


def _people(cut: CutFaces, rows: np.ndarray) -> list[str]:
    return sorted(set(cut.faces.people[rows]) - {""})


def _told(cut: CutFaces, lesson: Lesson, device: torch.device) -> dict[str, Any]:
    train, validation = _people(cut, lesson.train), _people(cut, lesson.validation)
    return {
        "people.txt": "".join(f"{person}\n" for person in train),
        "split.json": {
            "by": lesson.by, "train": train, "validation": validation, "attributes": lesson.attributes,
            "answers": fingerprint([lesson.answers.tobytes().hex()]),
        },
        "environment.json": {
            **made(console.command), "device": str(device), "threads": torch.get_num_threads(),
            "dataset": cut.faces.kind, "fingerprint": cut.faces.fingerprint(),
            "failures": [list(item) for item in (*cut.faces.failures, *cut.failures)],
        },
    }  # fmt: skip
