"""Engines by their names: who does the shards of a data set."""

from __future__ import annotations

from facerep.extraction.many.all_shards import Engine
from facerep.extraction.many.work import here


def engine_of(name: str, *, address: str | None = None, devices: int | None = None) -> Engine:
    """The engine of that name.

    Args:
        name: "local", this machine; "ray", a cluster.
        address: of the Ray cluster; None starts one on this machine.
        devices: how many processes, or workers; None is one here, and of a cluster as many as there is room for.

    Raises:
        NotAvailable: Ray is not installed.
        Usage: an address that is none.
    """
    if name == "ray":
        from facerep.extraction.many.ray_engine import RayEngine

        return RayEngine(address, devices)
    if devices is not None and devices > 1:
        from facerep.extraction.many.lightning_engine import LightningEngine

        return LightningEngine(devices)
    return here
