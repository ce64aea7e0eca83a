"""What `models` says."""

from __future__ import annotations

from facerep.console import console
from facerep.networks.inventory import Inventory
from facerep.results.to_json import to_json


def show(found: Inventory, *, json: bool) -> None:
    """Print the catalog and the bundled weights, as tables or as JSON."""
    if json:
        console.json(to_json(found))
        return
    rows = [
        [row.name, f"{row.height}x{row.width}x{row.channels}", f"{row.feature or ''}", f"{count:,}", row.paper]
        for row, count in zip(found.rows, found.weights, strict=True)
    ]
    console.table("networks", ["name", "input", "feature", "weights", "from"], rows)
    if found.bundled is None:
        console.result("bundled weights: none in this build")
        return
    shown = ("crop", "rule", "trained_on", "faces", "people", "epoch", "dtype")
    card = [["network", found.bundled["row"]["name"]]]
    card += [[name, str(found.bundled[name])] for name in shown if name in found.bundled]
    console.result("bundled weights")
    console.facts(card)
    for line in found.notice.strip().splitlines():
        console.result(line)
