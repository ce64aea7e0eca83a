"""The inventory: the catalog's rows with their sizes, and what the bundled weights say of themselves."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from facerep.networks.catalog import CATALOG, Row
from facerep.networks.weights import BUNDLED, read_card


@dataclass(frozen=True)
class Inventory:
    """Catalog rows, the number of weights of each, the contract of the bundled weights (None without)."""

    rows: tuple[Row, ...]
    weights: tuple[int, ...]
    bundled: dict[str, Any] | None
    notice: str

    def to_dict(self) -> dict[str, Any]:
        rows = [{**asdict(row), "weights": count} for row, count in zip(self.rows, self.weights, strict=True)]
        return {"catalog": rows, "bundled": self.bundled, "notice": self.notice}


def inventory() -> Inventory:
    """Everything that `--network` and `--model` can name without a run."""
    rows = tuple(CATALOG.values())
    bundled = read_card(BUNDLED) if BUNDLED.exists() else None
    notice = (BUNDLED.parent / "NOTICE.md").read_text(encoding="utf-8")
    return Inventory(rows, tuple(map(_weights, rows)), bundled, notice)


def _weights(row: Row) -> int:
    """Weights of a row without identification heads; counted, not built: building takes memory."""
    if row.family == "pixels":
        return 0
    a, b, c, d = row.maps
    sizes, high, wide = [], row.height, row.width
    for kernel in (4, 3, 3):
        high, wide = high - kernel + 1, wide - kernel + 1
        sizes.append((high // 2, wide // 2))
        high, wide = sizes[-1]
    blocks3 = 1 if not row.conv3_block else sizes[2][0] * sizes[2][1] * 4 // row.conv3_block**2
    places4 = (high - 1) * (wide - 1)
    flats = [maps * h * w for maps, (h, w) in zip((a, b, c), sizes, strict=True)] + [d * places4]
    convolutions = (
        (16 * row.channels + 1) * a + (9 * a + 1) * b + blocks3 * (9 * b + 1) * c + places4 * (4 * c + 1) * d
    )  # fmt: skip
    inputs = [flats[2] * row.wide_input + flats[3], *(flats[:3] if row.supervised else [])]
    return convolutions + sum((flat + 1) * row.feature for flat in inputs)
