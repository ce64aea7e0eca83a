"""The recipe of a run that teaches attributes: every choice, with its default, in one place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import Field, ValidationError

from facerep.errors import Usage
from facerep.networks.build import FAMILIES
from facerep.networks.catalog import row
from facerep.training.recipe import (
    NetworkChoice,
    RecipeSection,
    RunRecipe,
    ScheduleChoice,
    first_fault,
    overridden,
    parse_setting,
)
from facerep.training.starting import load_start


class FacesChoice(RecipeSection):
    """How batches are drawn and changed."""

    crop: str = "auto"
    patch: str = Field(default="face", description="what the network sees: REGION or REGION*SCALE")
    batch_size: int = Field(default=64, ge=2)
    augment: float = Field(default=0.3, ge=0, description="0 mirrors only")


class SignalsChoice(RecipeSection):
    """What the network is taught with beside the attributes."""

    id: float = Field(default=0.0, ge=0, description="weight of the identification of the training people")
    smoothing: float = Field(default=0.1, ge=0, lt=1)


class AttributeRecipe(RunRecipe):
    """Every choice of a run; the defaults were chosen on validation people (docs/attributes.md)."""

    network: NetworkChoice = NetworkChoice(name="deepid2-wide", dropout=0.4)
    data: FacesChoice = FacesChoice()
    signal: SignalsChoice = SignalsChoice()
    schedule: ScheduleChoice = ScheduleChoice(epochs=12, rate=0.1)


FINE_TUNE = {"epochs": 6, "rate": 0.05}
"""What is other in the schedule where weights are there already."""


def read_attribute_recipe(
    start: str, network: str | None, settings: Sequence[str], given: dict[str, Any]
) -> AttributeRecipe:
    """The recipe: the defaults, over them those of the network to start from, over these what is asked for.

    Args:
        start: run folder, weights file or "bundled"; "" for random weights.
        network: a row of the catalog, without a start.
        settings: `KEY=VALUE` each, such as "data.augment=0.2".
        given: values by dotted key; None is left alone.

    Raises:
        BadInput: no weights to start from.
        Usage: a network without weights, an unknown key (with the nearest known one), a value out of range.
    """
    values = AttributeRecipe().model_dump()
    if start:
        model = load_start(start)
        values["schedule"] |= FINE_TUNE
        values["network"] |= {"name": model.row.name, "start": start, "normalise": model.card["normalise"]}
    elif network:
        if row(network).family not in FAMILIES:
            raise Usage(f"network {network} has no weights to train", hint="see `facerep models`")
        values["network"]["name"] = network
    asked = {key: value for key, value in given.items() if value is not None} | dict(map(parse_setting, settings))
    try:
        return AttributeRecipe(**overridden(values, asked))
    except ValidationError as error:
        raise first_fault(error, AttributeRecipe, "recipe of attributes", asked) from error
