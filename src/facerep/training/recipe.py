"""Recipes: every choice of a training run, with its default, in one place.

A TOML file overrides the defaults, an option of the command overrides the file, and `recipe.toml` in the run folder
shows the outcome. An unknown key is an error that names the nearest known one.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from facerep.errors import BadInput, Usage
from facerep.files.toml_file import read_toml


class RecipeSection(BaseModel):
    """A table of the TOML file: no unknown keys, no silent conversions, no changes after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class NetworkChoice(RecipeSection):
    """Which network, and what the papers' networks did not have."""

    name: str = "deepid2"
    normalise: bool = True
    dropout: float = Field(default=0.3, ge=0, lt=1)
    start: str = Field(default="", description="run or weights file to start from; empty: random weights")


class SplitChoice(RecipeSection):
    """What a network sees of the faces, and which people validate."""

    crop: str = "auto"
    patch: str = Field(default="face", description="what the network sees: REGION or REGION*SCALE")
    least_pictures: int = Field(default=2, ge=1, description="people with fewer pictures are left out of training")
    people: int = Field(default=0, ge=0, description="train on so many people, drawn; a few are part of more; 0 is all")
    held_out: float = Field(default=0.1, gt=0, lt=1, description="share of people that validate where no split says so")
    validation_pairs: int = Field(default=6000, ge=2)

    @field_validator("crop")
    @classmethod
    def _known_crop(cls, name: str) -> str:
        from facerep.faces.crops import PRESETS

        if name not in ("auto", *PRESETS):
            raise ValueError(f"there is no such crop preset, there are: auto, {', '.join(PRESETS)}")
        return name


class PeopleChoice(SplitChoice):
    """How batches of people are drawn and changed."""

    people_per_batch: int = Field(default=32, ge=2)
    pictures_per_person: int = Field(default=4, ge=1)
    balance: float = Field(default=0.75, ge=0, le=1, description="people are drawn by min(pictures, cap) to this")
    cap: int = Field(default=40, ge=1)
    augment: float = Field(default=1.0, ge=0, description="0 mirrors only")
    mirror: bool = Field(default=True, description="False where left and right are to be kept, as views are")


class DataChoice(PeopleChoice):
    """The same, from a part of a large set at a time."""

    window: int = Field(default=0, ge=0, description="shards that batches are drawn from at a time; 0: from all faces")


class PictureChoice(SplitChoice):
    """How batches of single faces are drawn, whose pictures are taught; nothing is mirrored."""

    batch_size: int = Field(default=64, ge=2)
    shift: float = Field(default=0.0, ge=0, lt=0.5, description="faces are shifted by up to this share of a side")


class SignalChoice(RecipeSection):
    """What the network is taught with."""

    loss: Literal["id", "ve", "id+ve"] = "id+ve"
    head: Literal["softmax", "arcface", "cosface"] = "softmax"
    head_margin: float = Field(default=0.35, ge=0)
    head_scale: float = Field(default=32.0, gt=0)
    head_warmup: int = Field(default=4, ge=0, description="epochs over which the head's margin is brought in")
    smoothing: float = Field(default=0.1, ge=0, lt=1)
    verification: Literal["l2", "l2+", "l2-", "l1", "cosine"] = "l2"
    weight: float = Field(default=0.05, ge=0, description="lambda: of ve beside the id of both faces of a pair")
    ramp: int = Field(default=2, ge=0, description="epochs over which ve is brought in")
    scale: float = Field(default=4.0, gt=0, description="features are divided by it before ve")
    unit: bool = Field(default=False, description="features are brought to length 1 before ve")
    share: float = Field(default=0.5, gt=0, lt=1, description="share of genuine pairs in ve")
    margin_start: float = Field(default=0.0, ge=0, description="0: from the first batch")
    margin_pairs: int = Field(default=20_000, ge=2, description="the margin is reset every so many pairs")


