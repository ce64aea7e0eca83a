"""The recipe of a run that teaches the canonical view: every choice, with its default, in one place."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from facerep.training.recipe import AnySchedule, NetworkChoice, RecipeSection, RunRecipe, SplitChoice


class CanonicalData(SplitChoice):
    """How batches are drawn and changed."""

    batch_size: int = Field(default=64, ge=2)
    augment: float = Field(default=0.6, ge=0, description="faces that go in are turned, scaled, shifted; 0 not at all")
    mirror: bool = Field(default=False, description="faces are mirrored together with their canonical pictures")


class CanonicalSignal(RecipeSection):
    """What the network is taught with."""

    loss: Literal["canonical"] = "canonical"
    target: str = Field(
        default="auto", description="which picture of a person: COLUMN=VALUE,... (one value may be *), measure, or auto"
    )


class CanonicalRecipe(RunRecipe):
    """Every choice of a run; the defaults were chosen on validation people (docs/canonical.md)."""

    network: NetworkChoice = NetworkChoice(name="fip-conv-32", dropout=0.0)
    data: CanonicalData = CanonicalData()
    signal: CanonicalSignal = CanonicalSignal()
    schedule: AnySchedule = AnySchedule(epochs=5, rate=2e-3, decay=1e-4, clip=0.0)


PAPER: dict[str, Any] = {
    "network": {"name": "fip-32", "normalise": False},
    "data": {"augment": 0.0},
    "schedule": {
        "epochs": 3,
        "optimizer": "sgd",
        "rate": 0.1,
        "shape": "steps",
        "warmup": 0.0,
        "decay": 0.0,
        "clip": 5.0,
    },
}
"""What the paper says, over the defaults; where it is silent (rate, batch, epochs) the value is ours.

Its layers begin by least squares, one after the other; here the last one begins with the mean picture for everybody.
"""

FINE_TUNE: dict[str, Any] = {"schedule": {"epochs": 3, "rate": 5e-4}}
"""From weights that are there."""

NAMED: dict[str, dict[str, Any]] = {"modern": {}, "paper": PAPER, "fine-tune": FINE_TUNE}
