"""`facerep doctor`: what this machine has, and what facerep makes of it."""

from __future__ import annotations

from typing import Annotated

import typer

from facerep.cli.options import Json


def doctor(
    clear_cache: Annotated[bool, typer.Option("--clear-cache", help="Remove all cached crops.")] = False,
    json: Json = False,
) -> None:
    """Show versions, devices, cores and the crop cache; nothing is changed unless --clear-cache is given.

    Example: facerep doctor
    """
    import json as text
    import os

    import torch

    from facerep.console import console
    from facerep.files.provenance import software
    from facerep.networks.weights import BUNDLED
    from facerep.readers import cache

    freed = cache.clear() if clear_cache else None
    found = {
        **software(),
        "cores": str(os.cpu_count()),
        "threads": str(torch.get_num_threads()),
        "gpus": ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())) or "none",
        "bundled weights": BUNDLED.name if BUNDLED.exists() else "none",
        "crop cache": f"{cache.folder()} ({cache.size() / 2**20:,.0f} MiB)",
    }
    if freed is not None:
        found["freed"] = f"{freed / 2**20:,.0f} MiB"
    if json:
        console.result(text.dumps(found, indent=2))
    else:
        console.facts(list(found.items()))
