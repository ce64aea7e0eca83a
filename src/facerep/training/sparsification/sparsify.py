"""Sparsify: a trained run in, a run with sparse layers out. The top layer first, and after each all is trained again.

Source: arXiv 1512.01891, section 4. How long and how fast to train again the paper does not say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from facerep.console import console
from facerep.errors import Usage
from facerep.faces.batches import normalise
from facerep.faces.table import Faces
from facerep.files.inputs import command
from facerep.networks.build import build
from facerep.networks.device import device as pick_device
from facerep.networks.network import Network, StagedNetwork
from facerep.networks.sparsity.masks import copy_masks, count_weights, keep_only, mask_of, sparse_layers
from facerep.networks.weights import Model, load_model, save_model
from facerep.progress import progress
from facerep.training.lessons.recognition import Recognition
from facerep.training.machine import Machine
from facerep.training.recipe import Recipe, read_recipe
from facerep.training.sparsification.correlation import Correlations, by_unit, like_weights, measure
from facerep.training.sparsification.masks import choose
from facerep.training.sparsification.run import (
    Places,
    Step,
    dense_recipe,
    epochs_so_far,
    finish,
    open_folder,
    places,
    recipe_of,
)
from facerep.training.sparsification.sparse_recipe import SparseRecipe, kept_inputs, retrain_keys
from facerep.training.train import train

_BATCH = 64


@dataclass(frozen=True)
class Sparsified:
    """What it came to.

    Attributes:
        folder: the sparsified run.
        steps: layer by layer, the top one first; empty from scratch.
        runs: the run that was started from, then one a step, the last of them `folder`.
    """

    folder: Path
    steps: tuple[Step, ...]
    runs: tuple[Path, ...]


@dataclass(frozen=True)
class _Work:
    """What all steps share."""

    faces: Faces
    lesson: Recognition
    schedule: SparseRecipe
    recipe: Recipe
    machine: Machine

    @property
    def seed(self) -> int:
        return self.recipe.seed if self.schedule.seed is None else self.schedule.seed


@command()
def sparsify(
    source: Path,
    faces: Faces,
    schedule: SparseRecipe,
    folder: Path,
    *,
    changes: dict[str, Any],
    machine: Machine,
    from_scratch: bool = False,
    resume: bool = False,
    overwrite: bool = False,
) -> Sparsified:
    """Make layers of a run sparse, one after the other; or train the structure of a sparsified run from scratch.

    From scratch: from random weights, by the recipe of the dense run it came from, as many epochs as the dense run and
    all training again had together, so that neither had more of them.

    Args:
        source: the run; from scratch nothing but its masks is used.
        faces: those that it was trained on.
        schedule: which layers, and how; from scratch its `keep` is empty, and its seed draws the weights.
        folder: the run that is written.
        changes: recipe keys of the training again, over those of the schedule.
        machine: where it is computed.
        from_scratch: see above.
        resume: go on where the same work was stopped.
        overwrite: remove what is there.

    Raises:
        BadInput: not a run; a share out of range; the folder is taken, or belongs to other work.
        Usage: a layer that the network lacks; from scratch, the run is not sparse, or there are layers to keep.
    """
    kept: dict[str, int] = {}
    if from_scratch:
        epochs = {"schedule.epochs": epochs_so_far(source)}
        recipe = read_recipe(dense_recipe(source), {**epochs, **schedule.retrain_flat(), **changes})
        model = load_model(source)
        if schedule.keep:
            raise Usage("--from-scratch takes the structure of a sparsified run", hint="leave --keep out")
        if not sparse_layers(model.network):
            raise Usage(f"--from-scratch needs a sparsified run, {source} has all its weights")
    else:
        model = load_model(recipe_of(source).parent)
        kept = kept_inputs(schedule, _network(model))
        recipe = read_recipe(recipe_of(source), {**retrain_keys(schedule), **changes})
    choices = {
        "run": str(source), "weights": model.sha256, "from_scratch": from_scratch,
        "epochs_before": epochs_so_far(source), "schedule": schedule.model_dump(exclude_none=True),
        "retrain": recipe.model_dump(),
    }  # fmt: skip
    pick_device(machine.device)
    lesson = Recognition.prepare(faces, recipe, machine.workers)
    open_folder(folder, source, choices, resume=resume, overwrite=overwrite)
    work = _Work(faces, lesson, schedule, recipe, machine)
    steps, runs = [], [source]
    if from_scratch:
        runs.append(_train_from_scratch(work, model, places(folder, "1-scratch")))
    for number, (name, inputs) in enumerate(kept.items(), 1):
        where = places(folder, f"{number}-{name}")
        steps.append(where.read() or _step(work, runs[-1], where, name, inputs))
        runs.append(where.run)
    finish(folder, runs[-1])
    return Sparsified(folder, tuple(steps), (*runs[:-1], folder))


def _train_from_scratch(work: _Work, model: Model, where: Places) -> Path:
    if not where.start.exists():
        _save(work, where.start, _random_weights(model, work.recipe, work.seed), model, {})
    if where.read() is None:
        kept, whole = count_weights(model.network)
        console.note(f"from scratch: {kept:,} of {whole:,} weights, {work.recipe.schedule.epochs} epochs")
        _train(work, where, None)
        where.write(Step("", 0, 0, 0.0, 0.0))
    return where.run


def _step(work: _Work, before: Path, where: Places, name: str, kept: int) -> Step:
    """One layer: correlations, mask, training."""
    if not where.start.exists():
        model = load_model(before)
        network = _network(model)
        correlations = _measure(work, network, name)
        mask = _choose(work, network, name, correlations, kept)
        layer = network.connections()[name].module
        keep_only(layer, like_weights(layer, mask))
        known = {name: model.card[name] for name in ("trained_people",) if name in model.card}
        _save(work, where.start, network, model, {"strength": correlations.strength(mask), **known})
    begun = load_model(where.start)
    layer = _network(begun).connections()[name].module
    inputs, strength = by_unit(layer, layer.weight).shape[1], begun.card["strength"]
    console.note(f"{name}: each unit keeps {kept} of {inputs} inputs, mean |r| of these {strength:.3f}")
    _train(work, where, before)
    after = _measure(work, _network(load_model(where.run)), name)
    step = Step(name, kept, inputs, strength, after.strength(by_unit(layer, layer.get_buffer("mask"))))
    where.write(step)
    return step


def _measure(work: _Work, network: StagedNetwork, name: str) -> Correlations:
    device = pick_device(work.machine.device)
    rows = np.random.default_rng(work.seed).permutation(work.lesson.train)[: work.schedule.faces]
    rows.sort()
    pixels = work.lesson.cut.pixels

    def faces() -> Iterator[torch.Tensor]:
        with progress(f"correlations of {name}", len(rows)) as advance:
            for start in range(0, len(rows), _BATCH):
                some = rows[start : start + _BATCH]
                yield normalise(torch.from_numpy(pixels[some, 0]).to(device))
                advance(len(some))

    correlations = measure(network.to(device), name, faces)
    network.to("cpu")
    return Correlations(correlations.values.cpu(), correlations.positions)


def _choose(work: _Work, network: StagedNetwork, name: str, correlations: Correlations, kept: int) -> torch.Tensor:
    layers = network.connections()
    layer = layers[name].module
    weights, mask = by_unit(layer, layer.weight.detach()), mask_of(layer)
    allowed = torch.ones_like(weights, dtype=torch.bool) if mask is None else by_unit(layer, mask)
    chosen = choose(
        correlations.values.numpy(), weights.numpy(), allowed.numpy(), kept, rule=work.schedule.rule,
        strong=work.schedule.strong, draw=np.random.default_rng((work.seed, list(layers).index(name))),
    )  # fmt: skip
    return torch.from_numpy(chosen)


def _random_weights(model: Model, recipe: Recipe, seed: int) -> Network:
    torch.manual_seed(seed)
    network = build(model.row, normalise=recipe.network.normalise, dropout=recipe.network.dropout)
    copy_masks(model.network, network)
    for layer in sparse_layers(network).values():
        # fewer inputs, larger weights: activations begin at the size that they have in a dense network
        mask = layer.get_buffer("mask")
        layer.get_parameter("weight").data.mul_(math.sqrt(mask.numel() / int(mask.sum())))
    return network


def _train(work: _Work, where: Places, before: Path | None) -> None:
    network = work.recipe.network.model_copy(update={"start": str(where.start)})
    recipe = work.recipe.model_copy(update={"network": network})
    train(work.faces, recipe, where.run, machine=work.machine, resume=True, signals=before)


def _save(work: _Work, path: Path, network: Network, model: Model, card: dict[str, Any]) -> None:
    choices = {name: model.card[name] for name in ("normalise", "dropout")}
    save_model(path, network, crop=work.lesson.crop, card=card, lower=False, **choices)


def _network(model: Model) -> StagedNetwork:
    if not isinstance(model.network, StagedNetwork):
        raise Usage(f"network {model.row.name} has no layers to make sparse", hint="give a run of id, ve or id+ve")
    return model.network
