"""Train: a lesson in, a run folder out. The order of things stands here, once for all lessons."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import torch

from facerep.console import console
from facerep.errors import Usage
from facerep.files.inputs import command
from facerep.files.provenance import made, now
from facerep.networks.device import device as pick_device
from facerep.training.data import LessonData
from facerep.training.each_epoch import EachEpoch
from facerep.training.lessons.catalog import lesson_of
from facerep.training.lessons.lesson import Lesson
from facerep.training.machine import Machine, fit, trainer_on
from facerep.training.recipe import RunRecipe, write_recipe
from facerep.training.run_folder import count_epochs, open_run
from facerep.training.starting import load_start, start_from, take_signals, trained_people
from facerep.training.tutor import Tutor


@dataclass(frozen=True)
class Trained:
    """What a run came to."""

    JSON: ClassVar = (
        "folder", "network=lesson.recipe.network.name", "people", "faces", "failures=lesson.failures", "epochs",
        "best_epoch", "validation_accuracy", "validation_people", "validation_pairs=lesson.judged",
    )  # fmt: skip

    folder: Path
    lesson: Lesson = field(repr=False)
    epochs: int
    best_epoch: int
    validation_accuracy: float

    @property
    def people(self) -> int:
        """How many people train."""
        return len(self.lesson.people)

    @property
    def faces(self) -> int:
        """How many faces train."""
        return len(self.lesson.train)

    @property
    def validation_people(self) -> int:
        """How many people validate."""
        return len(self.lesson.held_out)


@command()
def train(
    material: Any,
    recipe: RunRecipe,
    folder: Path,
    *,
    machine: Machine,
    resume: bool = False,
    overwrite: bool = False,
    signals: Path | None = None,
) -> Trained | None:
    """Train a network; None on all processes of a distributed run but the first, which writes and reports.

    Args:
        material: what the lesson of the recipe is made of: Faces for recognition, AnsweredFaces for attributes.
        recipe: every choice; its class says which lesson.
        folder: the run folder.
        machine: where it is computed.
        resume, overwrite: see open_run.
        signals: a run whose heads and margins go on being taught with, see `take_signals`.

    Raises:
        BadInput: see the lesson's `prepare`, and open_run.
        Mismatch: the network to start from is another one.
        NotAvailable: the device is not here, or Lightning refuses the machine.
        Usage: Lightning refuses strategy, devices or nodes; several devices for a lesson that takes one.
        FacerepError: training diverged.
    """
    if lesson_of(recipe).ALONE and (machine.devices, machine.nodes) != (1, 1):
        raise Usage(f"--loss {recipe.signal.loss} is taught on one device", hint="leave --devices and --nodes out")
    device = pick_device(machine.device)
    trainer = trainer_on(machine, device, recipe.precision, recipe.schedule)
    console.quiet |= not trainer.is_global_zero
    lesson = lesson_of(recipe).prepare(material, recipe, machine.workers)
    start = load_start(recipe.network.start) if recipe.network.start else None
    for remark in lesson.remarks():
        console.note(remark)
    torch.manual_seed(recipe.seed)
    tutor = Tutor(lesson)
    if start is not None:
        start_from(tutor.network, start)
    lesson.begin(tutor.network, device)
    # what is refused is refused before anything is removed or written
    checkpoint: Path | None = folder / "checkpoints" / "last.ckpt"
    if trainer.is_global_zero:
        contents = _contents(lesson, device)
        checkpoint = open_run(folder, write_recipe(recipe), contents, resume=resume, overwrite=overwrite)
    elif not (resume and checkpoint.exists()):
        checkpoint = None
    if signals is not None:
        take_signals(tutor, signals, lesson.people)
    faces = lesson.cut.faces
    card = {
        "people": len(lesson.people), "faces": len(lesson.train), "trained_on": faces.kind, **lesson.card,
        "fingerprint": faces.fingerprint(), "recipe": write_recipe(recipe), "made": now(),
        "trained_people": trained_people(lesson.people, start, lesson.also_trained),
    }  # fmt: skip
    each_epoch = EachEpoch(folder, lesson, card)
    console.note(f"{recipe.network.name}: {lesson.describe()}")
    fit(trainer, tutor, LessonData(lesson), each_epoch, checkpoint)
    if not trainer.is_global_zero:
        return None
    return Trained(folder, lesson, count_epochs(folder) or 0, each_epoch.best_epoch + 1, each_epoch.best)


def _contents(lesson: Lesson, device: torch.device) -> dict[str, Any]:
    """The files that a run begins with, beside its recipe."""
    faces = lesson.cut.faces
    return {
        "people.txt": "".join(f"{person}\n" for person in lesson.people),
        "split.json": {"by": lesson.by, "train": lesson.people, "validation": lesson.held_out, **lesson.split},
        "environment.json": {
            **made(console.command), "device": str(device), "threads": torch.get_num_threads(),
            "dataset": faces.kind, "fingerprint": faces.fingerprint(),
            "failures": [list(item) for item in lesson.failures],
        },
    }  # fmt: skip
