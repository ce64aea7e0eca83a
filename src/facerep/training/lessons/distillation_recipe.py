"""The recipe of a run that learns another network's features: every choice, with its default, in one place."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from facerep.training.recipe import AnySchedule, NetworkChoice, RecipeSection, RunRecipe, SplitChoice


class DistillationData(SplitChoice):
    """How batches are drawn and changed; faces of unknown people are taught too."""

    batch_size: int = Field(default=128, ge=2)
    augment: float = Field(default=1.0, ge=0, description="0 mirrors only")
    mirror: bool = True


class DistillationSignal(RecipeSection):
    """What the network is taught with."""

    loss: Literal["teacher", "id+teacher"] = "teacher"
    teacher: str = Field(default="", description="feature file of the same faces, whose vectors are learned")
    units: int = Field(default=0, ge=0, description="so many of them, those that tell people apart best; 0: all")
    weight: float = Field(default=10.0, gt=0, description="of the teacher, beside id")
    smoothing: float = Field(default=0.1, ge=0, lt=1)


class DistillationRecipe(RunRecipe):
    """Every choice of a run; the defaults were chosen on held-out people (docs/distillation.md)."""

    network: NetworkChoice = NetworkChoice(name="deepid2-wide-signed", dropout=0.0)
    data: DistillationData = DistillationData()
    signal: DistillationSignal = DistillationSignal()
    schedule: AnySchedule = AnySchedule(rate=2e-3, decay=0.05)


FINE_TUNE: dict[str, Any] = {"data": {"augment": 0.4}, "schedule": {"epochs": 6, "rate": 5e-4, "warmup": 0.1}}
"""From weights that are there."""

NAMED: dict[str, dict[str, Any]] = {"modern": {}, "fine-tune": FINE_TUNE}
