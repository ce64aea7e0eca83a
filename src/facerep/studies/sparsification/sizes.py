"""Sparsification: what a network that was made sparse keeps, and what it costs: weights, bytes, time.

Times are taken in turns, so that what else the machine does falls on all networks alike.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from facerep.networks.network import StagedNetwork
from facerep.networks.sparsity.masks import count_weights, mask_of
from facerep.networks.sparsity.product import quicken
from facerep.networks.weights import Model, load_model
from facerep.training.sparsification.correlation import by_unit

BATCH, ROUNDS = 64, 7


@dataclass(frozen=True)
class Speed:
    """Images a second over the rounds: median and quartiles."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Sized:
    """One network.

    Attributes:
        run: where it was read.
        network: its row.
        kept: layer and `1/n` or share of the connections that each unit keeps, of the sparse layers, top first.
        weights, dense: weights there are, and those without masks; heads and layers that only teach left out.
        bytes: of the weights file.
        lower: the file holds layers that only teach, too.
        speed: of a forward pass, 64 faces together, on a CPU.
        held_out: accuracy on held-out people when the weights were chosen, with its interval; None if unknown.
    """

    # the speed stays out: another time it is another
    JSON: ClassVar = ("run", "network", "kept=kept_by_layer", "weights", "dense", "bytes", "lower", "held_out")

    run: Path
    network: str
    kept: tuple[tuple[str, float], ...]
    weights: int
    dense: int
    bytes: int
    lower: bool
    speed: Speed
    held_out: tuple[float, float, float] | None

    @property
    def kept_by_layer(self) -> dict[str, float]:
        """`kept` as JSON holds it."""
        return dict(self.kept)


def sized(runs: Sequence[Path], *, batch: int = BATCH, rounds: int = ROUNDS) -> tuple[Sized, ...]:
    """What each run's network keeps and costs.

    Args:
        runs: run folders or weights files.
        batch: faces that go through together.
        rounds: how often each network is timed.

    Raises:
        BadInput: see load_model.
    """
    models = [load_model(run) for run in runs]
    counts = [(_kept(model), count_weights(model.network)) for model in models]
    speeds = _speeds(models, batch, rounds)
    return tuple(
        Sized(
            run=run, network=model.row.name, kept=kept, weights=weights, dense=dense,
            bytes=Path(model.path).stat().st_size, lower=model.row.supervised, speed=speed, held_out=_held_out(model),
        )
        for run, model, (kept, (weights, dense)), speed in zip(runs, models, counts, speeds, strict=True)
    )  # fmt: skip


def _kept(model: Model) -> tuple[tuple[str, float], ...]:
    if not isinstance(model.network, StagedNetwork):
        return ()
    masks = {name: (layer, mask_of(layer)) for name, (layer, _) in reversed(model.network.connections().items())}
    return tuple(
        (name, float(by_unit(layer, mask).float().mean())) for name, (layer, mask) in masks.items() if mask is not None
    )


def _held_out(model: Model) -> tuple[float, float, float] | None:
    names = ("validation_accuracy", "validation_low", "validation_high")
    if any(name not in model.card for name in names):
        return None
    value, low, high = (float(model.card[name]) for name in names)
    return value, low, high


@torch.inference_mode()
def _speeds(models: Sequence[Model], batch: int, rounds: int) -> list[Speed]:
    faces, times = [], np.zeros((rounds, len(models)))
    for model in models:
        quicken(model.network)
        row = model.row
        some = torch.zeros(batch, row.channels, row.height, row.width).contiguous(memory_format=torch.channels_last)
        faces.append(some)
        model.network(some)
    for turn in range(rounds):
        for number, model in enumerate(models):
            started = time.perf_counter()
            model.network(faces[number])
            times[turn, number] = time.perf_counter() - started
    return [Speed(*(float(part) for part in np.quantile(batch / column, [0.5, 0.25, 0.75]))) for column in times.T]
