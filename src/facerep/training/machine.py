"""Machine: where a run is computed, and Lightning on it, with its noise off and its errors in our words."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path

import pytorch_lightning as pl
import torch
from torch import distributed

from facerep.errors import FacerepError, NotAvailable, Usage
from facerep.networks.device import warn_of_slow_precision
from facerep.training.checkpoint import WholeCheckpoints, not_ours, read_checkpoint
from facerep.training.recipe import ScheduleChoice


@dataclass(frozen=True)
class Machine:
    """Where a run is computed; none of it changes what is computed, up to rounding."""

    device: str = "auto"
    workers: int = -1
    devices: int = 1
    nodes: int = 1
    strategy: str = "auto"


def trainer_on(machine: Machine, device: torch.device, precision: str, schedule: ScheduleChoice) -> pl.Trainer:
    """A Lightning trainer that prints nothing, keeps nothing and draws nothing: our callbacks do.

    Raises:
        NotAvailable: Lightning refuses the machine.
        Usage: Lightning refuses strategy, devices or nodes.
    """
    # Lightning informs of hosted services and about workers that we do not need; both on every run
    for name in ("pytorch_lightning", "lightning_fabric", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    warnings.filterwarnings("ignore", message=".*LeafSpec.*")
    warn_of_slow_precision(device, precision)
    try:
        trainer = pl.Trainer(
            accelerator="gpu" if device.type == "cuda" else "cpu",
            devices=[device.index or 0] if device.type == "cuda" and machine.devices == 1 else machine.devices,
            num_nodes=machine.nodes,
            strategy=machine.strategy,
            precision=precision,  # pyright: ignore[reportArgumentType]
            max_epochs=schedule.epochs,
            gradient_clip_val=schedule.clip or None,
            plugins=WholeCheckpoints(),
            use_distributed_sampler=False,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
    except ValueError as error:
        reason = str(error).split(". ")[0]
        raise Usage(f"Lightning refuses these options ({reason})", hint="see --strategy, --devices, --nodes") from error
    except (RuntimeError, pl.utilities.exceptions.MisconfigurationException) as error:  # pyright: ignore
        raise NotAvailable(f"Lightning refuses this machine ({error})") from error
    if trainer.local_rank:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    return trainer


def fit(
    trainer: pl.Trainer,
    tutor: pl.LightningModule,
    data: pl.LightningDataModule,
    each_epoch: pl.Callback,
    checkpoint: Path | None,
) -> None:
    """Teach, from the checkpoint on where there is one.

    Raises:
        BadInput: the checkpoint does not fit.
        NotAvailable: Lightning refuses the machine.
        FacerepError: another process of a distributed run ended.
    """
    trainer.callbacks.append(each_epoch)  # pyright: ignore
    begun = _Begun()
    trainer.callbacks.append(begun)  # pyright: ignore
    if checkpoint is not None:
        read_checkpoint(checkpoint)
    try:
        trainer.fit(tutor, datamodule=data, ckpt_path=checkpoint, weights_only=True)
    except pl.utilities.exceptions.MisconfigurationException as error:  # pyright: ignore
        raise NotAvailable(f"Lightning refuses this machine ({error})") from error
    except BaseException as error:
        if checkpoint is not None and not begun.yes and isinstance(error, _MISFITS):
            raise not_ours(checkpoint) from error
        broken = isinstance(error, RuntimeError) and another_ended()
        # the processes of a distributed run that Lightning started for us wait for this one
        if trainer.strategy.launcher is not None:
            trainer.strategy.launcher.kill(getattr(signal, "SIGKILL", signal.SIGTERM))
        if broken:
            hint = "its own error line says why; with --resume the run goes on"
            raise FacerepError("another process of the run ended", hint=hint) from error
        raise


def another_ended(patience: float = 2.0) -> bool:
    """Whether another process of a distributed run is gone: then a message to all of them fails at once.

    What torch raises where a connection breaks is of no class of its own; and where this process alone has failed, the
    others do not answer within `patience` seconds, but their connections stand.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return False
    try:
        message = distributed.barrier(async_op=True)
        assert message is not None
        until = time.monotonic() + patience
        while not message.is_completed() and time.monotonic() < until:
            time.sleep(0.05)
        if message.is_completed():
            message.wait()
    except RuntimeError:
        return True
    return False


_MISFITS = (RuntimeError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


class _Begun(pl.Callback):
    """Knows whether training has begun: what is raised before is the checkpoint's fault, where there is one."""

    yes = False

    def on_train_start(self, trainer: pl.Trainer, tutor: pl.LightningModule) -> None:  # noqa: ARG002
        self.yes = True


def _end_with_parent(parent: int) -> None:
    # the first process may be killed before the others have met it: they would wait half an hour
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
