"""Networks as they are asked for: one alone, or several whose features are taken side by side, and which layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facerep.console import console
from facerep.errors import Usage
from facerep.extraction.extract import Plan, plan
from facerep.faces.table import Faces
from facerep.networks.weights import Model, load_model


@dataclass(frozen=True)
class ModelGroup:
    """One network, or several side by side.

    Attributes:
        name: as they were asked for.
        doing: crops and mirror rule; its layer is the first of `layers`.
        layers: by name.
    """

    name: str
    doing: Plan
    layers: tuple[str, ...]


def model_groups(
    models: Sequence[str], layers: Sequence[str], faces: Faces, *, crop: str, mirror: str
) -> list[ModelGroup]:
    """What `--model` and `--layers` ask for; names with commas between stand for networks side by side.

    Networks have different layers: each is asked for those it has. A baseline has one, whatever is asked of others.

    Raises:
        Usage: a layer that none of the networks has, or a network that has none of the layers.
    """
    loaded = [[load_model(name) for name in asked.split(",")] for asked in models]
    alone = [len(parts) == 1 and parts[0].row.baseline for parts in loaded]
    real = [parts for parts, baseline in zip(loaded, alone, strict=True) if not baseline]
    nowhere = {layer for layer in layers if real and not any(_has(parts, layer) for parts in real)}
    found = []
    for asked, parts, baseline in zip(models, loaded, alone, strict=True):
        name = "+".join(_short(part) for part in asked.split(","))
        kept = [layer for layer in layers if _has(parts, layer) or layer in nowhere]
        # where there is nothing to keep, making the plan says so
        wanted = ("feature",) if baseline else tuple(kept or layers)
        plans = [plan(parts, faces, crop=crop, mirror=mirror, layer=layer) for layer in wanted]
        found.append(ModelGroup(name, plans[0], wanted))
        lacking = [layer for layer in layers if layer not in wanted]
        if lacking and not baseline:
            console.warn(f"{name} has no {', '.join(lacking)}: left out")
    if len({part.name for part in found}) < len(found):
        raise Usage("a --model is given twice: " + ", ".join(part.name for part in found))
    return found


def _has(models: Sequence[Model], layer: str) -> bool:
    return all(layer in (*model.row.layers, "feature") for model in models)


def _short(path: str) -> str:
    """The name of a run folder or weights file."""
    place = Path(path)
    return place.parent.name if place.name == "model.safetensors" else place.name.removesuffix(".safetensors")
