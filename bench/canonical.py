"""Training the canonical view, as `facerep train` does it, against a bare PyTorch loop of the same arithmetic.

Both rows of 32x32 pixels; the same batches, mirrors, augmentation, optimizer and rates: both end with the same weights,
which is checked. What is in the time, and what is not, is as in training.py.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import nn

from facerep.console import console
from facerep.faces.augment import augment
from facerep.faces.batches import normalise
from facerep.networks.fip import Reconstruction
from facerep.readers.cache import CutFaces
from facerep.training.lessons.canonical import CanonicalView
from facerep.training.lessons.canonical_recipe import NAMED, CanonicalRecipe
from facerep.training.recipe import read_recipe
from facerep.training.schedule import optimizer
from facerep.training.tutor import seed_of
from row import Row, peak, row
from training import AIM, agree, crops, epoch, with_judges

PEOPLE, PICTURES, ROUNDS = 100, 40, 5


def measure(people: int = PEOPLE, pictures: int = PICTURES, rounds: int = ROUNDS) -> list[Row]:
    """Images a second of ours over those of the bare loop, a row for each of the networks.

    Args:
        people, pictures: of training; a round is one epoch.
        rounds: how often both run, one after another.
    """
    rows = []
    console.quiet, quiet = True, console.quiet
    try:
        for source in ("modern", "paper"):
            asked = {"schedule.epochs": 1, "data.validation_pairs": 8, "signal.target": "view=0"}
            recipe = read_recipe(source, asked, kind=CanonicalRecipe, named=NAMED)
            cut = _views(people, pictures)
            first, ours = epoch(recipe, cut, lesson_of)
            ours_peak = peak()
            _, bare = _bare(recipe, cut)
            agree(ours, bare)
            times = [(epoch(recipe, cut, lesson_of)[0], _bare(recipe, cut)[0]) for _ in range(rounds)]
            lightning, plain = np.array(times).T
            faces = sum(map(len, _batches(lesson_of(recipe, cut))))
            note = (
                f"{faces / np.median(lightning):,.0f} against {faces / np.median(plain):,.0f} images/s, {faces:,} "
                f"images a round, the first took {first:.1f} s"
            )
            name = f"canonical view, {recipe.network.name}: facerep / bare loop"
            rows.append(row(name, plain / lightning, AIM, ours_peak, note))
    finally:
        console.quiet = quiet
    return rows


def _views(people: int, pictures: int) -> CutFaces:
    """Noise for faces; the first picture of everybody is the frontal one."""
    cut = crops(people, pictures, "fip-32")
    cut.faces.labels["view"] = np.array([str(row % pictures) for row in range(len(cut.faces))], dtype=object)
    return cut


def lesson_of(recipe: CanonicalRecipe, cut: CutFaces) -> CanonicalView:
    """The lesson on faces that are cut."""
    return CanonicalView(recipe, *with_judges(recipe, cut))


def _batches(lesson: CanonicalView) -> list[np.ndarray]:
    return list(lesson.batches(rank=0, replicas=1, now=lambda: 0))


def _bare(recipe: CanonicalRecipe, cut: CutFaces) -> tuple[float, nn.Module]:
    """The same steps as a loop."""
    lesson, schedule, data = lesson_of(recipe, cut), recipe.schedule, recipe.data
    batches = _batches(lesson)
    seeds = [seed_of(recipe.seed, step, 0) for step in range(len(batches))]
    wanted, (places,) = (lesson.wanted[:, 0].float() - 127.5) / 127.5, lesson.answers

    torch.manual_seed(recipe.seed)
    network = lesson.make_network().to(memory_format=torch.channels_last).train()  # pyright: ignore
    assert isinstance(network, Reconstruction)
    parameters = list(network.parameters())
    made = optimizer(parameters, schedule, len(batches))
    chosen, rates = made["optimizer"], made["lr_scheduler"]["scheduler"]

    begun = time.perf_counter()
    for batch, seed in zip(batches, seeds, strict=True):
        draws = torch.manual_seed(seed)
        faces = normalise(torch.from_numpy(cut.pixels[batch])[:, 0])
        truth = wanted[torch.from_numpy(places[batch])]
        if data.mirror:
            turned = (torch.rand(len(faces), generator=draws) < 0.5)[:, None, None]
            faces = torch.where(turned[:, None], faces.flip(3), faces)
            truth = torch.where(turned, truth.flip(2), truth)
        if data.augment:
            faces = augment(faces, draws, data.augment, mirror=False, place_only=True)
        loss = (network.pictures(faces)[:, 0] - truth).square().mean()
        chosen.zero_grad()
        loss.backward()
        if schedule.clip:
            nn.utils.clip_grad_norm_(parameters, schedule.clip)
        chosen.step()
        rates.step()
    return time.perf_counter() - begun, network
