"""The recipe of a run that teaches pairs: every choice, with its default, in one place."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from facerep.training.recipe import AnySchedule, NetworkChoice, PeopleChoice, RecipeSection, RunRecipe


class PairNetworkChoice(NetworkChoice):
    """Which hybrid, and what the paper's did not have."""

    name: str = "convnet-rbm-small"
    dropout: float = Field(default=0.0, ge=0, lt=1)


class PairSignal(RecipeSection):
    """What the networks and the RBM are taught with."""

    loss: Literal["pair"] = "pair"
    rbm_people: float = Field(
        default=0.1, ge=0, lt=1, description="share of the training people whom the networks do not see before the RBM"
    )
    rbm_decay: float = Field(default=1e-3, ge=0, description="half of it times the squared weights of the RBM is added")
    in_all_modes: float = Field(
        default=0.25, gt=0, le=1, description="share of a batch's pairs that are seen in all eight modes at once"
    )
    bootstrap: bool = Field(default=True, description="networks of one group see other draws of the people")


class PairData(PeopleChoice):
    """How batches are drawn: all genuine pairs of a batch are taught, and as many impostor pairs."""

    people_per_batch: int = Field(default=16, ge=2)
    pictures_per_person: int = Field(default=4, ge=2)
    augment: float = Field(default=0.1, ge=0, description="0 mirrors only")
    validation_pairs: int = Field(default=2000, ge=2)


class PairSchedule(AnySchedule):
    """How the weights move: the networks alone, then the RBM for an epoch, then all together."""

    epochs: int = Field(default=20, ge=1, description="of all three stages together")
    tuned_epochs: int = Field(
        default=2, ge=0, validate_default=True, description="of these, the last ones, in which all is tuned together"
    )
    tuned_rate: float = Field(default=0.05, gt=0, description="the rate in these, as a share of the rate")
    rate: float = Field(default=8e-3, gt=0)
    decay: float = Field(default=0.02, ge=0)
    clip: float = Field(default=0.0, ge=0, description="largest norm of the gradient; 0 is none")

    @field_validator("tuned_epochs")
    @classmethod
    def _room_for_all_stages(cls, tuned: int, others: ValidationInfo) -> int:
        epochs = others.data.get("epochs")
        if epochs is not None and epochs < tuned + 2:
            raise ValueError(f"with {epochs} epochs there is no epoch each for networks and RBM before it")
        return tuned


class PairRecipe(RunRecipe):
    """Every choice of a run; the defaults are those of `modern`."""

    network: PairNetworkChoice = PairNetworkChoice()
    data: PairData = PairData()
    signal: PairSignal = PairSignal()
    schedule: PairSchedule = PairSchedule()


PAPER: dict[str, Any] = {
    "network": {"name": "convnet-rbm", "normalise": False, "dropout": 0.0},
    "data": {"augment": 0.0, "balance": 1.0},
    "schedule": {"optimizer": "sgd", "rate": 0.01, "decay": 5e-4},
}
"""What the paper says, over the defaults; where it is silent (rate, batch, epochs, the RBM's people) they are ours."""

NAMED: dict[str, dict[str, Any]] = {"modern": {}, "paper": PAPER}
