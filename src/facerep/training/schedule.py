"""The schedule: how weights move, and the learning rate at each step of a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from facerep.training.recipe import AnySchedule, ScheduleChoice


def learning_rate(shape: str, warmup: float, done: float) -> float:
    """The learning rate as a share of its peak, when `done` of the run (0..1) is over."""
    if done < warmup:
        return 0.05 + 0.95 * done / warmup
    if shape == "constant":
        return 1.0
    if shape == "steps":
        return 1.0 if done < 0.6 else 0.1 if done < 0.85 else 0.01
    return max(1e-3, 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup))))


def optimizer(
    parameters: Iterable[nn.Parameter],
    schedule: ScheduleChoice,
    steps: int,
    share: Callable[[float], float] | None = None,
) -> dict[str, Any]:
    """The optimizer and its learning rate over `steps` steps, in Lightning's form.

    `share` says which share of its peak the rate is when so much of the steps (0..1) is over; None: as the schedule.
    """
    # weight decay on what multiplies faces, not on offsets, normalisation and the cosine signal's two numbers
    taught = [item for item in parameters if item.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [item for item in taught if not _is_offset(item)]},
        {"params": [item for item in taught if _is_offset(item)], "weight_decay": 0.0},
    ]
    chosen: torch.optim.Optimizer
    if isinstance(schedule, AnySchedule) and schedule.optimizer == "adamw":
        # momentum is Adam's first one: what it averages of the gradients
        betas = schedule.momentum, 0.999
        chosen = torch.optim.AdamW(groups, lr=schedule.rate, betas=betas, weight_decay=schedule.decay)
    else:
        chosen = torch.optim.SGD(
            groups, lr=schedule.rate, momentum=schedule.momentum, weight_decay=schedule.decay,
            nesterov=schedule.momentum > 0,
        )  # fmt: skip

    def rate(step: int) -> float:
        done = step / max(1, steps)
        return share(done) if share else learning_rate(schedule.shape, schedule.warmup, done)

    scheduler = torch.optim.lr_scheduler.LambdaLR(chosen, rate)
    return {"optimizer": chosen, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def _is_offset(parameter: nn.Parameter) -> bool:
    return parameter.ndim <= 1 or parameter.shape[-2:-1] == (1,)
