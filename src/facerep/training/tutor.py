"""The tutor: a network and its lesson, and one step of training, as flat as a loop's body.

All randomness of a step comes from (seed, step, rank), so that a run that was stopped goes on as if it had not been.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor

from facerep.networks.sparsity.masks import hold, hold_gradients
from facerep.training.lessons.lesson import Lesson
from facerep.training.schedule import optimizer


class Tutor(pl.LightningModule):
    """Teaches one network one lesson.

    Attributes:
        network: what is taught; beside it, by the names that the lesson gives them, its signals.
        card: what the last validation tells of the network, for the card of its weights.
    """

    def __init__(self, lesson: Lesson) -> None:
        super().__init__()
        self.lesson, self.recipe = lesson, lesson.recipe
        self.network = lesson.make_network().to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        # not below `lesson`: checkpoints name them by these names
        for name, signals in lesson.make_signals(self.network).items():
            self.add_module(name, signals)
        self.means: dict[str, float] = {}
        self.card: dict[str, Any] = {}

    def on_train_epoch_start(self) -> None:
        """Begin the sums that `summarise` divides."""
        self.means = {}
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}

    def training_step(self, batch: tuple[Tensor, ...], _number: int) -> Tensor:
        pictures, *answers = batch
        # seeded by the step: how often a loader or a resumed process drew before does not matter to dropout
        step = torch.manual_seed(seed_of(self.recipe.seed, self.global_step, self.global_rank))
        epochs = self.global_step / max(1, self.trainer.num_training_batches)
        return self.lesson.step(self.network, pictures, answers, epochs, self._note, step)

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:  # noqa: ARG002
        hold_gradients(self.network)

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        super().optimizer_step(*arguments, **options)
        hold(self.network)

    def _note(self, name: str, value: Tensor) -> None:
        self.sums[name] = self.sums.get(name, torch.zeros((), device=self.device)) + value.detach()
        self.counts[name] = self.counts.get(name, 0) + 1

    def summarise(self) -> dict[str, float]:
        """Means over the epoch that ended, by name, and the validation accuracy."""
        self.means |= {name: float(total) / self.counts[name] for name, total in self.sums.items()}
        self.means["rate"] = self.optimizers().param_groups[0]["lr"]  # pyright: ignore
        return dict(self.means)

    def validation_step(self, pictures: tuple[Tensor], _number: int) -> None:
        self.lesson.validate(self.network, pictures[0])

    def on_validation_epoch_end(self) -> None:
        accuracy, self.card = self.lesson.judge()
        self.means |= {
            "validation_accuracy": accuracy.value, "validation_low": accuracy.low, "validation_high": accuracy.high,
        }  # fmt: skip
        self.means |= self.lesson.measured()

    def configure_optimizers(self) -> Any:
        schedule = self.recipe.schedule
        steps = schedule.epochs * len(self.trainer.datamodule.train_dataloader())  # pyright: ignore
        return optimizer(self.parameters(), schedule, steps, self.lesson.rate)


def seed_of(*numbers: int) -> int:
    """One 63-bit seed of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))
