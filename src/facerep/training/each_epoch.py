"""What happens after each epoch: its line, metrics.csv, the best weights, the checkpoint."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from safetensors import SafetensorError

from facerep.console import console
from facerep.errors import BadInput
from facerep.networks.sparsity.masks import sparse_layers
from facerep.networks.weights import save_model
from facerep.progress import progress
from facerep.training.checkpoint import MAKE_ROOM
from facerep.training.lessons.lesson import Lesson
from facerep.training.run_folder import Metrics
from facerep.training.tutor import Tutor

JUDGED = ("validation_accuracy", "validation_low", "validation_high")


class EachEpoch(pl.Callback):
    """After each epoch: one line on stderr, one in metrics.csv, the best weights, the checkpoint.

    The best validation accuracy so far is part of the checkpoint. A checkpoint is written whole or not at all, read
    back once, and only then replaces the one before it.
    """

    def __init__(self, folder: Path, lesson: Lesson, card: dict[str, Any]) -> None:
        self.folder, self.lesson, self.card = folder, lesson, card
        self.patience = lesson.recipe.schedule.patience
        columns = ["epoch", *lesson.COLUMNS, *JUDGED, "rate", "images_per_second"]
        self.metrics = Metrics(folder / "metrics.csv", columns)
        self.best, self.best_epoch = -1.0, -1
        self.handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
        self.bar: Any = None

    def on_train_start(self, trainer: pl.Trainer, tutor: pl.LightningModule) -> None:  # noqa: ARG002
        # Lightning puts its own handler on SIGTERM, which lets an epoch run on; ours stops at once
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), self.handlers, strict=True):
            if handler is not None:
                signal.signal(number, handler)
        self.metrics.go_on_from(trainer.current_epoch)
        # a run that patience ended does not go on when it is resumed
        trainer.should_stop = self._out_of_patience(trainer.current_epoch - 1)

    def on_train_epoch_start(self, trainer: pl.Trainer, tutor: pl.LightningModule) -> None:  # noqa: ARG002
        self.started = time.perf_counter()
        what = f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}"
        self.bar = progress(what, int(trainer.num_training_batches) * self.lesson.faces_per_step)
        self.advance = self.bar.__enter__()

    def on_train_batch_end(self, *_: Any) -> None:
        self.advance(self.lesson.faces_per_step)

    def on_train_epoch_end(self, trainer: pl.Trainer, tutor: pl.LightningModule) -> None:
        assert isinstance(tutor, Tutor)
        self._close_bar()
        took = time.perf_counter() - self.started
        means = tutor.summarise()
        # each rank has its own running means: all must choose by the accuracy of the one that writes
        means["validation_accuracy"] = accuracy = trainer.strategy.broadcast(means["validation_accuracy"])
        means["epoch"] = trainer.current_epoch
        faces = trainer.num_training_batches * self.lesson.faces_per_step * trainer.world_size
        means["images_per_second"] = faces / took
        if accuracy > self.best or self.lesson.begins(trainer.current_epoch):
            self.best, self.best_epoch = accuracy, trainer.current_epoch
            if trainer.is_global_zero:
                judged = {name: means[name] for name in JUDGED}
                self._save(tutor, {**judged, **tutor.card, "epoch": trainer.current_epoch})
        elif self._out_of_patience(trainer.current_epoch):
            trainer.should_stop = True
        if trainer.is_global_zero:
            self.metrics.add(means)
        # every rank takes part in gathering the state, rank 0 writes it
        trainer.save_checkpoint(self.folder / "checkpoints" / "last.ckpt", weights_only=False)
        # last: an epoch that was reported is one that a resumed run does not do again
        console.note(self._line(trainer, means, took))
        if warning := self.lesson.warning(means):
            console.warn(warning)

    def _out_of_patience(self, epoch: int) -> bool:
        return 0 < self.patience <= epoch - self.best_epoch

    def _save(self, tutor: Tutor, entries: dict[str, Any]) -> None:
        choice, path = tutor.recipe.network, self.folder / "model.safetensors"
        try:
            save_model(
                path, tutor.network, crop=self.lesson.crop, card={**self.card, **entries},
                normalise=choice.normalise, dropout=choice.dropout, lower=not sparse_layers(tutor.network),
            )  # fmt: skip
        except SafetensorError as error:
            raise BadInput(f"weights cannot be written ({error})", path, MAKE_ROOM) from error

    def on_exception(self, *_: Any) -> None:
        self._close_bar()

    def _close_bar(self) -> None:
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None

    def _line(self, trainer: pl.Trainer, means: dict[str, float], took: float) -> str:
        epoch, epochs = trainer.current_epoch + 1, trainer.max_epochs or 0
        signals = "  ".join(f"{name} {means[name]:.4g}" for name in self.lesson.SHOWN if name in means)
        accuracy, low, high = (100 * means[name] for name in JUDGED)
        best = " best" if self.best_epoch == trainer.current_epoch else ""
        left = (epochs - epoch) * took
        return (
            f"epoch {epoch}/{epochs}  {signals}  held-out {accuracy:.2f} % [{low:.1f}, {high:.1f}]{best}  "
            f"{means['images_per_second']:.0f} images/s  {_clock(left)} left"
        )

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.best, self.best_epoch = float(state_dict["best"]), int(state_dict["best_epoch"])


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}" if minutes >= 60 else f"{minutes}:{seconds:02d}"
