"""Callbacks: progress, metrics.csv, and the best weights, after each epoch."""

from __future__ import annotations

import signal
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from safetensors import SafetensorError

from facerep.console import console
from facerep.errors import BadInput, first_line
from facerep.faces.crops import Crop
from facerep.files.atomic import replacing
from facerep.networks.sparse import sparse_layers
from facerep.networks.weights import save_model
from facerep.progress import progress
from facerep.training.run_folder import Metrics
from facerep.training.teacher import Teacher

COLUMNS = [
    "epoch", "id", "ve", "margin", "genuine_distance", "impostor_distance", "validation_accuracy",
    "validation_low", "validation_high", "rate", "images_per_second",
]  # fmt: skip

_MAKE_ROOM = "make room on the disk and give --resume"


class EachEpoch(pl.Callback):
    """After each epoch: one line on stderr, one in metrics.csv, the best weights, the checkpoint.

    The best validation accuracy so far is part of the checkpoint. A checkpoint is written whole or not at all, read
    back once, and only then replaces the one before it.
    """

    def __init__(self, folder: Path, crop: Crop, card: dict[str, Any], faces_per_step: int, patience: int) -> None:
        self.folder, self.crop, self.card = folder, crop, card
        self.faces_per_step, self.patience = faces_per_step, patience
        self.metrics = Metrics(folder / "metrics.csv", COLUMNS)
        self.best, self.best_epoch = -1.0, -1
        self.handlers = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
        self.bar: Any = None

    def on_train_start(self, trainer: pl.Trainer, teacher: pl.LightningModule) -> None:  # noqa: ARG002
        # Lightning puts its own handler on SIGTERM, which lets an epoch run on; ours stops at once
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), self.handlers, strict=True):
            if handler is not None:
                signal.signal(number, handler)
        self.metrics.go_on_from(trainer.current_epoch)
        # a run that patience ended does not go on when it is resumed
        trainer.should_stop = self._out_of_patience(trainer.current_epoch - 1)

    def on_train_epoch_start(self, trainer: pl.Trainer, teacher: pl.LightningModule) -> None:  # noqa: ARG002
        self.started = time.perf_counter()
        what = f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}"
        total = int(trainer.num_training_batches) * self.faces_per_step
        self.bar = progress(what, total) if trainer.is_global_zero else nullcontext(lambda _count: None)
        self.advance = self.bar.__enter__()

    def on_train_batch_end(self, *_: Any) -> None:
        self.advance(self.faces_per_step)

    def on_train_epoch_end(self, trainer: pl.Trainer, teacher: pl.LightningModule) -> None:
        assert isinstance(teacher, Teacher)
        self._close_bar()
        took = time.perf_counter() - self.started
        told = teacher.summarise()
        # each rank has its own running means: all must choose by the accuracy of the one that writes
        told["validation_accuracy"] = trainer.strategy.broadcast(told["validation_accuracy"])
        told["epoch"] = trainer.current_epoch
        told["images_per_second"] = trainer.num_training_batches * self.faces_per_step * trainer.world_size / took
        accuracy = told["validation_accuracy"]
        if accuracy > self.best:
            self.best, self.best_epoch = accuracy, trainer.current_epoch
            if trainer.is_global_zero:
                held_out = {name: told[name] for name in told if name.startswith("validation_")}
                typical = {"typical": teacher.typical} if teacher.typical else {}
                self._save(teacher, {**held_out, **typical, "epoch": trainer.current_epoch})
        elif self._out_of_patience(trainer.current_epoch):
            trainer.should_stop = True
        if trainer.is_global_zero:
            self.metrics.add(told)
        save_checkpoint(trainer, self.folder / "checkpoints" / "last.ckpt")
        # last: an epoch that was told is one that a resumed run does not do again
        console.note(self._line(trainer, told, took))
        if collapsed(told):
            console.warn(
                "features of all people fall together, the pull of ve outweighs the rest: "
                "teach id too, or lower --lambda, or raise signal.margin_pairs"
            )

    def _out_of_patience(self, epoch: int) -> bool:
        return 0 < self.patience <= epoch - self.best_epoch

    def _save(self, teacher: Teacher, told: dict[str, Any]) -> None:
        choice, path = teacher.recipe.network, self.folder / "model.safetensors"
        try:
            save_model(
                path, teacher.network, crop=self.crop, card={**self.card, **told}, normalise=choice.normalise,
                dropout=choice.dropout, lower=not sparse_layers(teacher.network),
            )  # fmt: skip
        except SafetensorError as error:
            raise BadInput(f"weights cannot be written ({error})", path, _MAKE_ROOM) from error

    def on_exception(self, *_: Any) -> None:
        self._close_bar()

    def _close_bar(self) -> None:
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None

    def _line(self, trainer: pl.Trainer, told: dict[str, float], took: float) -> str:
        epoch, epochs = trainer.current_epoch + 1, trainer.max_epochs or 0
        signals = "  ".join(f"{name} {told[name]:.4g}" for name in ("id", "ve", "margin", "attributes") if name in told)
        accuracy, low, high = (100 * told[f"validation_{name}"] for name in ("accuracy", "low", "high"))
        best = " best" if self.best_epoch == trainer.current_epoch else ""
        left = (epochs - epoch) * took
        return (
            f"epoch {epoch}/{epochs}  {signals}  held-out {accuracy:.2f} % [{low:.1f}, {high:.1f}]{best}  "
            f"{told['images_per_second']:.0f} images/s  {_clock(left)} left"
        )

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "best_epoch": self.best_epoch}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.best, self.best_epoch = float(state_dict["best"]), int(state_dict["best_epoch"])


def collapsed(told: dict[str, float]) -> bool:
    """True where the margin has followed shrinking features down until nothing is pushed apart any more.

    Seen with ve alone: from 1.4 after one epoch to 0.02 after three, held-out accuracy at chance all along.
    """
    return "margin" in told and told["impostor_distance"] < 0.1 and told["validation_accuracy"] < 0.6


def save_checkpoint(trainer: pl.Trainer, path: Path) -> None:
    """Write the trainer's whole state; whole or absent, and readable without unpickling anything.

    Raises:
        BadInput: the disk refused the bytes.
    """
    # every rank takes part in gathering the state, rank 0 writes it
    state = trainer._checkpoint_connector.dump_checkpoint(weights_only=False)
    if not trainer.is_global_zero:
        return
    with replacing(path, overwrite=True) as temporary:
        try:
            torch.save(state, temporary)
            torch.load(temporary, map_location="cpu", weights_only=True)
        except RuntimeError as error:
            raise BadInput(f"checkpoint cannot be written ({first_line(error)})", path, _MAKE_ROOM) from error


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}" if minutes >= 60 else f"{minutes}:{seconds:02d}"
