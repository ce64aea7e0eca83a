"""Training every view, as `facerep train` does it: against a bare loop, and by its samples against its arithmetic.

The bare loop takes the same triples, samples, augmentation, optimizer and rates, and ends with the same weights, which
is checked. What is in the time, and what is not, is as in training.py. The second row is of the bare loop's step alone:
what 20 samples of the view units cost beside one, against the multiplications that torch counts of both.
"""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from facerep.console import console
from facerep.faces.augment import augment
from facerep.faces.batches import normalise
from facerep.networks.mvp import MVP
from facerep.readers.cache import CutFaces
from facerep.signals.multiview import em_step
from facerep.training.lessons.multiview import MultiView, model_of, wanted_of
from facerep.training.lessons.multiview_recipe import NAMED, MultiViewRecipe
from facerep.training.recipe import read_recipe
from facerep.training.schedule import optimizer
from facerep.training.tutor import seed_of
from row import Row, peak, row
from training import AIM, agree, crops, epoch, with_judges

PEOPLE, PICTURES, ROUNDS, STEPS, SAMPLES = 100, 36, 5, 10, 20
MOST_TIMES = 1.2
"""What 20 samples may cost, over what their arithmetic says."""


def measure(people: int = PEOPLE, pictures: int = PICTURES, rounds: int = ROUNDS, steps: int = STEPS) -> list[Row]:
    """Images a second of ours over those of the bare loop; arithmetic over time of 20 samples beside one.

    Args:
        people, pictures: of training, in nine views; a round is one epoch.
        rounds: how often both run, one after another.
        steps: of one round of the second row.
    """
    console.quiet, quiet = True, console.quiet
    try:
        recipe, cut = recipe_of(SAMPLES), _views(people, pictures)
        first, ours = epoch(recipe, cut, lesson_of)
        ours_peak = peak()
        _, bare = _bare(recipe, cut)
        agree(ours, bare)
        times = [(epoch(recipe, cut, lesson_of)[0], _bare(recipe, cut)[0]) for _ in range(rounds)]
        lightning, plain = np.array(times).T
        faces = len(_batches(lesson_of(recipe, cut))) * recipe.data.batch_size
        note = (
            f"{faces / np.median(lightning):,.0f} against {faces / np.median(plain):,.0f} images/s, {faces:,} "
            f"images a round, the first took {first:.1f} s"
        )
        name = f"every view, {recipe.network.name}: facerep / bare loop"
        return [row(name, plain / lightning, AIM, ours_peak, note), _samples(cut, rounds, steps)]
    finally:
        console.quiet = quiet


def _samples(cut: CutFaces, rounds: int, steps: int) -> Row:
    """The row of many samples beside one."""
    many, one = recipe_of(SAMPLES), recipe_of(1)
    arithmetic = _multiplications(many, cut) / _multiplications(one, cut)
    times = [[_bare(recipe, cut, steps)[0] / steps for recipe in (many, one)] for _ in range(rounds)]
    slow, fast = np.array(times).T
    note = (
        f"{1e3 * np.median(slow):.1f} ms a step against {1e3 * np.median(fast):.1f} ms, "
        f"{np.median(slow / fast):.2f} times; their arithmetic {arithmetic:.2f} times"
    )
    name = f"every view, {SAMPLES} samples beside 1: arithmetic / time"
    return row(name, arithmetic / (slow / fast), 1 / MOST_TIMES, peak(), note)


def recipe_of(samples: int) -> MultiViewRecipe:
    """The modern recipe, one epoch."""
    asked = {"schedule.epochs": 1, "data.validation_pairs": 8, "signal.target": "same", "signal.samples": samples}
    return read_recipe("modern", asked, kind=MultiViewRecipe, named=NAMED)


def _views(people: int, pictures: int) -> CutFaces:
    """Noise for faces; the pictures of everybody are in nine views by turns."""
    cut = crops(people, pictures, "fip-32")
    views = np.array([str(15 * (place % pictures % 9) - 60) for place in range(len(cut.faces))], dtype=object)
    cut.faces.labels["view"] = views
    return cut


def lesson_of(recipe: MultiViewRecipe, cut: CutFaces) -> MultiView:
    """The lesson on faces that are cut."""
    return MultiView(recipe, *with_judges(recipe, cut))


def _batches(lesson: MultiView) -> list[np.ndarray]:
    return list(lesson.batches(rank=0, replicas=1, now=lambda: 0))


def _multiplications(recipe: MultiViewRecipe, cut: CutFaces) -> float:
    with FlopCounterMode(display=False) as counter:
        _bare(recipe, cut, 1)
    return counter.get_total_flops()


def _bare(recipe: MultiViewRecipe, cut: CutFaces, steps: int | None = None) -> tuple[float, nn.Module]:
    """The same steps as a loop."""
    lesson, signal = lesson_of(recipe, cut), recipe.signal
    batches = _batches(lesson)[:steps]
    seeds = [seed_of(recipe.seed, step, 0) for step in range(len(batches))]
    size, labels = recipe.data.batch_size, lesson.views.labels
    pixels = cut.pixels.shape[2] * cut.pixels.shape[3]

    torch.manual_seed(recipe.seed)
    network = lesson.make_network().to(memory_format=torch.channels_last).train()  # pyright: ignore
    assert isinstance(network, MVP)
    parameters = list(network.parameters())
    made = optimizer(parameters, recipe.schedule, len(_batches(lesson)))
    chosen, rates = made["optimizer"], made["lr_scheduler"]["scheduler"]

    begun = time.perf_counter()
    for batch, seed in zip(batches, seeds, strict=True):
        draws = torch.manual_seed(seed)
        seen = torch.from_numpy(cut.pixels[batch])[:, 0]
        faces = normalise(seen[:size])
        if recipe.data.augment:
            faces = augment(faces, draws, recipe.data.augment, mirror=False, place_only=True)
        samples = torch.rand(size, signal.samples, network.row.random_units, generator=draws)
        wanted = wanted_of(seen[size:], torch.from_numpy(labels[batch[size:]]), size)
        found = em_step(model_of(network, network(faces)), samples, wanted, signal.sigma)
        loss = -2 * signal.sigma**2 / pixels * found.best.mean()
        chosen.zero_grad()
        loss.backward()
        if recipe.schedule.clip:
            nn.utils.clip_grad_norm_(parameters, recipe.schedule.clip)
        chosen.step()
        rates.step()
    assert math.isfinite(loss.item())  # pyright: ignore[reportPossiblyUnboundVariable]
    return time.perf_counter() - begun, network
