"""The recipe of a run that teaches views: every choice, with its default, in one place."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from facerep.training.recipe import AnySchedule, NetworkChoice, RecipeSection, RunRecipe, SplitChoice


class TripleChoice(SplitChoice):
    """How triples are drawn and changed; nothing is mirrored, for left and right are views."""

    batch_size: int = Field(default=64, ge=2, description="faces that go in")
    wanted: int = Field(default=8, ge=1, description="pictures to be drawn for each, in different views")
    augment: float = Field(default=0.6, ge=0, description="faces that go in are turned, scaled, shifted; 0 not at all")
    balanced: bool = Field(default=True, description="people and their views are equally likely, however many pictures")


class ViewChoice(RecipeSection):
    """What the network is taught with."""

    loss: Literal["multiview"] = "multiview"
    factors: list[str] = Field(default=["view"], min_length=1, description="label columns that make a view")
    target: str = Field(
        default="auto", description="what drawn pictures show beside the view: same, auto, or COLUMN=VALUE"
    )
    random_units: int = Field(default=2, ge=1, le=1000, description="view units h_v")
    samples: int = Field(default=20, ge=1, description="of h_v for each picture in the E step")
    sigma: float = Field(default=0.2, gt=0, description="deviation of a pixel from what is drawn; pixels are -1..1")


class MultiViewRecipe(RunRecipe):
    """Every choice of a run; the defaults were chosen on validation people (docs/multiview.md)."""

    network: NetworkChoice = NetworkChoice(name="mvp-32-conv", normalise=True, dropout=0.0)
    data: TripleChoice = TripleChoice()
    signal: ViewChoice = ViewChoice()
    schedule: AnySchedule = AnySchedule(epochs=6, rate=6e-3, decay=0.01)


PAPER: dict[str, Any] = {
    "network": {"name": "mvp-32", "normalise": False, "dropout": 0.0},
    "data": {"batch_size": 128, "wanted": 1, "augment": 0.0, "balanced": False},
    "signal": {"target": "same"},
    "schedule": {"rate": 2e-3},
}
"""What the paper says, over the defaults; where it is silent (widths, sigma, samples, rate) the value is ours."""

NAMED: dict[str, dict[str, Any]] = {"modern": {}, "paper": PAPER}
