"""What the Tab key offers: names of presets, networks, models, layers and recipes; nothing heavy is imported for it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def presets(incomplete: str) -> list[str]:
    """Crop presets, and auto."""
    from facerep.faces.crops import PRESETS

    return _beginning(("auto", *PRESETS), incomplete)


def input_presets(incomplete: str) -> list[str]:
    """Input contracts with a name."""
    from facerep.networks.onnx_files.input_contract import PRESETS

    return _beginning(PRESETS, incomplete)


def networks(incomplete: str) -> list[str]:
    """Rows of the catalog."""
    from facerep.networks.catalog import CATALOG

    return _beginning(CATALOG, incomplete)


def models(incomplete: str) -> list[str]:
    """What --model takes: the weights in the box, the baselines, the runs under runs/."""
    from facerep.networks.catalog import BASELINES, DISTILLED, IN_THE_BOX
    from facerep.networks.onnx_files.packages import PACKAGED

    runs = (str(weights.parent) for weights in sorted(Path("runs").glob("*/model.safetensors")))
    return _beginning((IN_THE_BOX, DISTILLED, *PACKAGED, *BASELINES, *runs), incomplete)


def trunks(incomplete: str) -> list[str]:
    """What a tracker may look with: MobileNetV2, the weights in the box, the runs under runs/."""
    from facerep.networks.catalog import BASELINES

    return _beginning(("mobilenet", *(name for name in models("") if name not in BASELINES)), incomplete)


def layers(incomplete: str) -> list[str]:
    """Layers that networks of the catalog have."""
    from facerep.networks.catalog import CATALOG

    return _beginning(dict.fromkeys(layer for row in CATALOG.values() for layer in row.layers), incomplete)


def detectors(incomplete: str) -> list[str]:
    """What finds faces in photographs."""
    from facerep.detection.detectors import DETECTORS

    return _beginning(DETECTORS, incomplete)


def recipes(incomplete: str) -> list[str]:
    """Recipes with a name, and TOML files of this folder."""
    return _beginning(("modern", "paper", "fine-tune", *map(str, sorted(Path().glob("*.toml")))), incomplete)


def devices(incomplete: str) -> list[str]:
    """Devices by their names."""
    return _beginning(("auto", "cpu", "cuda"), incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