class ScheduleChoice(RecipeSection):
    """How the weights move."""

    epochs: int = Field(default=20, ge=1)
    rate: float = Field(default=0.1, gt=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    decay: float = Field(default=5e-4, ge=0)
    shape: Literal["one-cycle", "constant", "steps"] = "one-cycle"
    warmup: float = Field(default=0.15, ge=0, lt=1, description="share of the run in which the rate rises")
    clip: float = Field(default=5.0, ge=0, description="largest norm of the gradient; 0 is none")
    patience: int = Field(default=0, ge=0, description="stop after so many epochs without a better validation; 0 never")


class AnySchedule(ScheduleChoice):
    """The same where the optimizer can be chosen; a rate of AdamW is a hundredth of one of SGD."""

    optimizer: Literal["adamw", "sgd"] = "adamw"
    rate: float = Field(default=1e-3, gt=0)


class RunRecipe(RecipeSection):
    """The recipe of any lesson, which says what is in `data` and `signal`."""

    network: NetworkChoice = NetworkChoice()
    data: Any
    signal: Any
    schedule: ScheduleChoice = ScheduleChoice()
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    seed: int = Field(default=0, ge=0, lt=2**63)


class Recipe(RunRecipe):
    """Every choice of a run that teaches recognition."""

    data: DataChoice = DataChoice()
    signal: SignalChoice = SignalChoice()


PAPER: dict[str, Any] = {
    "network": {"normalise": False, "dropout": 0.0},
    "data": {"augment": 0.0, "balance": 1.0},
    "signal": {
        "head": "softmax", "smoothing": 0.0, "weight": 0.05, "ramp": 0, "scale": 1.0, "margin_pairs": 200_000,
    },
    "schedule": {"rate": 0.01, "shape": "steps", "warmup": 0.0, "decay": 5e-4},
}  # fmt: skip
"""What the papers say, over the defaults; where they are silent (rate, batch, epochs) the value is ours."""

FINE_TUNE: dict[str, Any] = {
    "data": {"augment": 0.4},
    "signal": {"weight": 0.2, "ramp": 1},
    "schedule": {"epochs": 6, "rate": 0.03, "warmup": 0.1},
}
"""From weights that are there: as the second part of the weights in the box, epochs and rate by docs/train.md."""

NAMED: dict[str, dict[str, Any]] = {"modern": {}, "paper": PAPER, "fine-tune": FINE_TUNE}


R = TypeVar("R", bound=RunRecipe)


def read_recipe(
    source: str | Path,
    overrides: dict[str, Any],
    batch_size: int | None = None,
    *,
    kind: type[R] = Recipe,
    named: dict[str, dict[str, Any]] = NAMED,
) -> R:
    """A recipe with a name, or in a TOML file, with some values replaced.

    Args:
        source: a name, such as "modern", or the path of a TOML file. A file may start from a recipe with a name by
            `base = "paper"`; without it, from `modern`.
        overrides: values by dotted key, such as {"signal.loss": "id"}.
        batch_size: faces in one batch, which is people_per_batch times pictures_per_person where people are drawn;
            None: as the recipe says.
        kind: which recipe.
        named: its recipes with a name, as values over its defaults.

    Raises:
        BadInput: absent file, not TOML, unknown key (with the nearest known one), or a value out of range.
        Usage: the unknown key or the value out of range is one of `overrides`; a batch is no whole number of people.
    """
    *others, last = named
    names = f"{', '.join(others)} or {last}"
    if str(source) in named:
        values, where = _merged({}, named[str(source)]), f"recipe {source}"
    else:
        path = Path(source)
        if not path.is_file():
            raise BadInput("no such recipe", path, f"give {', '.join(named)} or a TOML file")
        text = read_toml(path, "recipe")
        base = text.pop("base", "modern")
        if not isinstance(base, str) or base not in named:
            raise BadInput(f"no recipe {base!r} to start from", path, f"base is {names}")
        values, where = _merged(named[base], text), str(path)
    try:
        recipe = kind(**overridden(values, overrides))
        if batch_size is not None:
            overrides = {**overrides, **_batch_keys(batch_size, recipe.data, overrides)}
            recipe = kind(**overridden(values, overrides))
    except ValidationError as error:
        raise first_fault(error, kind, where, overrides) from error
    return recipe


def _batch_keys(batch_size: int, choice: Any, overrides: dict[str, Any]) -> dict[str, int]:
    if isinstance(choice, PeopleChoice):
        return {"data.people_per_batch": _people_of(batch_size, choice, overrides)}
    return {"data.batch_size": batch_size}


def _people_of(batch_size: int, choice: PeopleChoice, overrides: dict[str, Any]) -> int:
    """People in a batch of so many faces."""
    each = choice.pictures_per_person
    people, rest = divmod(batch_size, each)
    if rest:
        hint = f"the nearest are {batch_size - rest} and {batch_size - rest + each}"
        raise Usage(f"batch size {batch_size} is no multiple of data.pictures_per_person ({each})", hint=hint)
    if overrides.get("data.people_per_batch", people) != people:
        raise Usage(f"batch size {batch_size} is not that of data.people_per_batch with {each} pictures of each")
    return people


def write_recipe(recipe: RunRecipe) -> str:
    """The recipe as TOML, every value, defaults included."""
    return tomli_w.dumps(recipe.model_dump())


def overridden(values: dict[str, Any], overrides: dict[str, Any]) -> dict[str, Any]:
    """Values by section with some replaced, which are named by dotted key."""
    for key, value in overrides.items():
        section, _, name = key.rpartition(".")
        values = _merged(values, {section: {name: value}} if section else {name: value})
    return values


def _merged(lower: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    merged = {key: dict(value) if isinstance(value, dict) else value for key, value in lower.items()}
    for key, value in upper.items():
        old = merged.get(key)
        merged[key] = {**old, **value} if isinstance(value, dict) and isinstance(old, dict) else value
    return merged


def first_fault(error: ValidationError, model: type[BaseModel], where: str, asked: Iterable[str]) -> BadInput | Usage:
    """The first thing that is wrong with the keys of `model`; for an unknown key with the nearest known one.

    Args:
        error: pydantic's.
        model: the keys that there are.
        where: what was read.
        asked: dotted keys that options gave: a fault in these is one of the command line.
    """
    fault = error.errors()[0]
    key = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        message = f"unknown recipe key `{key}`; {_nearest(fault['loc'], model)}"
    else:
        why = fault["msg"].removeprefix("Value error, ")
        message = f"recipe key `{key}`: {why[0].lower()}{why[1:]} (found {_short(fault['input'])})"
    at_fault = any(name == key or name.startswith(f"{key}.") for name in asked)
    return Usage(message) if at_fault else BadInput(message, where)


def _short(value: object) -> str:
    try:
        shown = repr(value)
    except ValueError:  # a whole number of thousands of digits
        shown = "a number without end"
    return shown if len(shown) <= 80 else f"{shown[:77]}..."


def _nearest(place: tuple[int | str, ...], model: type[BaseModel]) -> str:
    *sections, name = map(str, place)
    for section in sections:
        if section not in model.model_fields:
            break
        model = model.model_fields[section].annotation  # pyright: ignore[reportAssignmentType]
    near = difflib.get_close_matches(name, model.model_fields, n=1, cutoff=0.4)
    return f"did you mean `{'.'.join([*sections, near[0]])}`?" if near else "known: " + ", ".join(model.model_fields)


def parse_setting(text: str) -> tuple[str, Any]:
    """`key=value` as the command line has it; the value is read as TOML, and as text where it is not.

    Raises:
        Usage: no `=` in it.
    """
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise Usage(f"--set {text!r} is not KEY=VALUE", hint="such as --set signal.share=0.3")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return key, value
