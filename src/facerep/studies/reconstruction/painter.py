"""Painters: networks that draw pictures of a face, and which pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch

from facerep.errors import BadInput
from facerep.extraction.extract import Plan, Runner
from facerep.extraction.side_by_side import in_order, side_by_side
from facerep.faces.crops import Crop
from facerep.networks.build import build
from facerep.networks.fip import Reconstruction
from facerep.networks.weights import Model
from facerep.progress import progress
from facerep.training.lessons.canonical_targets import MEASURE

_BATCH = 128


@dataclass(frozen=True)
class Painter:
    """What draws.

    Attributes:
        names: of the pictures it draws of a face; ("",) where there is one.
        rule: how the true pictures of a person are chosen, see training.lessons.canonical_targets; "" without one.
        draw: faces uint8 (n, height, width, channels) to pictures float32 (n, pictures, height, width) in -1..1.
        between: of the names, views that were not trained and are drawn between two that were.
    """

    names: tuple[str, ...]
    rule: str
    draw: Callable[[np.ndarray], np.ndarray]
    between: tuple[str, ...] = ()


def painter_of(model: Model, crop: Crop, device: torch.device) -> Painter:
    """The painter of a run that was taught the canonical view.

    Raises:
        BadInput: the network draws nothing.
    """
    if not isinstance(model.network, Reconstruction):
        raise BadInput(
            f"network {model.row.name} draws no pictures",
            model.path,
            "train one by facerep train --loss canonical or multiview",
        )
    runner = Runner(Plan((model,), (crop,), "none", "rl"), device)
    names = tuple(map(str, model.card.get("targets", [""])))

    def draw(faces: np.ndarray) -> np.ndarray:
        return runner(faces.reshape(len(faces), -1)).reshape(len(faces), -1, crop.height, crop.width)

    return Painter(names, str(model.card.get("target", MEASURE)), draw)


def untrained(model: Model, seed: int) -> Model:
    """The same network with random weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(model.row, normalise=bool(model.card["normalise"]))
    return replace(model, network=network.eval().to(memory_format=torch.channels_last))  # pyright: ignore


def draw_all(painter: Painter, faces: np.ndarray, device: torch.device, title: str) -> np.ndarray:
    """Pictures of all faces, uint8 (n, pictures, height, width).

    Args:
        painter: what draws.
        faces: uint8 (n, height, width, channels).
        device: where it draws; on a CPU several batches are drawn at once.
        title: of the progress bar.
    """

    def grey(batch: np.ndarray) -> np.ndarray:
        return np.clip(np.rint(painter.draw(batch) * 127.5 + 127.5), 0, 255).astype(np.uint8)

    def batches() -> Iterator[np.ndarray]:
        for start in range(0, len(faces), _BATCH):
            yield np.array(faces[start : start + _BATCH])

    parts = []
    with progress(title, len(faces)) as advance, side_by_side(grey, device) as send:
        for part in in_order(send, batches()):
            parts.append(part)
            advance(len(part))
    return np.concatenate(parts)
