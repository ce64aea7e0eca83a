"""Devices: the one that was asked for, or an error; never a silent other."""

from __future__ import annotations

import torch

from facerep.console import console
from facerep.errors import NotAvailable, Usage


def device(name: str) -> torch.device:
    """The device `auto`, `cpu`, `cuda` or `cuda:INDEX`; `auto` is the first GPU, or the CPU where there is none.

    Raises:
        NotAvailable: a GPU that this machine does not have.
        Usage: not a device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind, _, index = name.partition(":")
    if kind not in ("cpu", "cuda") or (index and not index.isdigit()) or (kind == "cpu" and index):
        raise Usage(f"no device {name!r}", hint="give auto, cpu, cuda or cuda:INDEX")
    if kind == "cuda" and (not torch.cuda.is_available() or int(index or 0) >= torch.cuda.device_count()):
        found = torch.cuda.device_count() if torch.cuda.is_available() else 0
        raise NotAvailable(f"device {name} is not here ({found} GPUs found)", hint="give --device cpu")
    return torch.device(name)


def bfloat16_is_fast(device: torch.device) -> bool:
    """Whether the device computes in bfloat16 itself: a processor without AVX-512 imitates it number by number."""
    return device.type != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def warn_of_slow_precision(device: torch.device, precision: str) -> None:
    """Say where bf16-mixed costs time instead of saving it: recipes made on another machine may ask for it."""
    if precision == "bf16-mixed" and not bfloat16_is_fast(device):
        console.warn(
            "this processor has no bfloat16: bf16-mixed takes several times as long as 32-true; "
            "give --precision 32-true"
        )
