"""The inventory: the catalog's rows with their sizes, and what the bundled weights say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from facerep.networks.build import FAMILIES, build
from facerep.networks.catalog import CATALOG, CatalogRow
from facerep.networks.weights import BUNDLED, read_card


@dataclass(frozen=True)
class CatalogEntry:
    """A row of the catalog and the number of its weights."""

    JSON: ClassVar = ("*row", "weights")

    row: CatalogRow
    weights: int


@dataclass(frozen=True)
class Inventory:
    """The catalog; the contract of the bundled weights (None without), and their terms."""

    JSON: ClassVar = ("catalog", "bundled=card", "notice")

    catalog: tuple[CatalogEntry, ...]
    bundled: dict[str, Any] | None
    notice: str

    @property
    def card(self) -> dict[str, Any] | None:
        """The contract without whom the weights were trained on: a thousand hashes, which nobody reads."""
        return self.bundled and {name: value for name, value in self.bundled.items() if name != "trained_people"}


def inventory() -> Inventory:
    """Everything that `--network` and `--model` can name without a run."""
    bundled = read_card(BUNDLED) if BUNDLED.exists() else None
    notice = (BUNDLED.parent / "NOTICE.md").read_text(encoding="utf-8")
    return Inventory(tuple(CatalogEntry(row, _weights(row)) for row in CATALOG.values()), bundled, notice)


def _weights(row: CatalogRow) -> int:
    """Weights of a row without identification heads; the network is built without memory for them."""
    if row.family not in FAMILIES:
        return 0
    with torch.device("meta"):
        return sum(weight.numel() for weight in build(row).parameters())
