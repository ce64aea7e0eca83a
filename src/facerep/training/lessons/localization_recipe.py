"""The recipe of a run that teaches localization: every choice, with its default, in one place."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from facerep.training.recipe import AnySchedule, NetworkChoice, RecipeSection, RunRecipe


class LocalizationNetwork(NetworkChoice):
    """Which LNet, and whether what it starts from is taught on."""

    name: str = "lnet"
    dropout: float = Field(default=0.0, ge=0, lt=1)
    frozen: bool = Field(default=False, description="the convolutions that it starts from stay as they are")


class MadeUpPictures(RecipeSection):
    """The made-up pictures: faces in backgrounds, and as many with something else in them or nothing."""

    crop: str = "auto"
    pictures: int = Field(default=8000, ge=8, description="made-up pictures of each stage; every second has a face")
    backgrounds: int = Field(default=3000, ge=2, description="squares without faces that they are made of")
    cut: float = Field(default=0.75, ge=0, le=1, description="share of these cut from photographs; others are drawn")
    validation: int = Field(default=600, ge=8, description="made-up pictures that validate")
    batch_size: int = Field(default=64, ge=2)


class AttributesAlone(RecipeSection):
    """What is taught: attributes of the whole picture; no box."""

    loss: Literal["localization"] = "localization"
    attributes: int = Field(default=0, ge=0, description="how many attributes, drawn; 0 is all that there are")
    drawn: int = Field(default=0, ge=0, description="which draw of them")


class LocalizationSchedule(AnySchedule):
    """How the weights move."""

    epochs: int = Field(default=10, ge=1)
    rate: float = Field(default=3e-3, gt=0)
    decay: float = Field(default=0.01, ge=0)


class LocalizationRecipe(RunRecipe):
    """Every choice of a run; the defaults are those of `modern`."""

    network: LocalizationNetwork = LocalizationNetwork()
    data: MadeUpPictures = MadeUpPictures()
    signal: AttributesAlone = AttributesAlone()
    schedule: LocalizationSchedule = LocalizationSchedule()


NAMED: dict[str, dict[str, Any]] = {"modern": {}, "fine-tune": {}}
"""With a network to start from nothing else is other."""
