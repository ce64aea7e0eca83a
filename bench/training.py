"""Training by Lightning, as `facerep train` does it, against a bare PyTorch loop of the same arithmetic.

The same network, signals, augmentation, dropout, batches, optimizer and rates: both end with the same weights, which
is checked. Faces are uint8 in memory. Validation, the best weights and the checkpoint are not in the time; what
Lightning, callbacks, the sampler and notes for metrics.csv cost each step is. The bare loop has its batches drawn.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import nn

from facerep.console import console
from facerep.faces.augment import augment
from facerep.faces.batches import normalise
from facerep.faces.crops import PRESETS, Crop
from facerep.faces.patches import parse_patch
from facerep.faces.table import make_faces
from facerep.networks import catalog
from facerep.networks.deepid import DeepID
from facerep.readers.cache import CutFaces
from facerep.signals.identification import Softmax
from facerep.signals.verification import VerificationSignal
from facerep.signals.verification_margin import Margin
from facerep.training.data import LessonData
from facerep.training.each_epoch import EachEpoch
from facerep.training.lessons.lesson import Lesson
from facerep.training.lessons.recognition import Recognition
from facerep.training.machine import Machine, fit, trainer_on
from facerep.training.people_split import Split, split_people
from facerep.training.recipe import Recipe, RunRecipe, read_recipe
from facerep.training.schedule import learning_rate
from facerep.training.tutor import Tutor, seed_of
from row import Row, peak, row

AIM, PEOPLE, PICTURES, ROUNDS, HELD_OUT = 0.9, 400, 32, 5, 4
CPU = torch.device("cpu")
RECIPE = {
    "network.name": "deepid2", "signal.loss": "id+ve", "signal.head": "softmax", "schedule.epochs": 1,
    "data.validation_pairs": 8,
}  # fmt: skip


def measure(people: int = PEOPLE, pictures: int = PICTURES, rounds: int = ROUNDS) -> list[Row]:
    """Images a second of ours over those of the bare loop.

    Args:
        people, pictures: of training; a round is one epoch, people * pictures / 128 steps.
        rounds: how often both run, one after another.
    """
    recipe = read_recipe("modern", RECIPE)
    cut = crops(people, pictures)
    console.quiet, quiet = True, console.quiet
    try:
        first, ours = epoch(recipe, cut)
        ours_peak = peak()
        agree(ours, bare(recipe, cut)[1])
        times = [(epoch(recipe, cut)[0], bare(recipe, cut)[0]) for _ in range(rounds)]
    finally:
        console.quiet = quiet
    lightning, plain = np.array(times).T
    faces = images(recipe, cut)
    note = (
        f"{faces / np.median(lightning):,.0f} against {faces / np.median(plain):,.0f} images/s, {faces:,} images a "
        f"round, the first took {first:.1f} s"
    )
    return [row("training: facerep / bare loop", plain / lightning, AIM, ours_peak, note)]


class _Clock(pl.Callback):
    """Seconds from the beginning of the epoch to the end of the last step, before validation."""

    def on_train_epoch_start(self, *_: Any) -> None:
        self.begun = time.perf_counter()

    def on_train_batch_end(self, *_: Any) -> None:
        self.took = time.perf_counter() - self.begun


def epoch(
    recipe: Any, cut: CutFaces, lesson_of: Callable[[Any, CutFaces], Lesson] | None = None
) -> tuple[float, nn.Module]:
    """What `train` does from the cut faces on; `lesson_of` makes a lesson other than recognition."""
    lesson, clock = (lesson_of or _lesson)(recipe, cut), _Clock()
    trainer = trainer_on(Machine(device="cpu"), CPU, recipe.precision, recipe.schedule)
    torch.manual_seed(recipe.seed)
    tutor = Tutor(lesson)
    with tempfile.TemporaryDirectory() as folder:
        each_epoch = EachEpoch(Path(folder), lesson, {})
        trainer.callbacks.append(clock)  # pyright: ignore
        fit(trainer, tutor, LessonData(lesson), each_epoch, None)
    return clock.took, tutor.network


def bare(
    recipe: Recipe, cut: CutFaces, loaded: Callable[[list[np.ndarray]], Iterable[np.ndarray]] | None = None
) -> tuple[float, nn.Module]:
    """The same steps as a loop; `loaded` gives the pixels of batches of rows, without it they are those in memory."""
    lesson, signal, schedule = _lesson(recipe, cut), recipe.signal, recipe.schedule
    batches = list(lesson.batches())
    seeds = [seed_of(recipe.seed, step, 0) for step in range(len(batches))]
    (numbers,) = lesson.answers

    torch.manual_seed(recipe.seed)
    choice = recipe.network
    network = DeepID(catalog.row(choice.name), normalise=choice.normalise, dropout=choice.dropout)
    network = network.to(memory_format=torch.channels_last).train()  # pyright: ignore[reportCallIssue]
    head = Softmax(network.row.feature, len(lesson.people), signal.smoothing)
    verification = VerificationSignal(signal.verification, signal.share, signal.scale)
    margin = Margin(signal.margin_pairs, signal.margin_start)

    parameters = [*network.parameters(), *head.parameters()]
    offsets = [item for item in parameters if item.ndim <= 1 or item.shape[-2] == 1]
    weights = [item for item in parameters if not (item.ndim <= 1 or item.shape[-2] == 1)]
    optimizer = torch.optim.SGD(
        [{"params": weights}, {"params": offsets, "weight_decay": 0.0}],
        lr=schedule.rate, momentum=schedule.momentum, weight_decay=schedule.decay, nesterov=schedule.momentum > 0,
    )  # fmt: skip
    rates = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: learning_rate(schedule.shape, schedule.warmup, step / len(batches))
    )

    begun = time.perf_counter()
    pixels = loaded(batches) if loaded else (cut.pixels[rows] for rows in batches)
    for step, (rows, seed, faces) in enumerate(zip(batches, seeds, pixels, strict=True)):
        pictures, people = torch.from_numpy(faces), torch.from_numpy(numbers[rows])
        features = network(augment(normalise(pictures[:, 0]), torch.manual_seed(seed), recipe.data.augment))
        distance, same = verification.distances(features, people)
        weight = signal.weight / 2 * min(1.0, step / len(batches) / signal.ramp if signal.ramp else 1.0)
        loss = head(features, people) + weight * verification.of_distances(distance, same, margin.value)
        margin.update(distance.detach(), same)
        optimizer.zero_grad()
        loss.backward()
        if schedule.clip:
            nn.utils.clip_grad_norm_(parameters, schedule.clip)
        optimizer.step()
        rates.step()
    return time.perf_counter() - begun, network


def with_judges(recipe: RunRecipe, cut: CutFaces) -> tuple[Crop, CutFaces, CutFaces, Split]:
    """What a lesson on small grey faces is made of: the crop, the faces, those that validate, who does what."""
    split = split_people(cut.faces, recipe.data, recipe.seed)
    judges = CutFaces(cut.faces.take(split.validation), np.repeat(cut.pixels[split.validation], 2, axis=1), ())
    height, width = cut.pixels.shape[2:4]
    return Crop(PRESETS["points"], height, width, parse_patch("face", "grey")), cut, judges, split


def agree(ours: nn.Module, bare: nn.Module) -> None:
    """Both did the same arithmetic."""
    theirs = bare.state_dict()
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(tensor, theirs[name], rtol=1e-3, atol=1e-4)


def crops(people: int, pictures: int, network: str = "deepid2") -> CutFaces:
    """Noise for faces of a network: what is in them does not change the time."""
    shape = catalog.row(network)
    labels = np.repeat(np.arange(people + HELD_OUT), pictures)
    draw = np.random.default_rng(0)
    pixels = draw.integers(256, size=(len(labels), 1, shape.height, shape.width, shape.channels), dtype=np.uint8)
    names = [f"{person}/{number}.png" for number, person in enumerate(labels)]
    split = np.where(labels < people, "train", "validation").astype(object)
    faces = make_faces(
        "folders", names, [f"{person:05d}" for person in labels], [Path(name) for name in names],
        labels={"split": split},
    )  # fmt: skip
    return CutFaces(faces, pixels, ())


def _lesson(recipe: Recipe, cut: CutFaces) -> Recognition:
    split = split_people(cut.faces, recipe.data, recipe.seed)
    few = np.zeros((len(split.validation), 2, *cut.pixels.shape[2:]), np.uint8)
    judges = CutFaces(cut.faces.take(split.validation), few, ())
    return Recognition(recipe, Crop(PRESETS["points"], *cut.pixels.shape[2:4]), cut, judges, split)


def images(recipe: Recipe, cut: CutFaces) -> int:
    return sum(map(len, _lesson(recipe, cut).batches()))
