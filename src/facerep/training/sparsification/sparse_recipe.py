"""The recipe of a sparsification: which layers, by which rule, and how the rest is trained again after each.

A TOML file, an option of the command over it. Layers may be named in any order: the top one is made sparse first.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from facerep.errors import BadInput, Usage, refuse_meaningless
from facerep.files.toml_file import read_toml
from facerep.networks.network import StagedNetwork
from facerep.networks.sparsity.masks import mask_of
from facerep.training.recipe import RecipeSection, first_fault
from facerep.training.sparsification.correlation import by_unit
from facerep.training.sparsification.masks import STRONG, Rule


def _share(value: Any) -> float:
    try:
        share = float(Fraction(value) if isinstance(value, str) else value)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise ValueError("a share is a number, such as 1/8 or 0.125") from error
    if not 0 < share < 1:
        raise ValueError("a share is above 0 and below 1")
    return share


Share = Annotated[float, BeforeValidator(_share)]


class SparseRecipe(RecipeSection):
    """What is kept of which layer, and how it is chosen."""

    rule: Rule = "correlation"
    strong: float = Field(default=STRONG, ge=0, le=1, description="lambda: of what is kept, drawn from the strong half")
    faces: int = Field(default=10_000, ge=2, description="training faces over which correlations are measured, at most")
    seed: int | None = Field(default=None, ge=0, lt=2**63, description="of the draw; left out, the run's")
    keep: dict[str, Share] = Field(default={}, description="share of its connections that each unit of a layer keeps")
    retrain: dict[str, Any] = Field(default={}, description="recipe keys of the training after each layer")

    def retrain_flat(self) -> dict[str, Any]:
        """`retrain` by dotted key, as recipes are overridden."""
        flat = {}
        for name, value in self.retrain.items():
            flat |= {f"{name}.{key}": item for key, item in value.items()} if isinstance(value, dict) else {name: value}
        return flat


def retrain_keys(schedule: SparseRecipe) -> dict[str, Any]:
    """What differs from a run's own recipe when it is trained again: signals are not brought in anew.

    The rate is the run's own: a fifth of it, as one might use to go on, was worse (docs/sparsify.md).
    """
    return {"signal.ramp": 0, "signal.head_warmup": 0, **schedule.retrain_flat()}


def read_schedule(source: Path | None, keep: Sequence[str], overrides: dict[str, Any]) -> SparseRecipe:
    """The schedule in a TOML file, or an empty one, with `LAYER=SHARE` added and some values replaced.

    Raises:
        BadInput: absent file, not TOML (a layer named twice is not), unknown key, share out of range.
        Usage: `keep` is not LAYER=SHARE, names a layer twice, or its share is out of range; `strong` beside a rule that
            is not by correlation.
    """
    values, where = {}, ""
    if source is not None:
        if not source.is_file():
            raise BadInput("no such schedule", source, "give a TOML file, such as one of examples/recipes")
        values, where = read_toml(source, "schedule"), str(source)
    given: dict[str, str] = {}
    for text in keep:
        name, sign, share = text.partition("=")
        if not (sign and name and share):
            raise Usage(f"--keep {text!r} is not LAYER=SHARE", hint="such as --keep feature=1/8")
        if name in given:
            raise Usage(f"--keep names layer {name} twice: {given[name]} and {share}")
        given[name] = share
    shares = values.get("keep", {})
    if isinstance(shares, dict):
        shares = {**shares, **given}
    try:
        schedule = SparseRecipe(**{**values, **overrides, "keep": shares})
    except ValidationError as error:
        asked = {*overrides, *(f"keep.{name}" for name in given)}
        raise first_fault(error, SparseRecipe, where, asked) from error
    if schedule.rule != "correlation":
        refuse_meaningless({"--strong": overrides.get("strong")}, f"beside the rule {schedule.rule}")
    return schedule


def kept_inputs(schedule: SparseRecipe, network: StagedNetwork) -> dict[str, int]:
    """How many connections each unit keeps, by layer, the top layer first.

    Raises:
        Usage: no layer is named, or one that the network lacks (the message lists those it has).
        BadInput: a share that keeps nothing, or all that there is.
    """
    layers = network.connections()
    if not schedule.keep:
        raise Usage("no layer is to be made sparse", hint="give --keep LAYER=SHARE, such as --keep feature=1/8")
    for name in schedule.keep:
        if name not in layers:
            raise Usage(f"network {network.row.name} has no layer {name!r}", hint="it has: " + ", ".join(layers))
    wanted = [name for name in reversed(layers) if name in schedule.keep]
    return {name: _inputs(name, schedule.keep[name], layers[name].module) for name in wanted}


def _inputs(name: str, share: float, layer: Any) -> int:
    weights = by_unit(layer, layer.weight)
    inputs, mask = weights.shape[1], mask_of(layer)
    present = inputs if mask is None else int(by_unit(layer, mask).sum(dim=1).min())
    kept = round(share * inputs)
    if not kept:
        raise BadInput(f"layer {name}: {share:g} of the {inputs} inputs of a unit is none; the least is 1/{inputs}")
    if kept >= present:
        raise BadInput(f"layer {name}: {share:g} of its {inputs} inputs is {kept}, a unit has {present} already")
    return kept
