"""The catalog of networks and the bundled weights as a report."""

from __future__ import annotations

from facerep.networks.inventory import Inventory
from facerep.report.report import Facts, Report, Table


def report_of(result: Inventory) -> Report:
    """A table of the catalog, then what the bundled weights say of themselves."""
    rows = [
        [row.name, f"{row.height}x{row.width}x{row.channels}", f"{row.feature or ''}", f"{one.weights:,}", row.paper]
        for one in result.catalog
        for row in [one.row]
    ]
    table = Table(["name", "input", "feature", "weights", "from"], rows, "networks")
    if result.bundled is None:
        return Report(result=result, shown=[table, "bundled weights: none in this build"])
    named = ("crop", "rule", "trained_on", "faces", "people", "epoch", "dtype")
    card = [["network", result.bundled["row"]["name"]]]
    card += [[name, str(result.bundled[name])] for name in named if name in result.bundled]
    return Report(result=result, shown=[table, "bundled weights", Facts(card), *result.notice.strip().splitlines()])
