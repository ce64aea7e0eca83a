"""Teaching pairs, as `facerep train --loss pair` does it, against a bare PyTorch loop of the same arithmetic.

The stage of the networks, twelve groups of one network; the same batches, pairs, augmentation, dropout, optimizer and
rates: both end with the same weights, which is checked. What is in the time, and what is not, is as in training.py; it
is the second of two epochs.
"""

from __future__ import annotations

import time

import numpy as np
import torch
import torch.nn.functional as functional
from torch import nn

from facerep.console import console
from facerep.faces.augment import augment
from facerep.faces.batches import normalise
from facerep.faces.crops import PRESETS, Crop
from facerep.networks.hybrid.convnet_rbm import ConvNetRBM
from facerep.readers.cache import CutFaces
from facerep.training.lessons.pair import NETWORKS, PairLesson, batch_pairs
from facerep.training.lessons.pair_recipe import NAMED, PairRecipe
from facerep.training.people_split import split_people
from facerep.training.recipe import read_recipe
from facerep.training.schedule import optimizer
from facerep.training.tutor import seed_of
from row import Row, peak, row
from training import AIM, agree, crops, epoch

PEOPLE, PICTURES, ROUNDS, EPOCHS = 100, 8, 5, 2


def measure(people: int = PEOPLE, pictures: int = PICTURES, rounds: int = ROUNDS) -> list[Row]:
    """Images a second of ours over those of the bare loop.

    Args:
        people, pictures: of training; a round is one epoch.
        rounds: how often both run, one after another.
    """
    asked = {"schedule.epochs": EPOCHS, "schedule.tuned_epochs": 0, "data.validation_pairs": 8}
    recipe = read_recipe("modern", asked, kind=PairRecipe, named=NAMED)
    cut = crops(people, pictures, recipe.network.name)
    console.quiet, quiet = True, console.quiet
    try:
        first, ours = epoch(recipe, cut, lesson_of)
        ours_peak = peak()
        _, bare = _bare(recipe, cut)
        agree(ours, bare)
        times = [(epoch(recipe, cut, lesson_of)[0], _bare(recipe, cut)[0]) for _ in range(rounds)]
    finally:
        console.quiet = quiet
    lightning, plain = np.array(times).T
    faces = sum(map(len, _batches(lesson_of(recipe, cut), 1)))
    note = (
        f"{faces / np.median(lightning):,.0f} against {faces / np.median(plain):,.0f} images/s, {faces:,} images a "
        f"round, the first took {first:.1f} s"
    )
    return [row("pairs: facerep / bare loop", plain / lightning, AIM, ours_peak, note)]


class _NetworksAlone(PairLesson):
    """The first stage in every epoch."""

    def stage(self, epoch: int) -> int:  # noqa: ARG002
        return NETWORKS


def lesson_of(recipe: PairRecipe, cut: CutFaces) -> PairLesson:
    """The lesson on faces that are cut."""
    crop = Crop(PRESETS["points"], *cut.pixels.shape[2:4])
    return _NetworksAlone(recipe, crop, cut, split_people(cut.faces, recipe.data, recipe.seed))


def _batches(lesson: PairLesson, number: int) -> list[np.ndarray]:
    return list(lesson.batches(rank=0, replicas=1, now=lambda: number))


def _bare(recipe: PairRecipe, cut: CutFaces) -> tuple[float, nn.Module]:
    """The same steps as a loop."""
    lesson = lesson_of(recipe, cut)
    batches = [_batches(lesson, number) for number in range(EPOCHS)]
    steps = sum(map(len, batches))
    people, rows = (torch.from_numpy(answers) for answers in lesson.answers)

    torch.manual_seed(recipe.seed)
    network = lesson.make_network().to(memory_format=torch.channels_last).train()  # pyright: ignore
    assert isinstance(network, ConvNetRBM)
    made = optimizer(network.parameters(), recipe.schedule, steps, lesson.rate)
    chosen, rates = made["optimizer"], made["lr_scheduler"]["scheduler"]

    step, took = 0, 0.0
    for some in batches:
        begun = time.perf_counter()
        for batch in some:
            draws = torch.manual_seed(seed_of(recipe.seed, step, 0))
            faces = augment(normalise(torch.from_numpy(cut.pixels[batch, 0])), draws, recipe.data.augment)
            left, right, same = batch_pairs(people[batch], rows[batch], draws)
            logits = network.logits(faces, left, right)
            loss = torch.stack([functional.cross_entropy(each, same.long()) for each in logits]).sum()
            chosen.zero_grad()
            loss.backward()
            chosen.step()
            rates.step()
            step += 1
        took = time.perf_counter() - begun
    return took, network
