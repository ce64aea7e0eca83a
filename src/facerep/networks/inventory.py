"""The inventory: the catalog's rows with their sizes, and what the bundled weights say of themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from facerep.networks.build import FAMILIES, build
from facerep.networks.catalog import CATALOG, DISTILLED, IN_THE_BOX, CatalogRow
from facerep.networks.onnx_files.packages import PACKAGED
from facerep.networks.weights import BUNDLED, BUNDLED_POINTS, box, read_card

POINTS = "five-points"
"""What the weights for five points are called beside those of features."""


@dataclass(frozen=True)
class CatalogEntry:
    """A row of the catalog and the number of its weights."""

    JSON: ClassVar = ("*row", "weights")

    row: CatalogRow
    weights: int


@dataclass(frozen=True)
class PackagedEntry:
    """A network of others that a package brings, and whether the package is installed."""

    JSON: ClassVar = ("name", "package", "version", "feature", "weights", "terms", "how", "installed")

    name: str
    package: str
    version: str
    height: int
    width: int
    channels: int
    feature: int
    weights: int
    terms: str
    how: str
    installed: bool


@dataclass(frozen=True)
class Inventory:
    """The catalog; networks in packages; the contracts of the weights in the box, by name, and their terms."""

    JSON: ClassVar = ("catalog", "packaged", "bundled", "distilled", "points", "notice")

    catalog: tuple[CatalogEntry, ...]
    packaged: tuple[PackagedEntry, ...]
    cards: dict[str, dict[str, Any]]
    notice: str

    @property
    def bundled(self) -> dict[str, Any] | None:
        """The contract of the bundled weights, None without them."""
        return self.card(IN_THE_BOX)

    @property
    def distilled(self) -> dict[str, Any] | None:
        """That of the distilled ones."""
        return self.card(DISTILLED)

    @property
    def points(self) -> dict[str, Any] | None:
        """That of those for five points."""
        return self.card(POINTS)

    def card(self, name: str) -> dict[str, Any] | None:
        """A contract without whom the weights were trained on: a thousand hashes, which nobody reads."""
        card = self.cards.get(name)
        return card and {key: value for key, value in card.items() if key != "trained_people"}


def inventory() -> Inventory:
    """Everything that `--network` and `--model` can name without a run."""
    cards = {name: read_card(path) for name, path in box().items()}
    if BUNDLED_POINTS.exists():
        cards[POINTS] = read_card(BUNDLED_POINTS)
    notice = (BUNDLED.parent / "NOTICE.md").read_text(encoding="utf-8")
    packaged = tuple(
        PackagedEntry(
            row.name, row.package, row.version, row.contract.height, row.contract.width, row.contract.channels,
            row.feature, row.weights, row.terms, row.how, row.path is not None,
        )
        for row in PACKAGED.values()
    )  # fmt: skip
    entries = tuple(CatalogEntry(row, _weights(row)) for row in CATALOG.values())
    return Inventory(entries, packaged, cards, notice)


def _weights(row: CatalogRow) -> int:
    """Weights of a row without identification heads; the network is built without memory for them."""
    if row.family not in FAMILIES:
        return 0
    with torch.device("meta"):
        return sum(weight.numel() for weight in build(row).parameters())
