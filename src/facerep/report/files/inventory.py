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
    rows += [
        [one.name, f"{one.height}x{one.width}x{one.channels}", f"{one.feature}", f"{one.weights:,}",
         f"package {one.package} {one.version}, {'installed' if one.installed else 'not installed'}"]
        for one in result.packaged
    ]  # fmt: skip
    terms = [f"{one.name}: {one.terms}" + ("" if one.installed else f"; {one.how}") for one in result.packaged]
    table = Table(["name", "input", "feature", "weights", "from"], rows, "networks")
    if result.bundled is None:
        return Report(result=result, shown=[table, *terms, "bundled weights: none in this build"])
    named = ("crop", "rule", "trained_on", "faces", "people", "epoch", "dtype")
    card = [["network", result.bundled["row"]["name"]]]
    card += [[name, str(result.bundled[name])] for name in named if name in result.bundled]
    return Report(
        result=result, shown=[table, *terms, "bundled weights", Facts(card), *result.notice.strip().splitlines()]
    )
