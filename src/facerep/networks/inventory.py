"""The inventory: the catalog's rows with their sizes, and what the bundled weights say of themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch

from facerep.networks.build import FAMILIES, build
from facerep.networks.catalog import CATALOG, CatalogRow
from facerep.networks.weights import BUNDLED, read_card


@dataclass(frozen=True)
class Inventory:
    """Catalog rows, the number of weights of each, the contract of the bundled weights (None without)."""

    rows: tuple[CatalogRow, ...]
    weights: tuple[int, ...]
    bundled: dict[str, Any] | None
    notice: str

    def to_dict(self) -> dict[str, Any]:
        rows = [{**asdict(row), "weights": count} for row, count in zip(self.rows, self.weights, strict=True)]
        # whom the weights were trained on are a thousand hashes, which nobody reads
        card = self.bundled and {name: value for name, value in self.bundled.items() if name != "trained_people"}
        return {"catalog": rows, "bundled": card, "notice": self.notice}


def inventory() -> Inventory:
    """Everything that `--network` and `--model` can name without a run."""
    rows = tuple(CATALOG.values())
    bundled = read_card(BUNDLED) if BUNDLED.exists() else None
    notice = (BUNDLED.parent / "NOTICE.md").read_text(encoding="utf-8")
    return Inventory(rows, tuple(map(_weights, rows)), bundled, notice)


def _weights(row: CatalogRow) -> int:
    """Weights of a row without identification heads; the network is built without memory for them."""
    if row.family not in FAMILIES:
        return 0
    with torch.device("meta"):
        return sum(weight.numel() for weight in build(row).parameters())
