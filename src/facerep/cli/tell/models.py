"""`facerep models`: which networks there are, and which weights are in the box."""

from __future__ import annotations

from facerep.cli.options import Json


def models(json: Json = False) -> None:
    """List the catalog of networks and the bundled weights with their terms.

    Example: facerep models
    """
    from facerep.networks.inventory import inventory
    from facerep.report.files.inventory import report_of
    from facerep.report.target import show

    show(report_of(inventory()), json=json)
