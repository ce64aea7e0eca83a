"""What this machine has, and what facerep makes of it."""

from __future__ import annotations

import torch

from facerep import threads
from facerep.detection.detectors import DETECTORS, detector
from facerep.errors import NotAvailable
from facerep.files.provenance import software
from facerep.networks.device import bfloat16_is_fast
from facerep.networks.weights import BUNDLED
from facerep.readers import cache


def this_machine(*, clear_cache: bool = False) -> dict[str, str]:
    """Versions, devices, cores, the bundled weights and the crop cache, by name, in words.

    Args:
        clear_cache: remove all cached crops first; what that freed is reported, too.
    """
    freed = cache.clear() if clear_cache else None
    found = {
        **software(),
        "threads": str(torch.get_num_threads()),
        **threads.reasons(),
        "gpus": ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())) or "none",
        "bfloat16 on the CPU": "yes" if bfloat16_is_fast(torch.device("cpu")) else "no, give --precision 32-true",
        "bundled weights": BUNDLED.name if BUNDLED.exists() else "none",
        "detectors": ", ".join(name for name in DETECTORS if _is_here(name)) or "none, see facerep align --help",
        "crop cache": f"{cache.folder()} ({_mebibytes(cache.size())})",
    }
    return found if freed is None else {**found, "freed": _mebibytes(freed)}


def _is_here(name: str) -> bool:
    try:
        detector(name)
    except NotAvailable:
        return False
    return True


def _mebibytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"
