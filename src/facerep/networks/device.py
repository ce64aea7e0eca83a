"""Devices: the one that was asked for, or an error; never a silent other."""

from __future__ import annotations

import torch

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
