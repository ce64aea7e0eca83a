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
    if not result.cards:
        return Report(result=result, shown=[table, *terms, "bundled weights: none in this build"])
    cards = [part for name in result.cards for part in (f"{name} weights", _card(result, name))]
    return Report(result=result, shown=[table, *terms, *cards, *result.notice.strip().splitlines()])


def _card(result: Inventory, name: str) -> Facts:
    """What weights in the box say of themselves."""
    named = ("crop", "rule", "taught", "detector", "trained_on", "faces", "people", "error", "epoch", "dtype")
    card = result.card(name) or {}
    known = [[key, str(card[key])] for key in named if key in card]
    return Facts([["network", card["row"]["name"]], *known])
